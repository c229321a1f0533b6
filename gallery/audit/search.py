"""Searching the audit log: who did what, to what, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from django import forms
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from gallery.audit.names import Names
from gallery.audit.sentences import sentence
from gallery.models import Comment, Invitation, Joining, User
from generator.models import Call, Image, Limit, Price, Provider

PAGE_SIZE = 50
_PICTURE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_DAYS = [
    MinValueValidator(date(2000, 1, 1), "Choose days between 2000 and 2099."),
    MaxValueValidator(date(2099, 12, 31), "Choose days between 2000 and 2099."),
]
# What belongs to a member's account, and how people sign in.
ACCOUNTS = (EmailAddress, Authenticator, UserSession, SocialAccount, SocialToken, SocialApp)
# Kind: rows of these models, and whether it is about what happened (True), about changed columns (False) or both.
KINDS: dict[str, tuple[str, tuple[type, ...], bool | None]] = {
    "sign-ins": ("Signing in", (User,), True),
    "people": ("Members, roles, invitations", (User, Joining, Invitation, Group, *ACCOUNTS), False),
    "pictures": ("Pictures, comments and calls", (Image, Comment, Call), False),
    "decisions": ("Decisions of the inbox", (Image, Comment), True),
    "limits": ("Limits and prices", (Limit, Price), None),
    "settings": ("Settings", (Joining, Provider), None),
}


class SearchForm(forms.Form):
    """All optional, all in the address."""

    who = forms.CharField(required=False, max_length=150, label="Who", help_text="a username")
    what = forms.ChoiceField(
        required=False, label="What", choices=[("", "Anything"), *((key, label) for key, (label, *_) in KINDS.items())]
    )
    about = forms.CharField(
        required=False,
        max_length=300,
        label="About whom or what",
        help_text="name or picture",
    )
    since = forms.DateField(required=False, label="From", validators=_DAYS)
    until = forms.DateField(required=False, label="To", validators=_DAYS)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Line:
    entry: LogEntry
    sentence: SafeString


@dataclass(frozen=True)
class Page:
    """`older` is the cursor of the next page, or None at the end."""

    lines: list[Line]
    older: int | None


def page_of(asked: dict[str, Any], size: int = PAGE_SIZE) -> Page:
    """The newest lines that fit, in a number of queries that does not depend on how many there are."""
    entries = _matching(asked).select_related("content_type").order_by("-pk")
    if asked.get("before"):
        entries = entries.filter(pk__lt=asked["before"])
    found = list(entries[: size + 1])
    names = Names(found[:size])
    older = found[size - 1].pk if len(found) > size else None
    return Page([Line(entry, sentence(entry, names)) for entry in found[:size]], older)


def _matching(asked: dict[str, Any]) -> QuerySet[LogEntry]:
    entries: QuerySet[LogEntry] = LogEntry.objects.all()
    if asked.get("who"):
        entries = entries.filter(actor=_member(asked["who"]))
    if asked.get("what"):
        entries = entries.filter(_of_kind(asked["what"]))
    if asked.get("about"):
        entries = entries.filter(_about(asked["about"]))
    if asked.get("since"):
        entries = entries.filter(timestamp__gte=_midnight(asked["since"]))
    if asked.get("until"):
        entries = entries.filter(timestamp__lt=_midnight(asked["until"] + timedelta(days=1)))
    return entries


def _of_kind(kind: str) -> Q:
    _, models, is_event = KINDS[kind]
    types = ContentType.objects.get_for_models(*models).values()
    wanted = Q(content_type__in=[found.pk for found in types])
    event = Q(action=LogEntry.Action.ACCESS)
    return wanted if is_event is None else wanted & (event if is_event else ~event)


def _about(text: str) -> Q:
    """A picture if there is an id in it, else a member; both found by an index."""
    if picture := _PICTURE.search(text):
        return Q(object_pk=picture[0].lower(), content_type=ContentType.objects.get_for_model(Image))
    return Q(object_pk=str(_member(text)), content_type=ContentType.objects.get_for_model(User))


def _member(name: str) -> int:
    """Their key, or 0, which nobody has. One number, so that an index gives their lines in order."""
    return User.objects.filter(username__iexact=name.strip()).values_list("pk", flat=True).first() or 0


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
