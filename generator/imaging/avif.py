"""An AVIF that ends too early, made longer than it was: its decoder takes no file that it can read to the end of.

The boxes: ISO/IEC 14496-12, of which `iloc` says where the data of each item lie. Those of a picture are units (OBU)
of AV1, each with its length before it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_MORE = 64 * 1024
_MOST = 1000  # boxes, items or units
_HAS_EXTENSION, _HAS_SIZE = 0x04, 0x02


class _Extent(NamedTuple):
    """Where an item's data begin, how long they are, and where and in how many bytes the file says so."""

    start: int
    length: int
    field: int
    width: int


def lengthened(data: bytes, filling: int) -> bytes:
    """With this byte in place of what is missing, and far beyond it; as it is if nothing is, or nothing is found."""
    try:
        extent = max(_extents(data), key=lambda one: one.start + one.length, default=None)
    except struct.error:
        return data
    if extent is None or extent.start + extent.length <= len(data) or extent.start >= len(data):
        return data
    grown = bytearray(data)
    place = _last_unit(grown, extent.start)
    end = extent.start + extent.length + _MORE
    if place:
        head, length = place
        old = grown[head : head + length]
        size = _packed(end - head - length)
        grown[head : head + length] = size
        end += len(size) - len(old)
    grown += bytes([filling]) * (end - len(grown))
    grown[extent.field : extent.field + extent.width] = (end - extent.start).to_bytes(extent.width, "big")
    return bytes(grown)


def _extents(data: bytes) -> list[_Extent]:
    """Of each item that lies in one piece at a place counted from the beginning of the file."""
    place = data.find(b"iloc")
    if place < 4:
        return []
    version, sizes, other = struct.unpack_from(">B3xBB", data, place + 4)
    widths = sizes >> 4, sizes & 15, other >> 4, other & 15 if version else 0
    wide = 4 if version == 2 else 2
    count, at = _number(data, place + 10, wide)
    found = []
    for _ in range(min(count, _MOST)):
        at += wide + (4 if version else 2)  # its number, how its place is meant, and whose data reference
        base, at = _number(data, at, widths[2])
        pieces, at = _number(data, at, 2)
        for _ in range(min(pieces, _MOST)):
            at += widths[3]
            offset, at = _number(data, at, widths[0])
            length, after = _number(data, at, widths[1])
            found.append(_Extent(base + offset, length, at, widths[1]))
            at = after
    return [extent for extent in found if extent.width]


def _number(data: bytes, place: int, width: int) -> tuple[int, int]:
    return int.from_bytes(data[place : place + width], "big"), place + width


def _last_unit(data: bytearray, place: int) -> tuple[int, int] | None:
    """Where the length of the unit is said that reaches the end, and in how many bytes."""
    for _ in range(_MOST):
        if place + 2 > len(data) or not data[place] & _HAS_SIZE:
            return None
        head = place + (2 if data[place] & _HAS_EXTENSION else 1)
        size = width = 0
        while width < 8 and head + width < len(data):
            byte = data[head + width]
            size |= (byte & 0x7F) << 7 * width
            width += 1
            if byte < 0x80:
                break
        place = head + width + size
        if place >= len(data):
            return head, width
    return None


def _packed(size: int) -> bytes:
    parts = bytearray()
    while size >= 0x80:
        parts.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*parts, size])
