"""A process of its own for one picture that wants much memory or time: started by `subprocess_decode` and nothing else.

Large pictures take tens of bytes a pixel. The decoders of all formats but PNG and JPEG hold the whole file and often
several whole pictures; and an AVIF may hold a far larger one than it says. Here they meet limits of memory and time
that a thread cannot be given, and all of it goes back to the system. Here, too, files are mended, and lost copies made
again. Before the first byte of the picture is looked at, the process walls itself in (`walls`).

    python -m generator.imaging.decode_child PICTURE MAX_PIXELS SECONDS {"320": "thumbnail.webp", ...}

prints one JSON object: the `picture`, or why it is `refused`, or the `disk` error [errno, text]. Without arguments it
prints which of the walls hold here.
"""

import json
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import PIL.AvifImagePlugin

from generator.imaging import walls
from generator.imaging.formats import formats_of, lack_of, loaded
from generator.imaging.subprocess_decode import ImagingReason
from generator.imaging.thumbnails import MENDABLE, ImagingError, Picture, render_here, render_mended

_BASE = 512 * 2**20
_PER_PIXEL = 24
_MOST = 4 * 2**30
# Of a copy: more than any WebP takes of so many pixels.
_LEAST_FILE, _BYTES_PER_PIXEL = 2**20, 8
_UNSHOWABLE: ImagingReason = "unshowable"


def render(path: Path, max_pixels: int, thumbs: dict[int, Path]) -> dict[str, Any]:
    """What is to be printed."""
    try:
        return {"picture": asdict(_rendered(path, max_pixels, thumbs))}
    except ImagingError as error:
        return {"refused": error.reason}
    except MemoryError:
        return {"refused": "memory"}
    except OSError as error:
        return {"disk": [error.errno, error.strerror]} if error.errno else {"refused": _UNSHOWABLE}
    except Exception:  # noqa: BLE001 (a picture that cannot be shown, for whatever reason, is not tried for ever)
        return {"refused": _UNSHOWABLE}


def _rendered(path: Path, max_pixels: int, thumbs: dict[int, Path]) -> Picture:
    said = formats_of(path)
    formats = loaded(said)
    if not formats:
        raise ImagingError(lack_of(said))
    try:
        return render_here(path, thumbs, max_pixels, formats)
    except ImagingError as error:
        if error.reason not in MENDABLE:
            raise
    return render_mended(path, thumbs, max_pixels, formats)


def limit(max_pixels: int, seconds: int) -> None:
    """Bounds for all that this process will do: bytes of address space, seconds of the processor, no core file."""
    memory = min(_BASE + _PER_PIXEL * max_pixels, _MOST)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    PIL.AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the limit is of all threads together


def main(path: str, pixels: str, seconds: str, thumbs: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit(int(pixels), int(seconds))
    named = {int(width): Path(name) for width, name in json.loads(thumbs).items()}
    folders = {thumb.parent for thumb in named.values()}
    for folder in folders:
        with suppress(OSError):  # whoever writes into it will say so
            folder.mkdir(parents=True, exist_ok=True)
    walls.put_up([Path(path)], folders, _LEAST_FILE + _BYTES_PER_PIXEL * int(pixels))
    json.dump(render(Path(path), int(pixels), named), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else json.dump(walls.standing(), sys.stdout)
