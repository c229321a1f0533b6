"""Lines and outlines that several pictures share: ridges, leaves, curves. Points only, nothing is painted here."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from generator.sandbox.drawing.canvas import Point


def jagged(rng: Random, width: float, base: float, height: float, rough: float = 0.52) -> list[Point]:
    """A mountain ridge from the left edge to the right: midpoint displacement around the height `base`."""
    heights = [rng.uniform(-0.6, 0.6), rng.uniform(-1, 1), rng.uniform(-0.6, 0.6)]
    swing = 1.0
    for _ in range(6):
        swing *= rough
        halves = [((a + b) / 2 + rng.uniform(-swing, swing), b) for a, b in pairwise(heights)]
        heights = [heights[0], *(v for half in halves for v in half)]
    last = len(heights) - 1
    return [(width * i / last, base - height * v) for i, v in enumerate(heights)]


def rolling(rng: Random, width: float, base: float, height: float, waves: float = 1.3) -> list[Point]:
    """A soft ridge: two slow sines. `waves` is how many hills fit into 1000 units."""
    first, second = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    speed = waves * math.tau / 1000 * rng.uniform(0.75, 1.25)
    xs = [width * i / 90 for i in range(91)]
    return [(x, base - height * (math.sin(x * speed + first) + 0.4 * math.sin(x * speed * 2.3 + second))) for x in xs]


def ground(line: Sequence[Point], bottom: float) -> list[Point]:
    """Close a ridge downwards, so that it can be filled."""
    return [*line, (line[-1][0], bottom + 2), (line[0][0], bottom + 2)]


def curve(points: Sequence[Point], steps: int = 14) -> list[Point]:
    """A smooth closed outline through `points` (Catmull-Rom)."""
    out: list[Point] = []
    count = len(points)
    for i in range(count):
        a, b, c, d = (points[(i + k - 1) % count] for k in range(4))
        for step in range(steps):
            t = step / steps
            out.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return out


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def leaf(x: float, y: float, length: float, breadth: float, angle: float) -> list[Point]:
    """A pointed leaf that grows from (x, y) in the direction `angle` (radians, 0 to the right, clockwise)."""
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    sides: list[Point] = []
    for side in (1, -1):
        steps = range(13) if side == 1 else range(12, -1, -1)
        for step in steps:
            t = step / 12
            out = side * breadth / 2 * math.sin(math.pi * t**0.8)
            sides.append((x + along[0] * length * t + across[0] * out, y + along[1] * length * t + across[1] * out))
    return sides


def stem(x: float, y: float, length: float, angle: float, bend: float) -> list[Point]:
    """A bending stalk of 24 steps; `bend` is how far the direction turns on the way, in radians."""
    points = [(x, y)]
    for step in range(24):
        heading = angle + bend * step / 24
        x, y = x + math.cos(heading) * length / 24, y + math.sin(heading) * length / 24
        points.append((x, y))
    return points


def height_at(line: Sequence[Point], x: float) -> float:
    """The height of a ridge at `x`."""
    place = min(max(x / line[-1][0], 0.0), 1.0) * (len(line) - 1)
    low = min(int(place), len(line) - 2)
    return line[low][1] + (line[low + 1][1] - line[low][1]) * (place - low)


def turned(points: Sequence[Point], x: float, y: float, angle: float, scale: float = 1.0) -> list[Point]:
    """An outline drawn around the origin, scaled, turned and moved to (x, y)."""
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in points]
