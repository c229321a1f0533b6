"""What the API's `/ai/models` says about image models (onlysq-api, part 2). Every field is optional there."""

import json
from dataclasses import dataclass
from typing import Any

_UNUSABLE = {"down", "disabled"}
_MAX_MODELS = 500
_MOST_COST = 10**12


@dataclass(frozen=True)
class Model:
    """One image model. `id` is what a request names; `cost` is whatever the API said, its unit unknown."""

    id: str
    name: str
    available: bool
    description: str = ""
    owner: str = ""
    cost: int | float | str | None = None


def read(body: bytes) -> list[Model]:
    """The image models of the reply: those of that modality, then any others classified as image.

    The list may be an object by id, a list of objects or of ids, or OpenAI's `{"data": […]}`; where no model says what
    it makes, all are listed. Raises ValueError if `body` is not JSON; a JSON of another shape lists no models.
    """
    try:
        reply = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    whole = _object(reply)
    entries = _entries(reply if isinstance(reply, list) else whole.get("models") or whole.get("data"))
    classified = _entries(_object(whole.get("classified")).get("image"))
    if classified or any(_modality(facts) for facts in entries.values()):
        entries = {id_: facts for id_, facts in entries.items() if "image" in _modality(facts)}
    entries |= {id_: facts for id_, facts in classified.items() if id_ not in entries}
    models = [_model(id_, facts) for id_, facts in entries.items() if id_ and id_ == _line(id_)]
    return models[:_MAX_MODELS]


def _entries(listed: Any) -> dict[str, dict[str, Any]]:
    """What is known of each model, by id."""
    if isinstance(listed, list):
        return {id_: _object(item) for item in listed if (id_ := _id(item))}
    return {id_: _object(facts) for id_, facts in _object(listed).items() if facts is None or isinstance(facts, dict)}


def _id(item: Any) -> str:
    """Of one model in a list."""
    facts = _object(item)
    return next((name for name in (item, facts.get("id"), facts.get("name")) if isinstance(name, str)), "")


def _modality(facts: dict[str, Any]) -> str:
    """What a model makes, in small letters; several are said as a list."""
    said = facts.get("modality") or facts.get("modalities") or ""
    return str(said).lower()


def _model(id_: str, facts: dict[str, Any]) -> Model:
    """A model that says nothing about its state, or something unknown, gets the benefit of the doubt."""
    return Model(
        id=id_,
        name=_line(facts.get("name")) or id_,
        available=str(facts.get("status")).strip().lower() not in _UNUSABLE,
        description=_line(facts.get("description"), 500),
        owner=_line(facts.get("owner")),
        cost=_cost(facts.get("cost")),
    )


def _cost(value: Any) -> int | float | str | None:
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if abs(value) <= _MOST_COST else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(text: Any, limit: int = 200) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text) if isinstance(text, str) else ""
    return " ".join(printable.split())[:limit]
