"""What is liked, per model and per member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from gallery.models import Favourite, Rating
from gallery.usage.filters import UsageFilter
from gallery.usage.period import Period
from gallery.usage.review import Review
from generator.models import Call, Image
from tests.conftest import Cast


def lines() -> dict[str, dict[str, Any]]:
    today = timezone.localdate()
    period = Period(today, today)
    return {
        row.label: dict(row.values) for table in Review(UsageFilter(period, period.before, table="taste")).tables
        for row in table.rows
    }  # fmt: skip


def test_it_tells_what_is_liked_per_unit(cast: Cast, make_image: Callable[..., Image]) -> None:
    kept, trashed = make_image(cast.owner), make_image(cast.owner)
    other = make_image(cast.member, model="kandinsky")
    for image in (kept, trashed, other):
        Call.objects.filter(pk=image.call_id).update(pictures=1, units=200, settled_at=timezone.now())
    trashed.trash()
    for user, stars in ((cast.member, 5), (cast.stranger, 3)):
        Rating.objects.create(image=kept, user=user, stars=stars)
        Favourite.objects.create(image=kept, user=user)
    found = lines()
    assert set(found) == {"flux", "kandinsky", "olga", "max"}
    assert found["flux"] == found["olga"]
    names = ("kept", "trashed", "ratings", "stars", "favourites", "units", "stars_per_1000")
    figures = {name: found["olga"][name] for name in names}
    expected = {"kept": 1, "trashed": 1, "ratings": 2, "stars": 4, "favourites": 2, "units": 400, "stars_per_1000": 20}
    assert figures == expected
    assert found["max"]["favourites"] == 0
    assert (found["max"]["ratings"], found["max"]["stars"], found["max"]["stars_per_1000"]) == (0, None, 0)


def test_what_was_removed_for_good_still_counts_as_thrown_away(cast: Cast, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner)
    Call.objects.filter(pk=image.call_id).update(pictures=1, settled_at=timezone.now())
    image.delete()
    assert (lines()["olga"]["kept"], lines()["olga"]["trashed"]) == (0, 1)


def test_its_file_says_which_lines_are_models_and_which_are_members(
    client: Client, cast: Cast, make_image: Callable[..., Image]
) -> None:
    make_image(cast.owner)
    client.force_login(cast.moderator)
    rows = client.get("/usage/table.csv", {"table": "taste"}).getvalue().decode("utf-8-sig").splitlines()
    assert [row.split(",")[:3] for row in rows] == [["model", "member", "kept"], ["flux", "", "1"], ["", "olga", "1"]]


def test_a_download_by_somebody_else_counts(client: Client, cast: Cast, make_image: Callable[..., Image]) -> None:
    image = make_image(cast.owner)
    for user in (cast.owner, cast.member, cast.stranger):
        client.force_login(user)
        for ask in (client.get, client.head):
            b"".join(ask(f"/images/{image.pk}/download/").streaming_content)  # type: ignore[attr-defined]
    assert lines()["olga"]["downloads"] == 2
