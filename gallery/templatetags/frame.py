"""What stands around every page."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.urls import get_script_prefix
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gallery.browse.box import Box, box
from gallery.browse.listing import Listing
from gallery.header import Header
from generator.templatetags.quick import quick

register = template.Library()
_MOST = 256
# In place of the token while a header is made: nobody can write it into their name.
_HOLE = secrets.token_hex(16)


class Reader(NamedTuple):
    """What is shown of whoever looks, named as it is of a user."""

    is_authenticated: bool
    username: str
    name: str
    page: str
    is_staff: bool
    is_superuser: bool

    @classmethod
    def of(cls, user: Any) -> Reader:
        page = user.get_absolute_url() if user.is_authenticated else ""
        return cls(user.is_authenticated, user.get_username(), str(user), page, user.is_staff, user.is_superuser)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.page


class Shown(NamedTuple):
    """All that a header is made of, but the token of its form. `at` is the name of the page's address."""

    at: str
    user: Reader
    box: Box | None
    header: Header
    is_running: bool
    language: str | None
    prefix: str


@register.simple_tag(takes_context=True)
def site_header(context: Context) -> SafeString:
    """The way around the site; for members also their menu and what waits for them.

    Remembered without the token of its form by all that it shows, so that nothing ever has to be forgotten. What
    people look for is not worth remembering.
    """
    at = getattr(context.get("request"), "resolver_match", None)
    name = at.view_name if at else ""
    user = context.get("user") or AnonymousUser()
    shown = Shown(
        name,
        Reader.of(user),
        None if name == "search" else box(context.get("listing") or Listing(), user),
        _plain(context.get("header")) or Header(),
        bool(context.get("is_running", False)),
        get_language(),
        get_script_prefix(),
    )
    make = _made if settings.DEBUG or (shown.box and shown.box.words) else _remembered
    token = context.get("csrf_token") or ""
    return SafeString(make(shown).replace(_HOLE, conditional_escape(token)))


def _plain(header: Any) -> Header | None:
    """Without what reads it when it is named, which would be remembered with it."""
    return header and Header(*(getattr(header, name) for name in Header.__match_args__))


def _made(shown: Shown) -> str:
    header = shown.header
    return quick(
        "_header.html",
        at=shown.at,
        user=shown.user,
        box=shown.box,
        header=header,
        queue_mine=header.queue_mine,
        queue_all=header.queue_all,
        queue_pace=header.queue_pace,
        is_running=shown.is_running,
        is_live=False,
        csrf_token=_HOLE,
    )


_remembered = lru_cache(_MOST)(_made)
