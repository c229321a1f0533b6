"""The one pager: pages that begin after a cursor."""

from __future__ import annotations

from uuid import uuid4

import pytest

from gallery.models import Notice
from gallery.paging import Page, cursor, newest, page_of
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
    page = Page([1, 2], older=2, before=3).of(["one", "two"])
    assert (page.rows, page.older, page.is_first) == (["one", "two"], 2, False)


@pytest.mark.parametrize("text", ["", "nonsense", "1", "01a2-", "~", "\x00"])
def test_a_mangled_cursor_is_none(text: str) -> None:
    assert cursor(text) is None


def test_a_cursor_is_read_as_it_is_written() -> None:
    pk = uuid4()
    assert cursor(str(pk)) == pk
