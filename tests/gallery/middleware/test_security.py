"""The doors and walls of the site: headers, cookies, names, sizes, guesses, and ways out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.test import Client, RequestFactory
from django.urls import path

from gallery import urls
from gallery.middleware import security
from gallery.models import User

ROOT = Path(__file__).resolve().parents[3]


def fail(_request: Any) -> None:
    raise RuntimeError("a fault of ours")


urlpatterns = [path("fails/", fail), *urls.urlpatterns]


def read(response: Any) -> Any:
    if response.streaming:
        b"".join(response.streaming_content)
    return response


def signed_in(person: User, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(person)
    return client


# Headers


def kinds_of_answers(cast: Any, image: Any) -> dict[str, Any]:
    """One answer of each kind that the site gives."""
    member, visitor = signed_in(cast.member), Client(raise_request_exception=False)
    strict = Client(enforce_csrf_checks=True)
    return {
        "page": member.get("/"),
        "fragment": member.get("/", headers={"HX-Request": "true"}),
        "entrance": visitor.get("/accounts/login/"),
        "redirect": visitor.get("/"),
        "thumbnail": read(member.get(f"/images/{image.pk}/thumbs/320/")),
        "original": read(member.get(f"/images/{image.pk}/original/")),
        "download": read(member.get(f"/images/{image.pk}/download/")),
        "share page": visitor.get(f"/share/{image.link}/"),
        "admin": signed_in(cast.admin).get("/admin/"),
        "not found": visitor.get("/nowhere/"),
        "not allowed": member.post("/mine/"),
        "forged": strict.post("/accounts/login/", {"login": "max"}),
        "wrong host": visitor.get("/", headers={"Host": "example.com"}),
        "too large": visitor.post("/accounts/login/", {"login": "x" * 10**6}),
        "our fault": visitor.get("/fails/"),
        "alive": visitor.get("/healthz"),
        "ready": visitor.get("/readyz"),
    }


@pytest.mark.urls(__name__)
def test_every_kind_of_answer_carries_the_headers(cast: Any, make_image: Any) -> None:
    statuses = {}
    for kind, answer in kinds_of_answers(cast, make_image(cast.owner, visibility="public", thumbs=True)).items():
        statuses[kind] = answer.status_code
        policy = answer["Content-Security-Policy"]
        assert re.search(r"default-src '(self|none)'", policy), kind
        assert "unsafe" not in policy, kind
        assert answer["X-Content-Type-Options"] == "nosniff", kind
        assert answer["X-Frame-Options"] == "DENY", kind
        assert answer["Referrer-Policy"] in ("same-origin", "no-referrer"), kind
        assert answer["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=(), usb=()", kind
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", kind
        assert re.match("private|no-store|max-age=0", answer["Cache-Control"]), kind
    failures = {
        "not found": 404,
        "not allowed": 405,
        "forged": 403,
        "wrong host": 400,
        "too large": 413,
        "our fault": 500,
    }
    assert failures.items() <= statuses.items()


@pytest.mark.parametrize("place", ["", "original/", "thumbs/320/"])
def test_head_is_answered_without_a_body(cast: Any, make_image: Any, place: str) -> None:
    """As the web server gets it: the test client would remove the body itself."""
    image = make_image(cast.owner, visibility="public", thumbs=True)
    told: dict[str, str] = {}
    environ = RequestFactory().head(f"/images/{image.pk}/{place}").environ
    with closing(get_wsgi_application()(environ, lambda _status, headers: told.update(headers))) as body:
        assert b"".join(body) == b""
    assert int(told["Content-Length"]) > 50


def test_pages_allow_nothing_that_does_not_come_from_us(client: Client, db: None) -> None:
    policy = dict(
        part.strip().split(" ", 1) for part in client.get("/accounts/login/")["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'self'", "img-src": "'self' data:", "form-action": "'self'", "object-src": "'none'",
        "base-uri": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip


def test_behind_tls_browsers_are_told_to_come_back_by_tls_only(client: Client, db: None, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True
    assert client.get("/accounts/login/", secure=True)["Strict-Transport-Security"].startswith("max-age=31536000")
    plain = client.get("/accounts/login/")
    assert plain["Location"] == "https://testserver/accounts/login/"
    assert "default-src" in plain["Content-Security-Policy"]


def test_a_site_with_an_https_address_passes_djangos_own_check() -> None:
    """In a process of its own: settings follow from the environment as it starts."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL") if name in os.environ}
    told = {"VITRINE_BASE_URL": "https://pictures.example.org", "ONLYSQ_API_KEY": "k", "VITRINE_ENV_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=known | told, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# Cookies


@pytest.mark.parametrize("is_tls", [False, True])
def test_cookies_are_for_us_alone(client: Client, cast: Any, settings: Any, is_tls: bool) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = is_tls
    client.get("/accounts/login/", secure=is_tls)
    client.post("/accounts/login/", {"login": "max", "password": "correct-horse"}, secure=is_tls)
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", is_tls), name


def test_signing_in_begins_another_session(client: Client, cast: Any) -> None:
    client.get("/accounts/password/reset/")
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key
    client.post("/accounts/login/", {"login": "max", "password": "correct-horse"})
    assert client.session.session_key != before


def test_another_password_ends_all_other_sessions(cast: Any) -> None:
    here, elsewhere = signed_in(cast.member), signed_in(cast.member)
    new = {"oldpassword": "correct-horse", "password1": "battery-staple-9", "password2": "battery-staple-9"}
    here.post("/accounts/password/change/", new)
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


# Names and sizes


@pytest.mark.parametrize(
    ("name", "is_local"),
    [
        ("localhost", True), ("nas", True), ("nas.local", True), ("nas.fritz.lan", True), ("nas.home.arpa", True),
        ("192.168.1.5", True), ("[fd00::5]", True), ("203.0.113.9", True),
        ("example.com", False), ("local.example.com", False), ("192.168.1.5.example.com", False),
        ("nas.local.example", False),
    ],
)  # fmt: skip
def test_names_that_strangers_can_register_are_not_ours(name: str, is_local: bool) -> None:
    assert security.is_local_name(name) is is_local


@pytest.mark.parametrize(("host", "status"), [("nas:8000", 200), ("192.168.1.5:8000", 200), ("example.com", 400)])
def test_an_open_site_without_a_name_answers_on_its_network_only(
    client: Client, db: None, settings: Any, host: str, status: int
) -> None:
    settings.ALLOWED_HOSTS, settings.LOCAL_NAMES_ONLY = ["*"], True
    assert client.get("/accounts/login/", headers={"Host": host}).status_code == status


def test_a_site_with_a_name_answers_to_that(client: Client, db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.LOCAL_NAMES_ONLY = ["pictures.example.org", "localhost"], False
    assert client.get("/accounts/login/", headers={"Host": "pictures.example.org"}).status_code == 200
    assert client.get("/accounts/login/", headers={"Host": "example.org"}).status_code == 400


@pytest.mark.parametrize("length", ["1000000", "many", "-1", "1e3"])
def test_what_is_larger_than_any_form_is_not_even_read(client: Client, db: None, length: str) -> None:
    answer = client.generic("POST", "/accounts/login/", b"login=max", CONTENT_LENGTH=length)
    assert answer.status_code == 413


@pytest.mark.parametrize("place", ["generator/call/?state=", "generator/image/?person=", "gallery/comment/?q="])
def test_what_no_database_holds_is_not_asked_for(cast: Any, place: str) -> None:
    staff = signed_in(cast.moderator, raise_request_exception=False)
    assert staff.get(f"/admin/{place}%00").status_code == 400


@pytest.mark.parametrize("place", ["/share/%00/", "/join/a%00b/", "/accounts/oidc/%00/login/", "/u/%00/"])
def test_an_address_that_no_database_holds_leads_nowhere(client: Client, db: None, place: str) -> None:
    client.raise_request_exception = False
    assert client.get(place).status_code == 400


def test_a_session_that_no_database_holds_is_not_looked_for(client: Client, db: None, settings: Any) -> None:
    """A quoted cookie may spell any letter by its number."""
    client.raise_request_exception = False
    answer = client.get("/accounts/login/", headers={"Cookie": f'{settings.SESSION_COOKIE_NAME}="\\000aaaaaaaa"'})
    assert answer.status_code == 400


def test_the_longest_prompt_fits_in_its_longest_spelling(cast: Any, settings: Any) -> None:
    prompt = "𐍈" * settings.MAX_PROMPT_LENGTH
    answer = signed_in(cast.member).post("/create/", {"prompt": prompt})
    assert answer.status_code == 422
    assert "Ensure this value has at most" not in answer.content.decode()


def test_no_form_takes_a_file(cast: Any, make_image: Any) -> None:
    member = signed_in(cast.member, raise_request_exception=False)
    file = SimpleUploadedFile("a.png", b"bytes")
    assert member.post("/create/", {"prompt": "A fox", "file": file}).status_code == 400
    assert member.post("/create/", {f"field{number}": "x" for number in range(1100)}).status_code == 400


def test_what_is_answered_at_once_says_how_long_it_is_so_that_the_connection_goes_on(client: Client) -> None:
    assert client.get("/healthz").headers["Content-Length"] == "3"
    assert client.post("/", b"x" * 9_000_000, content_type="text/plain").headers["Content-Length"]
