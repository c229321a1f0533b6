"""The decode child is run without our environment, for as long as one reply's allowance lasts, whatever it does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.imaging import subprocess_decode
from generator.imaging.subprocess_decode import REPLY_SECONDS, Allowance, DecodeProcessError
from generator.imaging.thumbnails import ImagingError, Picture, render, render_all
from tests.generator.hostile.files import SVG, picture
from tests.generator.imaging.conftest import StandIn

Thumb = Callable[[int], Path]
SLOW, USED_UP = "slow", "all_slow"
# Leaves a mark, and then uses up the seconds that it was given.
BUSY = """
open(sys.argv[1] + ".begun", "w").close()
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]), -1))
while True: pass
"""


@pytest.fixture
def webp(original: Path) -> Path:
    original.write_bytes(picture("WEBP"))
    return original


def results(folder: Path, *pictures: bytes) -> list[str]:
    """What becomes of a reply of these pictures: formats, or reasons."""
    items: list[tuple[Path, Thumb]] = []
    for number, data in enumerate(pictures):
        path = folder / f"{number}.file"
        path.write_bytes(data)
        items.append((path, lambda width, n=number: folder / f"{n}.{width}.webp"))  # type: ignore[misc]
    developed = render_all(items, 20_000_000)
    return [result.format if isinstance(result, Picture) else result.reason for result in developed]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "slow"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("import time; time.sleep(60)", "slow"),
    ],
)
def test_a_decoder_that_crashes_or_hangs_costs_one_picture_and_no_worker(
    webp: Path, thumb: Thumb, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    stand_in(program)
    monkeypatch.setattr(subprocess_decode, "_PATIENCE", 0.5)
    with pytest.raises(ImagingError, match=f"^{reason}$"):
        render(webp, thumb, 10_000)


def test_a_process_that_cannot_start_is_not_the_pictures_fault(webp: Path, thumb: Thumb, stand_in: StandIn) -> None:
    stand_in("raise ImportError")
    with pytest.raises(DecodeProcessError, match="could not be run"):
        render(webp, thumb, 10_000)


def test_it_is_told_no_secret(webp: Path, thumb: Thumb, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLYSQ_API_KEY", "sq-very-secret")
    stand_in("import os; json.dump({'refused': str((sys.argv, os.environ))}, sys.stdout)")
    with pytest.raises(ImagingError) as caught:
        render(webp, thumb, 10_000)
    assert "320.webp" in caught.value.reason
    assert "sq-very-secret" not in caught.value.reason


def test_slow_pictures_of_one_reply_share_one_allowance(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen may come in one reply. The second is ended within what the first has left, the others never begin."""
    stand_in(BUSY)
    monkeypatch.setattr(subprocess_decode, "PICTURE_SECONDS", 1)
    monkeypatch.setattr(subprocess_decode, "REPLY_SECONDS", 1.5)
    before = subprocess_decode._clock_of_children()
    assert sorted(results(tmp_path, *[picture("WEBP")] * 6)) == [USED_UP] * 4 + [SLOW] * 2
    assert len(list(tmp_path.glob("*.begun"))) == 2
    assert subprocess_decode._clock_of_children() - before < 3


def test_a_picture_that_was_given_the_rest_only_is_not_called_slow(webp: Path, thumb: Thumb, stand_in: StandIn) -> None:
    stand_in("import os, signal; os.kill(os.getpid(), signal.SIGXCPU if sys.argv[3] == '1' else signal.SIGSEGV)")
    allowance = Allowance()
    with allowance.metered(iter([0.0, REPLY_SECONDS - 0.5]).__next__):
        pass
    assert allowance.render(webp, 10_000, {320: thumb(320)}) == {"refused": USED_UP}


def test_pictures_decoded_here_use_up_the_same_allowance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess_decode, "REPLY_SECONDS", 0.000_001)
    came = results(tmp_path, *[picture("PNG")] * 4, picture("WEBP"))
    assert came[0] == "PNG"
    assert came[2:] == [USED_UP] * 3


def test_a_reply_has_a_minute_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess_decode, "_PATIENCE", -1.0)
    assert results(tmp_path, picture("PNG"), picture("AVIF")) == [USED_UP] * 2


def test_four_honest_pictures_of_the_largest_size_take_less_than_half_of_it(tmp_path: Path) -> None:
    before = subprocess_decode._clock_of_children()
    size = (2048, 2048)
    pictures = [picture("WEBP", size, method=0), picture("AVIF", size, speed=10)] * 2
    assert results(tmp_path, *pictures) == ["WEBP", "AVIF"] * 2
    assert subprocess_decode._clock_of_children() - before < REPLY_SECONDS / 2


def test_a_refusal_keeps_nothing_of_what_the_decoder_held(original: Path, thumb: Thumb) -> None:
    """Its traceback would hold the file and the picture, until those of the whole reply are done."""
    original.write_bytes(SVG)
    (refusal,) = render_all([(original, thumb)], 10_000)
    assert isinstance(refusal, ImagingError)
    assert (refusal.__traceback__, refusal.__cause__, refusal.__context__) == (None, None, None)
