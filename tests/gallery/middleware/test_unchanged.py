"""A page that the browser has is not sent again; whatever changes shows at once, and nobody is shown another's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from gallery.models import Notice, User
from generator.models import Image
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


class Browser(Client):
    """Asks once more for what it has, as browsers do; one that is signed in has its cookies from a first page."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        self.kept: dict[str, Any] = {}
        if user:
            self.force_login(user)
            self.get("/account/")

    def look(self, address: str, **headers: str) -> Any:
        """The answer; under 304 the browser shows what it has."""
        if address in self.kept:
            headers["If-None-Match"] = self.kept[address]["ETag"]
        answer = self.get(address, headers=headers)
        if answer.status_code == 200 and answer.headers.get("ETag"):
            self.kept[address] = answer
        return answer


@pytest.fixture
def image(cast: Cast, make_image: Make) -> Image:
    return make_image(cast.owner, visibility="shared", prompt="A teal square")


@pytest.fixture
def browser(cast: Cast, image: Image) -> Browser:
    return Browser(cast.member)


@pytest.mark.parametrize("address", ["/", "/mine/", "/u/olga/", "/notices/", "/account/"])
def test_a_page_that_did_not_change_is_not_sent_again(browser: Browser, address: str) -> None:
    first = browser.look(address)
    assert (first.status_code, first["Cache-Control"]) == (200, "private, no-cache")
    assert b"csrf" in first.content
    again = browser.look(address)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "private, no-cache"
    assert "Cookie" in again["Vary"]


def test_the_mark_does_not_depend_on_how_the_page_is_encoded(browser: Browser) -> None:
    browser.look("/")
    assert browser.look("/", **{"Accept-Encoding": "gzip"}).status_code == 304


def test_a_kept_page_has_forms_that_can_still_be_sent(cast: Cast, image: Image) -> None:
    browser = Browser(cast.member)
    browser.handler.enforce_csrf_checks = True
    kept = browser.look("/account/")
    assert browser.look("/account/").status_code == 304
    token = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', kept.content)
    assert token
    sent = {"csrfmiddlewaretoken": token[1].decode()}
    assert browser.post("/accounts/logout/", sent).status_code == 302


def test_a_new_secret_of_the_forms_is_a_new_page(browser: Browser) -> None:
    browser.look("/")
    del browser.cookies[configured.CSRF_COOKIE_NAME]
    assert browser.look("/").status_code == 200
    assert browser.look("/").status_code == 304


def test_after_signing_out_there_is_nothing_to_keep(browser: Browser) -> None:
    browser.look("/mine/")
    browser.post("/accounts/logout/")
    answer = browser.look("/mine/")
    assert answer.status_code == 302
    assert "ETag" not in answer


def test_the_next_person_in_the_browser_gets_their_own_page(browser: Browser, cast: Cast) -> None:
    for address in ("/", "/mine/", "/account/"):
        browser.look(address)
    browser.post("/accounts/logout/")
    browser.force_login(cast.stranger)
    for address in ("/", "/mine/", "/account/"):
        answer = browser.look(address)
        assert answer.status_code == 200
        assert b"sam" in answer.content
        assert b">max<" not in answer.content


def test_a_mark_of_another_session_means_nothing(cast: Cast, image: Image) -> None:
    """Of the same page, byte for byte, and the same person."""
    one, other = Browser(cast.member), Browser(cast.member)
    other.kept = one.kept
    one.look("/")
    assert other.look("/").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda image, _: image.show_to("private"),
        lambda image, _: image.trash(),
        lambda image, _: image.withhold("hidden_at"),
        lambda image, _: User.objects.filter(pk=image.user_id).update(first_name="Olga", last_name="Owner"),
        lambda _, member: User.objects.filter(pk=member.pk).update(first_name="Maximilian"),
        lambda _, member: User.objects.filter(pk=member.pk).update(theme="dark"),
        lambda _, member: User.objects.filter(pk=member.pk).update(is_staff=True),
    ],
    ids=["visibility", "trash", "hidden", "owner's name", "own name", "theme", "rights"],
)
def test_what_changes_shows_at_once(
    browser: Browser, image: Image, cast: Cast, change: Callable[[Image, User], Any]
) -> None:
    browser.look("/")
    assert browser.look("/").status_code == 304
    change(image, cast.member)
    assert browser.look("/").status_code == 200
    assert browser.look("/").status_code == 304


def test_another_language_is_another_page(browser: Browser, cast: Cast) -> None:
    Notice.objects.create(user=cast.member, text="Something happened.")
    browser.look("/notices/")
    assert browser.look("/notices/").status_code == 304
    User.objects.filter(pk=cast.member.pk).update(language="en-us")
    assert browser.look("/notices/").status_code == 200


def test_a_form_that_counts_once_is_always_a_new_one(browser: Browser, image: Image) -> None:
    """Else a comment that was taken back could not be written again: its form is known."""
    forms = {
        re.findall(rb'name="token" value="(\w+)"', browser.look(image.get_absolute_url()).content)[0] for _ in "12"
    }
    assert len(forms) == 2


def test_files_streams_refusals_and_what_is_not_to_be_kept_have_no_mark_of_a_page(
    browser: Browser, image: Image
) -> None:
    for address in ("/account/download/", "/nowhere/", "/admin/"):
        answer = browser.get(address)
        assert not answer.streaming or b"".join(answer)
        assert "ETag" not in answer or answer["Accept-Ranges"] == "bytes", address
    original = browser.get(f"/images/{image.pk}/original/")
    assert (original["ETag"], b"".join(original)[1:4]) == (f'"{image.pk.hex}"', b"PNG")
