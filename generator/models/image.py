"""One picture on disk, and the one answer to who may see it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generator.models.addresses import address
from generator.models.bands import BANDS, Band
from generator.models.call import Call
from generator.models.file_names import words_of
from generator.models.generation import Visibility
from generator.models.image_queryset import ImageQuerySet
from generator.models.ranks import KEPT, SHOWN, indexes

# Sent after the commit, with the picture's `pk` and its access version that has `ended`; the next one has begun.
access_renewed = Signal()


def new_link() -> str:
    """A secret that cannot be guessed: 256 bits."""
    return secrets.token_urlsafe(32)


def visible_image(user: Any, pk: Any) -> Image | None:
    """The picture of this id, if there is one that this person may see."""
    if not pk:
        return None
    try:
        return Image.objects.visible_to(user).select_related("generation", "user").filter(pk=pk).first()
    except ValidationError:
        return None


def prompt_told_to(user: Any) -> models.Q:
    """Of generations: whose prompt this person may read. Somebody must see one of its pictures or, while none has
    come, be meant to; calls and failures are in the ledger of staff all the same. Once they have come, what was
    meant at first counts no more, even when all of them are gone: their owner may have narrowed it since.
    """
    its = models.OuterRef("pk")
    seen: Any = Image.objects.visible_to(user) | Image.objects.withheld_for(user)
    is_meant = models.Q(visibility__in=(Visibility.SHARED, Visibility.PUBLIC))
    have_come = models.Exists(Call.objects.filter(generation=its, state=Call.State.SUCCEEDED))
    is_waited_for = ~have_come & ~models.Exists(Image.objects.filter(generation=its)) & is_meant
    return models.Q(user=user) | models.Q(models.Exists(seen.filter(generation=its))) | is_waited_for


@lru_cache(1024)
def thumb_widths(width: int, offered: tuple[int, ...]) -> tuple[int, ...]:
    """Those of which a picture so wide has copies: all below its own width, and the first that is as wide."""
    narrower = [each for each in offered[:-1] if each < width]
    return (*narrower, offered[len(narrower)])


# Pictures whose looks somebody may compare.
LOOKED_AT = KEPT & models.Q(fingerprint__isnull=False)


class Image(models.Model):
    """A picture as the API sent it. The row is written after its file is on disk."""

    Visibility = Visibility

    class Format(models.TextChoices):
        PNG = "png", "PNG"
        JPEG = "jpg", "JPEG"
        WEBP = "webp", "WebP"
        AVIF = "avif", "AVIF"
        GIF = "gif", "GIF"
        BMP = "bmp", "BMP"
        TIFF = "tif", "TIFF"
        JPEG2000 = "jp2", "JPEG 2000"
        HEIC = "heic", "HEIC"
        JXL = "jxl", "JPEG XL"

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey("generator.Call", on_delete=models.PROTECT, related_name="images")
    generation = models.ForeignKey("generator.Generation", on_delete=models.PROTECT, related_name="images")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="images")
    index = models.PositiveSmallIntegerField(help_text="its place in the reply, from 0")
    file = models.FileField(max_length=200)
    format = models.CharField(max_length=8, choices=Format)
    width = models.PositiveIntegerField(help_text="pixels, as displayed")
    height = models.PositiveIntegerField(help_text="pixels, as displayed")
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    placeholder = models.TextField(help_text="data URI of a tiny preview")
    is_transparent = models.BooleanField(default=False, help_text="something can be seen through it")
    is_damaged = models.BooleanField(default=False, help_text="some of its pixels are not in the file")
    fingerprint = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="what it looks like; see generator.imaging.fingerprint"
    )
    # Without a value while nobody has looked: such a column is added to a million rows at once.
    colours = models.CharField(  # noqa: DJ001
        max_length=40, null=True, blank=True, editable=False, help_text="names; see generator.imaging.palette"
    )
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.SHARED)
    link = models.CharField(
        max_length=43, unique=True, default=new_link, editable=False, help_text="secret of its share link"
    )
    access_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="grows when it is decided anew who may see it"
    )
    downloads = models.PositiveIntegerField(default=0, editable=False, help_text="how often somebody took the file")
    # Whoever keeps stars and comments keeps these in step with them.
    rating = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="what its stars amount to, in thousandths; none without stars"
    )
    mean_stars = models.PositiveSmallIntegerField(
        null=True, blank=True, editable=False, help_text="the mean of its stars, in thousandths; none without stars"
    )
    comment_count = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="how many comments everybody sees; none without"
    )
    created_at = models.DateTimeField(default=timezone.now)
    trashed_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="when staff hid it")
    removed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when staff moved it to the trash"
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("picture"), _("pictures")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["call", "index"], name="image_once_per_call")]
        indexes = [
            models.Index(fields=["user", "-id"], name="image_user_newest"),
            models.Index(fields=["-id"], name="image_newest_kept", condition=models.Q(trashed_at__isnull=True)),
            models.Index(fields=["visibility", "-id"], name="image_shown", condition=SHOWN),
            models.Index(fields=["user", "visibility", "-id"], name="image_user_shown", condition=SHOWN),
            models.Index(fields=["user", "-id"], name="image_user_trash", condition=models.Q(trashed_at__isnull=False)),
            *(models.Index(Band("fingerprint", number), name=f"image_looks_{number}") for number in BANDS),
            models.Index(fields=["user", "-id", "fingerprint"], name="image_user_looks", condition=LOOKED_AT),
            models.Index(fields=["id"], name="image_without_colours", condition=models.Q(colours__isnull=True)),
            models.Index(fields=["trashed_at"], name="image_trash", condition=models.Q(trashed_at__isnull=False)),
            *indexes(),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return address("image", self.pk)

    @staticmethod
    def id_for(call: Call, index: int) -> UUID:
        """The id of a call's picture: a UUIDv7 made of the time of receipt and the call.

        The same call and index always give the same id and so the same file names: a worker that dies between
        files and rows is followed by one that writes the same files again.
        """
        if call.received_at is None:
            raise ValueError("a picture's id needs the time its reply was received")
        milliseconds = int(call.received_at.timestamp() * 1000)
        tail = int.from_bytes(hashlib.sha256(f"{call.pk}:{index}".encode()).digest()[:8], "big")
        value = milliseconds << 80 | 0x7 << 76 | index << 64 | 0b10 << 62 | tail & (1 << 62) - 1
        return UUID(int=value)

    @property
    def aspect(self) -> float:
        return self.width / self.height

    @property
    def is_shown_by_browsers(self) -> bool:
        """Whether they know the format of the original. Of one they do not, pages show the copies only."""
        return self.format not in (self.Format.TIFF, self.Format.JPEG2000, self.Format.HEIC, self.Format.JXL)

    @property
    def thumb_widths(self) -> list[int]:
        """Those of THUMB_WIDTHS that it has copies of."""
        return list(thumb_widths(self.width, settings.THUMB_WIDTHS))

    @property
    def thumbs(self) -> list[tuple[int, str]]:
        """Width in pixels and address of each copy, for `srcset`; the last one is as wide as the picture."""
        return [(min(width, self.width), address("thumb", self.pk, width)) for width in self.thumb_widths]

    def thumb_name(self, width: int) -> str:
        """The file of a thumbnail; derived, can be deleted at any time."""
        return self.thumb_name_of(self.pk.hex, self.access_version, width)

    @staticmethod
    def thumb_name_of(stem: str, access_version: int, width: int) -> str:
        """The name changes with the access version: what was allowed in an earlier one leads to no file any more."""
        return f"thumbs/{stem[-2:]}/{stem}-{access_version}-{width}.webp"

    @staticmethod
    def original_name(pk: UUID, extension: str) -> str:
        """The file of an original."""
        return f"originals/{pk.hex[-2:]}/{pk.hex}.{extension}"

    @property
    def download_name(self) -> str:
        """A readable file name: the words of the prompt, and what tells pictures of the same prompt apart."""
        return f"{words_of(self.generation.prompt) or 'picture'}-{self.pk.hex[-6:]}.{self.format}"

    def show_to(self, visibility: str) -> None:
        """Choose who may see it. Taking a share link back is final: another choice draws a new secret."""
        with transaction.atomic():
            before = Image.objects.select_for_update().get(pk=self.pk)
            self.visibility, self.access_version, self.link = visibility, before.access_version, before.link
            if before.visibility == Visibility.LINK != visibility:
                self.link = new_link()
            self.renew_access("visibility", "link")

    def trash(self) -> bool:
        changed = Image.objects.filter(pk=self.pk).throw_away()
        self.refresh_from_db(fields=["trashed_at", "access_version"])
        return changed == 1

    def restore(self) -> bool:
        """Take it out of the trash; False if it does not lie there. Saved as a row, for those who watch rows."""
        with transaction.atomic():
            trashed = Image.objects.exclude(trashed_at=None).select_for_update().filter(pk=self.pk).first()
            if trashed:
                trashed.trashed_at = None
                trashed.save(update_fields=["trashed_at"])
        return trashed is not None

    def withhold(self, column: str, since: datetime | None = None) -> datetime | None:
        """Staff hide it (`hidden_at`) or move it to the trash (`removed_at`): when, or None if that is so already.

        `since` when it was so before staff took it back, if they withhold it once more.
        """
        with transaction.atomic():
            kept = Image.objects.select_for_update().get(pk=self.pk)
            if getattr(kept, column):
                return None
            moment = since or timezone.now()
            setattr(kept, column, moment)
            if column == "removed_at" and kept.trashed_at is None:
                kept.trashed_at = moment
            kept.renew_access(column, "trashed_at")
        return moment

    def release(self, column: str, since: datetime | None = None) -> datetime | None:
        """Staff take that back: since when it was so, or None if it is not so or not `since` then.

        What its owner has decided meanwhile holds: who may see it, and that they have thrown it away themselves.
        """
        with transaction.atomic():
            kept = Image.objects.select_for_update().get(pk=self.pk)
            moment: datetime | None = getattr(kept, column)
            if moment is None or since not in (None, moment):
                return None
            setattr(kept, column, None)
            if column == "removed_at" and kept.trashed_at == moment:
                kept.trashed_at = None
            kept.renew_access(column, "trashed_at")
        return moment

    def renew_access(self, *changed: str) -> None:
        """Save these columns, which decide who may see it, and give its thumbnails names that nobody was told.

        The files follow after the commit (`access_renewed`). To be called within a transaction that holds the row.
        """
        ended = self.access_version
        self.access_version += 1
        self.save(update_fields=["access_version", *changed])
        transaction.on_commit(lambda: access_renewed.send(Image, pk=self.pk, ended=ended), robust=True)
