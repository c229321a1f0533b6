"""What one file costs the process that develops it, or one answer the process that takes it apart.

    python tests/generator/hostile/measure.py picture|pictures|reply FILE

prints JSON: `seconds` of the processor, `mib` above the size before it, the largest `child_mib`, and what `came` of
it. `pictures` develops the file sixteen times, as those of one reply. The kernel's high-water mark is set back after
everything has been used once. Linux only.
"""

import json
import resource
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent.parent))

from PIL import Image

from generator.imaging.thumbnails import ImagingError, Picture, render, render_all
from generator.replies.payload import split
from generator.replies.receipt import ReplyError, parse
from generator.replies.spelling import decode
from generator.replies.windows import PayloadError

MAX_PIXELS = 20_000_000


def cpu_seconds() -> float:
    """Of this process and its children: a busy machine is not the file's fault."""
    ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in ended)


def memory(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def picture(path: Path, folder: Path) -> str:
    try:
        return render(path, lambda width: folder / f"{width}.webp", MAX_PIXELS).format
    except ImagingError as error:
        return error.reason


def pictures(path: Path, folder: Path) -> str:
    items = [(path, lambda width, n=n: folder / f"{n}.{width}.webp") for n in range(16)]  # type: ignore[misc]
    results = render_all(items, MAX_PIXELS)
    return ", ".join(sorted({result.format if isinstance(result, Picture) else result.reason for result in results}))


def reply(path: Path, folder: Path) -> str:
    try:
        found = split(path)
        parse(found.skeleton)
        for span in found.spans:
            with suppress(PayloadError):
                decode(path, span, folder / "file", span.length)
    except (PayloadError, ReplyError) as error:
        return error.reason
    return f"{len(found.spans)} pictures"


def main(kind: str, path: Path) -> None:
    act = {"picture": picture, "pictures": pictures, "reply": reply}[kind]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for form in ("PNG", "JPEG", "WEBP", "AVIF"):
            Image.new("RGB", (64, 48), "teal").save(folder / "warm", form)
            picture(folder / "warm", folder)
        Path("/proc/self/clear_refs").write_text("5")
        before, start = memory("VmRSS"), cpu_seconds()
        came = act(path, folder)
        seconds = cpu_seconds() - start
        mib = memory("VmHWM") - before
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        json.dump({"seconds": seconds, "mib": mib, "child_mib": child, "came": came}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
