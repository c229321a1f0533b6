"""What one reply costs a worker: base64 in a file on disk to originals, thumbnails and placeholders.

Run `.venv/bin/python benchmarks/ingest.py [repeats]`. Every figure comes from a fresh process that has seen one tiny
picture before, so that peak memory is that reply's own and nothing is measured that only the first reply pays. The
naive way is the one found in most clients: `response.json()`, `b64decode`, and for each thumbnail open, decode and
`thumbnail()`, one after the other, into the same WebP quality.
"""

import base64
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402
from PIL import Image, ImageChops  # noqa: E402

from generator.imaging.thumbnails import WIDTHS, Picture, render_all  # noqa: E402
from generator.replies.payload import split  # noqa: E402
from generator.replies.spelling import decode  # noqa: E402

CASES = {"4 x 2048² PNG": (4, 2048, "PNG"), "4 x 2048² JPEG": (4, 2048, "JPEG"), "1 x 1024² PNG": (1, 1024, "PNG")}
TARGET_CASE = "4 x 2048² PNG"
TARGETS = {"wall": ("ratio", 0.25), "cpu": ("ratio", 0.4), "peak": ("MiB", 50)}
MEASURES = {"wall": ("wall", "ms"), "cpu": ("CPU", "ms"), "peak": ("peak above idle", "MiB")}
MAX_PIXELS = 2048 * 2048


def naive(reply: Path, folder: Path) -> None:
    response = requests.Response()
    response.status_code = 200
    with reply.open("rb") as response.raw:
        files = response.json()["files"]
    for index, text in enumerate(files):
        original = folder / f"{index}.original"
        original.write_bytes(base64.b64decode(text))
        for width in WIDTHS:
            with Image.open(original) as image:
                image.thumbnail((width, width))
                image.save(folder / f"{index}.{width}.webp", quality=82, method=2)


def ours(reply: Path, folder: Path) -> None:
    items: list[tuple[Path, Callable[[int], Path]]] = []
    for index, span in enumerate(split(reply).spans):
        original = folder / f"{index}.original"
        decode(reply, span, original, 2**28)
        items.append((original, lambda width, index=index: folder / f"{index}.{width}.webp"))  # type: ignore[misc]
    assert all(isinstance(result, Picture) for result in render_all(items, MAX_PIXELS))


WAYS = {"naive": naive, "ours": ours}


def picture(side: int, seed: int) -> Image.Image:
    """Gradients under grain: about 6 MB as a 2048² PNG, as real pictures are."""
    turned = Image.linear_gradient("L").rotate(90 * seed).resize((side, side))
    base = Image.merge("RGB", (turned, Image.radial_gradient("L").resize((side, side)), turned.rotate(90)))
    grain = Image.effect_noise((side, side), 10)
    return ImageChops.add(base, Image.merge("RGB", (grain, grain, grain)), 1, -128)


def write_reply(path: Path, count: int, side: int, format_: str) -> None:
    files = []
    for seed in range(count):
        sink = io.BytesIO()
        picture(side, seed).save(sink, format_, **({"quality": 95} if format_ == "JPEG" else {}))
        files.append(base64.b64encode(sink.getvalue()).decode())
    path.write_text(json.dumps({"id": "imagen_x", "created": 1753881206, "files": files, "usage": 152}))


def measure(way: str, reply: Path, tiny: Path) -> dict[str, float]:
    """In this process, once: wall and CPU in milliseconds, peak memory above what it was before, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        WAYS[way](tiny, Path(folder))
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
        idle, wall, cpu = _memory("VmRSS"), time.perf_counter(), time.process_time()
        WAYS[way](reply, Path(folder))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": wall * 1e3, "cpu": cpu * 1e3, "peak": (_memory("VmHWM") - idle) / 1024}


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def in_fresh_process(way: str, reply: Path, tiny: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", way, str(reply), str(tiny)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return result


def report(case: str, samples: dict[str, list[dict[str, float]]]) -> None:
    for measure_, (name, unit) in MEASURES.items():
        medians = {}
        for way, runs in samples.items():
            values = sorted(run[measure_] for run in runs)
            medians[way] = statistics.median(values)
            high = values[min(len(values) - 1, round(0.95 * len(values)))]
            ratio = f"{medians[way] / medians['naive']:.2f}"
            print(f"| {case} | {name}, {unit} | {way} | {medians[way]:.0f} | {high:.0f} | {ratio} |")
        if case == TARGET_CASE:
            kind, limit = TARGETS[measure_]
            reached = medians["ours"] / medians["naive"] if kind == "ratio" else medians["ours"]
            verdict = "met" if reached <= limit else "MISSED"
            print(f"| | target for {name}: {kind} at most {limit} | | {reached:.2f} | | {verdict} |")


def main(repeats: int) -> None:
    print(f"{os.cpu_count()} cores, Pillow {Image.__version__}, {repeats} fresh processes a figure")
    print(f"load before: {os.getloadavg()[0]:.1f} (on a busy machine the wall times say little)")
    print("| reply | measure | way | median | p95 | ratio |\n| --- | --- | --- | --- | --- | --- |")
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        tiny, reply = Path(folder) / "tiny.json", Path(folder) / "reply.json"
        write_reply(tiny, 1, 64, "PNG")
        for case, (count, side, format_) in CASES.items():
            write_reply(reply, count, side, format_)
            rounds = [{way: in_fresh_process(way, reply, tiny) for way in WAYS} for _ in range(repeats)]
            report(case, {way: [one[way] for one in rounds] for way in WAYS})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 7)
