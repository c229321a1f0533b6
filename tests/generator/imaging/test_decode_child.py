"""The process of its own that some pictures get: what it says, and where its limits are."""

from __future__ import annotations

import errno
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import AvifImagePlugin

from generator.imaging import decode_child, decoding, thumbnails, walls
from generator.imaging.thumbnails import Picture, render
from tests.generator.hostile.files import SVG, picture

ROOT = Path(__file__).resolve().parents[3]
Thumb = Callable[[int], Path]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "0.file"
    path.write_bytes(picture("WEBP"))
    return path


@pytest.fixture
def thumb(tmp_path: Path) -> Thumb:
    return lambda width: tmp_path / f"{width}.webp"


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "PNG", "JPEG"])
def test_it_develops_pictures_as_the_worker_would(original: Path, thumb: Thumb, form: str) -> None:
    original.write_bytes(picture(form))
    said = decode_child.render(original, 10_000, {32: thumb(32)})
    here = Picture(**said["picture"])
    assert here == replace(render(original, thumb, 10_000, [32]), placeholder=here.placeholder)
    assert (here.format, here.width, here.height) == (form, 64, 48)
    assert thumb(32).exists()


def test_it_says_why_a_file_is_refused(original: Path, thumb: Thumb) -> None:
    assert decode_child.render(original, 100, {32: thumb(32)}) == {"refused": "pixels"}
    original.write_bytes(SVG)
    assert decode_child.render(original, 10_000, {32: thumb(32)})["refused"] == "format"


def test_errors_of_the_disk_come_back_as_such(original: Path, thumb: Thumb, tmp_path: Path) -> None:
    assert decode_child.render(tmp_path / "gone", 10_000, {32: thumb(32)})["disk"][0] == errno.ENOENT
    (tmp_path / "no folder").write_text("")
    with pytest.raises(FileExistsError):
        render(original, lambda width: tmp_path / "no folder" / "thumb.webp", 10_000, [32])


def test_lack_of_memory_is_a_refusal(original: Path, thumb: Thumb, monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decoding, "shrunk", starved)
    assert decode_child.render(original, 10_000, {32: thumb(32)})["refused"] == "memory"


@pytest.mark.parametrize("error", [OSError("encoder error -9 when writing image file"), ValueError("encoding error 1")])
def test_what_cannot_be_shown_is_refused_and_not_tried_for_ever(
    original: Path, thumb: Thumb, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(thumbnails, "placeholder", broken)
    said = decode_child.render(original, 10_000, {32: thumb(32)})
    assert said == {"refused": "unshowable"}


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("while True: pass", -24),
        ("import threading; [threading.Thread(target=lambda: any(iter(int, 1))).start() for _ in '12']", -24),
        ("bytes(2**30)", 1),
    ],
)
def test_its_limits_hold(code: str, end: int) -> None:
    """Two threads use up the same seconds as one; and a megapixel is not worth a gigabyte."""
    limits = "from generator.imaging import decode_child; decode_child.limit(10**6, 1); "
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", limits + "exec(input())"],
        cwd=ROOT,
        input=code,
        text=True,
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == end
    assert (end < 0) == ("MemoryError" not in done.stderr)


def test_it_sets_its_limits_and_prints_json(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, which must outlive it: so limits and walls are only looked at."""
    limits: dict[int, tuple[int, int]] = {}
    around: list[Any] = []
    monkeypatch.setattr(walls, "put_up", lambda *arguments: around.extend(arguments))
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(AvifImagePlugin, "DEFAULT_MAX_THREADS", 0)
    decode_child.main(str(original), "20000000", "5", json.dumps({"32": str(tmp_path / "32.webp")}))
    assert json.loads(capsys.readouterr().out)["picture"]["width"] == 64
    assert limits[resource.RLIMIT_AS] == (512 * 2**20 + 480_000_000,) * 2
    assert limits[resource.RLIMIT_CPU] == (5, 6)
    assert AvifImagePlugin.DEFAULT_MAX_THREADS == 1
    assert around == [[original], {tmp_path}, 2**20 + 160_000_000]


def test_started_by_hand_it_prints_json(original: Path, tmp_path: Path) -> None:
    thumbs = json.dumps({"32": str(tmp_path / "32.webp")})
    done: Any = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-m", "generator.imaging.decode_child", original, "10000", "5", thumbs],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["picture"]["width"] == 64
