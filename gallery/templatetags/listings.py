"""What leads on from a listing: its orders, ways to show it, colours to ask for, and searches that were saved."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from gallery.browse.appearance import QUESTIONS, without
from gallery.browse.colours import colours_beside
from gallery.browse.listing import Listing
from gallery.browse.orders import RANDOM, orders
from gallery.browse.saved import saved_by
from gallery.browse.wanted import usual
from generator.templatetags.memoized import memoized
from generator.templatetags.quick import quick

register = template.Library()
register.simple_tag(orders, name="orders")
register.simple_tag(lambda: QUESTIONS, name="questions")


@register.simple_tag(takes_context=True)
def order_menu(context: Context) -> str:
    """Where nothing is asked, made once in a process: what people type is not worth remembering."""
    listing: Listing = context["listing"]
    signed_in: bool = context["user"].is_authenticated
    values: dict[str, Any] = {"home": listing.home, "q": listing.q, "order": listing.order_word, "signed_in": signed_in}
    values["usual"] = usual(listing.scope)
    values["again"] = listing.shuffled(None).address() if listing.order == RANDOM else ""
    if not listing.q:
        return SafeString(memoized("search/_order.html", **values, has_words=False))
    return get_template("search/_order.html").render(values | {"has_words": listing.has_words})


@register.simple_tag(takes_context=True)
def appearance_menu(context: Context) -> SafeString:
    """What a member answers is remembered; for others it stands in the address."""
    request, listing, shown = context["request"], context["listing"], context["appearance"]
    said = without(request.GET)
    return quick(
        "browse/_appearance.html",
        shown=shown,
        is_member=context["user"].is_authenticated,
        here=request.path + (f"?{said}" if said else ""),
        listing=listing,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_tag
def colour_row(listing: Listing) -> SafeString:
    """A swatch for each colour that can be asked for as well."""
    return quick("search/_colours.html", colours=colours_beside(listing))


@register.simple_tag
def saved_searches(user: Any) -> SafeString:
    """Those that this person has saved, as links. One query."""
    saved = saved_by(user)
    return quick("search/_saved.html", saved=saved) if saved else SafeString("")
