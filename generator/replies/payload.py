"""A raw reply taken apart without ever being held: the JSON beside the pictures, and where each picture's base64 is.

A reply of four pictures is tens of megabytes of base64 in a few hundred bytes of JSON. Here the file is read once in
windows of 256 KiB; strings are jumped over at the speed of memchr, and only what lies between them is looked at. So
memory is bounded by the window, the skeleton (1 MiB) and one chunk of decoded bytes, whatever the reply holds; and
time by the skeleton too, since everything that costs a step of Python also costs a byte of it.
"""

import hashlib
import re
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from json import JSONDecoder
from pathlib import Path
from typing import BinaryIO, Literal

import pybase64

MOST_FILES = 16  # of one reply; the API sends four at the most

_WINDOW = 256 * 2**10
_LONG_TEXT = 256 * 2**10  # a text outside `files` longer than this is left out of the skeleton,
_ALL_TEXTS = 512 * 2**10  # and so is one that would make all of them longer than this,
_SHORT_TEXT = 2**10  # unless it is short

_STRUCTURE = re.compile(rb'["\[\]{},:]')
_INSIDE_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_HALF_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_PREFIX = re.compile(rb"\A\s*+data:[^,]{0,200},")
_SPACE = b" \t\r\n\f\v"
_JSON = JSONDecoder(strict=False)  # bare line breaks within a text are no reason to lose a picture


# Of a whole reply the first two, of one picture the others.
PayloadReason = Literal["broken_off", "oversized", "base64", "empty", "too_large"]


class PayloadError(Exception):
    """A reply, or one picture in it, that cannot be taken apart. `values` are what there is to say about it."""

    def __init__(self, reason: PayloadReason, **values: int) -> None:
        super().__init__(reason, *values.values())
        self.reason = reason
        self.values = values


@dataclass(frozen=True)
class Span:
    """Where a picture's base64 lies in the reply: bytes between its quotes."""

    start: int
    length: int


@dataclass(frozen=True)
class Payload:
    """The reply as JSON in which each text of `files` is replaced by its number, and those texts' places."""

    skeleton: bytes
    spans: list[Span]


@dataclass(frozen=True)
class Decoded:
    """A picture's bytes on disk: how many, and their SHA-256 in hex."""

    bytes: int
    sha256: str


def split(path: Path, max_files: int = MOST_FILES, max_skeleton: int = 2**20) -> Payload:
    """Find the texts in the top-level `files` of a reply; those beyond `max_files` are dropped.

    Only strings and brackets are followed here; whether the rest is JSON shows when the skeleton is parsed.
    Raises PayloadError if the reply breaks off within a text, or holds more than `max_skeleton` bytes beside its
    pictures.
    """
    with path.open("rb") as file:
        splitter = _Splitter(_Windows(file), max_files, max_skeleton)
        return splitter.run()


def decode(path: Path, span: Span, dest: Path, max_bytes: int) -> Decoded:
    """Decode one picture's base64 into the file `dest`.

    A `data:` prefix, white space, JSON escapes and missing padding are tolerated. Raises PayloadError, leaving no
    file, if the text is empty, is not base64, or holds more than `max_bytes`; OSError as the disk does.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as source, dest.open("wb") as sink:
            for piece in _decoded(_unescaped(_read(source, span))):
                size += len(piece)
                if size > max_bytes:
                    raise PayloadError("too_large", limit=max_bytes)
                digest.update(piece)
                sink.write(piece)
        if not size:
            raise PayloadError("empty")
    except BaseException:
        dest.unlink(missing_ok=True)
        raise
    return Decoded(size, digest.hexdigest())


class _Windows:
    """The file as a moving window with one cursor, and the two moves the splitter makes over it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._base = 0  # the file's offset of the window's first byte
        self._view = b""
        self._at = 0

    @property
    def offset(self) -> int:
        return self._base + self._at

    def plain(self) -> Iterator[tuple[bytes, bytes]]:
        """Pairs of what lies before the next structural byte, and that byte ("" at the end of a window)."""
        while self._at < len(self._view) or self._advance(b""):
            found = _STRUCTURE.search(self._view, self._at)
            end, after = found.span() if found else (len(self._view), len(self._view))
            before, self._at = self._view[self._at : end], after
            yield before, self._view[end:after]

    def string(self) -> Iterator[bytes]:
        """From behind an opening quote to behind the closing one: the text's raw bytes, window by window.

        Raises PayloadError if the file ends first.
        """
        carry = b""
        while self._at < len(self._view) or self._advance(carry):
            start, end = self._at, self._text_end()
            closed = self._view[end : end + 1] == b'"'
            # A backslash at the end of the window belongs to the byte after it.
            carry = b"" if closed else self._view[end:]
            self._at = end + 1 if closed else len(self._view)
            yield self._view[start:end]
            if closed:
                return
        raise PayloadError("broken_off")

    def _text_end(self) -> int:
        quote = self._view.find(b'"', self._at)
        end = quote if quote >= 0 else len(self._view)
        if self._view.find(b"\\", self._at, end) < 0:
            return end
        inside = _INSIDE_STRING.match(self._view, self._at)
        return inside.end() if inside else end

    def _advance(self, carry: bytes) -> bool:
        more = self._file.read(_WINDOW)
        self._base += len(self._view) - len(carry)
        self._view, self._at = carry + more, 0
        return bool(more)


class _Splitter:
    """Follows depth and keys just far enough to know the strings of the top-level `files`."""

    def __init__(self, windows: _Windows, max_files: int, max_skeleton: int) -> None:
        self._windows = windows
        self._max_files = max_files
        self._max_skeleton = max_skeleton
        self._skeleton = bytearray()
        self._spans: list[Span] = []
        self._depth = 0
        self._room = _ALL_TEXTS
        self._text = b""  # the last string at depth 1, with quotes: a key, if a colon follows
        self._in_value = False  # behind the colon of `files`
        self._in_array = False  # within its brackets

    def run(self) -> Payload:
        for before, mark in self._windows.plain():
            self._keep(before)
            if mark == b'"':
                self._keep(self._picture() if self._expects_picture() else self._other_text())
            elif mark:
                self._keep(mark)
                self._follow(mark)
        return Payload(bytes(self._skeleton), self._spans)

    def _keep(self, part: bytes) -> None:
        self._skeleton += part
        if len(self._skeleton) > self._max_skeleton:
            raise PayloadError("oversized")

    def _follow(self, mark: bytes) -> None:
        if mark in b"[{":
            self._in_array = self._in_array or (self._depth == 1 and self._in_value and mark == b"[")
            self._depth += 1
        elif mark in b"]}":
            self._depth -= 1
            self._in_array = self._in_array and self._depth > 1
        elif self._depth == 1:
            self._in_value = mark == b":" and _names_files(self._text)
            if self._in_value:
                self._spans.clear()  # of two fields of the same name JSON means the last

    def _expects_picture(self) -> bool:
        return self._depth == (2 if self._in_array else 1) and self._in_value

    def _picture(self) -> bytes:
        start = self._windows.offset
        for _ in self._windows.string():
            pass
        if len(self._spans) >= self._max_files:
            return b"null"
        self._spans.append(Span(start, self._windows.offset - 1 - start))
        return str(len(self._spans) - 1).encode()

    def _other_text(self) -> bytes:
        text, length = bytearray(), 0
        most = max(_SHORT_TEXT, min(_LONG_TEXT, self._room))
        for piece in self._windows.string():
            length += len(piece)
            if length <= most:
                text += piece
        kept = bytes(text) if length <= most else b"(a long text was left out)"
        self._room -= len(kept)
        self._text = b'"' + kept + b'"'
        return self._text


def _names_files(text: bytes) -> bool:
    if b"\\" not in text:
        return text == b'"files"'
    try:
        return bool(_JSON.decode(text.decode()) == "files")
    except ValueError:
        return False


def _read(source: BinaryIO, span: Span) -> Iterator[bytes]:
    source.seek(span.start)
    for left in range(span.length, 0, -_WINDOW):
        yield source.read(min(left, _WINDOW))


def _unescaped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text that a JSON string means, where some writers put `\\/` for `/` and `\\n` for a line break."""
    carry = b""
    for chunk in chunks:
        data = carry + chunk
        half = _HALF_ESCAPE.search(data, max(0, len(data) - 5))
        data, carry = (data[: half.start()], half.group()) if half else (data, b"")
        yield _meant(data) if b"\\" in data else data
    if carry:
        raise PayloadError("base64")


def _meant(data: bytes) -> bytes:
    try:
        text: str = _JSON.decode(f'"{data.decode("ascii")}"')
        return text.encode("ascii")
    except ValueError:
        raise PayloadError("base64") from None


def _decoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes meant by base64 in chunks; what makes no whole group of four waits for the next chunk."""
    rest, first, ended = b"", True, False
    for chunk in chunks:
        data = rest + (_PREFIX.sub(b"", chunk, count=1) if first else chunk)
        piece, rest, ended = _groups(data, ended)
        first = False
        yield piece
    rest = rest.translate(None, _SPACE)
    yield _groups(rest + b"=" * (-len(rest) % 4), ended)[0]


def _groups(data: bytes, ended: bool) -> tuple[bytes, bytes, bool]:
    """Decode the whole groups of four in `data`: their bytes, the rest, and whether padding has been seen."""
    try:
        return _strict(data, ended)
    except NotBase64:
        pass
    try:
        return _strict(data.translate(None, _SPACE), ended)
    except NotBase64:
        raise PayloadError("base64") from None


def _strict(data: bytes, ended: bool) -> tuple[bytes, bytes, bool]:
    whole = len(data) - len(data) % 4
    piece = pybase64.b64decode(data[:whole], validate=True)
    if ended and piece:
        raise NotBase64
    return piece, data[whole:], ended or data[whole - 1 : whole] == b"="
