"""Searching the audit log: who did what, to what, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from django import forms
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from gallery.audit.names import Names
from gallery.audit.sentences import sentence
from gallery.filters import DayField, FilterForm, MemberField, member_key, on_days
from gallery.models import Comment, Invitation, Joining, User
from gallery.paging import Page, newest
from generator.models import Call, Image, Limit, Price, Provider

PAGE_SIZE = 50
_PICTURE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
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


class SearchForm(FilterForm):
    narrowing = ("who", "what", "about", "since", "until")

    who = MemberField(label="Who", help_text="a username")
    what = forms.ChoiceField(
        required=False, label="What", choices=[("", "Anything"), *((key, label) for key, (label, *_) in KINDS.items())]
    )
    about = forms.CharField(
        required=False,
        max_length=300,
        label="About whom or what",
        help_text="name or picture",
    )
    since = DayField(required=False, label="From")
    until = DayField(required=False, label="To")
    before = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Line:
    entry: LogEntry
    sentence: SafeString


def page_of(asked: dict[str, Any]) -> Page[Line]:
    """The newest lines that fit what a form has cleaned, in a number of queries that does not depend on how many."""
    page = newest(_matching(asked).select_related("content_type"), asked["before"], PAGE_SIZE)
    names = Names(page.rows)
    return page.of([Line(entry, sentence(entry, names)) for entry in page.rows])


def _matching(asked: dict[str, Any]) -> QuerySet[LogEntry]:
    entries: QuerySet[LogEntry] = LogEntry.objects.filter(on_days("timestamp", asked["since"], asked["until"]))
    if asked["who"] is not None:
        entries = entries.filter(actor=asked["who"])
    if asked["what"]:
        entries = entries.filter(_of_kind(asked["what"]))
    if asked["about"]:
        entries = entries.filter(_about(asked["about"]))
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
    return Q(object_pk=str(member_key(text)), content_type=ContentType.objects.get_for_model(User))
