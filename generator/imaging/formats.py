"""What a file may be by its first bytes, and which decoders that takes.

PNG and JPEG are decoded piece by piece; the decoders of all others want the whole file, and are only let at it in a
process of its own. Those are loaded when a file asks for them. HEIC and JPEG XL need packages that need not be there.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from generator.imaging.subprocess_decode import ImagingReason

STREAMED = ("PNG", "JPEG")
WHOLE = ("WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000", "HEIF", "JXL")

EXTENSIONS = {
    "PNG": "png", "JPEG": "jpg", "WEBP": "webp", "AVIF": "avif", "GIF": "gif", "BMP": "bmp",
    "TIFF": "tif", "JPEG2000": "jp2", "HEIF": "heic", "JXL": "jxl",
}  # fmt: skip

_SIGNATURES: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (b"\x89PNG\r\n\x1a\n", ("PNG",)),
    (b"\xff\xd8\xff", ("JPEG",)),
    (b"RIFF", ("WEBP",)),
    (b"GIF8", ("GIF",)),
    (b"BM", ("BMP",)),
    (b"II*\0", ("TIFF",)),
    (b"MM\0*", ("TIFF",)),
    (b"\0\0\0\x0cjP  ", ("JPEG2000",)),
    (b"\xff\x4f\xff\x51", ("JPEG2000",)),
    (b"\0\0\0\x0cJXL ", ("JXL",)),
    (b"\xff\x0a", ("JXL",)),
)
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")  # of a HEIC; `mif1` may be that or an AVIF
_PLUGINS = {
    "WEBP": "PIL.WebPImagePlugin", "AVIF": "PIL.AvifImagePlugin", "GIF": "PIL.GifImagePlugin",
    "BMP": "PIL.BmpImagePlugin", "TIFF": "PIL.TiffImagePlugin", "JPEG2000": "PIL.Jpeg2KImagePlugin",
    "HEIF": "pillow_heif", "JXL": "pillow_jxl",
}  # fmt: skip
_WITHOUT: dict[str, ImagingReason] = {"HEIF": "heic", "JXL": "jxl"}


def formats_of(path: Path) -> tuple[str, ...]:
    """What the file may be: one or two formats, none if it begins like nothing that is taken. OSError as the disk."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return ("HEIF",) if head[8:12] in _BRANDS else ("AVIF", "HEIF")
    return next((formats for signature, formats in _SIGNATURES if head.startswith(signature)), ())


def is_streamed(formats: tuple[str, ...]) -> bool:
    return set(formats) <= set(STREAMED)


def loaded(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these formats whose decoder is here, and is loaded now."""
    return tuple(name for name in formats if name in STREAMED or _load(name))


def lack_of(formats: tuple[str, ...]) -> ImagingReason:
    """Why none of these formats can be decoded."""
    return next((_WITHOUT[name] for name in formats if name in _WITHOUT), "format")


def _load(name: str) -> bool:
    try:
        module = import_module(_PLUGINS[name])
    except ImportError:
        return False
    if name == "HEIF":  # registers nothing by itself
        module.register_heif_opener()
    return True
