"""What the form offers: models, shapes, and a few prompts to begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import Any

from django.conf import settings

from generator.models import Provider
from generator.models.model_names import named

# The ratios of the `ratio` dialect (docs/onlysq-api.md, section 1), from tall to wide.
RATIOS = ("9:21", "9:16", "2:3", "3:4", "4:5", "1:1", "5:4", "4:3", "3:2", "16:9", "21:9")

# The `size` dialect takes any size up to the documented maximum; below the minimum there is nothing to see.
SIZES = ("768x1366", "1024x1536", "1024x1280", "1024x1024", "1280x1024", "1536x1024", "1366x768", "2048x2048")
DEFAULT_RATIO, DEFAULT_SIZE, CUSTOM_SIZE = "1:1", "1024x1024", "custom"
MIN_SIDE, MAX_SIDE = 64, 2048
MAX_COUNT = 4

EXAMPLES = (
    "A lighthouse in fog at dawn, seen from the sea, soft watercolour",
    "A paper-cut fox in an autumn forest, layered orange and teal",
    "A quiet kitchen in morning light, bread on the table, oil painting",
    "A red bicycle against a blue wall in Lisbon, film photograph",
)


@dataclass(frozen=True)
class OfferedModel:
    """One model as the form shows it; what is not available is shown but cannot be chosen."""

    id: str
    name: str
    available: bool = True
    note: str = ""


def offered_models() -> list[OfferedModel]:
    """The models to choose from, never none: as configured, else as the API listed them, else the default.

    A configured list decides which models there are, and that they can be chosen; names and notes still come from the
    API's list.
    """
    known = {model.id: model for model in _listed()}
    if settings.ONLYSQ_MODELS:
        return [replace(known.get(name) or OfferedModel(name, name), available=True) for name in settings.ONLYSQ_MODELS]
    default = settings.ONLYSQ_DEFAULT_MODEL
    return list(known.values()) or [OfferedModel(default, default)]


def choose_model(offered: dict[str, OfferedModel], wished: str) -> str:
    """The wished model if it can be chosen, else the configured default, else any that can."""
    available = [model.id for model in offered.values() if model.available]
    for name in (wished, settings.ONLYSQ_DEFAULT_MODEL):
        if name in available:
            return name
    return next(iter(available or offered))


def _listed() -> list[OfferedModel]:
    rows: list[dict[str, Any]] = Provider.objects.current().models_list
    names = named(rows)
    return [
        OfferedModel(
            id=row["id"],
            name=names[row["id"]],
            available=row.get("available", True),
            note=row.get("description") or row.get("owner") or "",
        )
        for row in rows
    ]


def aspect_of(shape: str) -> float:
    """Width over height of a ratio such as `16:9` or a size such as `1366x768`."""
    width, _, height = shape.replace("x", ":").partition(":")
    return int(width) / int(height)


def nearest(shapes: tuple[str, ...], aspect: float) -> str:
    """The shape closest to `aspect`; twice as wide is as far away as twice as tall."""
    return min(shapes, key=lambda shape: abs(log(aspect_of(shape) / aspect)))


@dataclass(frozen=True)
class Rectangle:
    """A little picture of a shape, centred on the origin; in pixels."""

    width: int
    height: int

    @property
    def x(self) -> float:
        return -self.width / 2

    @property
    def y(self) -> float:
        return -self.height / 2


def drawing(aspect: float, side: int = 20) -> Rectangle:
    """All shapes are drawn with about the same area, as the API makes them."""
    return Rectangle(round(side * aspect**0.5), round(side / aspect**0.5))
