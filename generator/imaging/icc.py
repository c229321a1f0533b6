"""Colour spaces that a picture only has a number for, as ICC profiles: made of primaries and a curve.

Numbers of primaries and curves: ITU-T H.273, as PNG (`cICP`) and AVIF (`nclx`) use them. The profile: ICC.1, with a
matrix and a parametric curve.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache

Matrix = tuple[tuple[float, ...], ...]

PQ, HLG = 16, 18  # curves that reach beyond white, for which no such profile can be made
_D65 = (0.3127, 0.3290)
# x and y of white, red, green and blue
PRIMARIES: dict[int, tuple[float, ...]] = {
    1: (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_SCREEN = (2.4,)  # of BT.709 and its kin: of the screen it is looked at on (BT.1886), not of the camera
# Powers, or (g, a, b, c, d): (aX + b) ** g from d on, and cX below it
CURVES: dict[int, tuple[float, ...]] = {
    1: _SCREEN, 4: (2.2,), 5: (2.8,), 6: _SCREEN, 7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0913),
    8: (1.0,), 11: _SCREEN, 13: _SRGB, 14: _SCREEN, 15: _SCREEN, 17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}  # fmt: skip
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def numbered(primaries: int, curve: int) -> bytes | None:
    """The profile of these numbers; None for those that say nothing, or that there is no profile for."""
    if curve not in CURVES or (primaries, curve) == (1, 13):
        return None
    return made(PRIMARIES.get(primaries, PRIMARIES[1]), CURVES[curve])


def made(primaries: Sequence[float], curve: Sequence[float]) -> bytes | None:
    """A profile of these primaries and this curve; None if they are none."""
    try:
        columns = tuple(zip(*_to_d50(tuple(primaries)), strict=True))
        return _packed([_xyz(column) for column in columns], _para(curve))
    except (ZeroDivisionError, struct.error, OverflowError):
        return None


@lru_cache(maxsize=32)
def to_xyz(primaries: tuple[float, ...]) -> Matrix:
    """From linear RGB of these primaries to XYZ, their own white at 1. ZeroDivisionError if they are no triangle."""
    places = [primaries[n : n + 2] for n in range(0, 8, 2)]
    white, red, green, blue = ((x / y, 1.0, (1 - x - y) / y) for x, y in places)
    rgb: Matrix = tuple(zip(red, green, blue, strict=True))
    strength = times(inverse(rgb), white)
    return tuple(tuple(value * s for value, s in zip(row, strength, strict=True)) for row in rgb)


def inverse(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det),
        ((f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det),
        ((d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det),
    )


def times(m: Matrix, v: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, v, strict=True)) for row in m)


def product(m: Matrix, n: Matrix) -> Matrix:
    columns = list(zip(*n, strict=True))
    return tuple(tuple(sum(a * b for a, b in zip(row, column, strict=True)) for column in columns) for row in m)


def _to_d50(primaries: tuple[float, ...]) -> Matrix:
    """To XYZ as profiles have it, whose white is D50 (Bradford's adaptation)."""
    x, y = primaries[:2]
    seen, wanted = times(_BRADFORD, (x / y, 1.0, (1 - x - y) / y)), times(_BRADFORD, _D50)
    gains = tuple(b / a for a, b in zip(seen, wanted, strict=True))
    scaled = tuple(tuple(value * gain for value in row) for row, gain in zip(_BRADFORD, gains, strict=True))
    return product(product(inverse(_BRADFORD), scaled), to_xyz(primaries))


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _para(curve: Sequence[float]) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", 0 if len(curve) == 1 else 3, 0) + _fixed(*curve)


def _packed(columns: list[bytes], curve: bytes) -> bytes:
    """The parts behind a header and a table of where they lie, each at a multiple of four bytes."""
    text = b"desc\0\0\0\0\0\0\0\x05made\0" + bytes(79)
    kinds = [b"desc", b"cprt", b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"]
    parts = [text, b"text\0\0\0\0none\0", _xyz(_D50), *columns, curve, curve, curve]
    place = 128 + 4 + 12 * len(kinds)
    table, body = struct.pack(">I", len(kinds)), b""
    for kind, part in zip(kinds, parts, strict=True):
        table += kind + struct.pack(">II", place + len(body), len(part))
        body += part + bytes(-len(part) % 4)
    head = b"\0\0\0\0\x02\x40\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + _fixed(*_D50) + bytes(48)
    return struct.pack(">I", place + len(body)) + head + table + body
