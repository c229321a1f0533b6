"""What a page says about an invitation."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from gallery.middleware.addresses import absolute
from gallery.models import Invitation, Joining, User
from gallery.people.joining import current_rule

register = template.Library()


@register.simple_tag(takes_context=True)
def join_link(context: dict[str, Any], invitation: Invitation) -> str:
    """The whole address, as it is sent to somebody."""
    return absolute(context["request"], reverse("join", args=[invitation.token]))


@register.filter
def uses_left(invitation: Invitation) -> int:
    return invitation.uses_allowed - invitation.uses


@register.simple_tag
def asks_to_join() -> bool:
    """Whether anybody may ask to become a member."""
    return current_rule() == Joining.Rule.APPROVAL


@register.simple_tag
def nobody_came_yet() -> bool:
    """Whether nobody has ever signed in: the first one looks for what the start has printed."""
    return not User.objects.exclude(last_login=None).exists()
