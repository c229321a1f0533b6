"""Reading members and invitations for the page about them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from gallery.models import Invitation, User
from gallery.paging import Page, page_of

PAGE_SIZE = 50
# What a glance can hold; the admin has all of them.
MOST_WAITING, MOST_INVITATIONS, MOST_PAST = 50, 100, 20


def members() -> QuerySet[User]:
    """Everybody who is or was let in and has not left."""
    return User.objects.filter(awaits_approval=False, left_at=None).select_related("invitation__created_by")


def by_name(found: QuerySet[User], after: str) -> Page[User]:
    """In the order of usernames, which are unique and indexed: the name is the cursor."""
    rows = found.filter(username__gt=after).order_by("username").prefetch_related("groups")
    return page_of(rows, PAGE_SIZE, after or None, lambda member: member.username)


def matching(words: str) -> QuerySet[User]:
    """Members in whose names or address each of these words occurs."""
    found = members()
    for word in words.split():
        found = found.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    return found


def waiting() -> QuerySet[User]:
    """Who asked to join and has no answer yet, the longest waiting first."""
    return User.objects.filter(awaits_approval=True, is_active=False).order_by("date_joined")


def open_invitations() -> QuerySet[Invitation]:
    """Links that still let somebody in, the newest first."""
    return _shown(Invitation.objects.all().good(timezone.now()))[:MOST_INVITATIONS]


def past_invitations() -> QuerySet[Invitation]:
    """Used up, expired or withdrawn, the newest first."""
    good = Invitation.objects.all().good(timezone.now())
    return _shown(Invitation.objects.exclude(pk__in=good.values("pk")))[:MOST_PAST]


def _shown(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    return invitations.select_related("created_by", "group").order_by("-id")
