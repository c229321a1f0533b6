"""Whoever is asked finds the question among their notices, and answers there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.handover import offers
from gallery.models import Handover, Notice
from generator.models import Image
from tests.conftest import Cast, markup
from tests.gallery.handover.conftest import Leaving

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def send(client: Client, handover: Handover, answer: str) -> str:
    """What the page then says."""
    return markup(client.post(f"/handovers/{handover.pk}/{answer}/", follow=True))


def test_the_question_says_what_is_offered_and_what_follows(
    cast: Cast, make_image: Make, left: Leaving, max_: Client
) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    images = [make_image(cast.owner, prompt="secret words", colour=colour) for colour in ("teal", "red")]
    Image.objects.filter(pk=images[0].pk).update(created_at=long_ago)
    left()
    content = markup(max_.get("/notices/"))
    assert "olga has left and asks you to take over 2 pictures." in content
    assert "2, made of 2 prompts" in content
    assert "they are deleted for good" in content
    assert "Decline, and have them deleted" in content
    assert "secret words" not in content
    assert "/thumbs/" not in content
    assert " to " in content.partition("<dt>Made</dt>")[2].partition("</dd>")[0]
    assert max_.get("/").context["header"].unread == 1


def test_the_question_says_that_they_are_kept_and_names_one_day_if_there_is_one(
    cast: Cast, make_image: Make, left: Leaving, max_: Client
) -> None:
    make_image(cast.owner)
    left("keep")
    content = markup(max_.get("/notices/"))
    assert "they are kept and shown to nobody" in content
    assert "1, made of 1 prompt<" in content
    assert " to " not in content.partition("<dt>Made</dt>")[2].partition("</dd>")[0]


def test_the_question_stays_in_sight_until_it_is_answered(
    cast: Cast, make_image: Make, left: Leaving, max_: Client
) -> None:
    make_image(cast.owner)
    handover = left()
    for _number in range(40):
        Notice.objects.create(user=cast.member, text="Something happened.")
    max_.post("/notices/read/")
    assert f"/handovers/{handover.pk}/accept/" in markup(max_.get("/notices/"))
    older = f"/notices/?before={max_.get('/notices/').context['page'].rows[-1][0].pk}"
    assert "/handovers/" not in markup(max_.get(older))
    send(max_, handover, "accept")
    assert "/handovers/" not in markup(max_.get("/notices/"))
    assert "You have taken over 1 picture of a former member." in markup(max_.get(older))


def test_several_questions_cost_no_further_query(cast: Cast, make_image: Make, left: Leaving, max_: Client) -> None:
    make_image(cast.owner)
    handover = left()

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            max_.get("/notices/")
        return len(asked)

    queries()  # what a process remembers is read once
    one = queries()
    for _number in range(5):
        more = Handover.objects.create(
            member=cast.owner, name="olga", asked=cast.member, pictures=1, prompts=1, first_at=handover.first_at,
            last_at=handover.last_at,
        )  # fmt: skip
        values = {"name": "olga", "pictures": 1}
        Notice.objects.create(user=cast.member, handover=more, kind="offered", values=values)
    assert queries() == one


def test_accepting_leads_to_the_pictures(cast: Cast, make_image: Make, left: Leaving, max_: Client) -> None:
    image = make_image(cast.owner)
    handover = left()
    content = send(max_, handover, "accept")
    assert "The pictures are yours now." in content
    assert f"/images/{image.pk}/" in content
    assert "You have accepted already" in send(max_, handover, "accept")
    assert "You have accepted already" in send(max_, handover, "decline")
    assert Image.objects.get().user == cast.member


@pytest.mark.parametrize(("fallback", "said"), [("delete", "are being deleted"), ("keep", "are shown to nobody")])
def test_declining_says_what_became_of_them(
    cast: Cast, make_image: Make, left: Leaving, max_: Client, fallback: str, said: str
) -> None:
    make_image(cast.owner)
    handover = left(fallback)
    assert f"You have declined. The pictures {said}." in send(max_, handover, "decline")
    assert "You have declined already" in send(max_, handover, "accept")
    assert Image.objects.filter(user=cast.member).count() == 0


def test_an_answer_that_comes_too_late_changes_nothing(
    cast: Cast, make_image: Make, left: Leaving, max_: Client
) -> None:
    make_image(cast.owner)
    handover = left()
    offers.end(handover)
    offers.delete_given_up()
    assert "It is too late to answer this." in send(max_, handover, "accept")
    assert not Image.objects.exists()


def test_nobody_else_answers(cast: Cast, make_image: Make, left: Leaving, client: Client) -> None:
    make_image(cast.owner)
    handover = left()
    for user in (cast.stranger, cast.moderator, cast.admin):
        client.force_login(user)
        assert client.post(f"/handovers/{handover.pk}/accept/").status_code == 404
        assert "olga" not in markup(client.get("/notices/"))
    assert Handover.objects.open().exists()
