"""Coverage-guided fuzzing of the two doors that bytes from outside go through; `make fuzz RUNS=200000`.

    python tests/fuzz/fuzz.py replies|pictures [-runs=N] [any other option of libFuzzer]

`replies` is split, parsed and decoded, and compared with what `json` and `base64` make of the same bytes; `pictures`
are developed, those that have a process of their own in this one. What is not the parsers' own error is a finding,
and so are ten seconds or two gigabytes for one input. The seeds are drawn at the start; findings are written to the
working directory as `crash-…`.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
with atheris.instrument_imports(include=["generator", "PIL"]):
    from generator.imaging import thumbnails
    from generator.imaging.formats import STREAMED, formats_of, loaded
    from generator.replies import payload, receipt, spelling, windows

from tests.generator.hostile import files  # drawn with the same library: imported after it

Check = Callable[[Path, bytes], None]
FOLDER = Path(tempfile.mkdtemp(prefix="vitrine-fuzz-"))
MAX_PIXELS = 300_000
MAX_FILES = 16
WIDTHS = (32, 64)
OPTIONS = ["-max_len=8192", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]


def check_reply(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    windows.WINDOW = 1 + zlib.crc32(data) % 97  # borders of windows everywhere
    try:
        found = payload.split(path, MAX_FILES)
        said = receipt.parse(found.skeleton)
    except (windows.PayloadError, receipt.ReplyError):
        return
    json.dumps(said.extra, allow_nan=False, ensure_ascii=False).encode()
    raw = [data[span.start : span.start + span.length] for span in found.spans]
    texts = [json.loads(b'"' + text + b'"') for text in raw]
    if (expected := texts_of(data)) is not None and len(texts) < MAX_FILES:
        assert [text for text in expected if text not in texts] == []
    for span in found.spans:
        check_decoded(path, span, data[span.start : span.start + span.length])


def texts_of(data: bytes) -> list[str] | None:
    """The texts of `files`, if Python's own parser takes the reply."""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if data[:1] != b"{":
        return None  # other encodings than UTF-8
    listed = fields.get("files")
    texts = [text for text in (listed if isinstance(listed, list) else [listed]) if isinstance(text, str)]
    return [text for text in texts if "http" not in text.lower()]


def check_decoded(path: Path, span: windows.Span, raw: bytes) -> None:
    dest = path.with_suffix(".file")
    try:
        decoded = spelling.decode(path, span, dest, 2**20)
    except windows.PayloadError:
        assert not dest.exists()
        return
    assert dest.stat().st_size == decoded.bytes
    if raw.isalnum() and len(raw) % 4 == 0:
        assert dest.read_bytes() == base64.b64decode(raw, validate=True)
    dest.unlink()


def check_picture(path: Path, data: bytes) -> None:
    path.write_bytes(mended(data))
    formats = loaded(formats_of(path)) or STREAMED
    thumbs = {width: FOLDER / f"{width}.webp" for width in WIDTHS}
    try:
        picture = thumbnails.render_here(path, thumbs, MAX_PIXELS, formats)
    except thumbnails.ImagingError:
        return
    assert picture.width * picture.height <= MAX_PIXELS
    assert all(thumb.stat().st_size for thumb in thumbs.values())


def mended(data: bytes) -> bytes:
    """A PNG with the sums of its chunks made right: else hardly any change would get past them."""
    if not data.startswith(files.PNG):
        return data
    out, place = bytearray(data), 8
    while place + 12 <= len(out):
        (length,) = struct.unpack_from(">I", out, place)
        end = place + 8 + length
        if end + 4 > len(out):
            break
        struct.pack_into(">I", out, end, zlib.crc32(out[place + 4 : end]))
        place = end + 4
    return bytes(out)


def reply_seeds() -> list[bytes]:
    text = base64.b64encode(files.picture()).decode()
    whole: dict[str, Any] = {
        "id": "imagen_x", "created": 1753881206, "model": "flux", "count": 1, "files": [text], "ratio": "16:9",
        "size": {"width": 1, "height": 2}, "elapsed-time": 3.2, "usage": 152, "user": 0,
    }  # fmt: skip
    odd = [
        {"error": {"message": "No <b>credit</b>"}}, {"files": ["data:image/png;base64,\n" + text, "", None, 5]},
        {"files": "AA/A", "a": [{"files": ["x"]}], "é": "\ud800\x00"}, {"files": [], "usage": 10**40}, [], {},
    ]  # fmt: skip
    return [json.dumps(fields).encode() for fields in [whole, *odd]] + [
        json.dumps(whole, indent=2).replace("/", "\\/").encode(),
        b'{"f\\u0069les": ["AAAA"], "files": ["AA\\u0041A=="], "x": NaN, "y": 1e999}',
    ]


def picture_seeds() -> list[bytes]:
    kept = [data for data, *_ in files.KEPT.values()]
    return [data for data in [*kept, *(data for data, _ in files.REFUSED.values())] if len(data) <= 8192]


TARGETS: dict[str, tuple[Check, Callable[[], list[bytes]]]] = {
    "replies": (check_reply, reply_seeds),
    "pictures": (check_picture, picture_seeds),
}


def main(name: str, options: list[str]) -> None:
    warnings.simplefilter("ignore")
    check, seeds = TARGETS[name]
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds()):
        (corpus / str(number)).write_bytes(seed)
    path = FOLDER / "input"
    atheris.Setup([sys.argv[0], *OPTIONS, *options, str(corpus)], lambda data: check(path, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
