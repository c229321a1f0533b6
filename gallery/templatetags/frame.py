"""What stands around every page."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.utils.safestring import SafeString

from gallery.browse.box import box
from gallery.browse.listing import Listing
from gallery.header import Header
from generator.templatetags.quick import quick

register = template.Library()


@register.simple_tag(takes_context=True)
def site_header(context: Context) -> SafeString:
    """The way around the site; for members also their menu and what waits for them."""
    at = getattr(context.get("request"), "resolver_match", None)
    header: Any = context.get("header") or Header()
    user = context.get("user") or AnonymousUser()
    return quick(
        "_header.html",
        at=at.view_name if at else "",
        user=user,
        box=None if at and at.view_name == "search" else box(context.get("listing") or Listing(), user),
        header=header,
        queue_mine=header.queue_mine,
        queue_all=header.queue_all,
        queue_pace=header.queue_pace,
        is_running=context.get("is_running", False),
        is_live=False,
        csrf_token=context.get("csrf_token", ""),
    )
