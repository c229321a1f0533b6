"""What an API says went wrong, in whatever shape it says so: its own words as one line.

Read are `error` (a text, or an object with a message or a code), `errors`, `detail` (a text, or a list as FastAPI
sends it), `message`, `reason` and their relatives, and plain text.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from generator.replies.scrub import Scrubber

MOST_WORDS = 200  # characters of a reason
_MOST_KEPT = 4096  # bytes of a body
_MOST_PARTS = 5
_DEEPEST = 5
# By these a reply reports an error, whatever else it holds; by the others only if it holds no picture.
FAULTS = ("error", "errors")
HINTS = ("detail", "details", "message", "msg", "reason", "error_description", "description")
_LAST = ("title", "code", "type", "error_code")  # better than nothing
_CLOSING = ".,;: "


def plain(text: str) -> str:
    """Text from outside as one line of words: no tags, no control characters; at most `MOST_WORDS` characters."""
    words = re.sub(r"<[^<>]*>|<(?=[A-Za-z/!?])", " ", text[: 20 * MOST_WORDS])
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return shortened(line, MOST_WORDS)


def shortened(text: str, limit: int) -> str:
    """Text for any column: no NUL, no lone surrogates, at most so many characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return cut.replace("\0", "").encode("utf-8", "replace").decode()


def reason(value: Any) -> str:
    """The words of a JSON value that reports an error; "" if it says none."""
    return plain(_joined(_parts(value, 0)))


def reason_of(body: bytes, scrubber: Scrubber) -> str:
    """The same of the body of a refusal, which may be plain text. What is a page of HTML says nothing to a person."""
    try:
        return reason(scrubber.value(json.loads(body)))
    except (ValueError, RecursionError):
        return plain_text(body, scrubber)


def plain_text(body: bytes, scrubber: Scrubber) -> str:
    """The words of a body that is plain text; "" if it is anything else."""
    try:
        text = body.decode().strip()
    except UnicodeDecodeError:
        return ""
    is_text = all(c.isprintable() or c.isspace() for c in text[:_MOST_KEPT])
    return plain(scrubber.text(text)) if is_text and text[:1] not in tuple("<{[") else ""


def kept_body(body: bytes, scrubber: Scrubber) -> str:
    """What the ledger keeps of a refusal: at most 4 kB, as text, without the secret."""
    try:
        text = json.dumps(scrubber.value(json.loads(body)), ensure_ascii=False)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
    clean = scrubber.text(text).replace("\0", "").replace("\\u0000", "").encode("utf-8", "replace")
    return clean[:_MOST_KEPT].decode("utf-8", "ignore")


def _parts(value: Any, depth: int, *, is_fault: bool = False) -> Iterator[str]:
    """The texts in a value; `is_fault` if it lies in a field that reports an error."""
    if isinstance(value, str):
        yield value
    elif depth > _DEEPEST:
        return
    elif isinstance(value, list):
        for item in value[: 4 * _MOST_PARTS]:
            yield _joined(_parts(item, depth + 1, is_fault=is_fault))
    elif isinstance(value, dict):
        yield _of_object(value, depth + 1, is_fault=is_fault)


def _of_object(fields: dict[str, Any], depth: int, *, is_fault: bool) -> str:
    said = [_joined(_parts(fields.get(name), depth, is_fault=True)) for name in (*FAULTS, *HINTS)]
    if not any(said):
        said = [str(fields[name]) for name in _LAST if isinstance(fields.get(name), (str, int)) and fields[name]][:1]
    if not any(said) and is_fault:  # `{"errors": {"prompt": ["is too long"]}}`
        few = [(name, _joined(_parts(item, depth, is_fault=True))) for name, item in list(fields.items())[:_MOST_PARTS]]
        said = [f"{name}: {text}" for name, text in few if text]
    words, place = _joined(said), _place(fields.get("loc"))
    return f"{place}: {words}" if place and words else words


def _place(loc: Any) -> str:
    """The last name on the way to a field, as FastAPI gives it."""
    names = [name for name in loc if isinstance(name, str)] if isinstance(loc, list) else []
    return names[-1][:MOST_WORDS] if names else ""


def _joined(parts: Iterable[str]) -> str:
    """Each part once; one that another one holds says nothing more."""
    said: list[str] = []
    for part in (part.strip() for part in parts):
        if part and not any(part.rstrip(_CLOSING) in other for other in said) and len(said) < _MOST_PARTS:
            said.append(part[: 20 * MOST_WORDS])
    return "; ".join(said)
