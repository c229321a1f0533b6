"""Pictures in rows: what a tile needs of a picture, read without making an object of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language

from gallery.browse.signed_urls import Proofs, proven
from gallery.models.user import shown_name
from generator.models import Image
from generator.models.addresses import address, pattern
from generator.models.image import thumb_widths
from generator.templatetags.picture import cut, ratio_class, seen, tile_sizes

# What some forty pages show.
MOST = 2048
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


class Look(NamedTuple):
    """What all tiles of a page have in common: how addresses of pictures and of thumbnails are made, who sees a picture
    that says nothing of it, what is said of a prompt, and what the page speaks.
    """

    page: str
    thumbs: str
    usual: str
    caption: Callable[[str], str]
    language: str | None


@dataclass(frozen=True, eq=False)
class Face:
    """What a page shows of a picture, whoever looks, in one language. `mark` says who sees it, where that is not as
    usual here; `caption` what it shows, with marks in it where something was looked for. Only the same one is equal.
    """

    id: str
    picture: Picture
    shape: Shape
    address: str
    mark: str
    caption: str
    owner: str
    owner_address: str


class Tile(NamedTuple):
    """A picture as one browser's page shows it: each address of a thumbnail is made by `pattern`, with one of the
    `proofs`.
    """

    face: Face
    pattern: str
    proofs: Sequence[str]

    @property
    def id(self) -> str:
        return self.face.id

    @property
    def picture(self) -> Picture:
        return self.face.picture

    @property
    def thumbs(self) -> list[tuple[int, str]]:
        """Width and address of each copy."""
        return proven(self.pattern, self.face.id, self.face.picture.width, self.proofs)


def tiles(
    request: HttpRequest,
    pictures: Iterable[Picture],
    within: str = "",
    caption: Callable[[str], str] | None = None,
) -> list[Tile]:
    """Of pictures that `visible_to` has let through; `within` is what their addresses say about the listing, and
    `caption` makes of a prompt what is said of it, if not only its beginning.
    """
    proofs, person = Proofs(request), request.user.pk
    page = pattern("image", UUID) + within.replace("%", "%%")
    look = Look(page, proofs.pattern, settings.DEFAULT_VISIBILITY, caption or _beginning, get_language())
    # Of what somebody looked for, the marks are theirs alone.
    make, found = _made if caption else _face, []
    for picture in pictures:
        face = make(picture, look, picture.user_id == person)
        found.append(Tile(face, proofs.pattern, proofs.of(face.id, picture.width, picture.access_version)))
    return found


def _made(picture: Picture, look: Look, is_own: bool) -> Face:
    dashed = str(picture.pk)
    return Face(
        dashed,
        picture,
        _shape(picture.width, picture.height),
        look.page % dashed,
        "" if picture.visibility == look.usual else seen(picture.visibility, is_own=is_own),
        look.caption(picture.prompt),
        *_owner(picture),
    )


_face = lru_cache(MOST)(_made)


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
