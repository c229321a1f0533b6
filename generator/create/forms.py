"""The form that asks for pictures, in either dialect of the API."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundWidget

from generator.create import choices
from generator.create.estimates import Estimates, estimates
from generator.create.fields import ModelChoices, PromptField
from generator.models import Generation, Image
from generator.models.generation import Visibility
from generator.models.image import visible_image
from generator.submit import Submitted, Wish, submit

# Letters and signs that are drawn as nothing.
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"


class GenerationForm(forms.Form):
    """What both dialects ask for. The subclasses add the shape; `form_class` tells which one is spoken."""

    prompt = PromptField(error_messages={"required": "Describe the picture you want."})
    model = forms.ChoiceField(
        error_messages={
            "required": "Choose a model.",
            "invalid_choice": "“%(value)s” is not offered. Choose one of these models.",
        },
    )
    count = forms.TypedChoiceField(
        label="Pictures",
        coerce=int,
        choices=[(number, str(number)) for number in range(1, choices.MAX_COUNT + 1)],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how many pictures.",
            "invalid_choice": f"Choose from 1 to {choices.MAX_COUNT} pictures.",
        },
    )
    visibility = forms.ChoiceField(
        label="Visible to",
        choices=Visibility.offered,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose who may see the pictures.",
            "invalid_choice": "Choose who may see the pictures.",
        },
    )
    parent = forms.UUIDField(required=False, widget=forms.HiddenInput)
    token = forms.CharField(max_length=64, widget=forms.HiddenInput)

    shape_name = ""

    def __init__(self, data: Any = None, *, user: Any, initial: dict[str, Any]) -> None:
        """`initial` comes from `prefill`; each form that is shown carries a token of its own."""
        super().__init__(data, initial=self.defaults() | initial | {"token": uuid4().hex}, use_required_attribute=False)
        self.user = user
        self.offered = {model.id: model for model in choices.offered_models()}
        self.initial["model"] = choices.choose_model(self.offered, self.initial.get("model", ""))
        self._offer_models()
        self.fields["prompt"].widget.attrs["data-limit"] = settings.MAX_PROMPT_LENGTH

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {"count": 1, "visibility": settings.DEFAULT_VISIBILITY}

    @classmethod
    def choices_of(cls, generation: Generation) -> dict[str, Any]:
        """The settings of a generation in this form's fields, whichever dialect it was made in."""
        return {"model": generation.model, **cls.shape_of(generation)}

    @classmethod
    def shape_of(cls, generation: Generation) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def pictures_of_calls(cls, count: int) -> list[int]:
        """How many pictures each of the calls for `count` of them brings."""
        raise NotImplementedError

    @property
    def shape_field(self) -> forms.BoundField:
        return self[self.shape_name]

    @property
    def shapes(self) -> Iterator[tuple[BoundWidget, choices.Rectangle]]:
        """Each choice of shape with the little rectangle that shows it."""
        for option in self.shape_field:
            value = str(option.data["value"])
            yield option, choices.drawing(1 if value == choices.CUSTOM_SIZE else choices.aspect_of(value))

    @property
    def chosen_model(self) -> str:
        """The name of the model as chosen so far, for the fold that hides the choice."""
        model = self.offered.get(str(self["model"].value()))
        return model.name if model else "not chosen"

    @property
    def chosen_visibility(self) -> str:
        return dict(Visibility.choices).get(str(self["visibility"].value()), "not chosen")

    @cached_property
    def estimates(self) -> Estimates:
        """What each model would take for 1, 2, … pictures. Read only when the form is shown."""
        return estimates(self.offered, [self.pictures_of_calls(n) for n in range(1, choices.MAX_COUNT + 1)])

    @property
    def estimate(self) -> str:
        """What the wish as chosen so far would take, in words."""
        of_model = self.estimates.get(str(self["model"].value()), [])
        count = str(self["count"].value())
        return str(of_model[int(count) - 1]) if count in {str(n) for n in range(1, len(of_model) + 1)} else ""

    @property
    def is_priced(self) -> bool:
        return any(each.cost is not None for told in self.estimates.values() for each in told)

    @property
    def parent_image(self) -> Image | None:
        """The picture to be remixed, for the chip that says so."""
        return visible_image(self.user, self["parent"].value())

    @property
    def opens_settings(self) -> bool:
        """Whether something in the folded part needs to be looked at."""
        return bool({"model", "visibility"} & self.errors.keys())

    def clean_prompt(self) -> str:
        prompt: str = self.cleaned_data["prompt"]
        if not any(unicodedata.category(sign)[0] not in "CMZ" for sign in prompt if sign not in _BLANK):
            raise forms.ValidationError(self.fields["prompt"].error_messages["required"])
        if len(prompt) > settings.MAX_PROMPT_LENGTH:
            raise forms.ValidationError(
                f"That is {len(prompt):,} characters; at most {settings.MAX_PROMPT_LENGTH:,} fit."
            )
        return prompt

    def clean_model(self) -> str:
        model = self.offered[self.cleaned_data["model"]]
        if not model.available:
            raise forms.ValidationError(f"{model.name} is not available right now. Choose another model.")
        return model.id

    def clean_parent(self) -> Image | None:
        """A picture that has vanished meanwhile is no reason to refuse the prompt."""
        return visible_image(self.user, self.cleaned_data["parent"])

    def submit(self) -> Submitted:
        """Ask for what was filled in; LimitError if there is no room for it."""
        asked = {name: self.cleaned_data[name] for name in ("prompt", "model", "count", "visibility", "parent")}
        return submit(self.user, Wish(**asked, **self.shape()), self.cleaned_data["token"])

    def shape(self) -> dict[str, Any]:
        raise NotImplementedError

    def _offer_models(self) -> None:
        field = self.fields["model"]
        field.widget = ModelChoices(self.offered, lambda: self.estimates)
        field.choices = [(model.id, model.name) for model in self.offered.values()]  # type: ignore[attr-defined]


class RatioForm(GenerationForm):
    ratio = forms.ChoiceField(
        label="Shape",
        choices=[(ratio, ratio) for ratio in choices.RATIOS],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a shape.",
            "invalid_choice": "“%(value)s” is not one of the shapes the API knows.",
        },
    )

    shape_name = "ratio"

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return super().defaults() | {"ratio": choices.DEFAULT_RATIO}

    @classmethod
    def shape_of(cls, generation: Generation) -> dict[str, Any]:
        return {"ratio": generation.ratio or choices.nearest(choices.RATIOS, generation.aspect)}

    @classmethod
    def pictures_of_calls(cls, count: int) -> list[int]:
        return [1] * count

    def shape(self) -> dict[str, Any]:
        return {"ratio": self.cleaned_data["ratio"]}


def _side(label: str) -> forms.IntegerField:
    """A width or height in pixels; only asked for with a size of one's own."""
    limits = f"From {choices.MIN_SIDE} to {choices.MAX_SIDE} pixels."
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=choices.MIN_SIDE,
        max_value=choices.MAX_SIDE,
        error_messages={"min_value": limits, "max_value": limits, "invalid": "A whole number of pixels."},
    )


class SizeForm(GenerationForm):
    size = forms.ChoiceField(
        label="Size",
        choices=[*((size, size.replace("x", " \u00d7 ")) for size in choices.SIZES), (choices.CUSTOM_SIZE, "Custom")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a size.",
            "invalid_choice": "“%(value)s” is not one of these sizes.",
        },
    )
    width = _side("Width")
    height = _side("Height")

    shape_name = "size"

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return super().defaults() | {"size": choices.DEFAULT_SIZE, "width": 1024, "height": 1024}

    @classmethod
    def shape_of(cls, generation: Generation) -> dict[str, Any]:
        if not (generation.width and generation.height):
            return {"size": choices.nearest(choices.SIZES, generation.aspect)}
        size = f"{generation.width}x{generation.height}"
        known = size if size in choices.SIZES else choices.CUSTOM_SIZE
        return {"size": known, "width": generation.width, "height": generation.height}

    @classmethod
    def pictures_of_calls(cls, count: int) -> list[int]:
        return [count]

    @property
    def sides(self) -> list[forms.BoundField]:
        return [self["width"], self["height"]]

    def clean(self) -> dict[str, Any]:
        """Sides count only with a size of one's own; whatever stands in them otherwise is no error."""
        if self.cleaned_data.get("size") == choices.CUSTOM_SIZE:
            for side in ("width", "height"):
                if side not in self.errors and self.cleaned_data[side] is None:
                    self.add_error(side, f"Say how many pixels, up to {choices.MAX_SIDE}.")
        else:
            self.errors.pop("width", None)
            self.errors.pop("height", None)
        return self.cleaned_data

    def shape(self) -> dict[str, Any]:
        if self.cleaned_data["size"] == choices.CUSTOM_SIZE:
            return {"width": self.cleaned_data["width"], "height": self.cleaned_data["height"]}
        width, _, height = self.cleaned_data["size"].partition("x")
        return {"width": int(width), "height": int(height)}


def form_class() -> type[RatioForm] | type[SizeForm]:
    """The form of the dialect that the configured API speaks."""
    return SizeForm if settings.ONLYSQ_DIALECT == "size" else RatioForm
