"""Base64 in all the spellings in which a picture comes, decoded without ever being held.

Meant alike are plain and url-safe base64, with or without padding, in one line or many; behind a `data:` address in
any case; in quotes, also as Python writes bytes (`b'…'`); and as a web form sends it, with `%2B` or a space for `+`.
"""

import hashlib
import re
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from json import JSONDecoder
from pathlib import Path
from typing import BinaryIO

import pybase64

from generator.replies.windows import PayloadError, Span, read

HEAD = 4096  # as much of a text tells how it is spelled
_FEW_BYTES = 24  # as much of a file tells what it is

_HALF_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_HALF_CODE = re.compile(rb"(?:%[0-9a-fA-F]?|\\)\Z")
_LEADING = re.compile(rb"\A\s*+(?:[bB](?=[\"']))?([\"'\\]*+)(?:data:[^,]{0,200},)?\s*+", re.IGNORECASE)
_LINE_BREAKS = b"\t\r\n\f\v"
# What a web form and a text within a text make of the letters of base64. Only these: each is one quick search.
_CODES = tuple(
    (code, meant)
    for codes, meant in (
        ((b"%2B", b"%2b"), b"+"), ((b"%2F", b"%2f", b"\\/"), b"/"), ((b"%3D", b"%3d"), b"="), ((b"%20",), b" "),
        ((b"%3A", b"%3a"), b":"), ((b"%3B", b"%3b"), b";"), ((b"%2C", b"%2c"), b","),
        ((b"%0D", b"%0d", b"%0A", b"%0a", b"\\r", b"\\n"), b""),
    )
    for code in codes
)  # fmt: skip
_LETTERS = re.compile(rb"[A-Za-z0-9+/]*+")
_JSON = JSONDecoder(strict=False)  # bare line breaks within a text are no reason to lose a picture

# How files begin that are pictures, and where in the file that is said; WebP says it in two places.
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n"), (0, b"\xff\xd8\xff"), (0, b"GIF87a"), (0, b"GIF89a"), (4, b"ftypavi"),
    (4, b"ftyphei"), (4, b"ftypmif"), (4, b"ftypmsf"), (0, b"II*\0"), (0, b"MM\0*"), (4, b"jP  \r\n"),
    (4, b"JXL \r\n"), (0, b"\xff\x4f\xff\x51"),
)  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """A picture's bytes on disk: how many, and their SHA-256 in hex."""

    bytes: int
    sha256: str


class Sink:
    """A file that knows what was written into it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self._digest.update(data)
        return self._file.write(data)

    @property
    def decoded(self) -> Decoded:
        return Decoded(self.size, self._digest.hexdigest())


def decode(path: Path, span: Span, dest: Path, max_bytes: int) -> Decoded:
    """Decode one picture's text into the file `dest`.

    What follows a picture's beginning and is no base64 ends it: whether enough came is for its pixels to say. Raises
    PayloadError, leaving no file, if the text is empty, is not base64, or holds more than `max_bytes`; OSError as the
    disk does.
    """
    try:
        with path.open("rb") as source, dest.open("wb") as file:
            return _decode(source, span, file, max_bytes)
    except BaseException:
        dest.unlink(missing_ok=True)
        raise


def is_picture(data: bytes) -> bool:
    """Whether these first bytes of a file are those of a picture."""
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_webp or any(data.startswith(said, at) for at, said in _SIGNATURES)


def begins_picture(text: bytes) -> bool:
    """Whether the first raw bytes of a JSON text are base64 of a picture's beginning."""
    data = b""
    with suppress(PayloadError):
        for piece in _decoded(_bare(_unescaped([_HALF_ESCAPE.sub(b"", text)]))):
            data += piece
    return is_picture(data)


def leading(text: bytes) -> bytes:
    """A text's beginning without what may stand before base64."""
    return _LEADING.sub(b"", text, count=1)


def _decode(source: BinaryIO, span: Span, dest: BinaryIO, max_bytes: int) -> Decoded:
    sink, raw = Sink(dest), read(source, span)
    for piece in raw if span.is_raw else _whole(_decoded(_bare(_unescaped(raw)))):
        if sink.size + len(piece) > max_bytes:
            raise PayloadError("too_large", limit=max_bytes)
        sink.write(piece)
    if not sink.size:
        raise PayloadError("empty")
    return sink.decoded


def _whole(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces up to what is no base64, if they begin a picture; else the error."""
    head = b""
    try:
        for piece in pieces:
            head = (head + piece)[:_FEW_BYTES] if len(head) < _FEW_BYTES else head
            yield piece
    except PayloadError:
        if not is_picture(head):
            raise


def _unescaped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text that a JSON string means, where some writers put `\\/` for `/` and `\\n` for a line break."""
    carry = b""
    for chunk in chunks:
        data = carry + chunk
        half = _HALF_ESCAPE.search(data, max(0, len(data) - 5))
        # Of two backslashes the second is no beginning.
        if half and (half.start() - len(data[: half.start()].rstrip(b"\\"))) % 2:
            half = None
        data, carry = (data[: half.start()], half.group()) if half else (data, b"")
        yield _meant(data) if b"\\" in data else data
    if carry:
        raise PayloadError("base64")


def _meant(data: bytes) -> bytes:
    try:
        text: str = _JSON.decode(f'"{data.decode("ascii", "replace")}"')
        return text.encode("ascii", "replace")
    except ValueError:
        raise PayloadError("base64") from None


def _bare(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Nothing but the letters of plain base64, if that is what was meant."""
    pieces = _gathered(chunks)
    first = _replaced(next(pieces, b""))
    quotes, carry = _LEADING.match(first)[1], _LEADING.sub(b"", first, count=1)  # type: ignore[index]  # it always matches
    spelling = _Spelling(carry[:HEAD], is_quoted=bool(quotes))
    for piece in pieces:
        bare, carry = spelling.bare(carry)
        yield bare
        carry += piece
    yield spelling.bare(carry, is_last=True)[0]


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same with a first piece that is long enough to tell how the text is spelled, if the text is."""
    head, is_told = b"", False
    for chunk in chunks:
        if is_told:
            yield chunk
            continue
        head += chunk
        if len(head) >= HEAD:
            is_told = True
            yield head
    if not is_told:
        yield head


class _Spelling:
    """How a text spells base64, as its beginning tells, and the way back."""

    def __init__(self, head: bytes, *, is_quoted: bool) -> None:
        has_pluses = _spaces_are_pluses(head)
        self._table = bytes.maketrans(b"-_ ", b"+/+") if has_pluses else bytes.maketrans(b"-_", b"+/")
        self._dropped = _LINE_BREAKS + (b"" if has_pluses else b" ") + (b"\"'" if is_quoted else b"")

    def bare(self, data: bytes, *, is_last: bool = False) -> tuple[bytes, bytes]:
        """The data in plain spelling, and what of its end is to be put before the next piece."""
        half = None if is_last else _HALF_CODE.search(data, max(0, len(data) - 2))
        data, carry = (data[: half.start()], half.group()) if half else (data, b"")
        return _replaced(data).translate(self._table, self._dropped), carry


def _replaced(data: bytes) -> bytes:
    if b"%" in data or b"\\" in data:
        for code, meant in _CODES:
            data = data.replace(code, meant)
    return data


def _spaces_are_pluses(head: bytes) -> bool:
    """A form makes spaces of `+`, which lie anywhere; spaces that were put there lie at equal distances."""
    bare = head.translate(None, _LINE_BREAKS).strip()
    lines = [len(line) for line in bare.split()]
    if len(lines) < 2 or b"+" in bare or b"-" in bare:
        return False
    if len(lines) == 2:
        return len(bare) % 4 == 0 and sum(lines) % 4 != 0
    return len(set(lines[:-1])) > 1 or lines[-1] > lines[0]


def _decoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes meant by base64 in chunks; what makes no whole group of four waits for the next chunk."""
    rest, ended, came = b"", False, False
    for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % 4
        for piece in _groups(data[:whole]):
            if ended and piece:
                raise PayloadError("base64")
            came = came or bool(piece)
            yield piece
        rest, ended = data[whole:], ended or data[whole - 1 : whole] == b"="
    if len(rest) == 1 and came and not ended and _LETTERS.fullmatch(rest):
        return  # a letter alone holds no byte: the text was cut off
    if rest:
        if ended:
            raise PayloadError("base64")
        yield from _groups(rest + b"=" * (-len(rest) % 4))


def _groups(data: bytes) -> Iterator[bytes]:
    """The bytes of whole groups of four; of those that are none, what comes before them, and then PayloadError."""
    try:
        yield pybase64.b64decode(data, validate=True)
        return
    except NotBase64:
        letters = _LETTERS.match(data)
    good = (letters.end() if letters else 0) // 4 * 4
    yield pybase64.b64decode(data[:good], validate=True)
    raise PayloadError("base64")
