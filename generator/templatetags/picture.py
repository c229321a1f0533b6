"""How a picture's numbers become markup: ratio classes, `srcset`, readable sizes."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING

from django import template
from django.utils.text import Truncator, add_truncation_text
from django.utils.translation import get_language, gettext

from generator.models import model_names as names
from generator.models.generation import Visibility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from generator.models import Image

register = template.Library()

# Width over height in hundredths; one class each in static/css/ratios.css. The API's own ratios are met exactly,
# everything else within four per cent, which cropping to the tile hides.
RATIOS = (
    25, 27, 29, 31, 33, 35, 38, 41, 43, 46, 50, 53, 56, 60, 64, 67, 71, 75, 80, 85, 92, 100,
    108, 117, 125, 133, 141, 150, 160, 169, 178, 189, 200, 216, 233, 250, 268, 286, 300, 320, 345, 370, 400,
)  # fmt: skip

_NARROW = 16
# 3:1 against white and against black, and close to each other; as `--check-1` and `--check-2` of tokens.css.
_GROUND, _SQUARE = "#868683", "#7b7b78"


# Pictures have few shapes, and what follows from one is always the same.
_per_shape = lru_cache(1024)


@register.filter
@_per_shape
def ratio_class(aspect: float) -> str:
    """The class that gives a tile this shape, such as `ar-178`. `aspect` is width over height."""
    hundredths = max(aspect, 0.01) * 100
    return f"ar-{min(RATIOS, key=lambda ratio: abs(log(ratio / hundredths)))}"


@register.filter
@_per_shape
def tile_sizes(aspect: float) -> str:
    """A `sizes` attribute for a tile of the justified rows: exact where browsers measure, close elsewhere."""
    return f"auto, (max-width: 40rem) {min(100, round(aspect * 50))}vw, {round(aspect * 300)}px"


@register.filter
def stage_sizes(aspect: float) -> str:
    """A `sizes` attribute for the large view: what fits beside the details or, on small screens, above them."""
    return f"(min-width: 60rem) min(100vw - 28rem, (100vh - 7.5rem) * {aspect:.3f}), min(100vw, 72vh * {aspect:.3f})"


@register.filter
def share_sizes(aspect: float) -> str:
    """A `sizes` attribute for a shared picture: what fits above the first lines of what is said about it."""
    return f"min(100vw, (100vh - 14.5rem) * {aspect:.3f})"


@register.filter
def srcset(thumbs: Sequence[tuple[int, str]]) -> str:
    """`thumbs` are pairs of width in pixels and address."""
    return ", ".join(f"{address} {width}w" for width, address in thumbs)


@register.filter
def fallback(thumbs: Sequence[tuple[int, str]]) -> str:
    """The address for `src`: the second smallest, which is sharp enough for a browser without `srcset`."""
    return thumbs[min(1, len(thumbs) - 1)][1]


@register.filter
def is_strip(image: Image) -> bool:
    """Whether it is so narrow that, fitted into a window, nothing of it would be seen."""
    return not 1 / _NARROW < image.aspect < _NARROW


@register.filter
def backdrop(image: Image) -> str:
    """What lies under the picture, as a data URI with its exact proportions.

    It is the picture's tiny preview. That alone is a few pixels wide, so its own proportions are rounded; fitted into a
    large stage it would look out from behind the picture. Under a picture that can be seen through it would be seen:
    there it is a pattern of two greys, from which white and black subjects stand out alike.
    """
    size = f'width="{image.width}" height="{image.height}"'
    inside = f'<image {size} preserveAspectRatio="none" href="{image.placeholder}"/>'
    if image.is_transparent:
        side = max(1, max(image.width, image.height) // 64)
        squares = f'<path fill="{_SQUARE}" d="M0 0h{side}v{side}H0zM{side} {side}h{side}v{side}h-{side}z"/>'
        inside = (
            f'<pattern id="p" width="{2 * side}" height="{2 * side}" patternUnits="userSpaceOnUse">{squares}</pattern>'
            f'<rect {size} fill="{_GROUND}"/><rect {size} fill="url(#p)"/>'
        )
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {image.width} {image.height}">{inside}</svg>'
    return f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"


@register.filter
def largest(thumbs: Sequence[tuple[int, str]]) -> str:
    """The address of the copy that is as large as the picture."""
    return thumbs[-1][1]


@register.filter
def seen_by(image: Image, user: AbstractBaseUser | AnonymousUser) -> str:
    """Who sees the picture, in the words of whoever looks: "Only me" is what only its owner may read."""
    return seen(image.visibility, is_own=image.user_id == user.pk)


def seen(visibility: str, *, is_own: bool) -> str:
    """The same by what it goes by."""
    if visibility == Visibility.PRIVATE and not is_own:
        return gettext("Only its owner")
    return str(Visibility(visibility).label)


@register.filter
def cut(text: str, length: int) -> str:
    """`truncatechars`, which looks at every letter of a long text, and at some of them several times."""
    head = text[: length + 1]
    if not head.isascii():
        head = unicodedata.normalize("NFC", text)[: length + 1]
        if any(map(unicodedata.combining, head)):
            return Truncator(text).chars(length)  # accents that stand on no place of their own
    if len(head) <= length:
        return head
    before, after = _around_the_cut(get_language())
    return f"{before}{head[: max(0, length - len(before) - len(after))]}{after}"


@lru_cache
def _around_the_cut(_language: str | None) -> tuple[str, str]:
    """What this language puts around a text that is cut short."""
    before, _, after = add_truncation_text("\0").partition("\0")
    return before, after


@register.filter
def seconds(value: float | None) -> str:
    """`3.2 s`, `48 s`, `2 min 5 s`."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def model_name(id_: str) -> str:
    """What people call this model."""
    return names.model_name(id_)
