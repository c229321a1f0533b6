"""Pictures of nothing: tiles, chips of stone, paper cut along contours, arches, ribbons of colour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from generator.sandbox.drawing.palette import mix
from generator.sandbox.drawing.shapes import curve, turned

if TYPE_CHECKING:
    from generator.sandbox.drawing.canvas import Canvas, Sheet
    from generator.sandbox.drawing.palette import Colour, Palette


def tiles(canvas: Canvas, palette: Palette) -> None:
    """A grid of quarter circles, discs and bars, after the Bauhaus."""
    rng = canvas.rng
    canvas.wash(palette.light)
    side = 1000 / rng.choice((4, 5))
    columns, rows = (min(40, math.ceil(v / side - 0.01)) for v in (canvas.w, canvas.h))
    across, down = canvas.w / columns, canvas.h / rows
    colours = [palette.ink, palette.deep, palette.mid, palette.soft, palette.light, palette.accent, palette.second]
    sheets: dict[Colour, Sheet] = {}
    for spot in range(columns * rows):
        under, over = rng.sample(colours, 2)
        x, y = spot % columns * across, spot // columns * down
        sheets.setdefault(under, canvas.sheet()).rectangle(x, y, across, down)
        for colour, sheet in sheets.items():
            if colour != under:
                sheet.rectangle(x, y, across, down, 0)
        _motif(
            sheets.setdefault(over, canvas.sheet()),
            sheets[under],
            rng.randrange(6),
            x,
            y,
            across,
            down,
            rng.randrange(4),
        )
    for colour, sheet in sheets.items():
        canvas.stamp(sheet, colour)


def _motif(over: Sheet, under: Sheet, kind: int, x: float, y: float, across: float, down: float, turn: int) -> None:
    side = min(across, down)
    corners = ((x, y), (x + across, y), (x + across, y + down), (x, y + down))
    corner, opposite = corners[turn], corners[turn - 1]
    for sheet, ink in ((over, 255), (under, 0)):
        if kind < 2:
            sheet.wedge(*corner, side, turn * 90, turn * 90 + 90, ink)
        elif kind == 2:
            sheet.disc(x + across / 2, y + down / 2, side * 0.36, ink)
        elif kind == 3:
            sheet.wedge(x + across / 2, y + down / 2, side / 2, turn * 90, turn * 90 + 180, ink)
        elif kind == 4:
            sheet.polygon([corner, (x + across / 2, y + down / 2), opposite], ink)
    if kind == 5:
        for ring in range(4):
            radius = side * (1 - ring * 0.25)
            over.wedge(*corner, radius, turn * 90, turn * 90 + 90, 255 if ring % 2 == 0 else 0)
            under.wedge(*corner, radius, turn * 90, turn * 90 + 90, 0 if ring % 2 == 0 else 255)


def terrazzo(canvas: Canvas, palette: Palette) -> None:
    """Chips of coloured stone in a pale ground."""
    rng = canvas.rng
    canvas.wash(palette.light)
    placed: list[tuple[float, float, float]] = []
    colours = [palette.ink, palette.deep, palette.mid, palette.soft, palette.accent, palette.second]
    sheets = {colour: canvas.sheet() for colour in colours}
    for attempt in range(1400):
        size = 82 * (1 - attempt / 1400) ** 2 * rng.uniform(0.45, 1) + 5
        x, y = rng.random() * canvas.w, rng.random() * canvas.h
        if all(math.hypot(x - a, y - b) > (size + other) * 0.9 + 4 for a, b, other in placed):
            placed.append((x, y, size))
            start, count = rng.random() * math.tau, rng.randint(4, 7)
            angles = [start + (i + rng.uniform(-0.25, 0.25)) * math.tau / count for i in range(count)]
            reach = [size * rng.uniform(0.72, 1) for _ in angles]
            chip = [(x + math.cos(a) * r, y + math.sin(a) * r) for a, r in zip(angles, reach, strict=True)]
            sheets[rng.choice(colours)].polygon(chip)
    for colour, sheet in sheets.items():
        canvas.stamp(sheet, colour)


def papercut(canvas: Canvas, palette: Palette) -> None:
    """Sheets of paper cut along the contours of a landscape, each throwing a shadow on the one below."""
    rng = canvas.rng
    field = canvas.clouds(rng.uniform(0.9, 1.5)).filter(ImageFilter.BoxBlur(6 * canvas.unit))
    flip = rng.random() < 0.5
    tones = [palette.tone(v / 6 if flip else 1 - v / 6) for v in range(7)]
    tones[rng.choice((3, 4))] = palette.accent
    canvas.image.paste(tones[0], (0, 0, *canvas.size))
    spread = sorted(field.resize((48, 48)).tobytes())
    for level in range(1, 7):
        edge = spread[len(spread) * level // 8]
        mask = _cut(field, edge, canvas.unit)
        canvas.image.paste(palette.ink, (0, 0), _shadow(mask, canvas.unit))
        canvas.image.paste(tones[level], (0, 0), mask)


def _cut(field: Image.Image, edge: int, unit: float) -> Image.Image:
    """White where the field is higher than `edge`; blurred and sharpened again, so that the knife runs smoothly."""
    rough = field.point([255 if v > edge else 0 for v in range(256)])
    for _ in range(2):
        rough = rough.filter(ImageFilter.BoxBlur(max(1.0, 5 * unit)))
    steep = max(2.0, 9 * unit)
    return rough.point([min(255, max(0, round(128 + (v - 128) * steep))) for v in range(256)])


def _shadow(mask: Image.Image, unit: float) -> Image.Image:
    small = mask.resize((max(1, mask.size[0] // 4), max(1, mask.size[1] // 4)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(max(0.5, 4.5 * unit))).resize(mask.size, Image.Resampling.BICUBIC)
    moved = soft.copy()
    moved.paste(soft, (round(5 * unit), round(12 * unit)))
    return moved.point([v * 125 // 255 for v in range(256)])


def arches(canvas: Canvas, palette: Palette) -> None:
    """Nested arches before a disc, in the manner of a seventies poster."""
    rng, w, h = canvas.rng, canvas.w, canvas.h
    canvas.wash(palette.light, mix(palette.light, palette.soft, 0.5))
    canvas.disc(w * rng.uniform(0.25, 0.75), h * 0.27, 165, mix(palette.second, palette.light, 0.2))
    colours = [palette.deep, palette.accent, palette.second, palette.mid, palette.soft]
    rows = max(2, min(10, round(w / 480)))
    for back in (True, False):
        for number in range(rows + 1):
            x = w * (number + (0.5 if back else 0.0) + rng.uniform(-0.12, 0.12)) / rows
            outer = rng.uniform(270, 330) if back else rng.uniform(230, 330)
            _arch(
                canvas, palette, (x, h * (rng.uniform(0.56, 0.68) if back else rng.uniform(0.8, 0.9))), outer, colours
            )


def _arch(canvas: Canvas, palette: Palette, top: tuple[float, float], outer: float, colours: list[Colour]) -> None:
    (x, y), shift = top, canvas.rng.randrange(5)
    rings = [colours[(ring + shift) % 5] for ring in range(5)]
    for ring, colour in enumerate([palette.light, *rings, palette.light]):
        radius = outer * (1 - ring / 7.4)
        sheet = canvas.sheet((x - radius, y - radius, x + radius, canvas.h))
        sheet.disc(x, y, radius)
        sheet.rectangle(x - radius, y, 2 * radius, canvas.h)
        canvas.stamp(sheet, colour)


def ribbons(canvas: Canvas, palette: Palette) -> None:
    """Flowing gradients crossed by families of fine lines."""
    rng = canvas.rng
    colours = [palette.ink, palette.deep, palette.mid, palette.soft, palette.light, palette.accent, palette.second]
    grid = Image.new("RGB", (5, 5))
    grid.putdata([rng.choice(colours) for _ in range(25)])
    canvas.image.paste(grid.resize(canvas.size, Image.Resampling.BICUBIC, box=(0.5, 0.5, 4.5, 4.5)))
    for colour in (palette.light, palette.ink):
        phase, lift, swing = rng.uniform(0, math.tau), rng.uniform(0.25, 0.6) * canvas.h, rng.uniform(90, 190)
        sheet = canvas.sheet()
        for number in range(34):
            spread = number / 34
            xs = [canvas.w * i / 80 for i in range(81)]
            wave = [math.sin(x / 1000 * 4.4 + phase + spread * 1.7) for x in xs]
            twist = [math.sin(x / 1000 * 2.1 + phase) for x in xs]
            sheet.line([(x, lift + swing * a + 260 * spread * b) for x, a, b in zip(xs, wave, twist, strict=True)], 1.6)
        canvas.stamp(sheet, colour, 0.55)


def blobs(canvas: Canvas, palette: Palette) -> None:
    """Large soft forms laid over one another, with a few cut lines."""
    rng = canvas.rng
    canvas.wash(mix(palette.light, palette.soft, 0.15), palette.light)
    colours = [palette.soft, palette.second, palette.mid, palette.accent, palette.deep]
    columns, rows = (max(2, min(8, round(side / 420))) for side in (canvas.w, canvas.h))
    for number, spot in enumerate(rng.sample(range(columns * rows), columns * rows)):
        x = canvas.w * (spot % columns + rng.uniform(0.2, 0.8)) / columns
        y = canvas.h * (spot // columns + rng.uniform(0.2, 0.8)) / rows
        _form(canvas, x, y, rng.uniform(150, 260), colours[number % 5])
    lines = canvas.sheet()
    for _ in range(5):
        x, y = rng.random() * canvas.w, rng.random() * canvas.h
        lines.line([(x + i * 7, y + 46 * math.sin(i / 6) - i * 2) for i in range(46)], 4)
    canvas.stamp(lines, palette.ink, 0.85)


def _form(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """One soft form, and sometimes a smaller one in it."""
    rng = canvas.rng
    reach = [rng.uniform(0.6, 1.15) for _ in range(7)]
    for scale, fill in ((1.0, colour), (0.4, mix(colour, (255, 255, 255), 0.35))):
        ring = [
            (math.cos(math.tau * i / 7) * size * r, math.sin(math.tau * i / 7) * size * r) for i, r in enumerate(reach)
        ]
        canvas.shape(curve(turned(ring, x, y, 0.2, scale)), fill, 0.9)
        if rng.random() < 0.6:
            return
