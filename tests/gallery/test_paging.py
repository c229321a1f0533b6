"""The one pager: pages that begin after a cursor."""

from __future__ import annotations

from uuid import uuid4

import pytest

from gallery.models import Notice
from gallery.paging import Cursor, Page, cursor, newest, page_between, page_of
from tests.conftest import Cast


@pytest.fixture
def notices(cast: Cast) -> list[Notice]:
    """Newest first."""
    made = [Notice.objects.create(user=cast.owner, text=str(number)) for number in range(5)]
    return sorted(made, key=lambda notice: notice.pk, reverse=True)


def test_pages_join_without_gap_or_overlap(notices: list[Notice]) -> None:
    first = newest(Notice.objects.all(), None, 2)
    second = newest(Notice.objects.all(), first.older, 2)
    third = newest(Notice.objects.all(), second.older, 2)
    assert [*first.rows, *second.rows, *third.rows] == notices
    assert [page.older for page in (first, second, third)] == [notices[1].pk, notices[3].pk, None]
    assert [page.is_first for page in (first, second, third)] == [True, False, False]


def test_a_page_that_is_exactly_full_is_the_last_one(notices: list[Notice]) -> None:
    assert newest(Notice.objects.all(), None, 5).older is None


def test_an_empty_list_is_one_page(cast: Cast) -> None:
    assert newest(Notice.objects.all(), None, 5) == Page([], None, None)


def test_what_is_new_does_not_shift_the_pages(notices: list[Notice], cast: Cast) -> None:
    first = newest(Notice.objects.all(), None, 2)
    Notice.objects.create(user=cast.owner, text="new")
    assert newest(Notice.objects.all(), first.older, 2).rows == notices[2:4]


def test_rows_in_another_order_name_their_own_cursor(cast: Cast) -> None:
    words = ["ada", "max", "olga"]
    page = page_of(words, 2, None, cursor=str.upper)
    assert (page.rows, page.older) == (["ada", "max"], "MAX")


def test_what_was_made_of_the_rows_stands_at_the_same_place() -> None:
    page = Page([1, 2], older=2, before=3, newer=1).of(["one", "two"])
    assert page == Page(["one", "two"], older=2, before=3, newer=1)
    assert not page.is_first


def between(before: int | None = None, after: int | None = None) -> Page[int]:
    """Of 1 to 5, two on a page."""
    rows = range(after - 1, 0, -1) if after else range((before or 0) + 1, 6)
    return page_between(rows, 2, before, after, lambda row: row)


def test_a_list_in_both_directions_tells_the_pages_on_both_sides() -> None:
    assert between() == Page([1, 2], older=2)
    assert between(before=2) == Page([3, 4], older=4, before=2, newer=3)
    assert between(before=4) == Page([5], before=4, newer=5)
    assert between(before=5) == Page([], before=5)
    assert between(after=5) == Page([3, 4], older=4, newer=3)
    assert between(after=3) == Page([1, 2], older=2)
    assert between(after=2) == Page([1], older=1)
    assert between(after=1) == Page([])
    assert [between(**way).is_first for way in ({}, {"before": 5}, {"after": 5}, {"after": 3})] == [
        True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("rank", [None, 0, 4, 2**32 - 1])
def test_a_place_is_read_as_it_is_written(rank: int | None) -> None:
    place = Cursor(uuid4(), rank)
    assert Cursor.of(str(place)) == place


KEY = "01936b2e-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "text",
    ["", "_", "1", "1_", "nonsense", f"_{KEY}", f"-1_{KEY}", f"1.5_{KEY}", f"1__{KEY}", f"²_{KEY}", f"{10**10}_{KEY}"],
)
def test_a_mangled_place_is_none(text: str) -> None:
    assert Cursor.of(text) is None


@pytest.mark.parametrize("text", ["", "nonsense", "1", "01a2-", "~", "\x00"])
def test_a_mangled_cursor_is_none(text: str) -> None:
    assert cursor(text) is None


def test_a_cursor_is_read_as_it_is_written() -> None:
    pk = uuid4()
    assert cursor(str(pk)) == pk
