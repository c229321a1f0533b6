"""Stars, comments and reports on a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import get_language, override
from pytest_django import DjangoAssertNumQueries

from gallery.feedback import forms
from gallery.feedback.panel import feedback_for
from gallery.models import Comment, Rating, Report
from generator import brakes
from generator.models import Image
from tests.conftest import Cast, markup


@pytest.fixture
def image(cast: Cast, make_image: Callable[..., Image]) -> Image:
    return make_image(cast.owner)


@pytest.fixture
def max_(client: Client, cast: Cast) -> Client:
    client.force_login(cast.member)
    return client


def say(client: Client, image: Image, text: str = "Lovely.", **more: Any) -> Any:
    return client.post(f"/images/{image.pk}/comment/", {"text": text, "token": uuid4().hex} | more)


# Stars


def test_a_member_gives_stars_and_sees_them(max_: Client, image: Image, cast: Cast) -> None:
    answer = max_.post(f"/images/{image.pk}/rate/", {"stars": 4})
    assert answer.status_code == 302
    assert answer["Location"] == f"/images/{image.pk}/#feedback"
    assert Rating.objects.get().stars == 4
    shown = feedback_for(image, cast.member)
    assert (shown.average, shown.ratings, shown.stars) == (4.0, 1, 4)


def test_a_second_rating_replaces_the_first_and_zero_takes_it_back(max_: Client, image: Image) -> None:
    for stars in (2, 5):
        max_.post(f"/images/{image.pk}/rate/", {"stars": stars})
    assert Rating.objects.get().stars == 5
    max_.post(f"/images/{image.pk}/rate/", {"stars": 0})
    assert not Rating.objects.exists()


def test_the_average_is_everybodys_and_the_stars_are_ones_own(image: Image, cast: Cast) -> None:
    for user, stars in ((cast.owner, 5), (cast.member, 2)):
        Rating.objects.create(image=image, user=user, stars=stars)
    shown = feedback_for(image, cast.owner)
    assert (shown.average, shown.ratings, shown.stars) == (3.5, 2, 5)
    assert feedback_for(image, cast.stranger).stars == 0


@pytest.mark.parametrize("stars", ["6", "-1", "", "many", "4.5"])
def test_nonsense_is_no_rating(max_: Client, image: Image, stars: str) -> None:
    max_.post(f"/images/{image.pk}/rate/", {"stars": stars})
    assert not Rating.objects.exists()


def test_a_script_gets_the_panel_with_what_was_saved(max_: Client, image: Image) -> None:
    answer = max_.post(f"/images/{image.pk}/rate/", {"stars": 3}, headers={"hx-request": "true"})
    page = markup(answer).strip()
    assert answer.status_code == 200
    assert page.startswith('<section class="feedback"')
    assert "You gave 3 of 5 stars." in page
    assert 'id="stars-3" checked' in page


# Comments


def test_a_comment_is_added_and_html_in_it_is_text(max_: Client, image: Image, cast: Cast) -> None:
    assert say(max_, image, "<b>Bold</b>\nand true").status_code == 302
    comment = Comment.objects.get()
    assert (comment.text, comment.user) == ("<b>Bold</b>\nand true", cast.member)
    page = max_.get(f"/images/{image.pk}/comment/").content.decode()
    assert "<p>&lt;b&gt;Bold&lt;/b&gt;<br>\nand true</p>" in page


def test_the_same_form_sent_twice_is_one_comment(max_: Client, image: Image) -> None:
    for _ in range(2):
        say(max_, image, token="one-form")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("   ", "Write something first."), ("x" * 2001, "Use at most 2000 characters; these are 2001.")],
)
def test_a_bad_comment_is_explained_and_kept(max_: Client, image: Image, text: str, sentence: str) -> None:
    answer = say(max_, image, text)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert text.strip() in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_script_is_shown_the_sentence_too(max_: Client, image: Image) -> None:
    answer = max_.post(f"/images/{image.pk}/comment/", {"token": "t"}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "Write something first." in answer.content.decode()


def test_the_panel_shows_the_latest_and_the_page_all(max_: Client, image: Image, cast: Cast) -> None:
    for number in range(53):
        Comment.objects.create(image=image, user=cast.owner, text=f"No. {number}", token=str(number))
    shown = feedback_for(image, cast.member)
    assert shown.is_cut
    assert [shown.comments[0].text, shown.comments[-1].text] == ["No. 3", "No. 52"]
    page = max_.get(f"/images/{image.pk}/comment/").content.decode()
    assert "No. 0<" in page
    assert "Show all comments" not in page


@pytest.fixture
def said(max_: Client, image: Image) -> Comment:
    """By Max, and staff have seen it."""
    say(max_, image, "A *fine* fox")
    Comment.objects.update(seen_at=timezone.now())
    return Comment.objects.get()


def test_its_writer_changes_a_comment_and_staff_look_at_it_anew(max_: Client, said: Comment, image: Image) -> None:
    assert "A *fine* fox</textarea>" in markup(max_.get(f"/comments/{said.pk}/edit/"))
    answer = max_.post(f"/comments/{said.pk}/edit/", {"text": "A fine owl"})
    assert answer["Location"] == f"/images/{image.pk}/#feedback"
    said.refresh_from_db()
    assert (said.text, said.seen_at) == ("A fine owl", None)
    page = markup(max_.get(f"/images/{image.pk}/"))
    assert "<p>A fine owl</p>" in page
    assert ">edited</span>" in page
    search = [max_.get("/", {"q": f"in:comments {word}"}).context["page"].rows for word in ("owl", "fox")]
    assert [len(rows) for rows in search] == [1, 0]


def test_what_was_not_changed_is_not_edited(max_: Client, said: Comment) -> None:
    max_.post(f"/comments/{said.pk}/edit/", {"text": said.text})
    said.refresh_from_db()
    assert said.edited_at is None
    assert said.seen_at is not None


@pytest.mark.parametrize("text", ["  ", "x" * 2001])
def test_a_bad_change_is_explained_and_changes_nothing(max_: Client, said: Comment, text: str) -> None:
    answer = max_.post(f"/comments/{said.pk}/edit/", {"text": text})
    assert answer.status_code == 422
    assert 'class="errorlist"' in markup(answer)
    said.refresh_from_db()
    assert said.text == "A *fine* fox"


def test_changes_are_braked_as_comments_are(max_: Client, said: Comment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(brakes.RATES, "comment", "1/10m")
    answers = [max_.post(f"/comments/{said.pk}/edit/", {"text": text}) for text in ("One", "Two")]
    assert [answer.status_code for answer in answers] == [302, 429]
    assert "Go on in" in markup(answers[1])
    assert Comment.objects.get().text == "One"


def test_what_staff_have_hidden_stays_so(max_: Client, said: Comment) -> None:
    Comment.objects.update(state="hidden")
    max_.post(f"/comments/{said.pk}/edit/", {"text": "Another"})
    assert Comment.objects.values_list("state", "text").get() == ("hidden", "Another")


def test_nobody_else_changes_a_comment_staff_neither(client: Client, said: Comment, cast: Cast) -> None:
    for person in (cast.owner, cast.moderator, cast.admin):
        client.force_login(person)
        assert client.post(f"/comments/{said.pk}/edit/", {"text": "Not said"}).status_code == 403
        assert f"/comments/{said.pk}/edit/" not in client.get(f"/images/{said.image_id}/").content.decode()
    assert Comment.objects.get().text == "A *fine* fox"


def test_its_writer_deletes_a_comment(max_: Client, image: Image) -> None:
    say(max_, image)
    answer = max_.post(f"/comments/{Comment.objects.get().pk}/delete/")
    assert answer["Location"] == f"/images/{image.pk}/#feedback"
    assert not Comment.objects.exists()


def test_staff_deletes_anybodys_comment(client: Client, image: Image, cast: Cast) -> None:
    comment = Comment.objects.create(image=image, user=cast.member, text="Rude.", token="t")
    client.force_login(cast.moderator)
    client.post(f"/comments/{comment.pk}/delete/")
    assert not Comment.objects.exists()


def test_nobody_else_deletes_a_comment(max_: Client, image: Image, cast: Cast) -> None:
    comment = Comment.objects.create(image=image, user=cast.owner, text="Mine.", token="t")
    assert max_.post(f"/comments/{comment.pk}/delete/").status_code == 403
    assert max_.post(f"/comments/{uuid4()}/delete/").status_code == 404
    max_.logout()
    answer = max_.post(f"/comments/{comment.pk}/delete/")
    assert answer["Location"] == "/accounts/login/?next=/"
    assert Comment.objects.exists()


def test_a_comment_under_a_hidden_picture_cannot_be_reached(max_: Client, image: Image, cast: Cast) -> None:
    comment = Comment.objects.create(image=image, user=cast.member, text="Mine.", token="t")
    Image.objects.update(visibility="private")
    assert max_.post(f"/comments/{comment.pk}/delete/").status_code == 404


# Reports


def test_a_report_reaches_staff_once(max_: Client, image: Image, cast: Cast) -> None:
    for text in ("Please look.", "And again."):
        max_.post(f"/images/{image.pk}/report/", {"reason": "privacy", "text": text}, follow=True)
    report = Report.objects.get()
    assert (report.user, report.reason, report.text) == (cast.member, "privacy", "Please look.")
    assert feedback_for(image, cast.member).is_reported
    assert not feedback_for(image, cast.owner).is_reported


def test_after_it_was_resolved_a_picture_can_be_reported_anew(max_: Client, image: Image) -> None:
    for _ in range(2):
        max_.post(f"/images/{image.pk}/report/", {"reason": "other"})
        Report.objects.update(resolved_at=timezone.now())
    assert Report.objects.count() == 2


def test_the_second_report_is_answered_politely(max_: Client, image: Image) -> None:
    said = []
    for _ in range(2):
        answer = max_.post(f"/images/{image.pk}/report/", {"reason": "other"}, headers={"hx-request": "true"})
        said.append(answer.content.decode())
    assert "Thank you. Staff will look at this picture." in said[0]
    assert "You have reported this already." in said[1]


def test_a_report_needs_a_reason(max_: Client, image: Image) -> None:
    answer = max_.post(f"/images/{image.pk}/report/", {"text": "It is bad."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose a reason." in page
    assert "It is bad." in page
    assert not Report.objects.exists()


def test_the_report_page_shows_its_form(max_: Client, image: Image) -> None:
    assert "What is wrong with it?" in max_.get(f"/images/{image.pk}/report/").content.decode()


# Who may

ADDRESSES = ["rate", "comment", "report"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_is_not_signed_in_is_sent_to_do_so(client: Client, image: Image, address: str) -> None:
    """Also for a public picture, and whether or not there is one."""
    Image.objects.update(visibility="public")
    for pk in (image.pk, uuid4()):
        answer = client.post(f"/images/{pk}/{address}/", {"stars": 5, "text": "x", "reason": "other"})
        assert answer["Location"] == f"/accounts/login/?next=/images/{pk}/"
    assert [model.objects.count() for model in (Rating, Comment, Report)] == [0, 0, 0]


@pytest.mark.parametrize("address", ["comment", "report", "provider-feedback"])
def test_who_wanted_to_look_comes_back_to_the_same_page(client: Client, image: Image, address: str) -> None:
    page = f"/images/{image.pk}/{address}/"
    assert client.get(page)["Location"] == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_one_may_not_see_cannot_be_talked_about(max_: Client, image: Image, address: str) -> None:
    Image.objects.update(visibility="private")
    data = {"stars": 5, "text": "x", "token": "t", "reason": "other"}
    assert max_.post(f"/images/{image.pk}/{address}/", data).status_code == 404


def test_the_panel_of_an_untouched_picture_is_empty(max_: Client, image: Image) -> None:
    page = max_.get(f"/images/{image.pk}/comment/").content.decode()
    assert "No ratings yet" in page
    assert "<li>" not in page.partition('id="comment-list"')[2].partition("</ol>")[0]


def test_ten_more_comments_cost_no_more_queries(
    image: Image, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    image = Image.objects.select_related("call", "generation").get(pk=image.pk)
    for number in range(11):
        Comment.objects.create(image=image, user=cast.owner, text="x", token=str(number))
    with django_assert_num_queries(2):
        shown = feedback_for(image, cast.member)
        assert [comment.writer for comment in shown.comments] == ["olga"] * 11


def test_a_fresh_form_is_drawn_once_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str | None] = []
    monkeypatch.setattr(forms, "_drawn", lambda *_: drawn.append(get_language()))
    forms._fresh.cache_clear()
    for language in ("en", "en-us", "en"):
        with override(language):
            forms.fields(forms.ReportForm)
    forms._fresh.cache_clear()
    assert drawn == ["en", "en-us"]


def test_a_form_that_was_sent_is_never_remembered() -> None:
    assert "Choose a reason." in forms.fields(forms.ReportForm, forms.ReportForm({}))
    assert "Choose a reason." not in forms.fields(forms.ReportForm)
