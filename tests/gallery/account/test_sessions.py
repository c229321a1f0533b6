"""Where one is signed in, and ending it."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from gallery.templatetags.browsers import browser
from tests.conftest import Cast
from tests.gallery.people.conftest import signed_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"


def enter(agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/accounts/login/", {"login": "max", "password": "correct-horse"})["Location"] == "/"
    return client


def test_each_browser_is_listed_by_a_name_people_know(cast: Cast) -> None:
    enter(CHROME)
    page = enter().get("/accounts/sessions/").content.decode()
    assert "Firefox on Windows" in page
    assert "Chrome on Linux" in page
    assert page.count("This browser") == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [(IPHONE, "Safari on iPhone"), ("", "Unknown browser"), ("curl/8", "curl/8"), ("Mozilla Android", "Android")],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert browser(agent) == name


def test_one_session_is_ended_and_the_others_stay(cast: Cast) -> None:
    here, there = enter(), enter(CHROME)
    [other] = UserSession.objects.filter(user_agent=CHROME)
    assert here.post(f"/sessions/{other.pk}/end/")["Location"] == "/accounts/sessions/"
    assert there.get("/mine/").status_code == 302
    assert here.get("/mine/").status_code == 200


def test_ending_this_one_is_signing_out(cast: Cast) -> None:
    here = enter()
    own = UserSession.objects.get()
    assert here.post(f"/sessions/{own.pk}/end/")["Location"] == "/accounts/login/"
    assert here.get("/mine/").status_code == 302
    assert not UserSession.objects.exists()


def test_nobody_ends_the_sessions_of_others(cast: Cast) -> None:
    there = enter()
    own = UserSession.objects.get()
    assert signed_in(cast.admin).post(f"/sessions/{own.pk}/end/").status_code == 404
    assert there.get("/mine/").status_code == 200


def test_all_others_are_ended_at_once(cast: Cast) -> None:
    here, there = enter(), enter(CHROME)
    here.post("/accounts/sessions/")
    assert there.get("/mine/").status_code == 302
    assert here.get("/mine/").status_code == 200


def test_another_password_ends_all_other_sessions(cast: Cast) -> None:
    here, there = enter(), enter(CHROME)
    new = {"oldpassword": "correct-horse", "password1": "battery-staple-9", "password2": "battery-staple-9"}
    here.post("/accounts/password/change/", new)
    assert there.get("/mine/").status_code == 302
    assert here.get("/mine/").status_code == 200
