"""Pictures whose four quarters tell whether they came out right. Drawn in memory."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

MAX_PIXELS = 4_200_000
DATA = Path(__file__).parent / "data"  # small files that no library writes so, each a card of 400 x 200
QUARTERS = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)]


def drawn(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Red, green, blue and yellow quarters, clockwise from the top left."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (width // 2, height // 2, width, height))
    image.paste("yellow", (0, height // 2, width // 2, height))
    return image.convert(mode)


def encoded(image: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    sink = BytesIO()
    image.save(sink, format_, **options)
    return sink.getvalue()


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours a quarter in from each corner, clockwise from the top left, each channel full or not."""
    near, far = (image.width // 4, image.height // 4), (image.width * 3 // 4, image.height * 3 // 4)
    places = [near, (far[0], near[1]), far, (near[0], far[1])]
    return [tuple(round(channel / 255) for channel in image.convert("RGB").getpixel(p)) for p in places]  # type: ignore[union-attr]


def png(width: int, height: int, pixels: bytes, depth: int = 8) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
