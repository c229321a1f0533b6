"""What a model says of a picture or of words, as a vector: how it is kept, and how near two are.

Kept are the signs, by which what is near is found quickly, and the numbers in steps of 1/127, by which it is put into
order. Which vectors are near each other is for the model to know; it was trained so that pictures and words are.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import sqrt
from operator import mul
from typing import NamedTuple


class Vector(NamedTuple):
    """One bit and one byte for each number."""

    signs: bytes
    steps: bytes


def kept(numbers: Sequence[float]) -> Vector:
    """Raises ValueError for one without a direction."""
    most = max(map(abs, numbers), default=0)
    if not 0 < most < float("inf"):
        raise ValueError("a vector has no direction")
    signs = sum(1 << place for place, number in enumerate(numbers) if number > 0)
    steps = array("b", (round(number / most * 127) for number in numbers))
    return Vector(signs.to_bytes(-(-len(numbers) // 8), "little"), steps.tobytes())


def differing(signs: int, other: bytes) -> int:
    """In how many signs they differ."""
    return (signs ^ int.from_bytes(other, "little")).bit_count()


def likeness(one: bytes, other: bytes) -> float:
    """Of the steps of two vectors: from -1 to 1, their cosine."""
    a, b = array("b", one), array("b", other)
    return float(sum(map(mul, a, b)) / sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b))))
