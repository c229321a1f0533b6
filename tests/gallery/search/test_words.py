"""The words of a text are the same however it is spelled, cut or inflected."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery.search.words import MOST_LETTERS, exact_words, fold, stems


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A red FOX, quick!", ["a", "red", "fox", "quick"]),
        ("Ёлка и ёжик", ["елка", "и", "ежик"]),
        ("И\u0306од", ["йод"]),
        ("за́мок", ["замок"]),
        ("café Łódź STRASSE straße naïve", ["cafe", "lodz", "strasse", "strasse", "naive"]),
        ("άλφα", ["αλφα"]),
        ("Việt Nam İstanbul", ["viet", "nam", "istanbul"]),
        ("don't don’t dont", ["dont", "dont", "dont"]),
        ("sci-fi and/or snake_case", ["sci", "fi", "and", "or", "snake", "case"]),
        ("1.5 1,000 v2 8k", ["1·5", "1·000", "v2", "8k"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("한국어", ["한", "국", "어"]),
        ("สวัสดี", list("สวัสดี")),
        ("दुनिया", ["दुनिया"]),
        ("עִבְרִית عَرَبِيّ", ["עברית", "عربي"]),
        ("❤️ ☀ 👍🏽", ["❤", "☀", "👍"]),
        ("👨\u200d👩\u200d👧", ["👨", "👩", "👧"]),
        ("Ａｂｃ ﬁne", ["abc", "fine"]),
        ("in\u00advi\u200bsible", ["invisible"]),
        ("!?., -- ' \" *", []),
        ("", []),
    ],
)
def test_a_text_is_cut_into_folded_words(text: str, words: list[str]) -> None:
    assert exact_words(text) == words


@pytest.mark.parametrize(
    "same",
    [
        ("fox", "foxes", "Foxes", "fox's", "fox’s"),
        ("run", "running", "runs"),
        ("кошка", "кошки", "кошками", "КОШКУ"),
        ("ёлка", "елки", "Ёлкой"),
        ("café", "cafés", "CAFE"),
    ],
)
def test_what_is_inflected_has_one_stem(same: tuple[str, ...]) -> None:
    assert len({tuple(stems(word)) for word in same}) == 1


def test_other_scripts_and_numbers_are_their_own_stem() -> None:
    for text in ("東京", "1.5", "8k", "दुनिया", "αλφα"):
        assert stems(text) == exact_words(text)


@given(st.text())
def test_any_text_has_as_many_stems_as_words_and_none_that_a_database_would_cut(text: str) -> None:
    words = exact_words(text)
    assert len(stems(text)) == len(words)
    for word in words:
        assert 0 < len(word) <= MOST_LETTERS
        assert all(letter.isalnum() or ord(letter) > 127 for letter in word), word


@given(st.text())
def test_folding_twice_is_folding_once_and_spelling_does_not_matter(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    for form in ("NFC", "NFD"):
        assert exact_words(unicodedata.normalize(form, text)) == exact_words(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_letters_without_accents_are_folded_as_they_are_among_others(text: str) -> None:
    assert fold(f"{text}é") == f"{fold(text)}e"
