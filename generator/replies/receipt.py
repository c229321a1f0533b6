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

    `error` is None if the reply reports none, and "" if it does not say which.
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
    extra: dict[str, Any]


def parse(skeleton: bytes) -> Reply:
    """Read a reply whose pictures have been taken out. Raises ReplyError if it is no JSON object."""
    fields = _Fields(_load(skeleton))
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
        error=fields.take_error(),
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

    def take_error(self) -> str | None:
        """The words, if any, of an error that is reported in any shape; one that is not a text stays in `rest`."""
        error = self.rest.get("error")
        if not error:
            self.rest.pop("error", None)
            return None
        if isinstance(error, str):
            del self.rest["error"]
        words = error.get("message") if isinstance(error, dict) else error
        return _plain(words)

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


def _int(digits: str) -> int | str:
    """Python refuses numbers of thousands of digits with an error, and slowly makes those just below."""
    return int(digits) if len(digits) <= _INT_DIGITS else digits


def _safe(value: Any, depth: int = 0) -> Any:
    """The same value for any JSON column; too deep, too long and too large parts are shortened to text."""
    if isinstance(value, str):
        return _shortened(value, _EXTRA_TEXT)
    if depth > _EXTRA_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {_shortened(name, _MAX_TEXT): _safe(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_safe(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) > _INT64 else value


def _shortened(text: str, limit: int) -> str:
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return cut.replace("\0", "").encode("utf-8", "replace").decode()


def _plain(text: Any) -> str:
    """One line of words: no tags, no control characters. (As in `failure`, which floors keep apart.)"""
    words = re.sub(r"<[^<>]*>|<(?=[A-Za-z/!?])", " ", text) if isinstance(text, str) else ""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return _shortened(line, _MAX_TEXT)


def _text(value: Any) -> str | None:
    """Text as it is, markup included: pages escape it. Only control characters and length are taken away."""
    if not isinstance(value, str):
        return None
    return _shortened("".join(c for c in value[:_EXTRA_TEXT] if c.isprintable()), _MAX_TEXT)


def _whole(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value <= _INT64
    return value if fits else None


def _counter(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and abs(number) <= _MAX_USAGE else None


def _natural(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and 0 <= number <= _INT32 else None


def _side(value: Any) -> int | None:
    return _natural(value) or None


def _number(value: Any) -> float | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number and math.isfinite(value) else None


def _seconds(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= _MAX_SECONDS else None


def _moment(value: Any) -> datetime | None:
    """Unix seconds within this century; thousandths of seconds, say, land far outside and are no moment."""
    number = _number(value)
    return datetime.fromtimestamp(number, UTC) if number is not None and _EARLIEST <= number < _LATEST else None
