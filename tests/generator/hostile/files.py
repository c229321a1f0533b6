"""Picture files that no honest program writes, and the odd ones that some do. Drawn in memory."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

MB = 2**20
SIZE = (64, 48)
PNG = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND\xaeB`\x82"
PIXELS = (b"\0" + b"\x10\x80\x70" * SIZE[0]) * SIZE[1]


def picture(format_: str = "PNG", size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    return encoded(Image.new("RGB", size, "teal"), format_, **options)


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    sink = BytesIO()
    image.save(sink, format_, **options)
    return sink.getvalue()


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*before: bytes, pixels: bytes = PIXELS, more: bytes = b"", after: bytes = b"", **shape: int) -> bytes:
    """A PNG of the usual size with chunks before its pixels, bytes behind them in their chunk, and chunks after."""
    header = shape.get("width", SIZE[0]), shape.get("height", SIZE[1]), shape.get("depth", 8), shape.get("kind", 2)
    ihdr = struct.pack(">IIBBBBB", *header, 0, 0, 0)
    return PNG + chunk(b"IHDR", ihdr) + b"".join(before) + chunk(b"IDAT", zlib.compress(pixels) + more) + after + END


def bomb() -> bytes:
    """30000 x 30000 pixels, 900 megapixels of zeros, in about 100 kB."""
    squeeze = zlib.compressobj(9)
    first, again = (squeeze.compress(bytes(MB)) + squeeze.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    checksum = 95 * MB % 65521 << 16 | 1  # the Adler-32 of so many zeros
    data = first + again * 94 + b"\3\0" + struct.pack(">I", checksum)
    return PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)) + chunk(b"IDAT", data) + END


def jpeg(before: bytes = b"", **options: Any) -> bytes:
    """A JPEG with bytes between its first marker and the next."""
    return b"\xff\xd8" + before + picture("JPEG", **options)[2:]


def jpeg_passes(count: int, size: tuple[int, int] = SIZE) -> bytes:
    """A progressive JPEG whose last pass is said again and again, each on the border of two blocks of 256 KiB."""
    whole = picture("JPEG", size, progressive=True)
    start = whole.rindex(b"\xff\xda")
    (length,) = struct.unpack(">H", whole[start + 2 : start + 4])
    data = bytearray(whole[:-2])
    for _ in range(count):
        data += _comments(-(len(data) + 1) % 2**18) + whole[start : start + 2 + length] + b"\0"
    return bytes(data) + b"\xff\xd9"


def jpeg_plain_passes(count: int, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG that is not progressive, and yet says each of its colours by itself, and again and again."""
    whole = encoded(Image.new("L", size, 99), "JPEG")
    frame, start = whole.index(b"\xff\xc0"), whole.index(b"\xff\xda")
    colours = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    header = b"\xff\xc0" + struct.pack(">H", 17) + whole[frame + 4 : frame + 9] + b"\3" + colours
    passes = (b"\xff\xda\0\x08\1" + bytes([n % 3 + 1, 0, 0, 63, 0]) + whole[start + 10 : -2] for n in range(count))
    return whole[:frame] + header + whole[frame + 13 : start] + b"".join(passes) + b"\xff\xd9"


def _comments(size: int) -> bytes:
    parts = []
    while size:
        part = size if size <= 60_000 else min(60_000, size - 4)
        parts.append(b"\xff\xfe" + struct.pack(">H", part - 2) + bytes(part - 4))
        size -= part
    return b"".join(parts)


def webp_with(data: bytes) -> bytes:
    body = picture("WEBP", lossless=True)[12:] + b"JUNK" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def avif_that_says(claimed: tuple[int, int], size: tuple[int, int]) -> bytes:
    data = picture("AVIF", size, speed=10)
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", *claimed) + data[place + 8 :]


def rotated(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture("JPEG", exif=exif)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0>\0" + bytes(500)

# Refused by their header or their pixels; the words are those of the sentence.
REFUSED = {
    "cut png": (picture()[:60], "damaged or cut off"),
    "cut jpeg": (picture("JPEG")[:-200], "damaged or cut off"),
    "cut webp": (picture("WEBP")[:34], "damaged or cut off"),
    "svg": (SVG, "The file is not a picture"),
    "program": (PROGRAM, "The file is not a picture"),
    "html": (b"<html><body>quota</body></html>", "The file is not a picture"),
    "ico": (picture("ICO"), "The file is not a picture"),
    "film": (b"\0\0\0\x18ftypisom" + bytes(99), "The file is not a picture"),
    "bomb": (bomb(), "more pixels than are allowed"),
    "bomb in webp": (b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\x3f\0\xff\x3f\0" + bytes(44), "more pixels"),
    "passes": (jpeg_passes(40), "far too many passes"),
    "plain passes": (jpeg_plain_passes(40), "far too many passes"),
    "padding": (jpeg(b"\xff" * 2**19), "far more than a picture"),
    "tiny chunks": (png(chunk(b"aaAa") * 2**17), "far more than a picture"),
    "tiny chunks behind": (png(after=chunk(b"aaAa") * 2**18), "far more than a picture"),
    "large chunks": (png(after=chunk(b"aaAa", bytes(MB)) * 9), "far more than a picture"),
    "behind the pixels": (png(more=bytes(2 * MB)), "far more than a picture"),
    "frame": (png(after=chunk(b"fdAT", bytes(33 * MB))), "far more than a picture"),
    "segments": (jpeg((b"\xff\xe5\xff\xff" + bytes(65_533)) * 130), "far more than a picture"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(99), "a HEIC, which cannot be read here"),
    "jpeg xl": (b"\xff\x0a" + bytes(99), "a JPEG XL, which cannot be read here"),
}
_FRAMES = {"save_all": True, "append_images": [Image.new("RGB", SIZE, "red")]}
# Kept, byte for byte: format, and size as displayed.
KEPT = {
    "png": (picture(), "png", SIZE),
    "jpeg": (picture("JPEG"), "jpg", SIZE),
    "turned": (rotated(6), "jpg", SIZE[::-1]),
    "upside down": (rotated(3), "jpg", SIZE),
    "cmyk": (encoded(Image.new("CMYK", SIZE), "JPEG"), "jpg", SIZE),
    "16 bits": (png(pixels=(b"\0" + b"\x10\x20\x80\x90\x70\x60" * SIZE[0]) * SIZE[1], depth=16), "png", SIZE),
    "16 bits of grey": (encoded(Image.new("I;16", SIZE, 9000), "PNG"), "png", SIZE),
    "palette": (encoded(Image.new("P", SIZE, 3), "PNG", transparency=b"\0\x40\x80\xff"), "png", SIZE),
    "alpha": (encoded(Image.new("RGBA", SIZE, (9, 9, 9, 9)), "PNG"), "png", SIZE),
    "damaged profile": (picture(icc_profile=b"no profile"), "png", SIZE),
    "animated png": (picture(**_FRAMES), "png", SIZE),
    "animated webp": (picture("WEBP", **_FRAMES), "webp", SIZE),
    "avif": (picture("AVIF"), "avif", SIZE),
    "two jpegs in one": (picture("MPO", **_FRAMES), "jpg", SIZE),
    "webp with much behind": (webp_with(bytes(MB)), "webp", SIZE),
    "large metadata": (png(chunk(b"caBX", bytes(4 * MB))), "png", SIZE),
    "many passes": (jpeg_passes(15), "jpg", SIZE),
    "three plain passes": (jpeg_plain_passes(3), "jpg", SIZE),
    "gif": (picture("GIF"), "gif", SIZE),
    "bmp": (picture("BMP"), "bmp", SIZE),
    "tiff": (picture("TIFF"), "tif", SIZE),
    "jpeg 2000": (picture("JPEG2000"), "jp2", SIZE),
    "texts": (png(*(chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(MB - 9))) for n in range(9))), "png", SIZE),
    "no end": (picture("JPEG")[:-2], "jpg", SIZE),
}
