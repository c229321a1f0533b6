"""What the form shows before anybody types: the last choices, a remix, an earlier prompt, an example."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from generator.create.forms import GenerationForm
from generator.models import Generation
from generator.models.image import visible_image


def prefill(form: type[GenerationForm], user: Any, query: QueryDict) -> dict[str, Any]:
    """The form's initial values.

    `?edit=<generation>` brings back one's own earlier prompt, `?remix=<image>` the prompt and settings of a
    picture one may see, `?prompt=` a text. Who may see the result is never taken from others: it is what one has set
    for new pictures or, without that, one's own last choice.
    """
    values = _remembered(form, user) | _edited(form, user, query.get("edit", ""))
    values |= _remixed(form, user, query.get("remix", ""))
    if query.get("prompt"):
        values["prompt"] = query["prompt"]
    return values


def _remembered(form: type[GenerationForm], user: Any) -> dict[str, Any]:
    last = Generation.objects.filter(user=user).order_by("-pk").first()
    usual = getattr(user, "default_visibility", "")
    return (_own(form, last) if last else {}) | ({"visibility": usual} if usual else {})


def _own(form: type[GenerationForm], generation: Generation) -> dict[str, Any]:
    return form.choices_of(generation) | {"count": generation.count, "visibility": generation.visibility}


def _edited(form: type[GenerationForm], user: Any, pk: str) -> dict[str, Any]:
    try:
        found = Generation.objects.filter(user=user, pk=pk).first() if pk else None
    except ValidationError:
        return {}
    return _own(form, found) | {"prompt": found.prompt, "parent": found.parent_id} if found else {}


def _remixed(form: type[GenerationForm], user: Any, pk: str) -> dict[str, Any]:
    image = visible_image(user, pk)
    if image is None:
        return {}
    return form.choices_of(image.generation) | {"prompt": image.generation.prompt, "parent": image.pk}
