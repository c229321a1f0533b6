"""Names of downloaded files keep every script whole."""

import pytest

from generator.models.file_names import words_of


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("A cat, on the Moon!", "a-cat-on-the-moon"),
        ("हिन्दी में बिल्ली", "हिन्दी-में-बिल्ली"),
        ("แมวน้ำกำลังว่ายน้ำ", "แมวน้ำกำลังว่ายน้ำ"),
        ("قطة على الطاولة", "قطة-على-الطاولة"),
        ("می‌خواهم گربه", "می‌خواهم-گربه"),
        ("ශ්‍රී ලංකාව", "ශ්‍රී-ලංකාව"),
        ("পূর্ণিমার চাঁদ", "পূর্ণিমার-চাঁদ"),
        ("தமிழ் பூனை", "தமிழ்-பூனை"),
        ("Кот и ёж", "кот-и-ёж"),
        ("猫が月で", "猫が月で"),
        ("고양이 달", "고양이-달"),
        ("Cafe\u0301", "café"),
        ("../../etc/passwd", "etc-passwd"),
        ('\u202ecat"; x=1\r\n', "cat-x-1"),
        ("\u200d\u200c -- \U0001f600", ""),
        ("", ""),
    ],
)
def test_words_keep_their_letters_and_marks_and_nothing_else(prompt: str, words: str) -> None:
    assert words_of(prompt) == words


def test_a_long_name_is_not_cut_within_a_sign() -> None:
    for start in range(5):
        cut = words_of("a" * start + "हिन्दी" * 30)
        assert 50 < len(cut) <= 60
        rest = ("a" * start + "हिन्दी" * 30)[len(cut) :]
        assert cut[-1] != "\u094d", "a sign that binds the next letter"
        assert rest[0] in "हन", "the next sign begins with a letter, not with a mark"


def test_a_name_of_marks_alone_is_cut_too() -> None:
    assert words_of("\u0301" * 200) == ""
