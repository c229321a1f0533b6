"""The worst of them in processes of their own: seconds, and memory above what the process had before.

Pictures of the API's own sizes stay within 50 MiB, larger ones hardly use any here and less than 300 in a process of
their own. Sixteen files, the most that are taken of one reply, are bounded like one.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.generator.hostile import measure
from tests.generator.hostile.files import (
    MB,
    SIZE,
    avif_that_says,
    bomb,
    chunk,
    encoded,
    jpeg,
    jpeg_passes,
    png,
    webp_with,
)

SECONDS = 10
LARGE = (5472, 3648)
APP = b"\xff\xe5\xff\xff" + bytes(65_533)

# What each costs a decoder that is given the file as it is: seconds, and MiB, on the machine where they were found.
FILES: dict[str, tuple[Callable[[], bytes], int]] = {
    "150 MiB in one chunk": (lambda: png(chunk(b"aaAa", bytes(150 * MB))), 25),  # 300 MiB
    "150 MiB in chunks behind the pixels": (lambda: png(after=chunk(b"aaAa", bytes(MB)) * 150), 25),  # 150 MiB
    "13 million empty chunks": (lambda: png(chunk(b"aaAa") * (150 * MB // 12)), 25),  # 78 s, 1507 MiB
    "13 million empty chunks of pixels": (lambda: png(chunk(b"IDAT") * (150 * MB // 12)), 25),  # 24 s
    "150 MiB behind the picture": (lambda: png(more=bytes(150 * MB)), 25),  # 150 MiB
    "3 million texts": (lambda: png(chunk(b"tEXt", b"k\0") * 3_000_000), 25),  # 12 s
    "texts of 63 MiB in 66 kB": (
        lambda: png(*(chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(MB - 9))) for n in range(63))),
        25,
    ),  # 65 MiB
    "26 million segments": (lambda: jpeg(b"\xff\xe5\0\2" * (25 * MB)), 25),  # 57 s, 3413 MiB
    "150 MiB of segments": (lambda: jpeg(APP * (150 * MB // len(APP))), 25),  # 150 MiB
    "100 MiB of padding": (lambda: jpeg(b"\xff" * (100 * MB)), 25),  # 7 s
    "80 passes": (lambda: jpeg_passes(80, (2000, 2000)), 25),
    "a bomb": (bomb, 5),
    "150 MiB behind a WebP": (lambda: webp_with(bytes(150 * MB)), 5),  # 300 MiB
    "an AVIF 2500 times as large as it says": (lambda: avif_that_says(SIZE, (3200, 2400)), 5),
}
REPLIES: dict[str, Callable[[int], bytes]] = {
    "a million empty texts": lambda mib: b'{"files": [' + b'"",' * (80 * mib) + b'""]}',
    "escapes": lambda mib: b'{"files": ["' + b"\\u0041" * (40 * mib) + b'"]}',
    "spaces": lambda mib: b'{"files": ["' + b"A \n " * (64 * mib) + b'"]}',
    "half a text": lambda mib: b'{"files": ["' + b"A" * (255 * mib),
    "backslashes": lambda mib: b'{"x": "' + b"\\\\" * (120 * mib) + b'"}',
    "brackets": lambda mib: b"[" * (250 * mib),
    "a long id": lambda mib: b'{"id": "' + b"x" * (250 * mib) + b'"}',
    "many fields": lambda mib: b"{" + b'"files":[],' * (90 * mib // 1024) + b'"x":1}',
}


def cost(kind: str, data: bytes, path: Path) -> dict[str, Any]:
    """See `measure`."""
    path.write_bytes(data)
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, measure.__file__, kind, path], capture_output=True, check=True, timeout=60, env={}
    )
    path.unlink()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_costs_little_time_and_memory(tmp_path: Path, name: str) -> None:
    make, mib = FILES[name]
    found = cost("picture", make(), tmp_path / "picture")
    assert found["child_mib"] < 512, found
    assert found["seconds"] < SECONDS, found
    assert found["mib"] < mib, found


# What sixteen at once would cost if each were only bounded by itself.
SIXTEEN: dict[str, tuple[Callable[[], bytes], int]] = {
    "200,000 empty chunks": (lambda: png(chunk(b"aaAa") * 200_000), 25),  # 11 s, 184 MiB
    "8 MiB of segments": (lambda: jpeg(APP * 100), 40),  # 127 MiB
    "texts of 8 MiB": (
        lambda: png(*(chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(MB - 9))) for n in range(9))),
        40,
    ),  # 161 MiB
    "an AVIF of 64 megapixels": (lambda: avif_that_says(SIZE, (8000, 8000)), 5),  # 14 s
    "30 passes": (lambda: jpeg_passes(20, (2048, 2048)), 50),
}


# The one of them that costs the most by far is told with everything.
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.exhaustive) if "AVIF" in name else name for name in SIXTEEN]
)
def test_sixteen_hostile_files_in_one_reply_cost_little_time_and_memory(tmp_path: Path, name: str) -> None:
    make, mib = SIXTEEN[name]
    found = cost("pictures", make(), tmp_path / "picture")
    assert found["child_mib"] < 512, found
    assert found["seconds"] < SECONDS, found
    assert found["mib"] < mib, found


@pytest.mark.parametrize("name", REPLIES)
def test_a_large_hostile_reply_costs_little_time_and_memory(tmp_path: Path, name: str, everything: bool) -> None:
    """Of some 250 MiB, if everything is asked for; and of a fifth of that otherwise."""
    found = cost("reply", REPLIES[name](MB if everything else MB // 5), tmp_path / "reply")
    assert found["seconds"] < SECONDS, found
    assert found["mib"] < 25, found


def noisy(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Noise for a quarter of the picture: as much as any real one has."""
    image = Image.new(mode, size)
    few = (size[0] // 2, size[1] // 2)
    image.paste(Image.frombytes("L", few, random.Random(7).randbytes(few[0] * few[1])).convert(mode))
    return image


@pytest.mark.parametrize(
    ("size", "mode", "format_", "options", "mib"),
    [
        ((2048, 2048), "RGB", "PNG", {"compress_level": 1}, 50),
        ((2048, 2048), "RGBA", "PNG", {"compress_level": 1}, 50),
        ((2048, 2048), "RGB", "JPEG", {}, 50),
        ((2048, 2048), "RGB", "JPEG", {"progressive": True, "subsampling": 0}, 50),
        ((1344, 3168), "RGB", "JPEG", {}, 50),
        ((1280, 4096), "RGBA", "PNG", {"compress_level": 1}, 50),
        ((2048, 2048), "RGB", "WEBP", {"method": 0}, 5),
        ((2048, 2048), "RGB", "AVIF", {"speed": 10}, 5),
        (LARGE, "RGB", "PNG", {"compress_level": 1}, 5),
        pytest.param(LARGE, "RGBA", "PNG", {"compress_level": 1}, 5, marks=pytest.mark.exhaustive),
        (LARGE, "RGB", "JPEG", {}, 5),
        pytest.param(LARGE, "CMYK", "JPEG", {}, 5, marks=pytest.mark.exhaustive),
        pytest.param(LARGE, "RGB", "JPEG", {"progressive": True}, 5, marks=pytest.mark.exhaustive),
        (LARGE, "RGB", "WEBP", {"method": 0}, 5),
        pytest.param(LARGE, "RGB", "AVIF", {"speed": 10}, 5, marks=pytest.mark.exhaustive),
    ],
)
def test_an_honest_picture_is_kept_within_bounds(
    tmp_path: Path, size: tuple[int, int], mode: str, format_: str, options: dict[str, Any], mib: int
) -> None:
    data = encoded(noisy(size, mode), format_, **options)
    found = cost("picture", data, tmp_path / "picture")
    assert found["came"] == format_
    assert found["seconds"] < SECONDS, found
    assert found["mib"] < mib, found
    assert found["child_mib"] < 512, found
    if os.environ.get("SHOW_COSTS"):
        print(size, mode, format_, options, found)  # noqa: T201
