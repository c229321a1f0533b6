"""What a browser calls itself, in words that people know."""

from __future__ import annotations

from django import template

register = template.Library()

# In this order: most browsers also claim to be another one.
_BROWSERS = [
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
]  # fmt: skip
_SYSTEMS = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
]  # fmt: skip


@register.filter
def browser(user_agent: str) -> str:
    """Such as "Firefox on Windows"; what nobody knows is cut short."""
    name = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    return " on ".join(filter(None, (name, system))) or user_agent[:60] or "Unknown browser"


def _first(marks: list[tuple[str, str]], user_agent: str) -> str:
    return next((name for mark, name in marks if mark in user_agent), "")
