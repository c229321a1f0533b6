"""The fields of the form that have more to them than Django's own: the prompt, and the cards of the models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from generator.create.choices import OfferedModel
from generator.create.estimates import Estimates


class PromptField(forms.CharField):
    """Text as a person counts it: a line break is one character. The browser is never told to cut any off."""

    widget = forms.Textarea(attrs={"rows": 3, "placeholder": "Describe the picture you want"})

    def to_python(self, value: Any) -> str:
        return str(super().to_python(str(value or "").replace("\r\n", "\n")))


class ModelChoices(forms.RadioSelect):
    """One radio button a model, with what it would take; those that are not available cannot be chosen."""

    def __init__(self, models: dict[str, OfferedModel], estimates: Callable[[], Estimates]) -> None:
        super().__init__()
        self.models = models
        self.estimates = estimates

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["model"] = model = self.models[str(value)]
        told = self.estimates()[model.id]
        option["attrs"]["data-estimates"] = "|".join(map(str, told))
        option["costs"] = [estimate.about for estimate in told if estimate.about]
        if not model.available:
            option["attrs"]["disabled"] = True
        return option
