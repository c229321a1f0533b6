"""Addresses that ask the same question of the ledger, changed in a word or two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from gallery.usage.filters import UsageFilter
from gallery.usage.ledger import waited
from gallery.usage.tables import Table, written

register = template.Library()


@register.simple_tag
def asking(usage_filter: UsageFilter, **changes: str) -> str:
    """The query string: `{% asking usage_filter table="members" sort="" %}`."""
    return f"?{usage_filter.address(**changes)}"


@register.simple_tag
def asking_for(usage_filter: UsageFilter, link: Mapping[str, str]) -> str:
    """The query string for the calls of one line of a table."""
    return f"?{usage_filter.address(**{**link, 'sort': '', 'table': '', 'chart': ''})}"


@register.simple_tag
def sorting(usage_filter: UsageFilter, table: Table, name: str) -> dict[str, str]:
    """Where a column's head leads, and how the table is sorted by that column now (`aria-sort`)."""
    wish = usage_filter.sort or f"-{table.columns[0].name}"
    if wish.lstrip("-") != "name" and wish.lstrip("-") not in {column.name for column in table.columns}:
        wish = f"-{table.columns[0].name}"
    now = {f"-{name}": "descending", name: "ascending"}.get(wish, "")
    first = name if name == "name" else f"-{name}"
    other = {"descending": name, "ascending": f"-{name}"}.get(now, first)
    return {"address": f"?{usage_filter.address(sort=other)}", "now": now}


@register.filter
def figure(value: Any, kind: str) -> str:
    return written(value, kind)


register.filter("waited_in_all", waited)
