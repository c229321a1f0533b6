"""Words are there with their picture, go with it, and can be made anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from gallery import doctor
from gallery.doctor import words
from gallery.models import Document
from gallery.search import following, index
from gallery.search.matching import matching
from gallery.search.query import parse
from gallery.server import triggers
from generator.models import Generation, Image
from generator.sandbox import SandboxServer
from generator.worker import tasks
from generator.worker.points import tidied
from tests.conftest import Cast


def prompts(question: str) -> list[str]:
    return [image.generation.prompt for image in matching(Image.objects.all(), parse(question))]


@pytest.mark.django_db
def test_a_picture_can_be_found_as_soon_as_it_is_stored(
    cast: Cast, make_generation: Callable[..., Generation], settings: object
) -> None:
    with SandboxServer(latency=0) as sandbox:
        settings.ONLYSQ_API_URL = sandbox.url  # type: ignore[attr-defined]
        make_generation(cast.owner, prompt="A lighthouse in fog")
        tasks.work()
    assert prompts("lighthouses") == ["A lighthouse in fog"]
    assert index.missing() == 0


@pytest.mark.django_db
def test_words_that_are_not_committed_are_not_there_any_more_than_their_picture(
    cast: Cast, make_image: Callable[..., Image]
) -> None:
    image = make_image(cast.owner, prompt="A lighthouse")
    with transaction.atomic():
        index._add_new([image])
        assert prompts("lighthouse")
        transaction.set_rollback(True)
    assert not prompts("lighthouse")
    assert following.are_sound()


@pytest.mark.django_db
def test_older_pictures_are_added_bit_by_bit_behind_the_newer(cast: Cast, make_image: Callable[..., Image]) -> None:
    older = [make_image(cast.owner, prompt=f"Fox {number}") for number in range(5)]
    newest = make_image(cast.owner, prompt="Fox 5")
    index._add_new([newest])
    assert index.add_older(2) == 2
    assert prompts("fox") == ["Fox 5", "Fox 4", "Fox 3"]
    assert index.missing() == 3
    assert index.add_older(100) == 3
    assert index.add_older(100) == 0
    assert prompts("fox") == [f"Fox {number}" for number in range(5, -1, -1)]
    index._add_new([make_image(cast.owner, prompt="Fox 6")])
    assert prompts("fox")[0] == "Fox 6"
    assert len(older) == 5


@pytest.mark.django_db
def test_an_index_that_does_not_say_what_the_rows_say_is_noticed_and_made_anew(
    cast: Cast, make_image: Callable[..., Image]
) -> None:
    if connection.vendor != "sqlite":
        following.rebuild()
        assert following.are_sound()
        return
    make_image(cast.owner, prompt="A lighthouse")
    index.add_older(10)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER gallery_document_changed")
    Document.objects.update(stems="tower", exact="tower")
    assert not following.are_sound()
    following.rebuild()
    assert following.are_sound()
    assert prompts("tower") == ["A lighthouse"]


@pytest.mark.django_db
def test_of_a_word_that_is_there_very_often_both_databases_know_the_same_places(
    cast: Cast, make_image: Callable[..., Image]
) -> None:
    make_image(cast.owner, prompt="red " * 300 + "end")
    index.add_older(1)
    assert prompts("red end")
    assert not prompts('"red end"')
    assert prompts('"red red red"')


@pytest.mark.django_db
def test_a_worker_adds_what_was_there_before(cast: Cast, make_image: Callable[..., Image]) -> None:
    make_image(cast.owner, prompt="A lighthouse")
    tidied.send(sender=None)
    assert [task.task["func"] for task in OrmQ.objects.all()] == [index.TASK]
    index.add_what_is_missing()
    assert prompts("lighthouse")
    OrmQ.objects.all().delete()
    tidied.send(sender=None)
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_the_doctor_counts_what_cannot_be_found_yet_and_adds_it(cast: Cast, make_image: Callable[..., Image]) -> None:
    make_image(cast.owner, prompt="A lighthouse")
    assert [finding.sentence for finding in words.examine()] == ["1 picture cannot be found by its words yet."]
    assert list(words.repair()) == ["1 picture can be found by its words now."]
    assert prompts("lighthouse")
    assert list(words.examine(deep=True)) == []
    assert list(words.repair(deep=True)) == []


@pytest.mark.django_db
def test_triggers_that_were_lost_are_made_anew_and_so_is_the_index(
    cast: Cast, make_image: Callable[..., Image]
) -> None:
    if connection.vendor != "sqlite":
        return
    make_image(cast.owner, prompt="A lighthouse")
    with connection.cursor() as cursor:
        for name in ("added", "removed", "changed"):
            cursor.execute(f"DROP TRIGGER gallery_document_{name}")
    index.add_older(1)
    assert [finding.level for finding in words.examine(deep=True)] == [doctor.Level.TROUBLE]
    triggers.restore()
    assert prompts("lighthouse")
    assert following.are_sound()
