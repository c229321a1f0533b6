"""What leads on from a listing: its orders, ways to show it, colours to ask for, and searches that were saved."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from gallery.browse.appearance import QUESTIONS, without
from gallery.browse.cards import cards
from gallery.browse.colours import colours_beside
from gallery.browse.listing import Listing
from gallery.browse.orders import RANDOM, orders
from gallery.browse.saved import saved_by
from gallery.browse.wanted import usual
from gallery.collections.controls import Look
from generator.models.addresses import address
from generator.templatetags.memoized import memoized
from generator.templatetags.quick import quick

register = template.Library()
# What says in an address where a page begins.
_PLACES = ("before", "after", "at")
register.simple_tag(orders, name="orders")
register.simple_tag(lambda: QUESTIONS, name="questions")


@register.simple_tag(takes_context=True)
def order_menu(context: Context) -> str:
    """Where nothing is asked, made once in a process: what people type is not worth remembering."""
    listing: Listing = context["listing"]
    signed_in: bool = context["user"].is_authenticated
    values: dict[str, Any] = {"home": listing.home, "q": listing.q, "order": listing.order_word, "signed_in": signed_in}
    values["usual"] = usual(listing.scope)
    is_alike = listing.read_by(context["user"]).is_by_likeness
    values["again"] = listing.shuffled(None).address() if listing.order == RANDOM and not is_alike else ""
    if not (listing.q or listing.look):
        return SafeString(memoized("search/_order.html", **values, has_words=False, is_alike=False))
    values |= {"has_words": listing.has_words, "is_alike": is_alike, "look": listing.look}
    return get_template("search/_order.html").render(values)


@register.simple_tag(takes_context=True)
def appearance_menu(context: Context) -> SafeString:
    """What a member answers is remembered; for others it stands in the address."""
    return quick("browse/_appearance.html", **_appearance(context))


def _appearance(context: Context) -> dict[str, Any]:
    request, said = context["request"], without(context["request"].GET)
    return {
        "shown": context["appearance"],
        "is_member": context["user"].is_authenticated,
        "here": request.path + (f"?{said}" if said else ""),
        "listing": context["listing"],
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag(takes_context=True)
def rows(context: Context, *, is_found: bool = False) -> SafeString:
    """The pictures of a page of a listing, and what stands around them."""
    page, listing, about = context["page"], context["listing"], _appearance(context)
    has_news = about["is_member"] and page.is_first and not listing.order and page.rows
    here, token = context["request"].get_full_path(), about["csrf_token"]
    form = quick("collections/_form.html", here=here, look=Look.TILE, csrf_token=token) if context["favourites"] else ""
    return quick(
        "browse/_rows.html",
        **about,
        **_page(context),
        favourites_form=form,
        is_found=is_found,
        timeline=context["timeline"],
        order_menu="" if is_found else order_menu(context),
        news=f"{address('news')}{listing.within or '?'}&after={page.rows[0].id}" if has_news else "",
    )


@register.simple_tag(takes_context=True)
def more_rows(context: Context) -> SafeString:
    """The same for a script that has the page already."""
    return quick("browse/_more_rows.html", **_page(context), listing=context["listing"])


def _page(context: Context) -> dict[str, Any]:
    page, given = context["page"], context["request"].GET
    if context["appearance"].is_list:
        said = {name: context[name] for name in ("stacks", "days", "lines", "favourites")}
        items = quick("browse/_list.html", tiles=page.rows, **said)
    else:
        items = SafeString(cards(page.rows, context["stacks"], context["days"], context["favourites"]))
    ways = Ways(_turned(given), _turned(given, after=page.newer), _turned(given, before=page.older))
    return {"page": page, "ways": ways, "items": items, "is_fragment": context["is_fragment"]}


class Ways(NamedTuple):
    """Addresses of the pages around one: the first of all, and those on both sides."""

    head: str
    newer: str
    older: str


def _turned(given: QueryDict, **place: Any) -> str:
    """What was asked, from another place on."""
    said = [(name, each) for name, values in given.lists() if name not in _PLACES for each in values]
    return f"?{urlencode([*said, *place.items()])}"


@register.simple_tag
def colour_row(listing: Listing) -> SafeString:
    """A swatch for each colour that can be asked for as well."""
    return quick("search/_colours.html", colours=colours_beside(listing))


@register.simple_tag
def saved_searches(user: Any) -> SafeString:
    """Those that this person has saved, as links. One query."""
    saved = saved_by(user)
    return quick("search/_saved.html", saved=saved) if saved else SafeString("")
