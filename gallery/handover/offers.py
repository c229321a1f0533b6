"""Asking somebody to take pictures over, and what follows from their answer or from none.

Until there is an answer the pictures stay private ones of the former member. So `Image.objects.visible_to` alone says
who sees them, as ever: nobody, and whoever looks at all pictures.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from auditlog.context import disable_auditlog
from django.db import Error, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from gallery.handover import mails
from gallery.handover.disposal import chunks, delete_some, remove_replies
from gallery.models import Handover, Notice, OfferedPicture, User
from gallery.search import index
from generator.audit import record
from generator.models import Image
from generator.models.generation import Visibility
from generator.models.image_queryset import ImageQuerySet
from generator.worker.tasks import hand_over, in_rounds, outliving_outages

State, Fallback = Handover.State, Handover.Fallback
TASK = "gallery.handover.offers.end_those_that_are_over"
DELETING = "gallery.handover.offers.delete_given_up"


@dataclass(frozen=True)
class Offer:
    """Who is to be asked, what happens if they do not accept, and the whole address of the page where they answer."""

    heir: User
    fallback: str
    page: str


def make(member: User, offer: Offer) -> Handover | None:
    """Ask for all pictures that are not in the trash; None if there are none. To be called in a transaction that holds
    both people, while the member still has their name.
    """
    images = Image.objects.filter(user=member, trashed_at=None)
    told = _told(images)
    if not told["pictures"]:
        return None
    asked = {"asked": offer.heir, "name": str(member), "fallback": offer.fallback}
    handover = Handover.objects.create(member=member, **asked, **told)
    for chunk in chunks(images.filter(offered=None)):
        _withdraw(handover, chunk)
    values = {"name": handover.name, "pictures": handover.pictures}
    Notice.objects.create(user=offer.heir, handover=handover, kind="offered", values=values)
    mails.ask(offer.heir, offer.page)
    record("offered", offer.heir, member, changed=True, pictures=handover.pictures)
    return handover


def give_up(member: User) -> int:
    """Have a worker delete whatever of theirs is not offered to anybody; how many. Called as `make` is."""
    images = Image.objects.filter(user=member, offered=None)
    told = _told(images)
    if told["pictures"]:
        ended = {"state": State.DECLINED, "answered_at": timezone.now(), "fallback": Fallback.DELETE}
        handover = Handover.objects.create(member=member, **ended, **told)
        for chunk in chunks(images):
            _withdraw(handover, chunk)
        transaction.on_commit(_have_deleted)
    return int(told["pictures"])


def _told(images: ImageQuerySet) -> dict[str, Any]:
    """What of pictures the question about them says."""
    return images.aggregate(
        pictures=Count("pk"), prompts=Count("generation", distinct=True), first_at=Min("created_at"),
        last_at=Max("created_at"),
    )  # fmt: skip


def _withdraw(handover: Handover, images: list[Image]) -> None:
    """Show them to nobody, and remember to whom they were shown; proofs that were given for thumbnails end."""
    OfferedPicture.objects.bulk_create(
        OfferedPicture(handover=handover, image=image, visibility=image.visibility) for image in images
    )
    for image in images:
        image.visibility = Visibility.PRIVATE
        image.renew_access("visibility")


def accept(handover: Handover, user: User) -> bool:
    """Whether this press made the pictures theirs. What they have used stays with whoever made them."""
    # No line for each picture: what happened is one line, written at the end.
    with transaction.atomic(), disable_auditlog():
        if not _settle(handover, State.ACCEPTED, user):
            return False
        of_member = Image.objects.filter(user=handover.member_id)
        for chunk in chunks(of_member.exclude(pk__in=_given_up())):  # what lay in the trash may still be there
            _give(chunk, user)
        record("took over", handover.member, user, changed=True, pictures=handover.pictures)
    return True


def _give(images: list[Image], heir: User) -> None:
    """What came after its owner had left was shown to nobody, and stays so."""
    offered = OfferedPicture.objects.filter(image__in=images)
    shown = dict(offered.values_list("image", "visibility"))
    for image in images:
        image.user, image.visibility = heir, shown.get(image.pk, image.visibility)
        image.renew_access("user", "visibility")
    index.renew(images)
    offered.delete()


def decline(handover: Handover, user: User) -> bool:
    """Whether this press declined."""
    with transaction.atomic(), disable_auditlog():
        if not _settle(handover, State.DECLINED, user):
            return False
        _fall_back(handover)
        record("declined pictures", handover.member, user, changed=True, pictures=handover.pictures)
    return True


def _settle(handover: Handover, state: str, user: User | None) -> bool:
    """One conditional UPDATE: of two answers one wins, and nobody answers who is not here any more.

    The person first, then the question, then the pictures: whoever leaves takes hold of them in that order, too.
    """
    if user and not User.objects.select_for_update().filter(pk=user.pk, is_active=True, left_at=None).first():
        return False
    rows = Handover.objects.open().filter(pk=handover.pk)
    if user:
        rows = rows.of(user)
    if not rows.update(state=state, name="", answered_at=timezone.now()):
        return False
    ended = "taken over" if state == State.ACCEPTED else f"{state}, {handover.fallback}"
    told = Notice.objects.filter(handover=handover)
    # Who has answered knows; who has not is told anew, by a notice that names nobody any more.
    told.update(kind=ended, values={"pictures": handover.pictures}, read_at=timezone.now() if user else None)
    return True


def _fall_back(handover: Handover) -> None:
    if handover.fallback == Fallback.DELETE:
        for chunk in chunks(Image.objects.filter(user=handover.member_id, offered=None)):  # what came meanwhile
            _withdraw(handover, chunk)
        remove_replies(handover.member_id)
        transaction.on_commit(_have_deleted)
    else:
        OfferedPicture.objects.filter(handover=handover).delete()


def _have_deleted() -> None:
    with suppress(Error):  # the watch says it again
        hand_over(DELETING)


@outliving_outages
def delete_given_up() -> None:
    """Delete what nobody wanted, a chunk at a time."""
    with disable_auditlog():
        in_rounds(iter(lambda: delete_some(_given_up()), 0), DELETING)


def _given_up() -> ImageQuerySet:
    return Image.objects.filter(offered__handover__in=Handover.objects.all().given_up())


def look() -> None:
    """What the watch does about open questions, and about what is left to delete, once an hour."""
    if Handover.objects.all().over(timezone.now()).exists():
        hand_over(TASK)
    if _given_up().exists():
        hand_over(DELETING)


@outliving_outages
def end_those_that_are_over() -> None:
    """Do without the answers that do not come any more."""
    for handover in Handover.objects.all().over(timezone.now()).select_related("asked", "member"):
        end(handover)


def end(handover: Handover) -> None:
    """Whoever is not here any more has declined; anybody else had their time."""
    is_late = handover.asked and handover.asked.is_active
    with transaction.atomic(), disable_auditlog():
        if _settle(handover, State.EXPIRED if is_late else State.DECLINED, None):
            _fall_back(handover)
            record("unanswered", handover.member, changed=True, pictures=handover.pictures)
