"""Pictures in rows: what a tile needs of a picture, read without making an object of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from markupsafe import Markup

from gallery.browse.cards import card
from gallery.browse.signed_urls import Proofs, proven
from gallery.models.user import shown_name
from generator.models import Image
from generator.models.addresses import address, pattern
from generator.models.image import thumb_widths
from generator.templatetags.picture import cut, ratio_class, seen, tile_sizes

_OF_IMAGE = (
    "pk", "width", "height", "placeholder", "is_transparent", "visibility", "access_version", "trashed_at",
    "hidden_at", "removed_at", "user_id", "generation_id",
)  # fmt: skip
_OF_USER = ("username", "first_name", "last_name", "left_at")
COLUMNS = (*_OF_IMAGE, *(f"user__{name}" for name in _OF_USER), "generation__prompt")


class Picture(NamedTuple):
    """A row of COLUMNS."""

    pk: UUID
    width: int
    height: int
    placeholder: str
    is_transparent: bool
    visibility: str
    access_version: int
    trashed_at: datetime | None
    hidden_at: datetime | None
    removed_at: datetime | None
    user_id: int
    generation_id: UUID
    username: str
    first_name: str
    last_name: str
    left_at: datetime | None
    prompt: str

    @classmethod
    def of(cls, image: Image) -> Self:
        """Of a picture that was read with its generation and its user."""
        own = [getattr(image, name) for name in _OF_IMAGE]
        return cls._make([*own, *(getattr(image.user, name) for name in _OF_USER), image.generation.prompt])

    @classmethod
    def among(cls, images: QuerySet[Image], keys: Sequence[UUID]) -> list[Self]:
        """Those of `images` that have these keys, in the order of the keys."""
        found = {row[0]: cls._make(row) for row in images.filter(pk__in=keys).order_by().values_list(*COLUMNS)}
        return [found[key] for key in keys if key in found]

    @property
    def aspect(self) -> float:
        return self.width / self.height

    def get_absolute_url(self) -> str:
        return address("image", self.pk)


class Shape(NamedTuple):
    """What follows from a picture's size alone."""

    ratio: str
    sizes: str


class Tile(NamedTuple):
    """A picture as one person's page shows it. `mark` says who sees it, where that is not as usual here; `caption` what
    it shows, with marks in it where something was looked for; `pattern` how addresses of thumbnails are made, each with
    one of the `proofs`, and `language` what the page speaks.
    """

    id: str
    picture: Picture
    shape: Shape
    address: str
    pattern: str
    proofs: Sequence[str]
    mark: str
    caption: str
    owner: str
    owner_address: str
    language: str | None

    @property
    def thumbs(self) -> list[tuple[int, str]]:
        """Width and address of each copy."""
        return proven(self.pattern, self.id, self.picture.width, self.proofs)

    def card(self, owner_apart: str = "") -> Markup:
        """The same as `image_card` of `browse/_image_card.html` makes of it, remembered."""
        return card(self, owner_apart)


def tiles(
    request: HttpRequest,
    pictures: Iterable[Picture],
    within: str = "",
    caption: Callable[[str], str] | None = None,
) -> list[Tile]:
    """Of pictures that `visible_to` has let through; `within` is what their addresses say about the listing, and
    `caption` makes of a prompt what is said of it, if not only its beginning.
    """
    caption = caption or _beginning
    proofs, page, language = Proofs(request), pattern("image", UUID) + within.replace("%", "%%"), get_language()
    usual, person = settings.DEFAULT_VISIBILITY, request.user.pk
    owners: dict[int, tuple[str, str]] = {}
    found = []
    for picture in pictures:
        dashed, owner = str(picture.pk), owners.get(picture.user_id)
        if owner is None:
            owner = owners[picture.user_id] = _owner(picture)
        found.append(
            Tile(
                dashed,
                picture,
                _shape(picture.width, picture.height),
                page % dashed,
                proofs.pattern,
                proofs.of(dashed, picture.width, picture.access_version),
                "" if picture.visibility == usual else seen(picture.visibility, is_own=picture.user_id == person),
                caption(picture.prompt),
                *owner,
                language,
            )
        )
    return found


def _beginning(prompt: str) -> str:
    return cut(prompt, 140)


def _owner(picture: Picture) -> tuple[str, str]:
    """What its owner is called, and the address of their page, which is none once they have left."""
    name = shown_name(picture.username, picture.first_name, picture.last_name, picture.left_at)
    return name, "" if picture.left_at else address("member", picture.username)


def small(picture: Picture | Image) -> str:
    """The address of its second smallest copy, without a proof: for lists of what has no page."""
    widths = thumb_widths(picture.width, settings.THUMB_WIDTHS)
    return address("thumb", picture.pk, widths[min(1, len(widths) - 1)])


@lru_cache(1024)
def _shape(width: int, height: int) -> Shape:
    aspect = width / height
    return Shape(ratio_class(aspect), tile_sizes(aspect))
