"""A reply read once, in windows of 256 KiB, so that memory never grows with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

WINDOW = 256 * 2**10

_STRUCTURE = re.compile(rb'["\[\]{},:]')
_INSIDE_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)

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
    """Where a picture lies in the reply: the bytes of its base64 between two quotes.

    `place` is the field of the whole reply that it lies in, "" if the reply has none; `is_raw` says that these bytes
    are the picture itself.
    """

    start: int
    length: int
    place: str = ""
    is_raw: bool = False


class Windows:
    """The file as a moving window with one cursor, and the two moves that are made over it."""

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
        more = self._file.read(WINDOW)
        self._base += len(self._view) - len(carry)
        self._view, self._at = carry + more, 0
        return bool(more)


def read(source: BinaryIO, span: Span) -> Iterator[bytes]:
    """The bytes of a span, in pieces."""
    source.seek(span.start)
    for left in range(span.length, 0, -WINDOW):
        yield source.read(min(left, WINDOW))
