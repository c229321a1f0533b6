"""How a picture's numbers become markup: ratio classes, `srcset`, readable sizes."""

from __future__ import annotations

from base64 import b64encode
from math import log
from typing import TYPE_CHECKING

from django import template
from django.utils.translation import gettext

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


@register.filter
def ratio_class(aspect: float) -> str:
    """The class that gives a tile this shape, such as `ar-178`. `aspect` is width over height."""
    hundredths = max(aspect, 0.01) * 100
    return f"ar-{min(RATIOS, key=lambda ratio: abs(log(ratio / hundredths)))}"


@register.filter
def tile_sizes(aspect: float) -> str:
    """A `sizes` attribute for a tile of the justified rows: exact where browsers measure, close elsewhere."""
    return f"auto, (max-width: 40rem) {min(100, round(aspect * 50))}vw, {round(aspect * 300)}px"


@register.filter
def stage_sizes(aspect: float) -> str:
    """A `sizes` attribute for the large view: what fits beside the details or, on small screens, above them."""
    return f"(min-width: 60rem) min(100vw - 28rem, (100vh - 7.5rem) * {aspect:.3f}), min(100vw, 72vh * {aspect:.3f})"


@register.filter
def srcset(thumbs: Sequence[tuple[int, str]]) -> str:
    """`thumbs` are pairs of width in pixels and address."""
    return ", ".join(f"{address} {width}w" for width, address in thumbs)


@register.filter
def fallback(thumbs: Sequence[tuple[int, str]]) -> str:
    """The address for `src`: the second smallest, which is sharp enough for a browser without `srcset`."""
    return thumbs[min(1, len(thumbs) - 1)][1]


@register.filter
def shaped_placeholder(image: Image) -> str:
    """The picture's tiny preview as a data URI with the picture's exact proportions.

    The preview alone is a few pixels wide, so its own proportions are rounded; fitted into a large stage it would
    look out from behind the picture.
    """
    size = f'width="{image.width}" height="{image.height}"'
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {image.width} {image.height}">'
        f'<image {size} preserveAspectRatio="none" href="{image.placeholder}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"


@register.filter
def seen_by(image: Image, user: AbstractBaseUser | AnonymousUser) -> str:
    """Who sees the picture, in the words of whoever looks: "Only me" is what only its owner may read."""
    if image.visibility == "private" and image.user_id != user.pk:
        return gettext("Only its owner")
    return image.get_visibility_display()


@register.filter
def seconds(value: float | None) -> str:
    """`3.2 s`, `48 s`, `2 min 5 s`."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
