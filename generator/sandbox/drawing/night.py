"""After dark: a city, a village, stars, northern lights."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from generator.sandbox.drawing.palette import mix
from generator.sandbox.drawing.shapes import ground, height_at, jagged, rolling, turned

if TYPE_CHECKING:
    from generator.sandbox.drawing.canvas import Canvas
    from generator.sandbox.drawing.palette import Colour, Palette


def city(canvas: Canvas, palette: Palette) -> None:
    """Rows of towers before a late sky, windows lit in the near ones."""
    h = canvas.h
    canvas.wash(palette.tone(0.82), palette.tone(0.6), palette.tone(0.3), palette.accent)
    _stars(canvas, palette, 90, h * 0.4)
    _moon(canvas, palette, h * 0.24)
    for number in range(4):
        depth = (number + 1) / 4
        colour = palette.tone(0.45 + 0.55 * depth)
        _towers(canvas, palette, colour, h * (0.5 + 0.14 * depth), lit=number > 0)
        if number < 3:
            canvas.mist(h * 0.62, h * 1.15, mix(palette.soft, palette.accent, 0.3), 0.3)


def village(canvas: Canvas, palette: Palette) -> None:
    """Small gabled houses on hills, light in their windows."""
    rng, h = canvas.rng, canvas.h
    canvas.wash(palette.tone(0.86), palette.tone(0.66), palette.tone(0.36))
    _stars(canvas, palette, 150, h * 0.6)
    _moon(canvas, palette, h * 0.22)
    for number in range(4):
        depth = (number + 1) / 4
        line = rolling(rng, canvas.w, h * (0.5 + 0.42 * depth), 45, 0.9)
        size = 46 + 62 * depth
        step = size * 2.1
        for place in range(max(1, round(canvas.w / step))):
            x = place * step + rng.uniform(0, step * 0.5)
            if rng.random() < 0.72:
                _house(
                    canvas, palette, x, height_at(line, min(x, canvas.w)) + size * 0.2, size * rng.uniform(0.85, 1.2)
                )
            else:
                _tree(canvas, palette.tone(0.72 + 0.2 * depth), x, height_at(line, min(x, canvas.w)), size * 0.55)
        near = palette.tone(0.5 + 0.46 * depth)
        canvas.shape(ground(line, h), canvas.fade([(h * (0.45 + 0.4 * depth), near), (h, mix(near, palette.ink, 0.4))]))


def starry(canvas: Canvas, palette: Palette) -> None:
    """A ringed planet or a moon among many stars, a milky band, hills below."""
    rng, h = canvas.rng, canvas.h
    canvas.wash(palette.ink, palette.tone(0.9), palette.tone(0.62), palette.tone(0.4))
    band = canvas.clouds(2.2)
    tilt = canvas.fade([(0, (0, 0, 0)), (h * 0.34, (150, 150, 150)), (h * 0.7, (0, 0, 0))]).convert("L")
    canvas.image.paste(
        palette.soft, (0, 0), ImageChops.multiply(tilt, band.point([max(0, v - 70) for v in range(256)]))
    )
    _stars(canvas, palette, 420, h * 0.86)
    x, y, radius = canvas.w * rng.uniform(0.3, 0.7), h * rng.uniform(0.3, 0.42), rng.uniform(110, 160)
    canvas.glow(x, y, radius * 3, palette.accent, 0.5)
    _planet(canvas, palette, x, y, radius)
    for number in range(3):
        line = jagged(rng, canvas.w, h * (0.8 + 0.08 * number), 60)
        canvas.shape(ground(line, h), palette.tone(0.7 + 0.15 * number))


def aurora(canvas: Canvas, palette: Palette) -> None:
    """Curtains of light over a dark ridge."""
    rng, h = canvas.rng, canvas.h
    canvas.wash(palette.ink, palette.tone(0.88), palette.tone(0.58))
    _stars(canvas, palette, 200, h * 0.7)
    for colour in (palette.second, palette.soft, palette.accent):
        canvas.image.paste(mix(colour, palette.light, 0.2), (0, 0), _curtain(canvas))
    for number in range(3):
        line = jagged(rng, canvas.w, h * (0.78 + 0.09 * number), 90 - 20 * number)
        canvas.shape(ground(line, h), palette.tone(0.78 + 0.11 * number))


def _curtain(canvas: Canvas) -> Image.Image:
    """A greyscale veil: rays of uneven brightness hanging from a wandering line."""
    rng, (width, height) = canvas.rng, canvas.size
    rays = Image.frombytes("L", (90, 1), rng.randbytes(90)).resize((256, 256), Image.Resampling.BICUBIC)
    profile = Image.new("L", (1, 256))
    profile.putdata([round(min(1, v / 190) ** 2.4 * 205 * min(1, (255 - v) / 40)) for v in range(256)])
    veil = ImageChops.multiply(rays.point([90 + v * 165 // 255 for v in range(256)]), profile.resize((256, 256)))
    first, second = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    low, tall = rng.uniform(0.5, 0.72), rng.uniform(0.34, 0.5)
    out = Image.new("L", canvas.size)
    strips = 64
    edges = [round(width * i / strips) for i in range(strips + 1)]
    for i, (left, right) in enumerate(pairwise(edges)):
        if right > left:
            t = i / strips
            foot = low + 0.1 * math.sin(t * 5 + first) + 0.04 * math.sin(t * 13 + second)
            size = (right - left, max(1, round(height * tall)))
            piece = veil.resize(size, Image.Resampling.BILINEAR, box=(i * 4, 0, i * 4 + 4, 256))
            out.paste(piece, (left, round(height * (foot - tall))))
    return _smoothed(out, width)


def _smoothed(veil: Image.Image, width: int) -> Image.Image:
    """Hide the seams between the strips of a curtain."""
    small = veil.resize((96, max(1, veil.size[1] * 96 // width)), Image.Resampling.BOX)
    return Image.blend(veil, small.resize(veil.size, Image.Resampling.BICUBIC), 0.75)


def _stars(canvas: Canvas, palette: Palette, count: int, depth: float) -> None:
    rng = canvas.rng
    sheet = canvas.sheet()
    for _ in range(min(round(count * canvas.w / 1000), 900)):
        x, y = rng.random() * canvas.w, rng.random() ** 1.3 * depth
        sheet.disc(x, y, rng.choice((0.9, 1.2, 1.6, 2.6)), rng.randint(90, 255))
    canvas.stamp(sheet, mix(palette.light, palette.second, 0.2))


def _moon(canvas: Canvas, palette: Palette, y: float) -> None:
    rng = canvas.rng
    x, radius = canvas.w * rng.uniform(0.22, 0.78), rng.uniform(62, 96)
    canvas.glow(x, y, radius * 4.5, mix(palette.light, palette.second, 0.5), 0.5)
    canvas.disc(x, y, radius, mix(palette.light, palette.second, 0.3))
    for _ in range(4):
        angle, reach, size = rng.uniform(0, math.tau), rng.uniform(0.1, 0.6) * radius, rng.uniform(0.08, 0.2) * radius
        canvas.disc(x + math.cos(angle) * reach, y + math.sin(angle) * reach, size, palette.soft, 0.3)


def _planet(canvas: Canvas, palette: Palette, x: float, y: float, radius: float) -> None:
    """A banded globe with its night side, and rings that pass behind it and before it."""
    bands = [(y - radius + 2 * radius * i / 7, mix(palette.accent, palette.second, (i * 5 % 7) / 7)) for i in range(8)]
    _rings(canvas, palette, x, y, radius, behind=True)
    canvas.disc(x, y, radius, canvas.fade(bands))
    shade = canvas.sheet((x - radius, y - radius, x + radius, y + radius))
    shade.disc(x, y, radius)
    shade.disc(x - radius * 0.32, y - radius * 0.2, radius * 1.02, 0)
    canvas.stamp(shade, palette.ink, 0.5)
    _rings(canvas, palette, x, y, radius, behind=False)


def _rings(canvas: Canvas, palette: Palette, x: float, y: float, radius: float, *, behind: bool) -> None:
    half = [math.pi * (i / 40 + behind) for i in range(41)]
    for reach, width, opacity in ((1.5, 0.07, 0.55), (1.72, 0.13, 0.9), (1.98, 0.05, 0.5)):
        arc = [(math.cos(a) * radius * reach, math.sin(a) * radius * reach * 0.27) for a in half]
        sheet = canvas.sheet()
        sheet.line(turned(arc, x, y, -0.36), radius * width)
        canvas.stamp(sheet, palette.light, opacity)


def _towers(canvas: Canvas, palette: Palette, colour: Colour, top: float, *, lit: bool) -> None:
    rng, h = canvas.rng, canvas.h
    walls, windows = canvas.sheet(), canvas.sheet()
    x = -rng.uniform(0, 40)
    while x < canvas.w:
        width, roof = rng.uniform(60, 135), top + rng.uniform(-170, 150)
        walls.rectangle(x, roof, width, h - roof)
        if rng.random() < 0.3:
            walls.rectangle(x + width * 0.2, roof - 34, width * 0.6, 40)
        if rng.random() < 0.22:
            walls.line([(x + width / 2, roof - 110), (x + width / 2, roof)], 4)
        columns = max(2, int(width / 24))
        for spot in range(columns * min(60, int((h - roof) / 34))) if lit else ():
            if rng.random() < 0.36:
                wx, wy = x + (spot % columns + 0.3) * width / columns, roof + 18 + spot // columns * 34
                windows.rectangle(wx, wy, width / columns * 0.42, 15, rng.randint(110, 255))
        x += width + rng.choice((-6, 0, 6, 14))
    canvas.stamp(walls, colour)
    canvas.stamp(windows, mix(palette.second, palette.light, 0.25), 0.9)


def _house(canvas: Canvas, palette: Palette, x: float, foot: float, size: float) -> None:
    wall = mix(palette.tone(canvas.rng.uniform(0.1, 0.5)), palette.deep, 0.35)
    roof = mix(canvas.rng.choice((palette.accent, palette.accent, palette.second, palette.light)), palette.ink, 0.3)
    eave = foot - size * 0.75
    canvas.shape(
        [
            (x + size * 0.74, eave - size * 0.52),
            (x + size * 0.86, eave - size * 0.52),
            (x + size * 0.86, eave),
            (x + size * 0.74, eave),
        ],
        roof,
    )
    canvas.shape([(x, eave), (x + size, eave), (x + size, foot + size * 0.3), (x, foot + size * 0.3)], wall)
    canvas.shape([(x - size * 0.12, eave), (x + size / 2, eave - size * 0.6), (x + size * 1.12, eave)], roof)
    glass = mix(palette.second, palette.light, 0.3)
    for place in (0.2, 0.58):
        left, top, side = x + size * place, eave + size * 0.16, size * 0.22
        canvas.glow(left + side / 2, top + side / 2, size * 0.5, palette.second, 0.4)
        canvas.shape([(left, top), (left + side, top), (left + side, top + side), (left, top + side)], glass)


def _tree(canvas: Canvas, colour: Colour, x: float, foot: float, size: float) -> None:
    canvas.shape(
        [
            (x - size * 0.06, foot - size),
            (x + size * 0.06, foot - size),
            (x + size * 0.08, foot + 20),
            (x - size * 0.08, foot + 20),
        ],
        colour,
    )
    for dx, dy, radius in ((0, -1.35, 0.5), (-0.3, -1.05, 0.38), (0.32, -1.08, 0.4)):
        canvas.disc(x + dx * size, foot + dy * size, radius * size, colour)
