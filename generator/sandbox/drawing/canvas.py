"""A sheet of paper measured in units, so that one drawing fits every size and shape.

The short side is always 1000 units long; a 16:9 picture is about 1778 by 1000. Masks are drawn twice as large as the
picture and reduced, which is what makes edges smooth.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from generator.sandbox.drawing.palette import mix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from generator.sandbox.drawing.palette import Colour

Point = tuple[float, float]

OVER = 2


class Sheet:
    """A mask in the making: white where paint will go. All measures are units of the canvas it belongs to."""

    def __init__(self, canvas: Canvas, box: tuple[int, int, int, int]) -> None:
        self.box = box
        self._scale = canvas.unit * OVER
        self._left, self._top = box[0] * OVER, box[1] * OVER
        size = ((box[2] - box[0]) * OVER, (box[3] - box[1]) * OVER)
        self.image = Image.new("L", size, 0)
        self._draw = ImageDraw.Draw(self.image)

    def _place(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._scale - self._left, y * self._scale - self._top) for x, y in points]

    def polygon(self, points: Sequence[Point], ink: int = 255) -> None:
        if len(points) > 1:
            self._draw.polygon(self._place(points), fill=ink)

    def ellipse(self, x: float, y: float, across: float, down: float, ink: int = 255) -> None:
        """An ellipse around (x, y) with the radii `across` and `down`."""
        (left, top), (right, bottom) = self._place([(x - across, y - down), (x + across, y + down)])
        self._draw.ellipse((left, top, right, bottom), fill=ink)

    def disc(self, x: float, y: float, radius: float, ink: int = 255) -> None:
        self.ellipse(x, y, radius, radius, ink)

    def rectangle(self, x: float, y: float, width: float, height: float, ink: int = 255) -> None:
        (left, top), (right, bottom) = self._place([(x, y), (x + width, y + height)])
        self._draw.rectangle((left, top, max(left, right), max(top, bottom)), fill=ink)

    def bar(self, x: float, y: float, width: float, height: float, ink: int = 255) -> None:
        """A horizontal bar with round ends."""
        (left, top), (right, bottom) = self._place([(x, y), (x + width, y + height)])
        box = (left, top, max(left, right), max(top, bottom))
        self._draw.rounded_rectangle(box, radius=(bottom - top) / 2, fill=ink)

    def line(self, points: Sequence[Point], width: float, ink: int = 255) -> None:
        thickness = max(1, round(width * self._scale))
        self._draw.line(self._place(points), fill=ink, width=thickness, joint="curve")

    def wedge(self, x: float, y: float, radius: float, start: float, end: float, ink: int = 255) -> None:
        """A slice of a disc between two angles in degrees, clockwise from three o'clock."""
        (left, top), (right, bottom) = self._place([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.pieslice((left, top, right, bottom), start, end, fill=ink)

    def mask(self) -> Image.Image:
        return self.image.reduce(OVER)


class Canvas:
    """An RGB picture of `width` x `height` pixels, painted layer by layer; `w` and `h` are its sides in units."""

    def __init__(self, width: int, height: int, rng: Random) -> None:
        self.size = (width, height)
        self.rng = rng
        self.unit = min(width, height) / 1000
        self.w, self.h = width / self.unit, height / self.unit
        self.image = Image.new("RGB", self.size)

    def sheet(self, box: tuple[float, float, float, float] | None = None) -> Sheet:
        """A mask for the whole picture, or for a box (left, top, right, bottom) of it, which is quicker."""
        width, height = self.size
        if box is None:
            return Sheet(self, (0, 0, width, height))
        left, top = (min(max(int(v * self.unit) - 1, 0), m - 1) for v, m in zip(box[:2], self.size, strict=True))
        right, bottom = (math.ceil(v * self.unit) + 1 for v in box[2:])
        return Sheet(self, (left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)))

    def stamp(self, sheet: Sheet, fill: Colour | Image.Image, opacity: float = 1.0) -> None:
        """Paint through the mask of `sheet` with one colour or with another picture of the canvas's size."""
        mask = sheet.mask()
        if opacity < 1:
            mask = mask.point([round(v * opacity) for v in range(256)])
        paint = fill.crop(sheet.box) if isinstance(fill, Image.Image) else fill
        self.image.paste(paint, sheet.box, mask)

    def shape(self, points: Sequence[Point], fill: Colour | Image.Image, opacity: float = 1.0) -> None:
        """One filled polygon."""
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        sheet = self.sheet((min(xs), min(ys), max(xs), max(ys)))
        sheet.polygon(points)
        self.stamp(sheet, fill, opacity)

    def disc(self, x: float, y: float, radius: float, fill: Colour | Image.Image, opacity: float = 1.0) -> None:
        sheet = self.sheet((x - radius, y - radius, x + radius, y + radius))
        sheet.disc(x, y, radius)
        self.stamp(sheet, fill, opacity)

    def fade(self, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
        """A picture of horizontal tints: `stops` are (height in units, colour), from the top down."""
        strip = Image.new("RGB", (1, self.size[1]))
        strip.putdata([_between(stops, row / self.unit) for row in range(self.size[1])])
        return strip.resize(self.size, Image.Resampling.NEAREST)

    def wash(self, *colours: Colour) -> None:
        """Cover the whole canvas with a vertical gradient."""
        last = max(len(colours) - 1, 1)
        self.image.paste(self.fade([(self.h * i / last, colour) for i, colour in enumerate(colours)]))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Light that fades from (x, y) outwards; `strength` from 0 to 1."""
        side = max(2, round(2 * radius * self.unit))
        # 180 is what the gradient holds where its circle touches the sides of the square.
        curve = [round(255 * strength * max(0.0, 1 - v / 180) ** 1.8) for v in range(256)]
        mask = Image.radial_gradient("L").point(curve).resize((side, side), Image.Resampling.BILINEAR)
        corner = (round((x - radius) * self.unit), round((y - radius) * self.unit))
        self.image.paste(colour, (*corner, corner[0] + side, corner[1] + side), mask)

    def clouds(self, cells: float) -> Image.Image:
        """Soft noise as a greyscale picture, about `cells` hills to the short side."""
        field: Image.Image | None = None
        for octave in range(3):
            count = cells * 2**octave
            grid = (max(3, round(count * self.w / 1000)) + 2, max(3, round(count * self.h / 1000)) + 2)
            noise = Image.frombytes("L", grid, self.rng.randbytes(grid[0] * grid[1]))
            layer = noise.resize(self.size, Image.Resampling.BICUBIC, box=(1, 1, grid[0] - 1, grid[1] - 1))
            field = layer if field is None else Image.blend(field, layer, 0.5 / 2**octave)
        assert field is not None  # noqa: S101 - three octaves were laid # nosec B101
        return field

    def mist(self, top: float, bottom: float, colour: Colour, strength: float) -> None:
        """A bank of fog with uneven density between two heights."""
        middle = (top + bottom) / 2
        black, white = (0, 0, 0), (round(255 * strength),) * 3
        band = self.fade([(top, black), (middle, white), (bottom, black)]).convert("L")
        self.image.paste(colour, (0, 0), ImageChops.multiply(band, self.clouds(1.6)))

    def mirror(self, y: float, colour: Colour) -> None:
        """Turn everything below height `y` into still water that reflects what stands above it."""
        line = min(max(round(y * self.unit), 1), self.size[1] - 1)
        depth = min(line, self.size[1] - line)
        strip = self.image.crop((0, line - depth, self.size[0], line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        strip = strip.filter(ImageFilter.BoxBlur((1, max(1, 9 * self.unit))))
        strip = Image.blend(strip, Image.new("RGB", strip.size, colour), 0.22)
        self.image.paste(colour, (0, line, *self.size))
        self.image.paste(strip, (0, line))


def _between(stops: Sequence[tuple[float, Colour]], at: float) -> Colour:
    if at <= stops[0][0]:
        return stops[0][1]
    for (low, first), (high, second) in pairwise(stops):
        if at < high:
            return mix(first, second, (at - low) / (high - low))
    return stops[-1][1]
