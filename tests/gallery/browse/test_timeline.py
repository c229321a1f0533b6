"""The months beside a grid: true for everybody who looks, and each a way to its pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gallery.browse import listing
from gallery.browse.listing import Listing
from gallery.browse.timeline import counts
from gallery.browse.wanted import ALL, EXPLORE, MINE
from gallery.search import index
from generator.models import Image
from generator.models.month import first_id
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
Hang = Callable[..., list[Image]]


@pytest.fixture
def hang(make_image: Make) -> Hang:
    """Pictures that came on these days, at noon if no time is said."""

    def hang(user: Any, *moments: str, **more: Any) -> list[Image]:
        made = []
        for moment in moments:
            kept = Image.objects.filter(pk=make_image(user, **more).pk)
            key = UUID(int=first_id(at(moment)).int + kept.get().pk.int % 2**40)
            kept.update(id=key)
            made.append(Image.objects.get(pk=key))
        return made

    return hang


def at(moment: str) -> datetime:
    said = datetime.fromisoformat(moment)
    return said.replace(tzinfo=UTC) if "T" in moment else said.replace(hour=12, tzinfo=UTC)


def months(content: str) -> list[tuple[str, str]]:
    """The addresses of the timeline, and what is counted there."""
    found = re.findall(r'<a href="([^"]*)" data-month(.*?)</a>', content, re.DOTALL)
    return [(address, "".join(re.findall(r"timeline-count\">([^<]*)<", rest))) for address, rest in found]


def pictures(content: str) -> list[str]:
    return re.findall(r'data-image="([^"]*)"', content)


@pytest.mark.parametrize("scope", [EXPLORE, MINE, "u/olga", "u/max", ALL])
def test_months_count_what_the_listing_holds_for_everybody(cast: Cast, hang: Hang, scope: str) -> None:
    """The roll-up is asked by rules of its own, which must say what `visible_to` says."""
    states: list[dict[str, Any]] = [{}, {"hidden_at": timezone.now()}, {"trashed_at": timezone.now()}]
    for number, owner in enumerate((cast.owner, cast.member, cast.moderator)):
        for visibility in Image.Visibility.values:
            for state in states:
                hang(owner, "2026-01-05", f"2026-0{number + 1}-20", visibility=visibility, **state)
    for user in (*vars(cast).values(), AnonymousUser()):
        seen = Listing(scope).images(user)
        truth = Counter(int(f"{_moment(image):%Y%m}") for image in seen)
        assert list(counts(Listing(scope), user)) == sorted(truth.items(), reverse=True)


def _moment(image: Image) -> datetime:
    return datetime.fromtimestamp((image.pk.int >> 80) / 1000, UTC)


def test_each_month_is_a_link_with_its_count(member: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2025-11-30", "2026-01-02", "2026-01-20", "2026-03-31")
    hang(cast.owner, "2026-02-02", visibility="private")
    content = member.get("/").content.decode()
    assert months(content) == [("?at=2026-03", "1"), ("?at=2026-01", "2"), ("?at=2025-11", "1")]
    assert re.findall(r'timeline-year" aria-hidden="true">(\d+)', content) == ["2026", "2025"]
    assert re.findall(r'data-month="([^"]*)" aria-current="true"', content) == ["2026-03"]
    assert 'timeline-place"' not in content


def test_a_jump_shows_the_month_and_what_is_older(member: Client, cast: Cast, hang: Hang) -> None:
    hung = hang(
        cast.owner, "2026-01-31T23:59:59.999", "2026-02-01T00:00:00", "2026-02-28T23:59:59.999", "2026-03-01T00:00:00"
    )
    content = member.get("/?at=2026-02").content.decode()
    assert pictures(content) == [str(image.pk) for image in reversed(hung[:3])]
    assert '<p class="timeline-place">February 2026</p>' in content
    assert re.findall(r'data-month="([^"]*)" aria-current="true"', content) == ["2026-02"]
    assert f'rel="prev" href="?after={hung[2].pk}"' in content
    assert 'href="?"' in content


def test_a_jump_in_the_order_of_time_shows_what_is_newer(member: Client, cast: Cast, hang: Hang) -> None:
    hung = hang(cast.owner, "2026-01-31T23:59:59.999", "2026-02-01T00:00:00", "2026-03-01T00:00:00")
    content = member.get("/?order=oldest&at=2026-02").content.decode()
    assert pictures(content) == [str(image.pk) for image in hung[1:]]
    assert [address for address, _ in months(content)] == [f"?order=oldest&amp;at=2026-0{month}" for month in (1, 2, 3)]


def test_months_are_those_of_the_time_zone(member: Client, cast: Cast, hang: Hang) -> None:
    hung = hang(cast.owner, "2026-02-28T14:59:59", "2026-02-28T15:00:00")
    with override_settings(TIME_ZONE="Asia/Tokyo"):
        assert pictures(member.get("/?at=2026-02").content.decode()) == [str(hung[0].pk)]
        assert pictures(member.get("/?at=2026-03").content.decode()) == [str(image.pk) for image in reversed(hung)]


@pytest.mark.parametrize(
    "said",
    ["", "2026", "2026-13", "2026-00", "1999-01", "9999-12", "2026-2", "2026-02-01", "٢٠٢٦-٠٢", "x", "2026-02\n"],
)
def test_what_is_no_month_counts_as_not_said(said: str) -> None:
    assert Listing.from_address({"at": said}) == Listing()


def test_a_place_is_said_more_exactly_by_a_cursor(cast: Cast, make_image: Make) -> None:
    key = str(make_image(cast.owner).pk)
    for name in ("before", "after"):
        assert Listing.from_address({"at": "2026-02", name: key}) == Listing.from_address({name: key})


@pytest.mark.parametrize("order", ["rated", "discussed", "downloads", "relevance"])
def test_orders_that_are_not_of_time_have_no_months(member: Client, cast: Cast, hang: Hang, order: str) -> None:
    hang(cast.owner, "2026-01-05", "2026-02-05")
    content = member.get(f"/?order={order}&at=2026-01").content.decode()
    assert Listing.from_address({"order": "rated", "at": "2026-01"}).before is None
    if order in ("rated", "discussed"):
        assert "data-timeline" not in content
        assert "grid-day" not in content


def test_a_question_goes_along_and_nothing_is_counted(member: Client, cast: Cast, hang: Hang) -> None:
    hung = hang(cast.owner, "2026-01-05", "2026-02-05", "2026-03-05", width=64, height=48)
    index.add_older()
    content = member.get("/?q=by:olga+shape:wide&at=2026-02").content.decode()
    assert pictures(content) == [str(image.pk) for image in reversed(hung[:2])]
    assert months(content)[0] == ("?q=by%3Aolga+shape%3Awide&amp;at=2026-03", "")


def test_one_month_needs_no_timeline(member: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2026-01-05", "2026-01-06")
    assert "data-timeline" not in member.get("/").content.decode()


def test_before_the_oldest_there_is_a_way_back(member: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2026-01-05", "2026-02-05")
    content = member.get("/?at=2025-01").content.decode()
    assert "That was the oldest one" in content
    assert 'href="?"' in content


@pytest.mark.parametrize("address", ["/mine/", "/u/olga/"])
def test_ones_own_months_are_complete_wherever_they_stand(client: Client, cast: Cast, hang: Hang, address: str) -> None:
    hang(cast.owner, "2026-01-05", visibility="private")
    hang(cast.owner, "2026-02-05")
    hang(cast.member, "2026-03-05")
    client.force_login(cast.owner)
    assert months(client.get(address).content.decode()) == [("?at=2026-02", "1"), ("?at=2026-01", "1")]


def test_a_visitor_sees_the_months_of_what_a_member_shows_everybody(client: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2026-01-05", "2026-02-05", visibility="public")
    hang(cast.owner, "2026-02-06", "2026-03-05")
    assert months(client.get("/u/olga/").content.decode()) == [("?at=2026-02", "1"), ("?at=2026-01", "1")]


def test_whoever_looks_at_all_sees_the_months_of_all(client: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2026-01-05", "2026-02-05", visibility="private")
    client.force_login(cast.admin)
    assert "data-timeline" not in client.get("/").content.decode()
    client.post("/admin/look/")
    assert months(client.get("/admin/look/").content.decode()) == [("?at=2026-02", "1"), ("?at=2026-01", "1")]


def test_a_month_is_gone_with_its_last_picture(member: Client, cast: Cast, hang: Hang) -> None:
    january, *_ = hang(cast.owner, "2026-01-05", "2026-02-05", "2026-03-05")
    assert len(months(member.get("/").content.decode())) == 3
    january.trash()
    assert len(months(member.get("/").content.decode())) == 2


def test_more_months_cost_no_more_queries(member: Client, cast: Cast, hang: Hang, monkeypatch: Any) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    hang(cast.owner, "2026-01-05", "2026-02-05")
    member.get("/")
    with CaptureQueriesContext(connection) as few:
        member.get("/")
    hang(cast.owner, "2025-01-05", "2025-02-05", "2025-03-05")
    with CaptureQueriesContext(connection) as many:
        member.get("/?at=2025-03")
    assert 0 < len(many) <= len(few)
    with CaptureQueriesContext(connection) as fragment:
        member.get("/", headers={"HX-Request": "true"})
    assert len(fragment) < len(few)


def test_while_templates_are_worked_on_none_is_remembered(member: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2026-01-05", "2026-02-05")
    with override_settings(DEBUG=True):
        assert len(months(member.get("/").content.decode())) == 2


def days(content: str) -> Sequence[tuple[str, str]]:
    return re.findall(r'data-day="([^"]*)"><h2>([^<]*)</h2>', content)


def test_days_are_called_as_people_call_them(member: Client, cast: Cast, hang: Hang, monkeypatch: Any) -> None:
    monkeypatch.setattr(timezone, "now", lambda: at("2026-03-10T08:00:00"))
    hang(cast.owner, "2025-12-31", "2026-03-08", "2026-03-09", "2026-03-10T00:00:00", "2026-03-10T07:00:00")
    assert days(member.get("/").content.decode()) == [
        ("2026-03-10", "Today"),
        ("2026-03-09", "Yesterday"),
        ("2026-03-08", "Sunday, 8 March"),
        ("2025-12-31", "Wednesday, 31 December 2025"),
    ]


def test_days_are_those_of_the_time_zone(member: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2024-03-31T14:59:59", "2024-03-31T15:00:00")
    with override_settings(TIME_ZONE="Asia/Tokyo"):
        found = [key for key, _ in days(member.get("/").content.decode())]
    assert found == ["2024-04-01", "2024-03-31"]


def test_what_follows_a_page_says_no_day_twice(member: Client, cast: Cast, hang: Hang, monkeypatch: Any) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    hung = hang(cast.owner, "2024-05-01", "2024-05-02T01:00", "2024-05-02T02:00", "2024-05-02T03:00")
    further = f"/?before={hung[2].pk}"
    assert [key for key, _ in days(member.get("/").content.decode())] == ["2024-05-02"]
    fragment = member.get(further, headers={"HX-Request": "true"}).content.decode()
    assert [key for key, _ in days(fragment)] == ["2024-05-01"]
    assert "data-timeline" not in fragment
    assert [key for key, _ in days(member.get(further).content.decode())] == ["2024-05-02", "2024-05-01"]
    back = member.get(f"/?after={hung[1].pk}", headers={"HX-Request": "true"}).content.decode()
    assert [key for key, _ in days(back)] == ["2024-05-02"]


def test_any_cursor_is_of_some_day(member: Client, cast: Cast, hang: Hang) -> None:
    hang(cast.owner, "2024-05-01")
    for cursor in ("ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000"):
        for order in ("", "oldest"):
            answer = member.get(f"/?before={cursor}&order={order}", headers={"HX-Request": "true"})
            assert answer.status_code == 200


def test_pictures_beside_no_listing_have_no_days(client: Client, cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    make_image(cast.owner, fingerprint=image.fingerprint)
    client.force_login(cast.owner)
    assert "grid-day" not in client.get(f"/images/{image.pk}/alike/").content.decode()
