"""Searches that are kept under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.browse import saved
from gallery.models import SavedSearch
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db


def save(client: Client, name: str = "", **more: str) -> Any:
    return client.post("/search/save/", {"in": "u/olga", "q": "fox rated:4", "order": "oldest", "name": name} | more)


def test_it_is_kept_with_its_address_and_leads_back_there(member: Client, cast: Cast) -> None:
    answer = save(member, "  My   foxes ")
    assert answer["Location"] == "/u/olga/?q=fox+rated%3A4&order=oldest"
    page = member.get("/search/").content.decode()
    assert 'href="/u/olga/?q=fox+rated%3A4&amp;order=oldest">My foxes</a>' in page
    assert ">http://testserver/u/olga/?q=fox+rated%3A4&amp;order=oldest</code>" in page
    assert SavedSearch.objects.get().user == cast.member


def test_an_empty_box_offers_it(member: Client) -> None:
    save(member, "My foxes")
    offered = member.get("/search/suggestions/").context["suggestions"]
    assert [(one.text, one.address) for one in offered] == [("My foxes", "/u/olga/?q=fox+rated%3A4&order=oldest")]


def test_without_a_name_it_is_called_what_it_asks_and_a_name_stands_for_one(member: Client) -> None:
    save(member)
    save(member, q="owl")
    save(member, "owl", **{"in": ""})
    kept = SavedSearch.objects.values_list("name", "scope")
    assert [*kept] == [("fox rated:4", "u/olga"), ("owl", "")]


def test_nothing_and_too_much_are_not_kept(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    save(member, q="")
    assert not SavedSearch.objects.exists()
    monkeypatch.setattr(saved, "MOST", 1)
    save(member, "one")
    save(member, "two")
    save(member, "one", q="owl")
    assert [*SavedSearch.objects.values_list("name", "q")] == [("one", "owl")]


def test_explore_leads_to_it(member: Client, cast: Cast, make_image: Callable[..., Image]) -> None:
    make_image(cast.owner)
    assert "saved-bar" not in member.get("/").content.decode()
    save(member, "My <foxes>")
    page = markup(member.get("/"))
    link = '<a class="chip saved-link" dir="auto" href="/u/olga/?q=fox+rated%3A4&amp;order=oldest">My &lt;foxes&gt;</a>'
    assert link in page
    member.force_login(cast.owner)
    assert "saved-bar" not in member.get("/").content.decode()


def test_it_is_renamed_but_not_to_nothing_or_to_the_name_of_another(member: Client) -> None:
    save(member, "foxes")
    save(member, "owls")
    kept = SavedSearch.objects.get(name="foxes")

    def rename(name: str) -> str:
        assert member.post(f"/search/{kept.pk}/rename/", {"name": name})["Location"] == "/search/"
        kept.refresh_from_db()
        return kept.name

    assert rename("  ") == "foxes"
    assert rename("owls") == "foxes"
    assert rename("foxes") == "foxes"
    assert rename(" Red\n foxes ") == "Red foxes"
    assert rename("ж" * 200) == "ж" * 80


def test_what_no_database_keeps_is_left_out(member: Client) -> None:
    """A form can send a NUL, which nobody types."""
    assert save(member, "Red\0foxes", q="red\0fox\0")["Location"] == "/u/olga/?q=red+fox&order=oldest"
    kept = SavedSearch.objects.get()
    assert (kept.name, kept.q) == ("Red foxes", "red fox")
    member.post(f"/search/{kept.pk}/rename/", {"name": "\0Old\0foxes"})
    kept.refresh_from_db()
    assert kept.name == "Old foxes"


def test_its_owner_alone_sees_and_removes_it(member: Client, cast: Cast) -> None:
    save(member, "Secret plans")
    kept = SavedSearch.objects.get()
    other = Client()
    other.force_login(cast.admin)
    assert "Secret plans" not in other.get("/search/").content.decode()
    assert other.post(f"/search/{kept.pk}/forget/").status_code == 404
    assert other.post(f"/search/{kept.pk}/rename/", {"name": "Mine"}).status_code == 404
    assert member.post(f"/search/{kept.pk}/forget/")["Location"] == "/search/"
    assert not SavedSearch.objects.exists()


def test_a_page_of_what_was_found_offers_to_save_it(member: Client, client: Client) -> None:
    assert 'action="/search/save/"' in member.get("/?q=fox").content.decode()
    assert 'action="/search/save/"' not in member.get("/").content.decode()
