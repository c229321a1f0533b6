"""The form in both dialects: limits, sentences, what it makes of a prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from generator.create import choices
from generator.create.forms import RatioForm, SizeForm, form_class
from generator.models import Generation, Image, Provider
from generator.models.generation import Visibility
from tests.conftest import Cast

FILLED = {"prompt": "A cat", "model": "flux", "count": "2", "visibility": "shared", "token": "t", "ratio": "16:9"}
SIZED = FILLED | {"size": "1366x768"}


def ratio_form(cast: Cast, **changed: Any) -> RatioForm:
    return RatioForm(FILLED | changed, user=cast.owner, initial={})


def size_form(cast: Cast, **changed: Any) -> SizeForm:
    return SizeForm(SIZED | changed, user=cast.owner, initial={})


def test_it_asks_for_a_ratio(cast: Cast) -> None:
    form = ratio_form(cast)
    assert form.is_valid(), form.errors
    generation, is_new = form.submit()
    assert is_new
    assert (generation.ratio, generation.width, generation.count) == ("16:9", None, 2)
    assert generation.calls.count() == 2


def test_it_asks_for_a_size_in_one_call(cast: Cast) -> None:
    form = size_form(cast)
    assert form.is_valid(), form.errors
    generation, _ = form.submit()
    assert (generation.ratio, generation.width, generation.height) == ("", 1366, 768)
    assert [call.count for call in generation.calls.all()] == [2]


def test_the_dialect_decides_the_form(settings: Any) -> None:
    settings.ONLYSQ_DIALECT = "ratio"
    assert form_class() is RatioForm
    settings.ONLYSQ_DIALECT = "size"
    assert form_class() is SizeForm


@pytest.mark.parametrize("prompt", ["", "   ", "\r\n \n", "\u200b", "\u2060 \ufeff", "\u3164", "\u2800 \ufe0f"])
def test_a_prompt_of_nothing_is_refused_with_a_sentence(cast: Cast, prompt: str) -> None:
    assert ratio_form(cast, prompt=prompt).errors["prompt"] == ["Describe the picture you want."]


def test_a_prompt_is_stripped_and_its_line_breaks_count_once(cast: Cast, settings: Any) -> None:
    settings.MAX_PROMPT_LENGTH = 5
    form = ratio_form(cast, prompt="  ab\r\ncd ")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["prompt"] == "ab\ncd"


def test_a_prompt_that_is_too_long_is_refused_and_kept(cast: Cast, settings: Any) -> None:
    settings.MAX_PROMPT_LENGTH = 1000
    form = ratio_form(cast, prompt="x" * 1001)
    assert form.errors["prompt"] == ["That is 1,001 characters; at most 1,000 fit."]
    assert "x" * 1001 in str(form["prompt"])


@pytest.mark.parametrize(
    ("field", "value"),
    [("ratio", "7:5"), ("count", "5"), ("count", "0"), ("visibility", "aliens"), ("model", "nope"), ("token", "")],
)
def test_what_the_api_does_not_know_is_refused(cast: Cast, field: str, value: str) -> None:
    assert field in ratio_form(cast, **{field: value}).errors


@pytest.mark.parametrize(("width", "height"), [("2049", "64"), ("63", "2048"), ("", "100"), ("wide", "100")])
def test_a_size_of_ones_own_has_limits(cast: Cast, width: str, height: str) -> None:
    errors = size_form(cast, size="custom", width=width, height=height).errors
    assert len(errors) == 1


def test_a_size_of_ones_own_is_taken(cast: Cast) -> None:
    form = size_form(cast, size="custom", width="64", height="2048")
    assert form.is_valid(), form.errors
    assert form.shape() == {"width": 64, "height": 2048}


def test_sides_are_ignored_beside_a_given_size(cast: Cast) -> None:
    form = size_form(cast, width="9999", height="")
    assert form.is_valid(), form.errors
    assert form.shape() == {"width": 1366, "height": 768}


def test_the_same_form_twice_is_one_generation(cast: Cast) -> None:
    first, second = ratio_form(cast), ratio_form(cast)
    assert first.is_valid()
    assert second.is_valid()
    assert first.submit()[0] == second.submit()[0]
    assert second.submit()[1] is False
    assert Generation.objects.count() == 1


def test_another_prompt_from_the_same_form_is_another_generation(cast: Cast) -> None:
    for prompt in ("A cat", "A dog"):
        form = ratio_form(cast, prompt=prompt)
        assert form.is_valid()
        assert form.submit()[1]
    assert Generation.objects.count() == 2


def test_every_form_has_a_token_of_its_own(cast: Cast) -> None:
    tokens = {RatioForm(user=cast.owner, initial={})["token"].value() for _ in range(2)}
    assert len(tokens) == 2


# Models


@pytest.fixture
def listed(db: None) -> None:
    rows = [
        {"id": "flux", "name": "Flux", "available": True, "description": "Fast"},
        {"id": "kandinsky", "name": "Kandinsky", "available": False},
    ]
    Provider.objects.current().learn_models(rows)


def test_without_a_list_the_default_model_is_offered(cast: Cast, settings: Any) -> None:
    settings.ONLYSQ_DEFAULT_MODEL = "flux-9"
    form = RatioForm(user=cast.owner, initial={})
    assert form["model"].value() == "flux-9"
    assert ratio_form(cast, model="flux-9").is_valid()


@pytest.mark.usefixtures("listed")
def test_a_model_that_is_not_available_is_shown_and_cannot_be_chosen(cast: Cast) -> None:
    options = {option.data["value"]: option for option in RatioForm(user=cast.owner, initial={})["model"]}
    assert "disabled" in options["kandinsky"].tag()
    assert "disabled" not in options["flux"].tag()
    form = ratio_form(cast, model="kandinsky")
    assert form.errors["model"] == ["Kandinsky is not available right now. Choose another model."]
    assert form.opens_settings


@pytest.mark.usefixtures("listed")
def test_a_configured_list_overrides_the_apis(settings: Any) -> None:
    settings.ONLYSQ_MODELS = ["flux", "own-model"]
    assert [(model.id, model.name) for model in choices.offered_models()] == [
        ("flux", "Flux"),
        ("own-model", "own-model"),
    ]
    settings.ONLYSQ_MODELS = ["kandinsky"]
    assert choices.offered_models()[0].available, "whatever the API says of it"


@pytest.mark.usefixtures("listed")
def test_a_remembered_model_that_is_gone_gives_way(cast: Cast, settings: Any) -> None:
    settings.ONLYSQ_DEFAULT_MODEL = "vanished-too"
    form = RatioForm(user=cast.owner, initial={"model": "kandinsky"})
    assert form["model"].value() == "flux"


def test_if_no_model_is_available_one_is_still_named(cast: Cast) -> None:
    Provider.objects.current().learn_models([{"id": "flux", "available": False}])
    assert RatioForm(user=cast.owner, initial={})["model"].value() == "flux"


# What is shown


def test_the_fold_tells_what_is_chosen(cast: Cast, settings: Any) -> None:
    settings.DEFAULT_VISIBILITY = "private"
    form = RatioForm(user=cast.owner, initial={})
    assert (form.chosen_model, form.chosen_visibility) == ("flux", Visibility.PRIVATE.label)
    assert ratio_form(cast, model="nope").chosen_model == "not chosen"


@pytest.mark.parametrize("form", [RatioForm, SizeForm])
def test_every_shape_is_drawn_in_its_proportions(cast: Cast, form: type[RatioForm | SizeForm]) -> None:
    drawn = {option.data["value"]: box for option, box in form(user=cast.owner, initial={}).shapes}
    for value, box in drawn.items():
        wanted = 1 if value == "custom" else choices.aspect_of(value)
        assert box.width / box.height == pytest.approx(wanted, rel=0.1)
        assert (box.x, box.y) == (-box.width / 2, -box.height / 2)


@pytest.mark.parametrize(
    ("asked", "ratio", "size"),
    [
        ({"ratio": "9:21"}, "9:21", "768x1366"),
        ({"width": 1366, "height": 768}, "16:9", "1366x768"),
        ({"width": 640, "height": 480}, "4:3", "custom"),
    ],
)
def test_a_shape_is_carried_over_into_the_other_dialect(
    cast: Cast, make_generation: Callable[..., Generation], asked: dict[str, Any], ratio: str, size: str
) -> None:
    generation = make_generation(cast.owner, **asked)
    assert RatioForm.shape_of(generation)["ratio"] == ratio
    assert SizeForm.shape_of(generation)["size"] == size


def test_a_parent_that_may_not_be_seen_is_left_out(cast: Cast, make_image: Callable[..., Image]) -> None:
    shared = make_image(cast.member)
    hidden = make_image(cast.member, visibility=Visibility.PRIVATE)
    for image, parent in ((shared, shared), (hidden, None)):
        form = ratio_form(cast, parent=str(image.pk))
        assert form.is_valid(), form.errors
        assert form.parent_image == parent
        assert form.cleaned_data["parent"] == parent


def test_a_parent_that_is_no_id_is_an_error_and_breaks_nothing(cast: Cast) -> None:
    form = ratio_form(cast, parent="../../etc")
    assert "parent" in form.errors
    assert form.parent_image is None
