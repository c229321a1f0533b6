"""Which picture a prompt asks for: the first word that names a subject decides, else one that names a setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.sandbox.drawing import abstract, land, living, night
from generator.sandbox.drawing.words import SETTINGS, SUBJECTS, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.sandbox.drawing.canvas import Canvas
    from generator.sandbox.drawing.palette import Palette

    Style = Callable[[Canvas, Palette], None]

_STYLES: dict[str, Style] = {
    style.__name__: style
    for style in (
        living.cat, living.bird, living.fish, living.flowers, living.leaves,
        land.lake, land.sea, land.forest, land.desert, land.mountains,
        night.aurora, night.city, night.village, night.starry,
        abstract.tiles, abstract.papercut, abstract.terrazzo, abstract.arches, abstract.ribbons, abstract.blobs,
    )
}  # fmt: skip
STYLES = list(_STYLES.values())
# In these a colour named in the prompt is the colour of the figure, not of the whole sheet: "a red cat".
FIGURES = (living.cat, living.bird, living.fish, living.flowers, night.village, night.starry)
_TABLES = [[(_STYLES[name], pattern) for name, pattern in vocabulary(text)] for text in (SUBJECTS, SETTINGS)]


def style_for(words: list[str]) -> Style | None:
    """The picture that the earliest subject or, failing that, the earliest setting asks for; or None."""
    asked = (style for table in _TABLES for word in words for style, pattern in table if pattern.match(word))
    return next(asked, None)
