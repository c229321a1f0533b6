"""What pages show in a picture's place: copies as WebP, and a tiny one that is part of the page."""

import os
import threading
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image

_QUALITY = 82
_METHOD = 2  # of 0 to 6: a third of the time that the usual 4 takes, for files as small
_PLACEHOLDER = (16, 48)
_OPAQUE = 255
_GREY = (137, 137, 137, 255)  # of the pattern that transparent pictures stand on


@dataclass(frozen=True)
class Picture:
    """What a file turned out to be. Pixels as displayed; `placeholder` is a data URI of a WebP 16 pixels wide.

    It is `transparent` if something can be seen through it, and `damaged` if some of its pixels are not in the file. Of
    its `fingerprint` and `colours` see generator.imaging.fingerprint and generator.imaging.palette.
    """

    format: str
    extension: str
    width: int
    height: int
    placeholder: str
    transparent: bool = False
    damaged: bool = False
    fingerprint: int | None = None
    colours: str = ""

    @property
    def looks(self) -> dict[str, Any]:
        """What is known by a look at the pixels, as columns of its row."""
        return {
            "placeholder": self.placeholder,
            "is_transparent": self.transparent,
            "fingerprint": self.fingerprint,
            "colours": self.colours,
        }


def solid(image: Image.Image) -> Image.Image:
    """RGB, or RGBA if something really can be seen through it."""
    if image.mode != "RGBA" or image.getchannel("A").getextrema()[0] != _OPAQUE:
        return image
    return image.convert("RGB")


def on_grey(image: Image.Image) -> Image.Image:
    """One of which nothing can be seen through: on the grey of the pattern that pages show behind it."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, _GREY), image).convert("RGB")


def write(image: Image.Image, dest: Path) -> None:
    """Whole or not at all, whoever else writes the same copy at the same moment."""
    dest.parent.mkdir(parents=True, exist_ok=True)
    part = dest.with_name(f"{dest.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            # Given the file itself, Pillow would take half a write, to a disk that becomes full, for a whole one.
            sink: Any = SimpleNamespace(write=file.write, flush=file.flush)
            image.save(sink, "WEBP", quality=_QUALITY, method=_METHOD)
        part.replace(dest)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def placeholder(image: Image.Image) -> str:
    """A data URI of a WebP 16 pixels wide; what can be seen through is grey in it."""
    width, limit = _PLACEHOLDER
    height = min(max(1, round(image.height * width / image.width)), limit)
    tiny = on_grey(image.resize((width, height), Image.Resampling.BOX))
    sink = BytesIO()
    tiny.save(sink, "WEBP", quality=40, method=4)
    return f"data:image/webp;base64,{b64encode(sink.getvalue()).decode()}"
