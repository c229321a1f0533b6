"""One picture: who finds it by its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from generator.models import Image
from generator.models.image import visible_image
from tests.conftest import Cast


def test_a_picture_is_found_by_those_who_may_see_it(cast: Cast, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner, visibility=Image.Visibility.PRIVATE)
    assert visible_image(cast.owner, image.pk) == image
    assert visible_image(cast.owner, str(image.pk)) == image
    assert visible_image(cast.stranger, image.pk) is None


@pytest.mark.parametrize("pk", [None, "", "nonsense"])
def test_what_is_no_id_finds_no_picture(cast: Cast, pk: Any) -> None:
    assert visible_image(cast.owner, pk) is None
