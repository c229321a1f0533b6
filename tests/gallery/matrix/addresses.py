"""Every address of the site, as the resolver knows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver


@dataclass(frozen=True)
class Address:
    """`name` is the view's name with its namespace or, where it has none, the route itself."""

    name: str
    route: str

    @property
    def takes(self) -> str:
        """The kind of row that the address names, by its first part: `images`, `share`, ... or nothing."""
        return self.route.partition("/")[0] if "<" in self.route else ""


def addresses() -> list[Address]:
    found = {address.route: address for address in _walk(get_resolver(), "", "")}
    return sorted(found.values(), key=lambda address: address.name)


def _walk(part: Any, route: str, namespace: str) -> Iterator[Address]:
    for pattern in part.url_patterns:
        here = route + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern, here, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield Address(namespace + pattern.name if pattern.name else here, here)
