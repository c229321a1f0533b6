"""What the API's `/ai/models` says about image models (onlysq-api, part 2). Every field is optional there."""

import json
from dataclasses import dataclass
from typing import Any

_USABLE = {"work", "ok"}
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

    Raises ValueError if `body` is not JSON; a JSON of another shape lists no models.
    """
    try:
        reply = _object(json.loads(body))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    listed = {id_: facts for id_, facts in _object(reply.get("models")).items() if _is_image(facts)}
    classified = _object(_object(reply.get("classified")).get("image"))
    entries = listed | {id_: facts for id_, facts in classified.items() if id_ not in listed}
    models = [_model(id_, _object(facts)) for id_, facts in entries.items() if id_ and id_ == _line(id_)]
    return models[:_MAX_MODELS]


def _model(id_: str, facts: dict[str, Any]) -> Model:
    """A model that says nothing about its state gets the benefit of the doubt."""
    return Model(
        id=id_,
        name=_line(facts.get("name")) or id_,
        available=str(facts.get("status", "ok")).strip().lower() in _USABLE,
        description=_line(facts.get("description"), 500),
        owner=_line(facts.get("owner")),
        cost=_cost(facts.get("cost")),
    )


def _is_image(facts: Any) -> bool:
    return str(_object(facts).get("modality")).lower() == "image"


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
