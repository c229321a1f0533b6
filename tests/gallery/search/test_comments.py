"""Words of comments are there with their comment, go with it, and lead nobody to what they may not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django_q.models import OrmQ

from gallery.browse.listing import Listing
from gallery.doctor import words
from gallery.models import Comment, CommentDocument
from gallery.search import comments, following, index
from generator.models import Image
from generator.worker import tasks
from generator.worker.points import tidied
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


@pytest.fixture
def say(cast: Cast, make_image: Make) -> Callable[..., Comment]:
    """A comment of Max's on a picture of Olga's."""

    def said(text: str, **more: Any) -> Comment:
        asked = {"image": more.pop("image", None) or make_image(cast.owner), "user": cast.member} | more
        return Comment.objects.create(text=text, token=uuid4().hex, **asked)

    return said


def found(q: str, user: Any) -> list[Any]:
    return [picture.pk for picture in Listing(q=f"in:comments {q}").page(user).rows]


def test_all_of_the_words_stand_in_one_comment(cast: Cast, say: Callable[..., Comment]) -> None:
    one = say("A lovely old fox, 東京の夜").image
    say("lovely", image=say("an old house").image)
    assert found("foxes lovely", cast.stranger) == found("東京", cast.stranger) == [one.pk]
    assert found('"old fox"', cast.stranger) == found("fo*", cast.stranger) == [one.pk]
    assert found('"fox old"', cast.stranger) == found("fox house", cast.stranger) == []
    assert len(found("old OR lovely", cast.stranger)) == 2
    assert one.pk not in found("-fox", cast.stranger)


def test_hidden_and_thrown_away_ones_lead_nobody_there(cast: Cast, say: Callable[..., Comment]) -> None:
    hidden, trashed = say("A fox", state=Comment.State.HIDDEN), say("A fox", state=Comment.State.TRASHED)
    private = say("A fox", image=None)
    Image.objects.filter(pk=private.image_id).update(visibility=Image.Visibility.PRIVATE)
    assert found("fox", cast.member) == [hidden.image_id]
    assert found("fox", cast.owner) == [private.image_id]
    assert found("fox", cast.admin) == found("fox", cast.stranger) == []
    trashed.state = Comment.State.SHOWN
    trashed.save(update_fields=["state"])
    assert found("fox", cast.stranger) == [trashed.image_id]


def test_a_comment_is_found_as_soon_as_it_is_written_and_no_longer_than_it_stands(
    cast: Cast, client: Client, make_image: Make
) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.member)
    client.post(f"/images/{image.pk}/comment/", {"text": "What a fox", "token": "t"})
    assert found("fox", cast.owner) == [image.pk]
    comment = Comment.objects.get()
    comment.text = "What a wolf"
    comment.save()
    assert (found("fox", cast.owner), found("wolf", cast.owner)) == ([], [image.pk])
    comment.delete()
    assert found("wolf", cast.owner) == []
    assert not CommentDocument.objects.exists()
    assert following.are_sound()


def test_what_is_not_committed_is_not_found_either(cast: Cast, say: Callable[..., Comment]) -> None:
    image = say("A wolf").image
    with transaction.atomic():
        say("A fox", image=image)
        assert found("fox", cast.owner)
        transaction.set_rollback(True)
    assert not found("fox", cast.owner)
    assert following.are_sound()


def test_a_worker_adds_those_from_before(
    cast: Cast, say: Callable[..., Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        say(f"Fox {number}")
    CommentDocument.objects.all().delete()
    Image.objects.update(colours="red")
    tidied.send(sender=None)
    assert comments.TASK in [task.task["func"] for task in OrmQ.objects.all()]
    assert comments.add_older(2) == 2
    assert len(found("fox", cast.owner)) == 2
    monkeypatch.setattr(tasks, "ROUND_SECONDS", -1)
    OrmQ.objects.all().delete()
    comments.add_what_is_missing()
    assert [task.task["func"] for task in OrmQ.objects.all()] == [comments.TASK]
    monkeypatch.setattr(tasks, "ROUND_SECONDS", 60)
    comments.add_what_is_missing()
    assert len(found("fox", cast.owner)) == 5
    assert comments.missing() == 0


def test_the_doctor_counts_those_that_cannot_be_found_yet_and_adds_them(
    cast: Cast, say: Callable[..., Comment]
) -> None:
    say("A fox")
    index.add_older(10)
    assert list(words.examine(deep=True)) == []
    CommentDocument.objects.all().delete()
    assert [finding.sentence for finding in words.examine()] == ["1 comment cannot be found by its words yet."]
    assert list(words.repair()) == ["1 comment can be found by its words now."]
    assert found("fox", cast.owner)
