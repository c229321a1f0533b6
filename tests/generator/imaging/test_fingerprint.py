"""A fingerprint stays nearly the same where a picture does, and differs where it does not."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from generator.imaging.fingerprint import fingerprint
from generator.models.bands import BANDS, bands, distance, of_band


def scene(seed: int, size: int = 512) -> Image.Image:
    """Soft blots, as different from those of another seed as two prompts are."""
    chance = random.Random(seed)
    image = Image.new("RGB", (16, 16))
    image.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(256)])
    return image.resize((size, size), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(size // 40))


def reread(image: Image.Image, format_: str, **options: int) -> Image.Image:
    sink = BytesIO()
    image.save(sink, format_, **options)
    return Image.open(sink)


@pytest.mark.parametrize("seed", range(8))
def test_another_size_format_or_light_changes_few_bits(seed: int) -> None:
    image = scene(seed)
    own = fingerprint(image)
    others = [
        reread(image, "JPEG", quality=60), reread(image, "WEBP", quality=50), image.resize((200, 200)),
        ImageEnhance.Brightness(image).enhance(0.8),
    ]  # fmt: skip
    assert max(distance(own, fingerprint(other)) for other in others) <= 4


def test_other_pictures_differ_in_many() -> None:
    found = [fingerprint(scene(seed)) for seed in range(20)]
    assert min(distance(one, other) for place, one in enumerate(found) for other in found[:place]) > 10


def test_it_is_a_number_that_databases_keep() -> None:
    falling, rising = (Image.linear_gradient("L").rotate(angle) for angle in (90, 270))
    assert {fingerprint(falling), fingerprint(rising)} == {-1, 0}
    assert all(-(2**63) <= fingerprint(scene(seed)) < 2**63 for seed in range(8))


def test_what_can_be_seen_through_is_grey() -> None:
    clear = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    assert fingerprint(clear) == fingerprint(Image.new("RGB", (64, 64), (137, 137, 137))) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 16_000), (16_000, 1), (3, 2)])
def test_pictures_of_any_shape_have_one(size: tuple[int, int]) -> None:
    assert fingerprint(Image.new("RGB", size, "teal")) == 0


def test_seven_changed_bits_are_found_by_one_of_the_bands() -> None:
    chance = random.Random(1)
    for _ in range(300):
        own = chance.getrandbits(64) - 2**63
        other = own
        for place in chance.sample(range(63), 7):
            other ^= 1 << place
        assert distance(own, other) == 7
        others = [of_band(number, [other])[0] for number in BANDS]
        assert any(value in near for value, (_band, near) in zip(others, bands(own), strict=True))
