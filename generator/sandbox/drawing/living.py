"""Living things: a cat, a bird, fish, leaves, flowers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from generator.sandbox.drawing.palette import mix
from generator.sandbox.drawing.shapes import curve, ground, leaf, rolling, stem, turned

if TYPE_CHECKING:
    from generator.sandbox.drawing.canvas import Canvas, Point
    from generator.sandbox.drawing.palette import Colour, Palette


# The right half of the cat, from its top to its middle below; the tail is whole. Its feet are at (0, 0).
_CAT_BODY: list[Point] = [(0, -330), (62, -290), (98, -190), (128, -80), (110, -8), (0, 2)]
_CAT_HEAD: list[Point] = [(0, -468), (58, -456), (100, -412), (106, -362), (72, -316), (0, -300)]
_CAT_TAIL: list[Point] = [
    *((86, -30), (150, 10), (196, 70), (190, 150), (140, 180), (112, 158)),
    *((120, 138), (142, 148), (164, 128), (164, 78), (124, 34), (70, 8)),
]


def cat(canvas: Canvas, palette: Palette) -> None:
    """A cat on a wall, seen from behind, looking at a very large moon."""
    rng, w, h = canvas.rng, canvas.w, canvas.h
    canvas.wash(palette.tone(0.5), palette.tone(0.24), palette.light)
    side = rng.choice((-1, 1))
    x, wall = w / 2 + side * rng.uniform(0, min(120, w * 0.1)), h * 0.78
    size = min(1.0, h / 1250 + 0.2)
    moon = mix(palette.second, palette.light, 0.25)
    canvas.glow(w / 2 - side * 70, wall - 400 * size, 760, palette.light, 0.8)
    canvas.disc(w / 2 - side * 70, wall - 330 * size, 330 * size, moon)
    for _ in range(2):
        hills = rolling(rng, w, wall - rng.uniform(30, 90), 26)
        canvas.shape(ground(hills, h), palette.tone(rng.uniform(0.4, 0.55)), 0.75)
    canvas.shape(
        [(0, wall), (w, wall), (w, h), (0, h)], canvas.fade([(wall, palette.tone(0.74)), (h, palette.tone(0.92))])
    )
    canvas.shape([(0, wall - 14), (w, wall - 14), (w, wall + 20), (0, wall + 20)], palette.tone(0.62))
    _cat(canvas, palette, x, wall - 12, size, side)
    _tufts(canvas, palette, wall)


def _cat(canvas: Canvas, palette: Palette, x: float, foot: float, size: float, side: int) -> None:
    def at(points: list[Point]) -> list[Point]:
        return [(x + side * px * size, foot + py * size) for px, py in points]

    coat = palette.coat
    for outline in (_CAT_TAIL, _mirrored(_CAT_BODY), _mirrored(_CAT_HEAD)):
        canvas.shape(at(curve(outline)), coat)
    for ear in (-1, 1):
        canvas.shape(at([(ear * 24, -452), (ear * 84, -548), (ear * 104, -388)]), coat)
        canvas.shape(
            at([(ear * 48, -462), (ear * 79, -515), (ear * 91, -428)]),
            mix(coat, palette.light if palette.coat == palette.accent else palette.accent, 0.5),
        )
    collar = at([(-66, -318), (0, -298), (66, -318), (70, -300), (0, -278), (-70, -300)])
    canvas.shape(collar, palette.ink if palette.coat == palette.accent else palette.accent)
    whiskers = canvas.sheet()
    for ear in (-1, 1):
        for drop in (-14, 6, 26):
            whiskers.line(at([(ear * 98, -362 + drop * 0.4), (ear * 160, -372 + drop)]), 2.2)
    canvas.stamp(whiskers, coat, 0.8)


def _mirrored(half: list[Point]) -> list[Point]:
    return [*half, *((-x, y) for x, y in reversed(half[1:-1]))]


def _tufts(canvas: Canvas, palette: Palette, wall: float) -> None:
    """Flowers that lean over the wall at both ends."""
    rng = canvas.rng
    for edge in (0.0, canvas.w):
        for _ in range(6):
            stalk = stem(
                edge + rng.uniform(-90, 90), wall + 140, rng.uniform(200, 380), -math.pi / 2, rng.uniform(-0.5, 0.5)
            )
            sheet = canvas.sheet()
            sheet.line(stalk, 5)
            canvas.stamp(sheet, palette.tone(0.86))
            for place in (8, 12, 16):
                points = leaf(*stalk[place], 74, 24, -math.pi / 2 + rng.choice((-0.9, 0.9)))
                canvas.shape(points, palette.tone(0.8))
            canvas.disc(*stalk[-1], rng.uniform(10, 20), rng.choice((palette.accent, palette.second, palette.light)))


def bird(canvas: Canvas, palette: Palette) -> None:
    """A round bird on a twig before a pale disc."""
    rng, w, h = canvas.rng, canvas.w, canvas.h
    canvas.wash(palette.light, mix(palette.light, palette.soft, 0.55))
    x, y = w / 2, h * 0.5
    canvas.disc(x, y - 20, 350, mix(palette.soft, palette.light, 0.25))
    side = rng.choice((-1, 1))
    twig = stem(-20, y + 200 + side * 30, w + 60, -0.05 * side, 0.1 * side)
    sheet = canvas.sheet()
    sheet.line(twig, 15)
    canvas.stamp(sheet, palette.tone(0.86))
    for place in range(1, 24, 2):
        for turn in (-1, 1):
            if abs(twig[place][0] - x) > 190 or turn == 1:
                points = leaf(*twig[place], rng.uniform(90, 150), rng.uniform(36, 54), turn * rng.uniform(0.6, 1.2))
                canvas.shape(points, rng.choice((palette.deep, palette.mid, palette.tone(0.62))))
    _bird(canvas, palette, x, y + 60, side)


def _bird(canvas: Canvas, palette: Palette, x: float, y: float, side: int) -> None:
    def at(points: list[Point]) -> list[Point]:
        return [(x + side * px, y + py) for px, py in points]

    body = [
        (150, -150),
        (205, -92),
        (196, -10),
        (140, 78),
        (40, 122),
        (-60, 96),
        (-140, 40),
        (-120, 0),
        (-30, -70),
        (60, -150),
    ]
    belly = [(196, -20), (140, 78), (40, 122), (-50, 98), (40, 60), (120, 10), (160, -40)]
    wing = [(70, -60), (96, 0), (50, 58), (-40, 66), (-170, 56), (-80, 10), (0, -50)]
    canvas.shape(at([(-90, 20), (-300, 44), (-306, 78), (-270, 96), (-70, 84)]), palette.deep)
    canvas.shape(at([(190, -128), (268, -100), (192, -78)]), palette.second)
    legs = canvas.sheet()
    for foot in (20, 70):
        legs.line(at([(foot, 100), (foot - 6, 150)]), 7)
    canvas.stamp(legs, palette.ink)
    canvas.shape(at(curve(body)), palette.accent)
    canvas.shape(at(curve(belly)), mix(palette.light, palette.accent, 0.2))
    canvas.shape(at(curve(wing)), palette.deep)
    canvas.shape(at(curve([(p * 0.72 - 8, q * 0.62 + 8) for p, q in wing])), palette.mid)
    canvas.disc(x + side * 142, y - 100, 15, palette.light)
    canvas.disc(x + side * 145, y - 100, 10, palette.ink)


def fish(canvas: Canvas, palette: Palette) -> None:
    """Carp among rings on dark water, with lily leaves."""
    rng, w, h = canvas.rng, canvas.w, canvas.h
    canvas.wash(palette.tone(0.62), palette.tone(0.86))
    rings = canvas.sheet()
    for _ in range(min(round(6 * w * h / 1e6) + 1, 20)):
        x, y = rng.random() * w, rng.random() * h
        for ring in range(rng.randint(2, 5), 0, -1):
            rings.disc(x, y, ring * 46, 255)
            rings.disc(x, y, ring * 46 - 4, 0)
    canvas.stamp(rings, palette.soft, 0.35)
    count = max(2, min(9, round(3 * w * h / 1e6)))
    start = rng.uniform(0, math.tau)
    for number in range(count):
        x = w * (0.5 + 0.27 * math.cos(start + number * math.tau / count))
        y = h * (0.5 + 0.27 * math.sin(start + number * math.tau / count))
        coat = (palette.light, palette.accent, palette.second)[number % 3]
        _carp(canvas, palette, coat, (x, y), start + number * math.tau / count + math.pi / 2 + rng.uniform(-0.3, 0.3))
    for _ in range(min(round(5 * w * h / 1e6) + 1, 16)):
        x, y = rng.choice((rng.uniform(-20, 120), w - rng.uniform(-20, 120))), rng.random() * h
        pad, notch = canvas.sheet(), rng.uniform(0, 360)
        pad.wedge(x, y, rng.uniform(60, 120), notch, notch + 325)
        canvas.stamp(pad, mix(palette.mid, palette.second, rng.uniform(0.05, 0.35)))


def _carp(canvas: Canvas, palette: Palette, coat: Colour, place: Point, angle: float) -> None:
    bend = canvas.rng.uniform(-26, 26)
    spots = palette.accent if coat == palette.light else palette.light

    def at(points: list[Point]) -> list[Point]:
        return turned([(px, py + bend * (px / 150) ** 2) for px, py in points], *place, angle, 1.05)

    body = [
        (170, 0),
        (140, 36),
        (70, 52),
        (-30, 40),
        (-130, 12),
        (-160, 0),
        (-130, -12),
        (-30, -40),
        (70, -52),
        (140, -36),
    ]
    canvas.shape([(px + 14, py + 22) for px, py in at(curve(body))], palette.ink, 0.28)
    for turn in (-1, 1):
        canvas.shape(at([(70, turn * 40), (20, turn * 104), (-6, turn * 86), (24, turn * 40)]), coat, 0.75)
        canvas.shape(at(curve([(-140, 0), (-200, turn * 30), (-270, turn * 62), (-240, turn * 12)])), coat, 0.8)
    canvas.shape(at(curve(body)), coat)
    for sx, sy, size in ((86, 10, 30), (10, -12, 26), (-66, 6, 17)):
        blot = [(sx + math.cos(a) * size * 1.4, sy + math.sin(a) * size * 0.85) for a in (0.3, 1.5, 2.6, 3.9, 5.2)]
        canvas.shape(at(curve(blot)), spots, 0.92)
    for turn in (-1, 1):
        canvas.disc(*at([(138, turn * 22)])[0], 6, palette.ink)


def leaves(canvas: Canvas, palette: Palette) -> None:
    """Sprays of leaves before coloured forms, like a botanical poster."""
    rng, w, h = canvas.rng, canvas.w, canvas.h
    canvas.wash(palette.light)
    canvas.disc(
        w * rng.uniform(0.3, 0.7), h * rng.uniform(0.28, 0.42), 250, rng.choice((palette.accent, palette.second)), 0.9
    )
    arch = canvas.sheet()
    ax = w * rng.uniform(0.25, 0.75)
    arch.disc(ax, h * 0.55, 210)
    arch.rectangle(ax - 210, h * 0.55, 420, h)
    canvas.stamp(arch, palette.soft, 0.85)
    sprays = max(3, min(14, round(w / 260)))
    for number in range(sprays):
        x = w * (number + 0.5 + rng.uniform(-0.2, 0.2)) / sprays
        stalk = stem(
            x, h + 20, h * rng.uniform(0.62, 0.9), -math.pi / 2 + rng.uniform(-0.2, 0.2), rng.uniform(-0.5, 0.5)
        )
        _spray(canvas, palette, stalk, rng.choice((palette.deep, palette.mid, palette.ink, palette.tone(0.62))))


def _spray(canvas: Canvas, palette: Palette, stalk: list[Point], colour: Colour) -> None:
    rng = canvas.rng
    length, breadth, open_ = rng.uniform(120, 200), rng.uniform(0.26, 0.52), rng.uniform(0.6, 1.0)
    blades, veins = canvas.sheet(), canvas.sheet()
    blades.line(stalk, 6)
    for place in range(5, 25, 2):
        heading = math.atan2(stalk[place][1] - stalk[place - 1][1], stalk[place][0] - stalk[place - 1][0])
        reach = length * (1.15 - place / 34)
        for turn in (-open_, open_) if place < 23 else (-0.35, 0.0, 0.35):
            blades.polygon(leaf(*stalk[place], reach, reach * breadth, heading + turn))
            x, y = stalk[place]
            tip = (x + math.cos(heading + turn) * reach * 0.86, y + math.sin(heading + turn) * reach * 0.86)
            veins.line([(x, y), tip], 2.2)
    canvas.stamp(blades, colour)
    canvas.stamp(veins, mix(colour, palette.light, 0.5), 0.8)


def flowers(canvas: Canvas, palette: Palette) -> None:
    """A meadow of large simple flowers."""
    rng, w, h = canvas.rng, canvas.w, canvas.h
    canvas.wash(mix(palette.light, palette.soft, 0.6), palette.light)
    canvas.disc(w * rng.uniform(0.25, 0.75), h * 0.3, 200, mix(palette.second, palette.light, 0.35))
    count = max(6, min(30, round(w / 95)))
    for number in sorted(range(count), key=lambda _: rng.random()):
        x, tall = w * (number + rng.uniform(0.1, 0.9)) / count, h * rng.uniform(0.25, 0.78)
        stalk = stem(x, h + 10, tall, -math.pi / 2 + rng.uniform(-0.12, 0.12), rng.uniform(-0.3, 0.3))
        green = rng.choice((palette.deep, palette.mid, palette.ink))
        sheet = canvas.sheet()
        sheet.line(stalk, 7)
        for place in (5, 9, 13):
            sheet.polygon(leaf(*stalk[place], 130, 38, -math.pi / 2 + rng.choice((-0.8, 0.8))))
        canvas.stamp(sheet, green)
        _bloom(canvas, palette, stalk[-1], rng.uniform(55, 105))


def _bloom(canvas: Canvas, palette: Palette, place: Point, size: float) -> None:
    rng = canvas.rng
    colour = rng.choice((palette.accent, palette.accent, palette.second, palette.mid, palette.light))
    petals, start = rng.choice((6, 8, 12)), rng.random()
    for layer, reach in ((0.0, 1.0), (0.5, 0.7)):
        sheet = canvas.sheet((place[0] - size, place[1] - size, place[0] + size, place[1] + size))
        for petal in range(petals):
            angle = start + (petal + layer) * math.tau / petals
            sheet.polygon(leaf(*place, size * reach, size * reach * 4.2 / petals, angle))
        canvas.stamp(sheet, mix(colour, palette.deep, 0.3 * layer))
    canvas.disc(*place, size * 0.2, palette.ink if colour != palette.mid else palette.second)
