"""A member leaves: their pictures go or change hands, their name goes, the ledger stays."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from auditlog.context import disable_auditlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gallery.models import Invitation, Mail, Notice, User
from gallery.people.roles import end_sessions, keeping_an_admin
from generator import store
from generator.audit import record
from generator.models import Call, Generation, Image, Limit
from generator.models.image import ImageQuerySet
from generator.replies.spool import Spool

CHUNK = 500
_WORDS = ("first_name", "last_name", "email", "theme", "language", "default_visibility")


class LeavingError(Exception):
    """Why somebody cannot leave right now, as a sentence for them."""


def leave(user: User, heir: User | None) -> None:
    """Hand the pictures over to `heir` or, without one, delete them, and make the account nobody's.

    All in one transaction; files go after the commit. What lies in the trash is deleted either way. Raises
    `LeavingError` or `LastAdminError`, and then nothing has happened.
    """
    # No line of the audit log may keep the name for good; what happened is one line, written at the end.
    with keeping_an_admin(), disable_auditlog():
        member = _locked(user, heir)
        _end_calls(member)
        given = _hand_over(member, heir) if heir else 0
        deleted = _delete_pictures(Image.objects.filter(user=member))
        _forget_prompts(Generation.objects.filter(user=member))
        if not heir:
            transaction.on_commit(lambda: _remove_replies(member.pk), robust=True)
        _close_doors(member)
        _forget_person(member)
        record("left", member, member, changed=True, pictures_deleted=deleted, pictures_handed_over=given)


def calls_under_way(user: User) -> int:
    """Those that can no longer be cancelled: they are paid for, and their pictures need an owner."""
    return Call.objects.held().filter(user=user).count()


def _locked(user: User, heir: User | None) -> User:
    people = User.objects.filter(left_at=None, is_active=True, pk__in=[user.pk, heir.pk if heir else user.pk])
    found = {person.pk: person for person in people.select_for_update().order_by("pk")}
    if heir and heir.pk not in found:
        raise LeavingError(f"{heir} is no longer a member. Choose somebody else.")
    if user.pk not in found:
        raise LeavingError("This account is closed already.")
    return found[user.pk]


def _end_calls(member: User) -> None:
    """Those that wait are cancelled. Those at the API would bring pictures of nobody, and are waited for."""
    for call in Call.objects.queued().filter(user=member):
        call.cancel()
    if Call.objects.running().filter(user=member).exists():
        raise LeavingError("Some of your pictures are being made right now, and paid for. Leave once they are there.")
    # Should a reply still come that was given up long ago, nobody but staff sees what it brings.
    lost = Generation.objects.filter(user=member, calls__state=Call.State.UNKNOWN)
    lost.update(visibility=Image.Visibility.PRIVATE)


def _hand_over(member: User, heir: User) -> int:
    """Every picture that is not in the trash; proofs for its thumbnails that were given to anybody end."""
    count = 0
    for chunk in _chunks(Image.objects.filter(user=member, trashed_at=None)):
        for image in chunk:
            image.user = heir
            image.renew_access("user")
        count += len(chunk)
    return count


def _delete_pictures(images: ImageQuerySet) -> int:
    """With what was said about them; prompts that no picture is left of are forgotten."""
    count = 0
    for chunk in _chunks(images):
        Image.objects.filter(pk__in=[image.pk for image in chunk]).delete()
        store.remove(name for image in chunk for name in store.files_of(image))
        _forget_prompts(Generation.objects.filter(pk__in={image.generation_id for image in chunk}))
        count += len(chunk)
    return count


def _chunks(images: ImageQuerySet) -> Iterator[list[Image]]:
    """Until there are none: what is done with a chunk must take its pictures out of the query."""
    while chunk := list(images.select_for_update(of=("self",)).order_by("pk")[:CHUNK]):
        yield chunk


def _forget_prompts(generations: QuerySet[Generation]) -> None:
    """A prompt is its writer's; so is what the API wrote about it. The figures of the calls stay."""
    told = generations.filter(images=None).exclude(prompt="")
    while found := list(told.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        Call.objects.filter(generation__in=found).update(reply_extra={})
        Generation.objects.filter(pk__in=found).update(prompt="")


def _remove_replies(user_pk: int) -> None:
    """Raw replies that were kept because not all of their pictures could be read."""
    spool = Spool(settings.SPOOL_ROOT)
    ended = Call.objects.filter(user=user_pk, state__in=(Call.State.SUCCEEDED, Call.State.FAILED))
    for pk in ended.filter(pk__in=[leftover.id for leftover in spool.leftovers()]).values_list("pk", flat=True):
        spool.remove(str(pk))


def _close_doors(member: User) -> None:
    """Every way in, and every way in that they gave to others."""
    Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member).delete()
    addresses = EmailAddress.objects.filter(user=member)
    Mail.objects.filter(to__in=[member.email, *addresses.values_list("email", flat=True)]).delete()
    addresses.delete()
    Limit.objects.filter(user=member).delete()
    Notice.objects.filter(user=member).delete()
    Invitation.objects.filter(created_by=member, revoked_at=None).update(revoked_at=timezone.now())
    member.groups.clear()
    member.user_permissions.clear()
    end_sessions(UserSession.objects.filter(user=member))


def _forget_person(member: User) -> None:
    member.username = f"former-{secrets.token_hex(4)}"
    for name in _WORDS:
        setattr(member, name, "")
    member.set_unusable_password()
    member.is_active = member.is_staff = member.is_superuser = False
    member.last_login = member.invitation = None
    member.left_at = timezone.now()
    member.save()
