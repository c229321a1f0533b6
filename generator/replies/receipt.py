"""What a reply says besides its pictures (onlysq-api, part 1): every field optional, none of them trusted.

A field that is missing, of another type or out of bounds is None or ""; its value is then kept in `extra`, made
safe for any JSON column: no NUL characters, no lone surrogates, no NaN, no numbers beyond 64 bits, bounded in size.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from generator.replies.reasons import FAULTS, HINTS, reason, shortened
from generator.replies.scrub import Scrubber

T = TypeVar("T")

_INT32 = 2**31 - 1
_INT64 = 2**63 - 1
_MAX_USAGE = 10**12  # millions of calls can be added up within 64 bits
_MAX_SECONDS = 10**6
_MAX_TEXT = 200
_INT_DIGITS = 40
_EXTRA_BYTES = 64 * 2**10
_EXTRA_TEXT = 4_000
_EXTRA_DEPTH = 20
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_WRAPPERS = ("result", "response", "data", "output")
_LEFT_OUT = "_left_out"
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


ReplyReason = Literal["not_json", "nested", "shape"]


class ReplyError(Exception):
    """The reply is no JSON object."""

    def __init__(self, reason: ReplyReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """The documented fields. `elapsed_time` in seconds, sizes in pixels, texts at most 200 characters.

    `error` is None if the reply reports none, and "" if it does not say which. It `is_error_certain` if a field is
    there for nothing else; `message` and the like may say so, or that all is well.
    """

    id: str
    created: datetime | None
    model: str
    usage: int | None
    elapsed_time: float | None
    api_user: int | None
    width: int | None
    height: int | None
    ratio: str
    count: int | None
    error: str | None
    is_error_certain: bool
    extra: dict[str, Any]

    @property
    def refused_usage(self) -> str:
        """A usage of less than nothing, as a text; "" if none was said."""
        number = _whole(self.extra.get("usage"))
        return str(number) if number is not None and number < 0 else ""


def parse(skeleton: bytes, secret: str = "") -> Reply:
    """Read a reply whose pictures have been taken out. Raises ReplyError if it is no JSON object.

    An API that echoes `secret`, which is its key, does not get it into a field.
    """
    fields = _Fields(_scrubbed(_load(skeleton), secret))
    error, is_certain = fields.take_error()
    width, height = fields.take_size()
    return Reply(
        id=fields.take("id", _text) or "",
        created=fields.take("created", _moment),
        model=fields.take("model", _text) or "",
        usage=fields.take("usage", _counter),
        elapsed_time=fields.take("elapsed-time", _seconds),
        api_user=fields.take("user", _whole),
        width=width,
        height=height,
        ratio=fields.take("ratio", _text) or "",
        count=fields.take("count", _natural),
        error=error,
        is_error_certain=is_certain,
        extra=fields.leftover(),
    )


class _Fields:
    """The reply's fields, each of which is either taken or ends up in `extra`."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.rest = fields
        if fields.get("files") is None or isinstance(fields["files"], (list, int)):
            fields.pop("files", None)

    def take(self, name: str, read: Callable[[Any], T | None]) -> T | None:
        value = read(self.rest.get(name))
        if value is not None:
            del self.rest[name]
        return value

    def take_size(self) -> tuple[int | None, int | None]:
        size = self.rest.get("size")
        sides = size if isinstance(size, dict) else {}
        width, height = _side(sides.get("width")), _side(sides.get("height"))
        if width and height:
            del self.rest["size"]
        return width, height

    def take_error(self) -> tuple[str | None, bool]:
        """The words, if any, of an error that is reported in any shape, and whether it certainly is one.

        One that is not a text stays in `rest`.
        """
        for name in FAULTS:
            if not self.rest.get(name):
                self.rest.pop(name, None)
        is_certain = any(name in self.rest for name in FAULTS)
        told = {name: value for name, value in self.rest.items() if name in (*FAULTS, *HINTS)}
        said = reason(told) or (reason(self.rest) if is_certain else "")
        if is_certain and isinstance(self.rest.get("error"), str):
            del self.rest["error"]
        return said if said or is_certain else None, is_certain

    def leftover(self) -> dict[str, Any]:
        """What nobody took, within 64 kB of JSON; what does not fit is counted under `_left_out`."""
        kept: dict[str, Any] = {}
        room, lost = _EXTRA_BYTES, 0
        for name, value in self.rest.items():
            item = _safe({name: value})
            size = len(json.dumps(item, ensure_ascii=False).encode())
            if size > room:
                lost += 1
                continue
            kept |= item
            room -= size
        return kept | ({_LEFT_OUT: lost} if lost else {})


def _load(skeleton: bytes) -> dict[str, Any]:
    try:
        value = json.loads(skeleton, parse_int=_int, parse_constant=str)
    except RecursionError:
        raise ReplyError("nested") from None
    except ValueError:
        raise ReplyError("not_json") from None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ReplyError("shape")
    return _unwrapped(value)


def _unwrapped(fields: dict[str, Any]) -> dict[str, Any]:
    """Some wrap the documented reply: `{"status": "ok", "result": {…}}`. What both say stays as it is outside."""
    for name in _WRAPPERS:
        inner = fields.get(name)
        if isinstance(inner, dict):
            outer = {key: value for key, value in fields.items() if key != name}
            return outer | {key: value for key, value in inner.items() if key not in outer}
    return fields


def _scrubbed(fields: dict[str, Any], secret: str) -> dict[str, Any]:
    """Once it is read, and before anything of it is cut: an escape or half a secret would give it away."""
    try:
        scrubbed: dict[str, Any] = Scrubber(secret).value(fields)
    except RecursionError:
        raise ReplyError("nested") from None
    return scrubbed


def _int(digits: str) -> int | str:
    """Python refuses numbers of thousands of digits with an error, and slowly makes those just below."""
    return int(digits) if len(digits) <= _INT_DIGITS else digits


def _safe(value: Any, depth: int = 0) -> Any:
    """The same value for any JSON column; too deep, too long and too large parts are shortened to text."""
    if isinstance(value, str):
        return shortened(value, _EXTRA_TEXT)
    if depth > _EXTRA_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {shortened(name, _MAX_TEXT): _safe(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_safe(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) > _INT64 else value


def _text(value: Any) -> str | None:
    """Text as it is, markup included: pages escape it. Only control characters and length are taken away."""
    if not isinstance(value, str):
        return None
    return shortened("".join(c for c in value[:_EXTRA_TEXT] if c.isprintable()), _MAX_TEXT)


def _whole(value: Any) -> int | None:
    value = _told(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value <= _INT64
    return value if fits else None


def _told(value: Any) -> Any:
    """A number that is written as a text is meant as one."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)


def _counter(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and 0 <= number <= _MAX_USAGE else None


def _natural(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and 0 <= number <= _INT32 else None


def _side(value: Any) -> int | None:
    return _natural(value) or None


def _number(value: Any) -> float | None:
    value = _told(value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and math.isfinite(value) else None


def _seconds(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= _MAX_SECONDS else None


def _moment(value: Any) -> datetime | None:
    """Unix seconds within this century; thousandths of seconds, say, land far outside and are no moment."""
    number = _number(value)
    return datetime.fromtimestamp(number, UTC) if number is not None and _EARLIEST <= number < _LATEST else None
