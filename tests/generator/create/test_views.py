"""The page with the form and one's recent generations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries

from generator.models import Call, Generation, Image
from generator.models.generation import Visibility
from tests.conftest import BROKEN, Cast, markup


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    client.force_login(cast.owner)
    return client


def ask(client: Client, **changed: Any) -> Any:
    asked = {"prompt": "A cat", "model": "flux", "count": "1", "visibility": "shared", "ratio": "1:1"}
    return client.post("/create/", asked | {"token": uuid4().hex} | changed)


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/create/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_works(olga: Client) -> None:
    text = page(olga)
    assert "What would you like to see?" in text
    assert "Everyone signed in" in text


def test_a_prompt_becomes_a_generation_and_the_page_leads_to_it(olga: Client, cast: Cast) -> None:
    answer = ask(olga, prompt="A blue heron", count="3", ratio="9:16", visibility="private")
    generation = Generation.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/create/#g-{generation.pk}"
    assert (generation.user, generation.prompt, generation.count) == (cast.owner, "A blue heron", 3)
    assert (generation.ratio, generation.visibility) == ("9:16", "private")
    assert page(olga).count('data-state="queued" role="group"') == 3


def test_who_may_see_pictures_is_said_where_it_is_not_the_usual(olga: Client) -> None:
    said = "<span>1 picture</span><span>{}</span>"
    ask(olga, visibility="shared")
    assert said.format("Everyone signed in") not in markup(olga.get("/create/"))
    ask(olga, visibility="private")
    assert said.format("Only me") in markup(olga.get("/create/"))


def test_workers_are_woken_after_the_commit(olga: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(olga, count="3")
        assert OrmQ.objects.count() == 0
    assert OrmQ.objects.count() == 3


def test_a_repeated_post_is_one_generation_at_the_same_place(
    olga: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        places = {ask(olga, token="same")["Location"] for _ in range(3)}
    assert len(places) == Generation.objects.count() == Call.objects.count() == 1
    assert len(callbacks) == 1


def test_an_invalid_form_is_shown_again_with_everything_in_it(olga: Client) -> None:
    answer = ask(olga, prompt="Keep me", ratio="7:5", count="4")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Keep me" in text
    assert 'id="id_ratio_error"' in text
    assert 'aria-describedby="id_ratio_error"' in text
    assert 'aria-invalid="true"' in text
    assert answer.context["form"]["count"].value() == "4"
    assert Generation.objects.count() == 0


def test_an_error_that_is_folded_away_unfolds(olga: Client) -> None:
    answer = ask(olga, model="nope")
    assert '<details class="settings fold" open' in answer.content.decode()


def test_a_tampered_hidden_field_is_told(olga: Client) -> None:
    answer = ask(olga, parent="no-id")
    assert answer.status_code == 422
    assert "Parent: Enter a valid UUID." in answer.content.decode()


def test_the_size_dialect_has_its_own_form(olga: Client, settings: Any) -> None:
    settings.ONLYSQ_DIALECT = "size"
    assert 'name="width"' in page(olga)
    ask(olga, size="custom", width="640", height="480", count="4")
    assert (Generation.objects.get().width, Call.objects.get().count) == (640, 4)
    assert page(olga).count('class="tile ar-133" data-state="queued"') == 4
    bad = ask(olga, size="custom", width="4096", height="480")
    assert "From 64 to 2048 pixels." in bad.content.decode()


# What the form begins with


def test_it_remembers_the_last_choices_of_this_person_only(
    olga: Client, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    make_generation(cast.owner, ratio="21:9", count=3, visibility=Visibility.PRIVATE)
    make_generation(cast.member, ratio="2:3", count=2)
    form = olga.get("/create/").context["form"]
    assert (form["ratio"].value(), form["count"].value(), form["visibility"].value()) == ("21:9", 3, "private")
    assert not form["prompt"].value()


def test_examples_are_links_that_fill_the_prompt(olga: Client) -> None:
    assert "?prompt=A%20lighthouse" in page(olga)
    filled = olga.get("/create/", {"prompt": "A <b>lighthouse"})
    assert filled.context["form"]["prompt"].value() == "A <b>lighthouse"
    assert "A &lt;b&gt;lighthouse" in filled.content.decode()


def test_a_remix_brings_prompt_and_settings_but_ones_own_visibility(
    olga: Client, cast: Cast, make_image: Callable[..., Image], make_generation: Callable[..., Generation]
) -> None:
    make_generation(cast.owner, visibility=Visibility.PRIVATE, count=2)
    image = make_image(cast.member, prompt="Max's idea")
    answer = olga.get("/create/", {"remix": str(image.pk)})
    form = answer.context["form"]
    assert (form["prompt"].value(), form["visibility"].value()) == ("Max's idea", "private")
    assert "Remixing a picture by max" in answer.content.decode()
    ask(olga, parent=str(image.pk))
    assert Generation.objects.order_by("-pk")[0].parent == image


@pytest.mark.parametrize("bad", ["nonsense", "6a2f41a3-c54c-4b6e-9c0e-8a6f0d9c7a11"])
def test_what_is_not_there_prefills_nothing(olga: Client, bad: str) -> None:
    for key in ("remix", "edit"):
        assert "prompt" not in olga.get("/create/", {key: bad}).context["form"].initial


def test_a_picture_one_may_not_see_cannot_be_remixed(
    olga: Client, cast: Cast, make_image: Callable[..., Image]
) -> None:
    image = make_image(cast.stranger, prompt="A secret", visibility=Visibility.PRIVATE)
    assert "A secret" not in page(olga, f"?remix={image.pk}")


def test_only_ones_own_prompt_comes_back_for_editing(
    olga: Client, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    own = make_generation(cast.owner, prompt="Mine again", ratio="3:2")
    other = make_generation(cast.member, prompt="A secret")
    form = olga.get("/create/", {"edit": str(own.pk)}).context["form"]
    assert (form["prompt"].value(), form["ratio"].value()) == ("Mine again", "3:2")
    assert "A secret" not in page(olga, f"?edit={other.pk}")


# Who, and how much


def test_a_stranger_is_led_to_sign_in(client: Client) -> None:
    assert client.get("/create/")["Location"] == "/accounts/login/?next=/create/"
    assert ask(client)["Location"] == "/accounts/login/?next=/create/"


def test_others_generations_are_not_listed_even_for_staff(
    client: Client, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    make_generation(cast.owner, prompt="A secret of Olga's")
    client.force_login(cast.admin)
    assert "A secret of Olga's" not in page(client)


def test_older_generations_are_a_link_away(
    olga: Client, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    for number in range(12):
        make_generation(cast.owner, prompt=f"Prompt no. {number}.")
    first = olga.get("/create/")
    assert "Prompt no. 11." in first.content.decode()
    assert "Prompt no. 1." not in first.content.decode()
    second = page(olga, f"?before={first.context['older']}")
    assert "Prompt no. 1." in second
    assert "Prompt no. 2." not in second
    assert 'rel="next"' not in second
    assert "Prompt no. 11." in page(olga, "?before=nonsense")
    assert "Nothing earlier" in page(olga, "?before=00000000-0000-7000-8000-000000000000")


def test_the_number_of_queries_is_constant(
    olga: Client,
    cast: Cast,
    make_generation: Callable[..., Generation],
    make_image: Callable[..., Image],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def ask_for_some() -> None:
        make_image(cast.owner)
        make_generation(cast.owner, count=4)
        make_generation(cast.member, count=2)
        failed = make_generation(cast.owner).calls.get()
        failed.claim(30)
        failed.fail(BROKEN)
        failed.try_again()
        make_generation(cast.owner, model="other").calls.get().claim(30)

    ask_for_some()
    olga.get("/create/")
    with CaptureQueriesContext(connection) as counted:
        olga.get("/create/")
    ask_for_some()
    ask_for_some()
    with django_assert_num_queries(len(counted)):
        olga.get("/create/")


# Without scripts


def test_without_scripts_the_page_reloads_only_while_something_runs(
    olga: Client, cast: Cast, make_generation: Callable[..., Generation]
) -> None:
    reload = '<noscript><meta http-equiv="refresh"'
    assert reload not in page(olga)
    call = make_generation(cast.owner).calls.get()
    assert reload in page(olga)
    for quiet in ("?still=1", "?prompt=typed"):
        assert reload not in page(olga, quiet)
    assert reload not in ask(olga, prompt="").content.decode()
    call.cancel()
    assert reload not in page(olga)


def test_there_is_nothing_inline(olga: Client, cast: Cast, make_generation: Callable[..., Generation]) -> None:
    make_generation(cast.owner)
    text = page(olga)
    assert " style=" not in text
    assert " onclick=" not in text
    assert "<script>" not in text
