"""Pictures are found by what is in them where there is a model, and nobody misses it where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django_q.models import OrmQ

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.doctor import semantic as doctor
from gallery.models import Embedding
from gallery.search import index
from gallery.semantic import embedding
from gallery.semantic.encoder import PACKAGES
from gallery.semantic.vectors import kept, likeness
from generator import store
from generator.models import Image
from generator.worker import tasks
from generator.worker.points import tidied
from tests.conftest import Cast
from tests.gallery.semantic.conftest import Eyes

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


@pytest.fixture
def walls(cast: Cast, make_image: Make) -> dict[str, Image]:
    """Pictures in plain colours, of which nobody said what they are."""
    colours = ("red", "green", "blue", "darkred")
    return {colour: make_image(cast.owner, colour=colour, thumbs=True, visibility="public") for colour in colours}


def found(q: str, user: Any) -> list[str]:
    pictures = Listing(q=q).page(user).rows
    return [Image.objects.get(pk=picture.pk).colours for picture in pictures]


def test_the_nearest_come_first(cast: Cast, walls: dict[str, Image], eyes: Eyes) -> None:
    assert list(embedding.added()) == [4]
    assert set(found('like:"something red"', cast.member)[:2]) == {"red", "darkred"}
    assert found("like:blue", cast.member)[0] == "blue"
    assert Listing(q="like:blue").count(cast.member, 100) == 4


def test_it_goes_together_with_words_and_facts(cast: Cast, walls: dict[str, Image], eyes: Eyes) -> None:
    index.add_older(10)
    list(embedding.added())
    assert found("like:green colour:red", cast.member) == ["red", "darkred"][: len(found("colour:red", cast.member))]
    assert found("like:green square", cast.member)[0] == "green"
    assert found("like:green by:max", cast.member) == found("like:green zebra", cast.member) == []


def test_nothing_is_found_that_one_may_not_see(cast: Cast, walls: dict[str, Image], eyes: Eyes) -> None:
    list(embedding.added())
    walls["red"].show_to("private")
    walls["darkred"].trash()
    for user in (cast.member, cast.admin, AnonymousUser()):
        seen = set(Image.objects.visible_to(user).values_list("colours", flat=True))
        assert set(found("like:red", user)) <= seen
    assert found("like:red", cast.owner)[0] == "red"
    Image.objects.filter(pk=walls["blue"].pk).delete()
    assert Embedding.objects.count() == 3


def test_a_page_says_that_it_holds_the_nearest_and_offers_no_other_order(
    cast: Cast, walls: dict[str, Image], eyes: Eyes, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(embedding.added())
    client.force_login(cast.member)
    said = "The nearest 4 pictures, the most alike first."
    assert said not in client.get("/", {"q": "like:red"}).content.decode()
    monkeypatch.setattr(listing, "MOST_ALIKE", 4)
    page = client.get("/", {"q": "like:red", "order": "random", "seed": "1"}).content.decode()
    assert said in page
    assert "Most alike" in page
    assert "Best rated" not in page
    assert "Shuffle again" not in page


@pytest.mark.parametrize("asked", ["-like:red", "like:red OR like:blue"])
def test_what_makes_no_sense_is_said_and_the_rest_is_found(
    cast: Cast, walls: dict[str, Image], eyes: Eyes, client: Client, asked: str
) -> None:
    client.force_login(cast.member)
    page = client.get("/", {"q": asked})
    assert page.context["summary"].ignored == [asked]
    assert len(page.context["page"].rows) == 4


def test_visitors_and_sites_without_a_model_do_not_ask_by_it(
    cast: Cast, walls: dict[str, Image], client: Client
) -> None:
    before = set(sys.modules)
    client.force_login(cast.member)
    page = client.get("/", {"q": "like:red"})
    assert page.context["summary"].ignored == ["like:red"]
    assert len(page.context["page"].rows) == 4
    assert list(doctor.examine()) == []
    embedding.add_missing()
    embedding._hand_over()
    assert not Embedding.objects.exists()
    assert not OrmQ.objects.exists()
    assert not set(PACKAGES) & (sys.modules.keys() - before)


def test_a_model_that_fails_finds_nothing(cast: Cast, walls: dict[str, Image], eyes: Eyes) -> None:
    list(embedding.added())
    assert found("like:broken", cast.member) == []


def test_a_worker_goes_through_all_bit_by_bit(
    cast: Cast, walls: dict[str, Image], make_image: Make, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare, broken = make_image(cast.owner), make_image(cast.owner, thumbs=True)
    store.thumb_path(broken, broken.thumb_widths[0]).write_bytes(b"RIFF")
    embedding._look()
    assert [task.task["func"] for task in OrmQ.objects.all()] == [embedding.TASK]
    monkeypatch.setattr(embedding, "CHUNK", 2)
    monkeypatch.setattr(tasks, "ROUND_SECONDS", -1)
    embedding.add_missing()
    assert OrmQ.objects.count() == 2
    monkeypatch.setattr(tasks, "ROUND_SECONDS", 60)
    embedding.add_missing()
    assert OrmQ.objects.count() == 2
    assert set(embedding.waiting()) == {bare, broken}
    assert Embedding.objects.count() == 4


def test_new_pictures_are_taken_once_they_are_there(
    cast: Cast, make_image: Make, eyes: Eyes, django_capture_on_commit_callbacks: Any
) -> None:
    embedding.watch()
    with django_capture_on_commit_callbacks(execute=True):
        embedding._soon()
    tidied.disconnect(dispatch_uid="semantic")
    embedding.written.disconnect(sender=Image, dispatch_uid="semantic")
    assert [task.task["func"] for task in OrmQ.objects.all()] == [embedding.TASK]


def test_a_worker_whose_model_fails_says_so_and_goes_on_with_its_calls(
    walls: dict[str, Image], eyes: Eyes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(eyes, "picture", lambda image: eyes.text("broken"))
    embedding.add_missing()
    assert "no such thing" in caplog.text
    assert not Embedding.objects.exists()


def test_the_doctor_says_what_is_missing(walls: dict[str, Image], eyes: Eyes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "encoder", lambda: eyes)
    monkeypatch.setattr(doctor, "lacking", lambda: ["numpy"])
    (finding,) = doctor.examine()
    assert (finding.is_trouble, "numpy is missing" in finding.sentence) == (True, True)
    monkeypatch.setattr(doctor, "lacking", lambda: ["tokenizer.json"])
    assert "VITRINE_CLIP_DIR" in next(doctor.examine()).advice
    monkeypatch.setattr(doctor, "lacking", list)
    (finding,) = doctor.examine()
    assert finding.sentence == "4 of 4 pictures cannot be found by like: yet."
    list(embedding.added())
    assert list(doctor.examine()) == []
    monkeypatch.setattr(eyes, "text", lambda words: Eyes.text(eyes, "broken"))
    (finding,) = doctor.examine()
    assert "no such thing" in finding.sentence


def test_a_vector_keeps_its_direction() -> None:
    one, other = kept([0.5, -1.0, 0.25]), kept([5.0, -10.0, 2.5])
    assert one == other
    assert likeness(one.steps, other.steps) == pytest.approx(1)
    assert likeness(one.steps, kept([-0.5, 1.0, -0.25]).steps) == pytest.approx(-1)
    for numbers in ([0.0, 0.0], [], [float("inf")]):
        with pytest.raises(ValueError, match="direction"):
            kept(numbers)
