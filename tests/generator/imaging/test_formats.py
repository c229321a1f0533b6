"""The image door: what a file really is, and whether it is whole."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generator.imaging import decoding
from generator.imaging.memory import Budget, reused_memory
from generator.imaging.thumbnails import WIDTHS, ImagingError, Picture, render, render_all
from tests.generator.imaging.drawing import MAX_PIXELS, QUARTERS, corners, drawn, encoded, opened, png


@pytest.mark.parametrize(
    ("format_", "extension", "options"),
    [
        ("PNG", "png", {}),
        ("JPEG", "jpg", {"quality": 95}),
        ("JPEG", "jpg", {"progressive": True}),
        ("WEBP", "webp", {}),
        ("AVIF", "avif", {}),
        ("GIF", "gif", {}),
        ("BMP", "bmp", {}),
        ("TIFF", "tif", {"compression": "tiff_lzw"}),
        ("JPEG2000", "jp2", {}),
    ],
)
def test_format_is_read_from_the_bytes(
    original: Path, thumb: Callable[[int], Path], format_: str, extension: str, options: dict[str, Any]
) -> None:
    original.write_bytes(encoded(drawn(1500, 900), format_, **options))
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.format, picture.extension, picture.width, picture.height) == (format_, extension, 1500, 900)
    sizes = [opened(thumb(width)).size for width in WIDTHS]
    assert sizes == [(320, 192), (640, 384), (1280, 768), (1500, 900)]
    for width in WIDTHS:
        image = opened(thumb(width))
        assert (image.format, image.mode) == ("WEBP", "RGB")
        assert corners(image) == QUARTERS


def test_jpeg_with_further_pictures_behind_it_is_a_jpeg(original: Path, thumb: Callable[[int], Path]) -> None:
    original.write_bytes(encoded(drawn(), "MPO", save_all=True, append_images=[drawn()]))
    picture = render(original, thumb, MAX_PIXELS)
    assert (picture.format, picture.extension) == ("JPEG", "jpg")


def refused(original: Path, thumb: Callable[[int], Path], data: bytes, max_pixels: int = MAX_PIXELS) -> str:
    original.write_bytes(data)
    with pytest.raises(ImagingError) as caught:
        render(original, thumb, max_pixels)
    assert caught.value.reason == str(caught.value)
    assert not list(thumb(320).parent.glob("*"))
    return caught.value.reason


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x7fELF\x02\x01\x01" + bytes(99),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"\0\0\0\x18ftypisom" + bytes(99),
        encoded(drawn(), "ICO"),
        encoded(drawn(), "PPM"),
    ],
)
def test_anything_but_a_picture_is_refused(original: Path, thumb: Callable[[int], Path], data: bytes) -> None:
    assert refused(original, thumb, data) == "format"


@pytest.mark.parametrize(
    ("width", "height"), [(30_000, 30_000), (12_000, 12_000), (2**31 - 1, 2**31 - 1), (2050, 2050), (40_000, 1)]
)
def test_bomb_is_refused_by_its_header(original: Path, thumb: Callable[[int], Path], width: int, height: int) -> None:
    assert refused(original, thumb, png(width, height, b"")) == "pixels"


def test_jpeg_of_very_many_passes_is_refused(original: Path, thumb: Callable[[int], Path]) -> None:
    data = encoded(drawn(), "JPEG", progressive=True)
    assert refused(original, thumb, data + b"\xff\xda" * 200) == "passes"


def test_missing_file_and_lack_of_memory_are_not_the_pictures_fault(
    original: Path, thumb: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    with pytest.raises(FileNotFoundError):
        render(original, thumb, MAX_PIXELS)
    original.write_bytes(encoded(drawn()))
    monkeypatch.setattr(decoding, "shrunk", starved)
    with pytest.raises(MemoryError):
        render(original, thumb, MAX_PIXELS)


def test_original_is_untouched(original: Path, thumb: Callable[[int], Path]) -> None:
    data = encoded(drawn(2000, 100), "JPEG")
    original.write_bytes(data)
    render(original, thumb, MAX_PIXELS)
    assert original.read_bytes() == data


def test_several_pictures_come_back_in_order_the_bad_ones_as_errors(tmp_path: Path) -> None:
    items: list[tuple[Path, Callable[[int], Path]]] = []
    for number, data in enumerate((encoded(drawn(500, 400)), b"<svg/>", encoded(drawn(100, 50), "JPEG"), b"")):
        path = tmp_path / str(number)
        path.write_bytes(data)
        items.append((path, lambda width, n=number: tmp_path / f"{n}.{width}.webp"))  # type: ignore[misc]
    results = render_all(items, MAX_PIXELS)
    assert [type(result) for result in results] == [Picture, ImagingError, Picture, ImagingError]
    assert isinstance(results[2], Picture)
    assert (results[2].width, results[2].format) == (100, "JPEG")
    assert len(list(tmp_path.glob("*.webp"))) == 3, "of the two pictures one is wider than the narrowest copy"
    assert render_all([], MAX_PIXELS) == []


def test_several_pictures_stop_at_an_error_of_the_disk(tmp_path: Path, thumb: Callable[[int], Path]) -> None:
    with pytest.raises(FileNotFoundError):
        render_all([(tmp_path / "gone", thumb)], MAX_PIXELS)


def test_large_pictures_wait_for_each_other() -> None:
    budget = Budget(100)
    inside: list[int] = []
    most: list[int] = []
    meet = threading.Barrier(2, timeout=5)

    def work(pixels: int) -> None:
        meet.wait()
        with budget.of(pixels):
            inside.append(pixels)
            most.append(sum(inside))
            inside.remove(pixels)

    for pair in ((60, 60), (500, 500), (40, 60)):
        threads = [threading.Thread(target=work, args=(pixels,)) for pixels in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert len(most) == 6
    assert all(total in (40, 60, 100, 500) for total in most)


def test_memory_is_kept_from_picture_to_picture_and_then_given_back() -> None:
    def kept() -> int:
        return int(Image.core.get_stats()["blocks_cached"])

    with reused_memory():
        Image.new("RGB", (2048, 2048)).close()
        assert kept() > 0
    assert kept() == 0
