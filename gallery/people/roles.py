"""Roles and activity of members. Whatever changes them leaves at least one admin who can sign in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from gallery.models import Invitation, User

LAST_ADMIN = "There must be an admin who can sign in. Make somebody else one first."
_RANKS = [User.Role.MEMBER, User.Role.MODERATOR, User.Role.ADMIN]


class LastAdminError(Exception):
    """What was asked for would leave nobody who can administer the site."""

    def __init__(self) -> None:
        super().__init__(LAST_ADMIN)


@contextmanager
def keeping_an_admin() -> Iterator[None]:
    """What is done within is undone, by a `LastAdminError`, if it leaves no active admin.

    The rows of all admins are locked first: of two admins who demote each other at once, one comes second and sees it.
    """
    admins = User.objects.filter(is_superuser=True, is_active=True)
    with transaction.atomic():
        had_one = bool(admins.select_for_update().order_by("pk").values_list("pk", flat=True))
        yield
        if had_one and not admins.exists():
            raise LastAdminError


def would_remove_the_last_admin(leaving: Iterable[int]) -> bool:
    """Whether nobody could administer the site without the members of these ids. To ask, not to make sure."""
    admins = set(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
    return bool(admins) and admins <= {*leaving}


def roles_up_to(role: User.Role) -> list[User.Role]:
    """What somebody of this role may give to others by an invitation, the least first: moderators let members in."""
    return {User.Role.ADMIN: _RANKS, User.Role.MODERATOR: _RANKS[:1]}.get(role, [])


def change_role(member: User, role: str) -> None:
    with keeping_an_admin():
        member.role = User.Role(role)
        member.save(update_fields=["is_staff", "is_superuser"])
        end_invitations(member)


def end_invitations(member: User) -> None:
    """Withdraw those of theirs that give what they may not give any more: what staff made ends with their role."""
    for invitation in Invitation.objects.filter(created_by=member, revoked_at=None):
        if not member.is_active or invitation.role not in roles_up_to(member.role):
            invitation.revoked_at = timezone.now()
            invitation.save(update_fields=["revoked_at"])


def deactivate(member: User) -> None:
    """They are signed out everywhere and cannot sign in; their pictures and their ledger stay."""
    with keeping_an_admin():
        member.is_active = False
        member.save(update_fields=["is_active"])
        end_invitations(member)
        end_sessions(UserSession.objects.filter(user=member))


def activate(member: User) -> None:
    member.is_active, member.awaits_approval = True, False
    member.save(update_fields=["is_active", "awaits_approval"])


def end_sessions(sessions: Iterable[UserSession]) -> None:
    for session in sessions:
        session.end()
