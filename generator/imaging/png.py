"""PNG, chunk by chunk: what says how its pixels are meant, and the same pixels without what spoils them.

https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 200_000
_MOST_BEFORE_PIXELS = 1000
_PIXELS = (b"IDAT", b"fdAT")
# Beside the pixels, with the length that each must have; None where it may be any.
_LENGTHS: dict[bytes, int | None] = {
    b"tRNS": None, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"iCCP": None, b"eXIf": None,
}  # fmt: skip
_SMALL = 32  # bytes of the longest chunk that `meaning` reads


class Chunk(NamedTuple):
    """`data` may be shorter than the file said, at its end; `is_sound` if it is whole and its checksum is right."""

    kind: bytes
    data: bytes
    is_sound: bool = True


class Frame(NamedTuple):
    """A picture on a canvas: a PNG of its own, the canvas's size, and the place of its upper left corner."""

    png: bytes
    canvas: tuple[int, int]
    place: tuple[int, int]


def meaning(file: BinaryIO) -> dict[bytes, bytes]:
    """The chunks before the pixels that say how to understand them, if they are as long as they must be.

    The file is left where it was.
    """
    before = file.tell()
    found: dict[bytes, bytes] = {}
    try:
        file.seek(len(SIGNATURE))
        for _ in range(_MOST_BEFORE_PIXELS):
            head = file.read(8)
            if len(head) < 8 or head[4:] in _PIXELS:
                break
            length, kind = struct.unpack(">I4s", head)
            if length <= _SMALL and _LENGTHS.get(kind) == length:
                found.setdefault(kind, file.read(length))
                length = 0
            file.seek(length + 4, 1)
    finally:
        file.seek(before)
    return found


def mended(data: bytes) -> bytes:
    """The same pixels with right checksums, and beside them only what is whole and says how they are meant."""
    parts = [chunk for chunk in _chunks(data) if _is_of_use(chunk)]
    return _written(chunk for chunk in parts if chunk.kind != b"IEND")


def first_shown(data: bytes) -> Frame | None:
    """The first frame of an animation that does not begin with the default picture, which browsers never show."""
    shape = b""
    kept: list[Chunk] = []
    pixels = b""
    for chunk in _chunks(data):
        if chunk.kind == b"fcTL":
            if pixels:
                break
            shape = chunk.data
        elif chunk.kind == b"fdAT" and shape:
            pixels += chunk.data[4:]
        elif chunk.kind in (b"IHDR", b"PLTE") or (chunk.kind in _LENGTHS and _is_of_use(chunk)):
            kept.append(chunk)
    if len(shape) < 20 or not pixels or not kept or kept[0].kind != b"IHDR":
        return None
    width, height, left, top = struct.unpack(">4I", shape[4:20])
    header = kept[0].data
    kept[0] = Chunk(b"IHDR", struct.pack(">II", width, height) + header[8:])
    canvas = struct.unpack(">II", header[:8])
    return Frame(_written([*kept, Chunk(b"IDAT", pixels)]), (canvas[0], canvas[1]), (left, top))


def _written(chunks: Iterator[Chunk] | list[Chunk]) -> bytes:
    return SIGNATURE + b"".join(_packed(kind, data) for kind, data, _ in [*chunks, Chunk(b"IEND", b"")])


def _packed(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Up to the end, or to what is no chunk any more."""
    place = len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if place + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, place)
        if not kind.isalpha():
            return
        body = data[place + 8 : place + 8 + length]
        check = data[place + 8 + length : place + 12 + length]
        yield Chunk(kind, body, len(body) == length and check == struct.pack(">I", zlib.crc32(kind + body)))
        place += length + 12


def _is_of_use(chunk: Chunk) -> bool:
    if chunk.kind in (b"IHDR", b"PLTE", b"IDAT"):
        return True
    if chunk.kind not in _LENGTHS or not chunk.is_sound:
        return False
    if chunk.kind == b"iCCP":  # a name, and then how it is compressed: one way is defined
        return chunk.data.partition(b"\0")[2][:1] == b"\0"
    return _LENGTHS[chunk.kind] in (None, len(chunk.data))
