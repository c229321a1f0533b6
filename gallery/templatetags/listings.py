"""The menu of a listing's orders."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from gallery.browse.listing import Listing
from gallery.browse.orders import RANDOM, orders
from generator.templatetags.memoized import memoized

register = template.Library()
register.simple_tag(orders, name="orders")


@register.simple_tag(takes_context=True)
def order_menu(context: Context) -> str:
    """Where nothing is asked, made once in a process: what people type is not worth remembering."""
    listing: Listing = context["listing"]
    signed_in: bool = context["user"].is_authenticated
    values: dict[str, Any] = {"home": listing.home, "q": listing.q, "order": listing.order, "signed_in": signed_in}
    values["again"] = listing.shuffled(None).address() if listing.order == RANDOM else ""
    if not listing.q:
        return SafeString(memoized("search/_order.html", **values, has_words=False))
    return get_template("search/_order.html").render(values | {"has_words": listing.has_words})
