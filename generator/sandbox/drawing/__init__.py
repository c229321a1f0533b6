"""Pictures drawn from a prompt: the same prompt, model and number always give the same bytes.

The words of the prompt choose the subject and the colours; what they leave open is decided by their digest. Every
picture carries a small mark in its corner and a comment in its file, because it must never pass for a model's work.
"""

from __future__ import annotations

import hashlib
import io
import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont, PngImagePlugin

from generator.sandbox.drawing.canvas import Canvas
from generator.sandbox.drawing.palette import palette_for
from generator.sandbox.drawing.subjects import FIGURES, STYLES, style_for
from generator.sandbox.drawing.words import words_of

COMMENT = "Vitrine sandbox picture"
MARK = "SANDBOX"

# Larger pictures are painted at this many pixels and enlarged: time grows with the painting, not with the paper.
_PAINTED_PIXELS = 1_600_000
_SMALLEST_SIDE = 64


# People who practise ask for the same again; a megabyte each.
@lru_cache(maxsize=16)
def draw(prompt: str, model: str, number: int, size: tuple[int, int], kind: str) -> bytes:
    """A picture file of exactly `size` (width, height in pixels); `kind` is "PNG" or "JPEG"."""
    picture = paint(prompt, model, number, size)
    out = io.BytesIO()
    if kind == "JPEG":
        picture.save(out, "JPEG", quality=90, comment=COMMENT.encode())
    else:
        facts = PngImagePlugin.PngInfo()
        facts.add_text("Comment", COMMENT)
        picture.save(out, "PNG", pnginfo=facts, compress_level=3)
    return out.getvalue()


def paint(prompt: str, model: str, number: int, size: tuple[int, int]) -> Image.Image:
    """The picture itself, before it becomes a file."""
    words = words_of(prompt)
    rng = _random(prompt, model, str(number))
    # The style does not depend on the number: four pictures of one prompt are four views of one subject.
    style = style_for(words) or _random(prompt).choice(STYLES)
    canvas = Canvas(*_painted_size(size), rng)
    style(canvas, palette_for(words, rng, figure=style in FIGURES))
    picture = canvas.image
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return _marked(_grained(picture, rng))


def _random(*parts: str) -> Random:
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
    return Random(digest)  # noqa: S311 - the point is to be repeatable # nosec B311


def _painted_size(size: tuple[int, int]) -> tuple[int, int]:
    width, height = (max(side, _SMALLEST_SIDE) for side in size)
    shrink = min(1.0, math.sqrt(_PAINTED_PIXELS / (width * height)))
    return max(_SMALLEST_SIDE, round(width * shrink)), max(_SMALLEST_SIDE, round(height * shrink))


def _grained(picture: Image.Image, rng: Random) -> Image.Image:
    """A little grain, as of ink on paper; it also hides the steps of a gradient."""
    width, height = picture.size
    noise = Image.frombytes("L", picture.size, rng.randbytes(width * height)).point([v // 24 for v in range(256)])
    return ImageChops.add(picture, Image.merge("RGB", (noise, noise, noise)), 1, -5)


def _marked(picture: Image.Image) -> Image.Image:
    """The word in the lower right corner; pictures too small for it get a dot."""
    width, height = picture.size
    short = min(width, height)
    text = max(7, round(short * 0.0165))
    margin = max(1, round(short * 0.022))
    pen = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.load_default(text)
    gap = text * 0.16
    widths = [font.getlength(letter) for letter in MARK]
    pad, long = text * 0.55, sum(widths) + gap * (len(MARK) - 1)
    if long + 2 * (pad + margin) > width or text + 2 * (pad + margin) > height:
        pen.rectangle((max(0, width - 2), max(0, height - 2), width - 1, height - 1), fill=(255, 255, 255, 160))
        return picture
    x, y = width - margin - pad - long, height - margin - pad - text / 2
    box = (x - pad, y - text / 2 - pad * 0.6, x + long + pad, y + text / 2 + pad * 0.6)
    pen.rounded_rectangle(box, radius=(box[3] - box[1]) / 2, fill=(10, 12, 20, 60))
    for letter, wide in zip(MARK, widths, strict=True):
        pen.text((x, y), letter, font=font, fill=(255, 255, 255, 215), anchor="lm")
        x += wide + gap
    return picture
