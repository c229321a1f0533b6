"""Reading many pictures in order: pages by cursor, neighbours, siblings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from gallery.models import User
from generator.models import Image

if TYPE_CHECKING:
    from generator.models.image import ImageQuerySet

PAGE_SIZE = 48
MINE = "mine"
_MEMBER = re.compile(r"u/([^\x00-\x1f]{1,150})")


@dataclass(frozen=True)
class Page:
    """`images` are ready to be shown; `older` is the cursor of the next page, or None at the end."""

    images: list[Image]
    older: UUID | None


@dataclass(frozen=True)
class Neighbours:
    """The pictures on both sides in the order of a listing: `previous` is newer, `next` is older."""

    previous: Image | None
    next: Image | None


def listing(user: Any, name: str = "") -> ImageQuerySet:
    """What this person may browse: all they may see or, of that, for `mine` their own and for `u/anna` Anna's."""
    images = Image.objects.visible_to(user)
    if member := _MEMBER.fullmatch(name):
        # Compared with one number, so that the rows come in order from the index of each person's pictures.
        return images.filter(user_id=User.objects.filter(username=member[1]).values("pk")[:1])
    return images.filter(user=user) if name == MINE and user.is_authenticated else images


def listing_name(text: str) -> str:
    """The listing that an address names; anything else counts as everybody's pictures."""
    return text if text == MINE or _MEMBER.fullmatch(text) else ""


def home(name: str) -> str:
    """The page of a listing."""
    if member := _MEMBER.fullmatch(name):
        return reverse("member", args=[member[1]])
    return reverse(MINE if name == MINE else "explore")


def cursor(text: str) -> UUID | None:
    """The id in an address; anything else counts as none, so a mangled address shows the first page."""
    try:
        return UUID(text)
    except ValueError:
        return None


def page_of(images: ImageQuerySet, before: UUID | None, size: int = PAGE_SIZE) -> Page:
    """The newest `size` pictures that are older than `before`. Ids sort by time, so the id is the cursor."""
    if before:
        images = images.filter(pk__lt=before)
    found = list(images.newest().select_related("user", "generation")[: size + 1])
    older = found[size - 1].pk if len(found) > size else None
    return Page(found[:size], older)


def neighbours(images: ImageQuerySet, image: Image) -> Neighbours:
    return Neighbours(
        previous=images.filter(pk__gt=image.pk).order_by("pk").first(),
        next=images.filter(pk__lt=image.pk).newest().first(),
    )


def siblings(user: Any, image: Image) -> list[Image]:
    """The pictures of the same generation that this person may see, in the order they were asked for."""
    images = Image.objects.visible_to(user).filter(generation=image.generation_id)
    return list(images.select_related("user", "generation").order_by("call__number", "index"))
