"""What people call a model: one name, the same on every page and in every file."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.cache import caches

from generator.models.provider import Provider

_KEY, _SECONDS = "model-names", 60


def model_name(id_: str) -> str:
    """The API's own name for it, else its id. One query a minute, however many are named."""
    cache = caches["process"]
    names: dict[str, str] | None = cache.get(_KEY)
    if names is None:
        names = named(Provider.objects.filter(pk=1).values_list("models_list", flat=True).first() or [])
        cache.set(_KEY, names, _SECONDS)
    return names.get(id_, id_)


def named(listed: list[dict[str, Any]]) -> dict[str, str]:
    """Names by id. Where several share one their ids tell them apart."""
    names = {row["id"]: row.get("name") or row["id"] for row in listed}
    often = Counter(names.values())
    return {id_: f"{name} ({id_})" if often[name] > 1 else name for id_, name in names.items()}
