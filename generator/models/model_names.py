"""What people call a model: one name, the same on every page and in every file."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.cache import caches

from generator.models.provider import Provider

_KEY, _SECONDS = "model-names", 60


def model_name(id_: str) -> str:
    """The API's own name for it, else its id. One query a minute, however many are named."""
    return known_models().get(id_, id_)


def models_called(text: str) -> list[str]:
    """Ids of models that are called so, by id or name in capitals or not, or else of those with a part called so.

    Of a text that says none it is the text: the model may be offered no longer.
    """
    wanted = text.casefold()
    known = [(id_, id_.casefold(), name.casefold()) for id_, name in known_models().items()]
    exact = [id_ for id_, *said in known if wanted in said]
    return exact or [id_ for id_, *said in known if any(wanted in one for one in said)] or [text]


def known_models() -> dict[str, str]:
    """Names by id, of the models that the API offers."""
    cache = caches["process"]
    names: dict[str, str] | None = cache.get(_KEY)
    if names is None:
        names = named(Provider.objects.filter(pk=1).values_list("models_list", flat=True).first() or [])
        cache.set(_KEY, names, _SECONDS)
    return names


def named(listed: list[dict[str, Any]]) -> dict[str, str]:
    """Names by id. Where several share one their ids tell them apart."""
    names = {row["id"]: row.get("name") or row["id"] for row in listed}
    often = Counter(names.values())
    return {id_: f"{name} ({id_})" if often[name] > 1 else name for id_, name in names.items()}
