"""The page of one's own account: name, colours, language, who sees new pictures; and accounts that are not active."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from gallery.models import User
from generator.models import Generation
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def save(client: Client, what: str, **values: str) -> Any:
    return client.post(f"/account/{what}/", values)


def page(client: Client, path: str = "/account/", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_it_shows_what_is_set(cast: Cast, owner: Client) -> None:
    User.objects.filter(pk=cast.owner.pk).update(first_name="Olga", theme="dark", default_visibility="private")
    content = page(owner)
    assert 'value="Olga"' in content
    assert re.search(r'value="dark"[^>]* checked', content)
    assert '<option value="private" selected>' in content
    assert 'href="/u/olga/"' in content


def test_the_menu_leads_there(owner: Client) -> None:
    content = page(owner, "/mine/")
    assert 'href="/account/"' in content
    assert 'href="/u/olga/"' in content


@pytest.mark.parametrize("path", ["", "download/", "leave/"])
def test_whoever_is_not_signed_in_is_asked_to(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}")["Location"] == f"/accounts/login/?next=/account/{path}"


def test_the_name_that_others_see(cast: Cast, owner: Client) -> None:
    assert save(owner, "profile", first_name=" Olga ", last_name="Öl")["Location"] == "/account/"
    assert str(User.objects.get(pk=cast.owner.pk)) == "Olga Öl"
    save(owner, "profile", first_name="", last_name="")
    assert str(User.objects.get(pk=cast.owner.pk)) == "olga"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("a\u202eb", "", "letters that can be seen"),
        ("a\u200bb", "", "letters that can be seen"),
        ("Former", "MEMBER", "Choose another one"),
        ("x" * 151, "", "at most 150"),
    ],
)
def test_a_name_that_deceives_is_refused(cast: Cast, owner: Client, first: str, last: str, said: str) -> None:
    answer = save(owner, "profile", first_name=first, last_name=last)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert User.objects.get(pk=cast.owner.pk).first_name == ""


def test_saving_touches_nothing_else(cast: Cast, owner: Client) -> None:
    save(owner, "profile", first_name="Olga", is_staff="on", is_superuser="on", username="ada2", theme="dark")
    save(owner, "preferences", theme="light", is_staff="on", email="x@example.org")
    found = User.objects.get(pk=cast.owner.pk)
    assert (found.username, found.role, found.email, found.theme) == ("olga", "member", "", "light")


def test_the_address_is_shown_only_where_mail_is_sent(owner: Client, settings: Any) -> None:
    settings.MAIL = False
    assert "E-mail" not in page(owner)
    settings.MAIL = True
    assert "E-mail: none" in page(owner)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_colours_are_on_every_page(owner: Client, cast: Cast, theme: str) -> None:
    assert save(owner, "preferences", theme=theme).status_code == 302
    for path in ("/", "/account/", "/accounts/password/change/", "/nowhere/"):
        assert f'data-theme="{theme}"' in page(owner, path), path
    assert "data-theme" not in page(Client(), "/accounts/login/")


def test_by_default_the_device_decides(owner: Client) -> None:
    assert "data-theme" not in page(owner)


def test_the_admin_has_the_chosen_colours_too(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    save(client, "preferences", theme="dark")
    assert "theme-dark" in page(client, "/admin/")


def test_dates_are_written_as_the_member_chose(cast: Cast, owner: Client) -> None:
    User.objects.filter(pk=cast.owner.pk).update(date_joined="2026-03-09T15:04:00Z")
    assert "9 March 2026" in page(owner, "/u/olga/")
    assert "March 9, 2026" in page(owner, "/u/olga/", **{"Accept-Language": "en-US,en;q=0.9"})
    save(owner, "preferences", language="en-us")
    assert "March 9, 2026" in page(owner, "/u/olga/")
    save(owner, "preferences", language="en")
    assert "9 March 2026" in page(owner, "/u/olga/", **{"Accept-Language": "en-US"})


def test_a_language_that_there_is_no_more_is_as_if_none_was_chosen(cast: Cast, owner: Client) -> None:
    User.objects.filter(pk=cast.owner.pk).update(language="tlh")
    assert owner.get("/account/").status_code == 200


@pytest.mark.parametrize(
    "values", [{"theme": "pink"}, {"language": "tlh"}, {"default_visibility": "everyone"}, {"language": "../en"}]
)
def test_what_is_not_offered_is_refused(cast: Cast, owner: Client, values: dict[str, str]) -> None:
    assert save(owner, "preferences", **values).status_code == 422
    found = User.objects.get(pk=cast.owner.pk)
    assert (found.theme, found.language, found.default_visibility) == ("", "", "")


def test_the_form_for_new_pictures_starts_with_the_chosen_visibility(
    cast: Cast, owner: Client, make_generation: Any
) -> None:
    make_generation(cast.owner, visibility="public")
    assert visible_to(owner) == "public"
    save(owner, "preferences", default_visibility="private")
    assert visible_to(owner) == "private"
    assert visible_to(owner, f"?edit={Generation.objects.get().pk}") == "public"


def visible_to(client: Client, query: str = "") -> str:
    found = re.search(r'name="visibility" value="(\w+)"[^>]* checked', page(client, f"/create/{query}"))
    assert found
    return found[1]


def test_a_member_who_is_deactivated_is_out_at_once_and_cannot_come_back(cast: Cast, owner: Client) -> None:
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert owner.get("/account/")["Location"] == "/accounts/login/?next=/account/"
    owner.post("/accounts/login/", {"login": "olga", "password": "correct-horse"})
    assert owner.get("/account/").status_code == 302


def test_the_page_of_leaving_says_what_will_happen(owner: Client, cast: Cast, make_image: Any) -> None:
    make_image(cast.owner)
    content = owner.get("/account/leave/").content.decode()
    assert "You have 1 picture." in content
    assert "ada, admin" in content
    assert "olga," not in content


def test_who_leaves_alone_can_only_delete(client: Client, db: None) -> None:
    user = User.objects.create_user("alone", password="correct-horse")
    client.force_login(user)
    content = client.get("/account/leave/").content.decode()
    assert "Offer them" not in content
    answer = client.post("/account/leave/", {"pictures": "delete", "password": "correct-horse"})
    assert answer.status_code == 302
