"""The page of one picture."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generator.models import Call, Image
from tests.conftest import markup

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(cast: Any) -> Client:
    client = Client()
    client.force_login(cast.member)
    return client


def page(client: Client, image: Image, **query: str) -> str:
    response = client.get(image.get_absolute_url(), query)
    assert response.status_code == 200
    return markup(response)


def test_shows_every_recorded_fact(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner, prompt="A teal square", model="kandinsky")
    content = page(owner, image)
    call = image.call
    facts = ["A teal square", "olga", "kandinsky", "flux", "1:1", "PNG", "3.2 s", "152"]
    for fact in [*facts, call.reply_id, str(call.api_user), image.sha256[:16]]:
        assert fact in content
    assert "64 \N{MULTIPLICATION SIGN} 48" in content


def test_every_date_is_written_as_the_reader_writes_dates(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner, created_at=datetime(2026, 3, 5, 18, 2, tzinfo=UTC))
    Call.objects.update(reply_created=datetime(2026, 3, 5, 18, 1, 7, tzinfo=UTC))
    world, america = (
        owner.get(image.get_absolute_url(), headers={"accept-language": language}).content.decode()
        for language in ("en-GB", "en-US")
    )
    assert "5 March 2026, 18:02" in world
    assert "5 March 2026, 18:01:07" in world
    assert "March 5, 2026, 6:02 PM" in america
    assert "March 5, 2026, 18:01:07" in america


def test_facts_that_the_api_did_not_give_are_left_out(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)
    Call.objects.update(reply_id="", usage=None, elapsed_time=None, api_user=None)
    content = page(owner, image)
    assert not any(f"<dt>{name}</dt>" in content for name in ("Reply id", "Usage", "Elapsed", "API user"))


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_what_is_technical_is_folded_away_from_members(role: str, client: Client, cast: Any, make_image: Any) -> None:
    client.force_login(getattr(cast, role))
    content = page(client, make_image(cast.owner))
    opening = {"member": '<details class="fold technical">', "moderator": '<details class="fold technical" open>'}
    facts, found, technical = content.partition(opening[role])
    assert found
    assert all(f"<dt>{name}</dt>" in technical for name in ("Reply id", "API user", "SHA-256"))
    assert all(f"<dt>{name}</dt>" in facts for name in ("Model", "Size", "Usage"))
    assert ("Feedback for the provider" in technical) is (role == "member")
    assert content.count("Feedback for the provider") == 1


def test_offers_copy_remix_download_and_the_original(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)
    content = page(owner, image)
    assert 'data-copy="#prompt"' in content
    assert f"/create/?remix={image.pk}" in content
    assert f"/images/{image.pk}/download/" in content
    assert f"/images/{image.pk}/original/" in content


def test_the_stage_shows_copies_only_up_to_one_as_large_as_the_picture(
    owner: Client, cast: Any, make_image: Any
) -> None:
    image = make_image(cast.owner, width=1152, height=700)
    stage = page(owner, image).partition('id="details"')[0]
    assert re.findall(r"thumbs/(\d+)/\?p=\S+ (\d+)w", stage) == [("320", "320"), ("640", "640"), ("1280", "1152")]
    assert "original/" not in stage


def test_an_original_that_browsers_do_not_know_is_there_to_be_downloaded(
    owner: Client, cast: Any, make_image: Any
) -> None:
    image = make_image(cast.owner, format=Image.Format.TIFF)
    content = page(owner, image)
    assert "original/" not in content
    assert f"/images/{image.pk}/download/" in content
    assert "shown as a copy" in content
    response = owner.get(f"/images/{image.pk}/download/")
    assert response["Content-Type"] == "image/tiff"
    assert ".tif" in response["Content-Disposition"]
    b"".join(response)


def test_a_damaged_picture_says_so(owner: Client, cast: Any, make_image: Any) -> None:
    assert "damaged" not in page(owner, make_image(cast.owner))
    assert "damaged: some of it is missing" in page(owner, make_image(cast.owner, is_damaged=True))


def test_no_blurred_preview_lies_under_a_picture_that_can_be_seen_through(
    owner: Client, cast: Any, make_image: Any
) -> None:
    image = make_image(cast.owner, is_transparent=True)
    assert "data-until-shown" not in page(owner, image)
    rows = markup(owner.get("/"))
    assert image.placeholder not in rows
    assert "on-pattern" in rows


def test_a_strip_is_shown_in_its_own_size_and_can_be_scrolled(owner: Client, cast: Any, make_image: Any) -> None:
    stage = page(owner, make_image(cast.owner, width=2, height=16_000)).partition('id="details"')[0]
    assert 'class="stage-strip" tabindex="0"' in stage
    assert "srcset=" not in stage.partition("stage-back")[0]


def test_only_its_owner_changes_it_and_staff_may_withhold_it(
    owner: Client, member: Client, cast: Any, make_image: Any
) -> None:
    image = make_image(cast.owner)
    assert "throw-away" in page(owner, image)
    seen = page(member, image)
    assert "throw-away" not in seen
    assert "Who may see it" not in seen
    moderator = Client()
    moderator.force_login(cast.moderator)
    seen = page(moderator, image)
    assert "throw-away" not in seen
    assert "Hide or remove it" in seen


def test_leads_to_its_neighbours_and_back_to_the_listing(owner: Client, cast: Any, make_image: Any) -> None:
    older, image, newer = (make_image(cast.owner) for _ in range(3))
    content = page(owner, image)
    assert f'rel="prev" href="/images/{newer.pk}/"' in content
    assert f'rel="next" href="/images/{older.pk}/"' in content
    assert 'data-back="/"' in content
    assert 'data-back="/mine/"' in page(owner, image, **{"in": "mine"})


def test_mine_skips_the_pictures_of_others(owner: Client, cast: Any, make_image: Any) -> None:
    first, other, last = make_image(cast.owner), make_image(cast.member), make_image(cast.owner)
    assert f'rel="next" href="/images/{other.pk}/"' in page(owner, last)
    assert f'rel="next" href="/images/{first.pk}/?in=mine"' in page(owner, last, **{"in": "mine"})


def test_shows_the_siblings_of_its_generation(owner: Client, cast: Any, make_image: Any) -> None:
    image, sibling = make_image(cast.owner), make_image(cast.owner)
    assert "From the same prompt" not in page(owner, image)
    Image.objects.filter(pk=sibling.pk).update(generation=image.generation)
    content = page(owner, image)
    assert "From the same prompt" in content
    assert f'data-image="{image.pk}" aria-current="true"' in content


def test_names_its_parent_only_to_those_who_may_see_that(
    owner: Client, member: Client, cast: Any, make_image: Any
) -> None:
    parent = make_image(cast.owner, visibility="private")
    image = make_image(cast.owner, parent=parent)
    assert f"/images/{parent.pk}/" in page(owner, image)
    assert "Remixed from" not in page(member, image)


def test_a_visitor_sees_a_public_picture_but_not_the_groups_business(
    client: Client, cast: Any, make_image: Any
) -> None:
    image = make_image(cast.owner, visibility="public", prompt="A teal square")
    content = page(client, image)
    assert "A teal square" in content
    assert image.call.reply_id not in content
    assert "remix" not in content
    assert 'id="comment-list"' not in content


def test_a_missing_file_does_not_break_the_page(owner: Client, cast: Any, make_image: Any, folders: Any) -> None:
    image = make_image(cast.owner)
    (folders.media / image.file.name).unlink()
    assert "<dt>Size</dt>" in page(owner, image)


def test_delete_moves_to_the_trash_and_on_to_the_next_with_a_way_back(
    owner: Client, cast: Any, make_image: Any
) -> None:
    older, image = make_image(cast.owner), make_image(cast.owner)
    response = owner.post(f"/images/{image.pk}/throw-away/", {"in": "mine"})
    assert response["Location"] == f"/images/{older.pk}/?in=mine"
    image.refresh_from_db()
    assert image.trashed_at
    assert f'action="/images/{image.pk}/restore/?in=mine"' in owner.get(response["Location"]).content.decode()


def test_delete_of_the_oldest_goes_to_the_one_before(owner: Client, cast: Any, make_image: Any) -> None:
    image, newer = make_image(cast.owner), make_image(cast.owner)
    assert owner.post(f"/images/{image.pk}/throw-away/")["Location"] == f"/images/{newer.pk}/"


@pytest.mark.parametrize(("asked", "place"), [({}, "/"), ({"in": "mine"}, "/mine/")])
def test_delete_of_the_last_one_goes_back_to_the_listing(
    owner: Client, cast: Any, make_image: Any, asked: dict[str, str], place: str
) -> None:
    image = make_image(cast.owner)
    assert owner.post(f"/images/{image.pk}/throw-away/", asked)["Location"] == place


def test_visibility_is_changed_by_its_owner(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)
    response = owner.post(f"/images/{image.pk}/visibility/", {"visibility": "private", "in": "mine"})
    assert response["Location"] == f"/images/{image.pk}/?in=mine"
    image.refresh_from_db()
    assert image.visibility == "private"


@pytest.mark.parametrize("chosen", ["", "everybody"])
def test_a_visibility_that_does_not_exist_changes_nothing(
    owner: Client, cast: Any, make_image: Any, chosen: str
) -> None:
    image = make_image(cast.owner)
    response = owner.post(f"/images/{image.pk}/visibility/", {"visibility": chosen}, follow=True)
    assert "Choose who may see this picture." in response.content.decode()
    image.refresh_from_db()
    assert image.visibility == "shared"


def test_the_share_link_is_shown_only_while_it_works(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)
    assert image.link not in page(owner, image)
    owner.post(f"/images/{image.pk}/visibility/", {"visibility": "link"})
    assert f"http://testserver/share/{image.link}/" in page(owner, image)


def test_taking_a_share_link_back_is_final(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner, visibility="link")
    for chosen in ("link", "shared", "link"):
        owner.post(f"/images/{image.pk}/visibility/", {"visibility": chosen})
        if chosen == "link" and image.visibility == "link":
            before = image.link
        image.refresh_from_db()
    assert image.visibility == "link"
    assert image.link != before


def test_ten_more_siblings_cost_no_more_queries(owner: Client, cast: Any, make_image: Any) -> None:
    image = make_image(cast.owner)

    def more(number: int) -> None:
        for _ in range(number):
            Image.objects.filter(pk=make_image(cast.owner).pk).update(generation=image.generation)

    more(1)
    page(owner, image)
    with CaptureQueriesContext(connection) as few:
        page(owner, image)
    more(10)
    with CaptureQueriesContext(connection) as many:
        page(owner, image)
    assert len(many) == len(few) > 0
