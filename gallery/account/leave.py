"""A member leaves: their pictures go or are offered to somebody, their name goes, the ledger stays."""

from __future__ import annotations

import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from auditlog.context import disable_auditlog
from django.utils import timezone

from gallery.handover import offers
from gallery.handover.disposal import forget_prompts, remove_replies
from gallery.handover.offers import Offer
from gallery.models import Favourite, Invitation, Mail, Notice, SavedSearch, User
from gallery.people.roles import end_sessions, keeping_an_admin
from generator.audit import record
from generator.models import Call, Generation, Image, Limit

_WORDS = (
    "first_name", "last_name", "email", "theme", "language", "default_visibility", "grid_layout", "grid_density",
    "grid_stacks",
)  # fmt: skip


class LeavingError(Exception):
    """Why somebody cannot leave right now, as a sentence for them."""


def leave(user: User, offer: Offer | None) -> None:
    """Offer the pictures to somebody or, without an offer, give them up, and make the account nobody's.

    All in one transaction. What is given up, which the trash is either way, nobody sees from then on, and a worker
    deletes it. Raises `LeavingError` or `LastAdminError`, and then nothing has happened.
    """
    # No line of the audit log may keep the name for good; what happened is a line or two, written here.
    with keeping_an_admin(), disable_auditlog():
        member = _locked(user, offer.heir if offer else None)
        _end_calls(member)
        if offer:
            offers.make(member, offer)
        else:
            remove_replies(member.pk)
        given_up = offers.give_up(member)
        forget_prompts(Generation.objects.filter(user=member))
        _close_doors(member)
        _forget_person(member)
        record("closed", member, member, changed=True, pictures_deleted=given_up)


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
    # Should a reply still come that was given up long ago, or be stored again, nobody sees what it brings.
    Generation.objects.filter(user=member).update(visibility=Image.Visibility.PRIVATE)


def _close_doors(member: User) -> None:
    """Every way in, and every way in that they gave to others."""
    Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member).delete()
    addresses = EmailAddress.objects.filter(user=member)
    Mail.objects.filter(to__in=[member.email, *addresses.values_list("email", flat=True)]).delete()
    addresses.delete()
    Limit.objects.filter(user=member).delete()
    Notice.objects.filter(user=member).delete()
    SavedSearch.objects.filter(user=member).delete()
    Favourite.objects.filter(user=member).delete()
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
