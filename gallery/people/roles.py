"""Roles and activity of members. Whatever changes them leaves at least one admin who can sign in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from allauth.usersessions.models import UserSession
from django.db import transaction

from gallery.models import User

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


def lesser(one: User.Role, other: User.Role) -> User.Role:
    return min(one, other, key=_RANKS.index)


def roles_up_to(role: User.Role) -> list[User.Role]:
    """What somebody of this role may give to others, the least first."""
    return _RANKS[: _RANKS.index(role) + 1]


def change_role(member: User, role: str) -> None:
    with keeping_an_admin():
        member.role = User.Role(role)
        member.save(update_fields=["is_staff", "is_superuser"])


def deactivate(member: User) -> None:
    """They are signed out everywhere and cannot sign in; their pictures and their ledger stay."""
    with keeping_an_admin():
        member.is_active = False
        member.save(update_fields=["is_active"])
        end_sessions(UserSession.objects.filter(user=member))


def activate(member: User) -> None:
    member.is_active, member.awaits_approval = True, False
    member.save(update_fields=["is_active", "awaits_approval"])


def end_sessions(sessions: Iterable[UserSession]) -> None:
    for session in sessions:
        session.end()
