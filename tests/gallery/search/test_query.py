"""Whatever is typed is understood as far as it goes, and can be typed again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery.search.query import (
    MOST_CLAUSES,
    MOST_LETTERS,
    Bound,
    Clause,
    Fact,
    Key,
    Match,
    Period,
    Phrase,
    Value,
    parse,
)


def stems(*words: str) -> Phrase:
    return Phrase(Match.STEMS, words)


def test_every_word_has_to_be_there() -> None:
    assert [clause.options for clause in parse("red foxes").clauses] == [(stems("red"),), (stems("fox"),)]


def test_quotes_make_a_phrase_of_exact_words_and_an_open_one_ends_with_the_text() -> None:
    for text in ('"Red Foxes"', '"red foxes'):
        question = parse(text)
        assert question.clauses[0].options == (Phrase(Match.EXACT, ("red", "foxes")),)
        assert str(question).endswith('"')


def test_a_star_asks_for_the_beginning_of_a_word() -> None:
    assert parse("fore*").clauses[0].options == (Phrase(Match.PREFIX, ("fore",)),)


def test_what_is_written_as_one_word_is_found_side_by_side() -> None:
    assert parse("sci-fi").clauses[0].options == (stems("sci", "fi"),)
    assert parse("東京").clauses[0].options == (stems("東", "京"),)


def test_a_minus_negates_words_phrases_and_facts() -> None:
    assert [clause.negated for clause in parse('-snow -"red fox" -by:anna fox').clauses] == [True, True, True, False]


def test_or_joins_its_neighbours_alone() -> None:
    question = parse("night OR dusk OR dawn fox")
    assert [len(clause.options) for clause in question.clauses] == [3, 1]
    assert question.clauses[0].text == "night OR dusk OR dawn"


def test_or_joins_words_with_words_and_a_fact_with_another_value_of_it() -> None:
    question = parse("by:anna OR by:leo OR fox -snow OR rain")
    assert [clause.text for clause in question.clauses] == ["by:anna OR by:leo", "fox", "-snow", "rain"]


@pytest.mark.parametrize("text", ["OR fox", "fox OR", "OR OR fox OR"])
def test_an_or_without_a_neighbour_means_nothing(text: str) -> None:
    assert parse(text).clauses == parse("fox").clauses


def test_a_small_or_is_a_word() -> None:
    assert len(parse("night or day").clauses) == 3


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("by:anna", Key.BY, "anna"),
        ('by:"Anna B."', Key.BY, "Anna B."),
        ("model:flux", Key.MODEL, "flux"),
        ("shape:Wide", Key.SHAPE, "wide"),
        ("shape:16:9", Key.SHAPE, "16:9"),
        ("rated:4", Key.RATED, 4),
        ("rated:4+", Key.RATED, 4),
        ("seen:private", Key.SEEN, "private"),
        ("on:2026-10-03", Key.ON, Period(date(2026, 10, 3), date(2026, 10, 3))),
        ("before:2026-02", Key.BEFORE, Period(date(2026, 2, 1), date(2026, 2, 28))),
        ("after:2026-12", Key.AFTER, Period(date(2026, 12, 1), date(2026, 12, 31))),
        ("on:2024", Key.ON, Period(date(2024, 1, 1), date(2024, 12, 31))),
        ("on:9999", Key.ON, Period(date(9999, 1, 1), date(9999, 12, 31))),
        ("size:>2mp", Key.SIZE, Bound(2, least=True)),
        ("size:<=1.5MP", Key.SIZE, Bound(1.5, least=False)),
        ("has:comment", Key.HAS, "comment"),
        ("failed:no", Key.FAILED, "no"),
        ("id:019AB-c3", Key.ID, "019abc3"),
        ("in:comments", Key.IN, "comments"),
    ],
)
def test_a_key_asks_for_a_fact(text: str, key: Key, value: Value) -> None:
    question = parse(text)
    assert question.clauses == (Clause((Fact(key, value),), negated=False, text=text),)
    assert list(question.facts(key)) == [value]
    assert not question.ignored


@pytest.mark.parametrize(
    "text",
    ["rated:9", "on:2026-13", "on:2026-02-30", "on:0000", "size:big", "seen:me", "id:xyz", "has:money", "--", "*"],
)
def test_what_makes_no_sense_is_named_and_the_rest_is_asked(text: str) -> None:
    question = parse(f"fox {text}")
    assert str(question) == "fox"
    assert question.ignored == (text,)


def test_a_key_that_nobody_knows_is_words() -> None:
    assert parse("https://example.org").clauses[0].options == (stems("https", "exampl", "org"),)


def test_a_clause_can_be_taken_off() -> None:
    question = parse("red by:anna -snow")
    assert str(question.without(question.clauses[1])) == "red -snow"


def test_of_a_long_question_the_beginning_is_asked_and_the_rest_is_named() -> None:
    question = parse(" ".join(f"w{number}" for number in range(MOST_CLAUSES + 2)))
    assert len(question.clauses) == MOST_CLAUSES
    assert question.ignored == (f"w{MOST_CLAUSES}", f"w{MOST_CLAUSES + 1}")
    assert parse("a" * MOST_LETTERS + " fox").ignored == ("fox",)


PIECES = [
    "fox",
    "-",
    '"',
    "*",
    ":",
    "OR",
    "by:",
    "on:2026",
    "rated:3",
    "東京",
    "ёлка",
    "1.5",
    " ",
    "'",
    "\x00",
    "(",
    "❤️",
]


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.lists(st.sampled_from(PIECES)).map(" ".join)
    )
)
def test_nothing_that_is_typed_is_an_error_and_what_was_understood_can_be_typed_again(text: str) -> None:
    question = parse(text)
    again = parse(str(question))
    assert again.clauses == question.clauses
    assert not again.ignored
    assert len(question.clauses) <= MOST_CLAUSES
    assert bool(question) == bool(question.clauses)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("rated:4", "rated:4"), ("-rated:2", "-rated:2"), ('rated:9 rated:" 4+ "', "rated:4"), ("rated:4 fox", ""),
     ("fox", ""), ("rated:4 OR rated:2", ""), ("rated:3 -rated:4", ""), ("has:stars", ""), ("", "")],
)  # fmt: skip
def test_a_question_of_stars_alone_is_known_as_one_of_few(text: str, answer: str) -> None:
    assert parse(text).of_stars == answer
    assert parse(answer).of_stars == answer
