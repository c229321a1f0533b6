"""A raw reply taken apart without ever being held: the JSON beside the pictures, and where each picture's base64 is.

A reply of four pictures is tens of megabytes of base64 in a few hundred bytes of JSON. Here the file is read once in
windows; strings are jumped over at the speed of memchr, and only what lies between them is looked at. So memory is
bounded by the window, the skeleton (1 MiB) and one chunk of decoded bytes, whatever the reply holds; and time by the
skeleton too, since everything that costs a step of Python also costs a byte of it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generator.replies.places import Place, Role, address
from generator.replies.spelling import begins_picture, is_picture
from generator.replies.windows import PayloadError, Span, Windows

# Of one reply. The API sends four at the most.
MOST_FILES = 64

_LONG_TEXT = 256 * 2**10  # a text that is no picture and longer than this is left out of the skeleton,
_ALL_TEXTS = 512 * 2**10  # and so is one that would make all of them longer than this,
_SHORT_TEXT = 2**10  # unless it is short
_JSON_BEGINS = b'{["\t\r\n '
_HEAD = 400  # as much of a text tells whether it is a picture; a data URL says a few things first


@dataclass(frozen=True)
class Payload:
    """The reply as JSON in which each picture's text is replaced by its number, and those texts' places.

    `addresses` came where a picture belongs, and `left_out` is the number of pictures beyond
    the most that are taken.
    """

    skeleton: bytes
    spans: list[Span]
    addresses: list[str] = field(default_factory=list)
    left_out: int = 0


def split(path: Path, max_files: int = MOST_FILES, max_skeleton: int = 2**20) -> Payload:
    """Find the pictures of a reply, wherever they lie in it (`places`); those beyond `max_files` are left out.

    Only strings and brackets are followed here; whether the rest is JSON shows when the skeleton is parsed. A body that
    is a picture itself is a reply of nothing else. Raises PayloadError if the reply breaks off within a text and holds
    no picture before that, or holds more than `max_skeleton` bytes beside its pictures.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if is_picture(head) and head[:1] not in _JSON_BEGINS:
            return Payload(b"{}", [Span(0, os.fstat(file.fileno()).st_size, is_raw=True)])
        file.seek(0)
        return _Splitter(Windows(file), max_files, max_skeleton).run()


class _Splitter:
    """Follows the reply's fields just far enough to know what each text is."""

    def __init__(self, windows: Windows, max_files: int, max_skeleton: int) -> None:
        self._windows = windows
        self._max_files = max_files
        self._max_skeleton = max_skeleton
        self._skeleton = bytearray()
        self._spans: list[Span] = []
        self._addresses: list[str] = []
        self._left_out = 0
        self._room = _ALL_TEXTS
        self._place = Place()

    def run(self) -> Payload:
        try:
            for part in self._parts():
                self._skeleton += part
                if len(self._skeleton) > self._max_skeleton:
                    raise PayloadError("oversized")
        except PayloadError as error:
            if error.reason != "broken_off" or not self._spans:
                raise
        return Payload(bytes(self._skeleton), self._spans, self._addresses, self._left_out)

    def _parts(self) -> Iterator[bytes]:
        for before, mark in self._windows.plain():
            yield before
            if mark == b'"':
                yield self._text()
            elif mark:
                yield mark
                self._place.follow(mark)

    def _text(self) -> bytes:
        """What stands for the next text in the skeleton. Of a long one no more is held than tells what it is."""
        start, length, head, text = self._windows.offset, 0, b"", bytearray()
        most = max(_SHORT_TEXT, min(_LONG_TEXT, self._room))
        is_whole = True
        try:
            for piece in self._windows.string():
                length += len(piece)
                head += piece[: _HEAD - len(head)]
                if length <= most:
                    text += piece
        except PayloadError:
            is_whole = False
        role = self._place.role_of(head, length)
        if role is Role.PICTURE and (is_whole or begins_picture(head)):
            return self._picture(Span(start, length, self._place.field))
        if not is_whole:
            raise PayloadError("broken_off")
        if role is Role.ADDRESS and len(self._addresses) < self._max_files:
            self._addresses.append(address(bytes(text) or head))
        return self._other(bytes(text) if length <= most else b"(a long text was left out)")

    def _picture(self, span: Span) -> bytes:
        if len(self._spans) >= self._max_files:
            self._left_out += 1
            return b"null"
        self._spans.append(span)
        return str(len(self._spans) - 1).encode()

    def _other(self, text: bytes) -> bytes:
        self._room -= len(text)
        if self._place.name(text):
            # Of two fields of the same name JSON means the last.
            self._spans = [span for span in self._spans if span.place != self._place.field]
        return b'"' + text + b'"'
