"""Landscapes: mountains, a lake, forest, desert, the sea."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from generator.sandbox.drawing.palette import mix
from generator.sandbox.drawing.shapes import ground, height_at, jagged, rolling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from generator.sandbox.drawing.canvas import Canvas, Point, Sheet
    from generator.sandbox.drawing.palette import Colour, Palette


def mountains(canvas: Canvas, palette: Palette) -> None:
    """Ridge behind ridge, paler with distance, mist in the valleys and a low sun."""
    rng, h = canvas.rng, canvas.h
    canvas.wash(palette.tone(0.42), palette.tone(0.2), palette.light, palette.light)
    _sun(canvas, palette, h * rng.uniform(0.24, 0.36))
    _streaks(canvas, palette.light, h * 0.1, h * 0.4)
    ridges = rng.randint(5, 6)
    line: list[Point] = []
    for number in range(ridges):
        depth = (number + 1) / ridges
        line = jagged(rng, canvas.w, h * (0.4 + 0.5 * depth**1.1), 150 + 50 * depth)
        near = palette.tone(0.18 + 0.78 * depth**1.15)
        top = min(y for _, y in line)
        canvas.shape(
            ground(line, h),
            canvas.fade([(top, near), (h * (0.62 + 0.5 * depth), mix(near, palette.light, 0.62 - 0.4 * depth))]),
        )
        if number < ridges - 1:
            canvas.mist(h * (0.42 + 0.5 * depth), h * (0.6 + 0.5 * depth), palette.light, 0.34)
    _pines(canvas, line, mix(palette.ink, palette.tone(0.9), 0.2), (26, 72), 40)
    _birds(canvas, palette.deep)


def lake(canvas: Canvas, palette: Palette) -> None:
    """Mountains and trees that stand in still water."""
    rng, h = canvas.rng, canvas.h
    shore = h * rng.uniform(0.56, 0.64)
    canvas.image.paste(
        canvas.fade([(0, palette.tone(0.48)), (shore * 0.6, palette.tone(0.22)), (shore, palette.light)])
    )
    _sun(canvas, palette, shore * rng.uniform(0.4, 0.6))
    for number in range(4):
        depth = (number + 1) / 4
        line = jagged(rng, canvas.w, shore * (0.66 + 0.26 * depth), 165 - 100 * depth)
        near = palette.tone(0.25 + 0.6 * depth)
        canvas.shape(ground(line, shore), canvas.fade([(shore * 0.3, near), (shore, mix(near, palette.light, 0.45))]))
    bank = [(x, y * 0.12 + shore * 0.875) for x, y in rolling(rng, canvas.w, shore, 60)]
    canvas.shape(ground(bank, shore), palette.tone(0.92))
    _pines(canvas, bank, palette.tone(0.94), (40, 120), 26)
    canvas.mirror(shore, palette.tone(0.55))
    sheet = canvas.sheet()
    for _ in range(34):
        y = shore + (h - shore) * rng.random() ** 1.4
        sheet.bar(rng.uniform(-0.1, 1) * canvas.w, y, rng.uniform(60, 380), 2.2 + 3 * (y - shore) / h)
    canvas.stamp(sheet, palette.light, 0.2)


def forest(canvas: Canvas, palette: Palette) -> None:
    """Conifers on slopes, each row nearer and darker, with fog between the rows."""
    rng, h = canvas.rng, canvas.h
    canvas.wash(palette.tone(0.3), palette.light, palette.tone(0.16))
    _sun(canvas, palette, h * rng.uniform(0.16, 0.3), small=True)
    for number in range(5):
        depth = (number + 1) / 5
        line = rolling(rng, canvas.w, h * (0.4 + 0.52 * depth), 34, 0.7)
        near = palette.tone(0.22 + 0.74 * depth)
        fade = canvas.fade(
            [(h * (0.15 + 0.4 * depth), near), (h * (0.62 + 0.5 * depth), mix(near, palette.light, 0.5 - 0.3 * depth))]
        )
        canvas.shape(ground(line, h), fade)
        _pines(canvas, line, fade, (80 + 130 * depth, 150 + 270 * depth), round(30 - 15 * depth))
        if number < 4:
            canvas.mist(h * (0.3 + 0.5 * depth), h * (0.56 + 0.5 * depth), palette.light, 0.5)
    _birds(canvas, palette.deep)


def desert(canvas: Canvas, palette: Palette) -> None:
    """Dunes with a lit and a shaded side under a large sun."""
    rng, h = canvas.rng, canvas.h
    canvas.wash(palette.tone(0.3), palette.light, palette.soft)
    _sun(canvas, palette, h * rng.uniform(0.26, 0.4))
    for number in range(5):
        depth = (number + 1) / 5
        lit = mix(palette.tone(0.2 + 0.5 * depth), palette.sun(), 0.22)
        line = rolling(rng, canvas.w, h * (0.44 + 0.44 * depth), 40 + 40 * depth, 0.8)
        canvas.shape(
            ground(line, h),
            canvas.fade([(h * (0.36 + 0.4 * depth), lit), (h * (0.8 + 0.3 * depth), palette.tone(0.3 + 0.6 * depth))]),
        )
        canvas.shape(_shade(line, h + 2, rng.uniform(50, 120)), palette.tone(0.36 + 0.6 * depth), 0.6)
    _birds(canvas, palette.deep)


def sea(canvas: Canvas, palette: Palette) -> None:
    """A sun on the horizon, its path on the water, waves that grow towards the viewer, a sail or two."""
    rng, h = canvas.rng, canvas.h
    horizon = h * rng.uniform(0.42, 0.52)
    canvas.image.paste(
        canvas.fade([(0, palette.tone(0.46)), (horizon * 0.6, palette.tone(0.18)), (horizon, palette.light)])
    )
    _streaks(canvas, palette.light, 0, horizon * 0.7)
    x = canvas.w * rng.uniform(0.3, 0.7)
    _sun(canvas, palette, horizon - rng.uniform(0, 130), x)
    water = canvas.sheet()
    water.rectangle(0, horizon, canvas.w, h)
    canvas.stamp(water, canvas.fade([(horizon, palette.tone(0.36)), (h, palette.tone(0.8))]))
    path = canvas.sheet()
    for step in range(26):
        y = horizon + 6 + (h - horizon) * (step / 26) ** 1.5
        reach = (150 - 3 * step) * rng.uniform(0.25, 1)
        path.bar(x - reach + rng.uniform(-30, 30), y, 2 * reach, 4 + step * 0.35)
    canvas.stamp(path, mix(palette.sun(), palette.light, 0.35), 0.75)
    _sails(canvas, palette, horizon, x)
    _waves(canvas, palette, horizon)


def _waves(canvas: Canvas, palette: Palette, horizon: float) -> None:
    rng, h = canvas.rng, canvas.h
    for number in range(7):
        depth = (number + 1) / 7
        base = horizon + (h - horizon) * (0.1 + 0.85 * depth**1.3)
        length, tall, shift = 90 + 190 * depth, 5 + 20 * depth, rng.uniform(0, 400)
        steps = [canvas.w * i / 240 for i in range(241)]
        line = [(x, base - tall * (abs(math.sin((x + shift) * math.pi / length)) ** 1.6)) for x in steps]
        tone = palette.tone(0.4 + 0.52 * depth)
        canvas.shape(
            ground(line, h), canvas.fade([(base - tall, mix(tone, palette.soft, 0.25)), (base + 110, tone)]), 0.72
        )
        crest = canvas.sheet()
        crest.line(line, 1.5 + 2.5 * depth)
        canvas.stamp(crest, palette.light, 0.5)


def _sails(canvas: Canvas, palette: Palette, horizon: float, avoid: float) -> None:
    for _ in range(canvas.rng.randint(1, 2)):
        size = canvas.rng.uniform(60, 110)
        x = avoid + canvas.rng.choice((-1, 1)) * canvas.rng.uniform(180, 330)
        y = horizon + size * 0.3
        hull = [
            (x - size * 0.55, y),
            (x + size * 0.6, y),
            (x + size * 0.38, y + size * 0.17),
            (x - size * 0.4, y + size * 0.17),
        ]
        canvas.shape([(x, y - size * 1.35), (x, y - size * 0.08), (x + size * 0.62, y - size * 0.08)], palette.light)
        canvas.shape(
            [(x - size * 0.06, y - size * 1.1), (x - size * 0.06, y - size * 0.08), (x - size * 0.48, y - size * 0.08)],
            palette.accent,
        )
        canvas.shape(hull, palette.ink)


def _sun(canvas: Canvas, palette: Palette, y: float, x: float | None = None, *, small: bool = False) -> None:
    rng = canvas.rng
    x = canvas.w * rng.uniform(0.26, 0.74) if x is None else x
    radius = rng.uniform(70, 95) if small else rng.uniform(95, 145)
    canvas.glow(x, y, radius * 5, mix(palette.light, palette.sun(), 0.2), 0.8)
    low = mix(palette.sun(), palette.light, 0.35)
    canvas.disc(x, y, radius, canvas.fade([(y - radius, palette.sun()), (y + radius, low)]))


def _streaks(canvas: Canvas, colour: Colour, top: float, bottom: float) -> None:
    """Long thin clouds."""
    rng = canvas.rng
    for opacity in (0.35, 0.55):
        sheet = canvas.sheet()
        for _ in range(5):
            x, y = rng.uniform(-0.2, 0.9) * canvas.w, rng.uniform(top, bottom)
            for _ in range(3):
                sheet.bar(x + rng.uniform(-90, 90), y + rng.uniform(-16, 16), rng.uniform(120, 420), rng.uniform(6, 15))
        canvas.stamp(sheet, colour, opacity)


def _pines(
    canvas: Canvas, line: Sequence[Point], fill: Colour | Image.Image, tall: tuple[float, float], density: int
) -> None:
    """Trees along a ridge, `density` of them to 1000 units, in loose groups."""
    rng = canvas.rng
    sheet = canvas.sheet()
    for _ in range(min(round(density * canvas.w / 1000), 140)):
        x = rng.random() * canvas.w
        _pine(sheet, x, height_at(line, x) + 8, rng.uniform(*tall), rng.uniform(0.15, 0.21))
    canvas.stamp(sheet, fill)


def _pine(sheet: Sheet, x: float, foot: float, tall: float, slim: float) -> None:
    sheet.rectangle(x - tall * 0.014, foot - tall * 0.2, tall * 0.028, tall * 0.25)
    tiers = 7
    for tier in range(tiers):
        top = foot - tall + tall * 0.125 * tier
        half = tall * slim * (0.22 + 0.78 * (tier + 1) / tiers)
        low = top + tall * 0.23
        sheet.polygon(
            [
                (x, top),
                (x + half, low),
                (x + half * 0.3, low - tall * 0.035),
                (x - half * 0.3, low - tall * 0.035),
                (x - half, low),
            ]
        )


def _shade(line: Sequence[Point], bottom: float, lean: float) -> list[Point]:
    """The lee side of a dune: all that lies right of a winding edge which falls from its highest crest."""
    peak = min(range(12, len(line) - 12), key=lambda i: line[i][1])
    x, y = line[peak]
    edge = [(x + lean * math.sin(t / 20 * 4.6) * (0.4 + t / 20), y + (bottom - y) * t / 20) for t in range(21)]
    return [*line[peak:], (line[-1][0], bottom), *reversed(edge)]


def _birds(canvas: Canvas, colour: Colour) -> None:
    rng = canvas.rng
    x, y = canvas.w * rng.uniform(0.2, 0.75), canvas.h * rng.uniform(0.14, 0.26)
    sheet = canvas.sheet()
    for _ in range(rng.randint(3, 6)):
        bx, by, span = x + rng.uniform(-110, 110), y + rng.uniform(-50, 50), rng.uniform(11, 20)
        sheet.line([(bx - span, by - span * 0.4), (bx - span * 0.4, by - span * 0.5), (bx, by)], 2.6)
        sheet.line([(bx + span, by - span * 0.4), (bx + span * 0.4, by - span * 0.5), (bx, by)], 2.6)
    canvas.stamp(sheet, colour, 0.8)
