"""What the reporter and the owner are told in the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Comment, Notice, Report, User
from gallery.moderation.decide import decide
from generator.models import Image
from tests.conftest import Cast, markup


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    client.force_login(cast.owner)
    return client


def tell(user: User, image: Image | None = None, text: str = "Something happened.") -> Notice:
    return Notice.objects.create(user=user, image=image, text=text)


@pytest.mark.parametrize(
    ("action", "reporter", "owner"),
    [
        ("fine", "found no problem with it", "They found no problem with it"),
        ("hide", "hidden the picture", "hidden a picture of yours"),
        ("trash", "moved the picture to the trash", "moved a picture of yours to the trash"),
        ("ask", "asked the owner", "Staff ask you about a picture of yours: “Why?”"),
    ],
)
def test_reporter_and_owner_are_told(cast: Cast, report: Report, action: str, reporter: str, owner: str) -> None:
    decide(cast.moderator, report, action, "Why?" if action == "ask" else "")
    assert reporter in Notice.objects.get(user=cast.member).sentence
    assert owner in Notice.objects.get(user=cast.owner).sentence
    assert Notice.objects.count() == 2
    assert not Notice.objects.filter(text__contains="max").exists(), "nobody learns who reported"
    assert [notice.user for notice in Notice.objects.filter(question=True)] == ([cast.owner] if action == "ask" else [])


def test_nobody_is_told_twice_or_of_what_they_did(cast: Cast, image: Image) -> None:
    decide(cast.moderator, Report.objects.create(image=image, user=cast.owner, reason="other"), "hide")
    assert Notice.objects.get().user == cast.owner
    decide(cast.owner, Report.objects.create(image=image, user=cast.owner, reason="other"), "fine")
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(("action", "words"), [("hide", "hidden a comment"), ("trash", "removed a comment")])
def test_the_writer_of_a_comment_is_told(cast: Cast, say: Callable[..., Comment], action: str, words: str) -> None:
    decide(cast.moderator, say("Ha {note}."), action)
    notice = Notice.objects.get()
    assert notice.user == cast.member
    assert words in notice.text
    assert "Ha {note}." in notice.text


def test_the_page_lists_them_and_links_the_picture(olga: Client, cast: Cast, image: Image) -> None:
    tell(cast.owner, image)
    tell(cast.member, image, "For Max alone.")
    page = olga.get("/notices/").content.decode()
    assert "Something happened." in page
    assert f'href="/images/{image.pk}/"' in page
    assert "For Max alone." not in page


def test_a_picture_one_may_not_see_is_not_linked(olga: Client, cast: Cast, image: Image) -> None:
    tell(cast.owner, image)
    image.trash()
    page = olga.get("/notices/").content.decode()
    assert "Something happened." in page
    assert str(image.pk) not in page


def test_without_notices_the_page_says_so(olga: Client) -> None:
    assert "No notices" in olga.get("/notices/").content.decode()


def test_visitors_sign_in_first(client: Client, db: None) -> None:
    assert client.get("/notices/")["Location"] == "/accounts/login/?next=/notices/"


def test_the_badge_counts_the_unread_until_they_are_marked(olga: Client, cast: Cast) -> None:
    one, _ = tell(cast.owner), tell(cast.owner)
    assert '<span class="bell-count">2<' in markup(olga.get("/"))
    olga.post(f"/notices/{one.pk}/read/")
    assert '<span class="bell-count">1<' in markup(olga.get("/"))
    olga.post("/notices/read/")
    assert "bell-count" not in olga.get("/").content.decode()


def test_others_notices_are_neither_marked_nor_answered(olga: Client, cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "ask", "Why?")
    other = Notice.objects.get(user=cast.member)
    for action in ("read", "answer"):
        assert olga.post(f"/notices/{other.pk}/{action}/", {"text": "Hello"}).status_code == 404
    olga.post("/notices/read/")
    other.refresh_from_db()
    assert other.read_at is None


def test_a_question_is_answered_once(olga: Client, cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "ask", "Why?")
    address = f"/notices/{Notice.objects.get(user=cast.owner).pk}/answer/"
    assert "Write an answer" in olga.post(address, {"text": " "}, follow=True).content.decode()
    assert "Your answer is sent" in olga.post(address, {"text": "Because."}, follow=True).content.decode()
    assert "answered already" in olga.post(address, {"text": "Again."}, follow=True).content.decode()
    assert "You answered: Because." in olga.get("/notices/").content.decode()


def test_a_deleted_picture_leaves_its_notices(olga: Client, cast: Cast, report: Report) -> None:
    decide(cast.moderator, report, "trash")
    Image.objects.get().delete()
    assert "moved a picture of yours to the trash" in olga.get("/notices/").content.decode()


def test_ten_more_cost_no_more_queries(olga: Client, cast: Cast, make_image: Callable[..., Image]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert olga.get("/notices/").status_code == 200
        return len(queries)

    tell(cast.owner, make_image(cast.owner))
    olga.get("/notices/")
    before = count()
    for _ in range(10):
        tell(cast.owner, make_image(cast.owner))
    assert count() == before


def test_older_ones_are_a_page_further(olga: Client, cast: Cast) -> None:
    for number in range(31):
        tell(cast.owner, text=f"No. {number}.")
    first = olga.get("/notices/").content.decode()
    assert "No. 30." in first
    assert "No. 0." not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0]
    assert "No. 0." in olga.get(f"/notices/{older}").content.decode()
