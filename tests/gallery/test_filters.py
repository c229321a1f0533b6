"""What lists ask for in an address: shared fields, and the words of the address."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from gallery.filters import Asked, DayField, FallbackChoiceField, FilterForm, MemberField, member_key, on_days, query
from gallery.models import Notice, User
from tests.conftest import Cast


class Form(FilterForm):
    narrowing = ("who", "day", "kind")

    who = MemberField()
    strict = MemberField(must_exist=True)
    day = DayField(required=False)
    kind = FallbackChoiceField(required=False, choices=[("big", "Big")])


def cleaned(**words: str) -> dict[str, Any]:
    form = Form(words)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def test_an_address_that_says_nothing_asks_for_everything(db: None) -> None:
    assert cleaned() == {"who": None, "strict": None, "day": None, "kind": ""}
    asked = Form({}).asked
    assert (asked.said, asked.is_narrowed, asked.address()) == ({}, False, "")


def test_a_person_is_found_however_their_name_is_written(cast: Cast) -> None:
    assert cleaned(who=" OLGA ", strict="Max") == {
        "who": cast.owner.pk, "strict": cast.member.pk, "day": None, "kind": "",
    }  # fmt: skip


def test_of_two_who_differ_in_capitals_the_one_who_was_named_is_found(cast: Cast) -> None:
    other = User.objects.create(username="OLGA")
    assert [member_key("olga"), member_key("OLGA")] == [cast.owner.pk, other.pk]
    assert member_key("Olga") in {cast.owner.pk, other.pk}


def test_a_name_that_nobody_has_finds_nothing_or_is_an_error(cast: Cast) -> None:
    assert cleaned(who="nobody")["who"] == 0
    form = Form({"strict": "nobody"})
    assert form.errors == {"strict": ["There is no member of this name."]}
    assert Form({"who": "x" * 151}).errors.keys() == {"who"}


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_days_of_this_century_are_days(day: str) -> None:
    assert DayField().clean(day) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("1999-12-31", "Choose days between 2000 and 2099."), ("2100-01-01", "Choose days between 2000 and 2099."),
        ("yesterday", "Enter a valid date."), ("9999-99-99", "Enter a valid date."),
    ],
)  # fmt: skip
def test_other_days_are_explained(db: None, day: str, sentence: str) -> None:
    assert Form({"day": day}).errors == {"day": [sentence]}


def test_a_choice_that_there_is_not_counts_as_none(db: None) -> None:
    assert cleaned(kind="big")["kind"] == "big"
    assert cleaned(kind="<b>")["kind"] == ""


def test_the_words_are_kept_as_they_were_typed_and_nothing_else(db: None) -> None:
    form = Form({"who": "Olga", "day": "soon", "kind": "", "junk": "1"})
    assert form.said == {"who": "Olga", "day": "soon"}
    assert form.asked.is_narrowed


def test_words_are_changed_left_out_and_cleared() -> None:
    asked = Asked(said={"who": "a&b", "table": "models"}, narrowing=("who", "day"))
    assert asked.address() == "who=a%26b&table=models"
    assert asked.address(table="", day="2026-01-01") == "who=a%26b&day=2026-01-01"
    assert asked.cleared() == "table=models"
    assert not Asked(said={"table": "models"}, narrowing=("who",)).is_narrowed


def test_a_query_string_has_no_empty_words() -> None:
    assert query({"state": "", "kind": "reports", "before": None}) == "kind=reports"


def test_days_include_the_first_and_the_last(cast: Cast) -> None:
    Notice.objects.create(user=cast.owner, text="now")
    today = timezone.localdate()
    before, after = today - timezone.timedelta(days=1), today + timezone.timedelta(days=1)
    for since, until, found in (
        (None, None, 1), (today, today, 1), (today, None, 1), (None, today, 1), (after, None, 0), (None, before, 0),
    ):  # fmt: skip
        assert Notice.objects.filter(on_days("created_at", since, until)).count() == found
