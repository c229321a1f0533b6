"""What is read off a reply, and what any nonsense in it turns into."""

import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.replies.receipt import Reply, ReplyError, ReplyReason, parse

EXAMPLE = {
    "id": "imagen_" + "x" * 48,
    "created": 1745854652,
    "model": "kandinsky",
    "count": 3,
    "files": [0, 1, 2],
    "size": {"width": 1366, "height": 768},
    "elapsed-time": 19.22223396191839,
    "usage": 1311,
    "user": 0,
}


def reply(**fields: Any) -> Reply:
    return parse(json.dumps(fields).encode())


def test_documented_example_of_the_size_dialect_is_read_completely() -> None:
    read = parse(json.dumps(EXAMPLE).encode())
    assert read == Reply(
        id="imagen_" + "x" * 48,
        created=datetime(2025, 4, 28, 15, 37, 32, tzinfo=UTC),
        model="kandinsky",
        usage=1311,
        elapsed_time=19.22223396191839,
        api_user=0,
        width=1366,
        height=768,
        ratio="",
        count=3,
        error=None,
        is_error_certain=False,
        extra={},
    )


def test_documented_example_of_the_ratio_dialect_is_read_completely() -> None:
    read = parse(b'{"id": "i", "created": 1753881206, "model": "flux", "files": [0], "ratio": "16:9", "usage": 152}')
    assert (read.ratio, read.width, read.count, read.usage, read.extra) == ("16:9", None, None, 152, {})


def test_empty_object_is_a_reply_that_says_nothing() -> None:
    assert parse(b"{}") == Reply("", None, "", None, None, None, None, None, "", None, None, False, {})  # noqa: FBT003


@pytest.mark.usefixtures("no_collecting")
@pytest.mark.parametrize(
    "skeleton",
    [
        b"",
        b"<html>",
        b"[1]",
        b'[{"a": 1}, {"a": 2}]',
        b"7",
        b"null",
        b'"text"',
        b"{",
        b'{"a":1}x',
        b"\xff\xfe",
        b'{"a":' * 50_000,
        b"[" * 50_000,
    ],
)
def test_what_is_no_json_object_is_an_error_with_a_reason(skeleton: bytes) -> None:
    with pytest.raises(ReplyError) as caught:
        parse(skeleton)
    assert caught.value.reason == str(caught.value)
    assert caught.value.reason in get_args(ReplyReason)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("usage", "many", "many"),
        ("usage", True, True),
        ("usage", 10**30, str(10**30)),
        ("usage", -(2**63) - 1, str(-(2**63) - 1)),
        ("usage", 1.5, 1.5),
        ("usage", 10**12 + 1, 10**12 + 1),
        ("usage", -3, -3),
        ("usage", "-3", "-3"),
        ("usage", "١٥٢", "١٥٢"),
        ("usage", "1e3", "1e3"),
        ("elapsed-time", 1e308, 1e308),
        ("user", [1], [1]),
        ("created", 10**12, 10**12),
        ("created", -5, -5),
        ("created", 253370764800, 253370764800),
        ("created", "yesterday", "yesterday"),
        ("elapsed-time", -1.0, -1.0),
        ("elapsed-time", "fast", "fast"),
        ("count", -1, -1),
        ("count", 2**31, 2**31),
        ("id", 5, 5),
        ("model", {"a": 1}, {"a": 1}),
        ("ratio", 1.5, 1.5),
        ("size", {"width": "wide", "height": 5}, {"width": "wide", "height": 5}),
        ("size", "1024x1024", "1024x1024"),
        ("size", {"width": 0, "height": -1}, {"width": 0, "height": -1}),
        ("files", {"0": "x"}, {"0": "x"}),
    ],
)
def test_value_of_another_type_or_out_of_bounds_is_kept_aside(field: str, value: Any, kept: Any) -> None:
    assert reply(**{field: value}).extra == {field: kept}


def test_half_a_size_is_read_and_kept() -> None:
    read = reply(size={"width": 640, "height": None})
    assert (read.width, read.height, read.extra) == (640, None, {"size": {"width": 640, "height": None}})


@pytest.mark.parametrize(("value", "usage"), [(152, 152), (152.0, 152), ("152", 152), ("152.0", 152), (10**12, 10**12)])
def test_whole_numbers_in_any_spelling_are_usage(value: Any, usage: int) -> None:
    assert reply(usage=value).usage == usage


def test_other_numbers_may_be_texts_too() -> None:
    read = reply(created="1753881206", user="7", **{"elapsed-time": "3.25"})
    assert (read.created, read.api_user, read.elapsed_time) == (datetime(2025, 7, 30, 13, 13, 26, tzinfo=UTC), 7, 3.25)


@pytest.mark.parametrize(("value", "said"), [(-3, "-3"), ("-3", "-3"), (-3.0, "-3"), (3, ""), ("many", ""), (None, "")])
def test_a_usage_of_less_than_nothing_is_told(value: Any, said: str) -> None:
    assert reply(usage=value).refused_usage == said


def test_nan_and_infinity_become_text() -> None:
    read = parse(b'{"elapsed-time": NaN, "usage": Infinity, "x": [-Infinity, 1e999], "created": 1e999}')
    assert (read.elapsed_time, read.usage, read.created) == (None, None, None)
    assert read.extra == {"elapsed-time": "NaN", "usage": "Infinity", "x": ["-Infinity", "inf"], "created": "inf"}


def test_number_of_a_hundred_thousand_digits_is_shortened_text() -> None:
    kept = parse(b'{"usage": ' + b"9" * 100_000 + b"}").extra["usage"]
    assert kept.startswith("999")
    assert len(kept) == 4000


def test_long_ids_are_cut_and_lose_control_characters_but_keep_markup() -> None:
    assert reply(id="x" * 100_000).id == "x" * 199 + "…"
    assert reply(id="<script>\x00\n\u202ex").id == "<script>x"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("No <b>credit</b>\n left\x00", "No credit left"),
        ({"message": "No such model", "code": 7}, "No such model"),
        ({"code": 7}, "7"),
        ({"code": "content_policy"}, "content_policy"),
        ([{}], ""),
        ("<br>", ""),
        ("x" * 500, "x" * 199 + "…"),
        (None, None),
        ("", None),
        ({}, None),
        (False, None),
    ],
)
def test_an_error_under_a_good_status_is_told_in_plain_words_if_it_has_any(error: Any, said: str | None) -> None:
    read = reply(error=error)
    assert (read.error, read.is_error_certain) == (said, said is not None)


@pytest.mark.parametrize(
    "fields",
    [
        {"detail": "No credit left"},
        {"message": "No <b>credit</b> left"},
        {"reason": "No credit left"},
        {"result": {"detail": [{"msg": "No credit left"}]}},
    ],
)
def test_other_fields_may_say_what_is_wrong(fields: Any) -> None:
    read = reply(**fields)
    assert (read.error, read.is_error_certain) == ("No credit left", False)


def test_a_receipt_says_nothing_of_an_error() -> None:
    assert reply(id="x", model="flux", type="image", code=0, title="A cat").error is None


def test_a_wrapped_reply_is_read_and_a_list_of_one() -> None:
    assert reply(status="ok", result={"id": "x", "usage": 5, "status": "?"}) == reply(status="ok", id="x", usage=5)
    assert parse(b'[{"id": "x"}]').id == "x"


SECRET = 'sq-"se/cret"-0123456789'


@pytest.mark.parametrize("escaped", [False, True])
def test_an_echoed_key_gets_into_no_field_however_it_is_escaped(escaped: bool) -> None:
    fields = {"id": f"x{SECRET}", "error": {"message": "m" * 190 + SECRET}, f"{SECRET}": [{"a": f" {SECRET} "}]}
    text = json.dumps(fields)
    if escaped:
        text = text.replace(json.dumps(SECRET)[1:-1], "".join(f"\\u{ord(c):04X}" for c in SECRET))
    read = parse(text.encode(), SECRET)
    shown = f"{read} {json.dumps(read.extra)}"
    assert SECRET not in shown
    assert not any(SECRET[:length] in shown for length in range(6, len(SECRET))), "nor half of it"
    assert read.id == "x***"
    assert read.extra["***"] == [{"a": " *** "}]


def test_the_key_that_everybody_shares_is_a_word() -> None:
    assert parse(b'{"model": "openai"}', "openai").model == "openai"


def test_facts_of_an_error_are_kept() -> None:
    assert reply(error={"message": "No", "code": 7}).extra == {"error": {"message": "No", "code": 7}}
    assert reply(error="No").extra == {}


def test_unknown_fields_are_kept_safe_for_any_database() -> None:
    read = parse(b'{"x\\u0000y": {"a": "\\ud800", "b": [null, true, "\\u0000"]}}')
    assert read.extra == {"xy": {"a": "?", "b": [None, True, ""]}}


def test_deep_nesting_is_cut_off() -> None:
    kept = json.dumps(parse(b'{"a":' * 100 + b"1" + b"}" * 100).extra)
    assert kept.count('"a"') == 21
    assert "\\u2026" in kept


def test_extra_stays_within_its_size_and_counts_what_it_left_out() -> None:
    read = reply(**{f"field{n}": "é" * 3000 for n in range(20)}, last=1)
    assert len(json.dumps(read.extra, ensure_ascii=False).encode()) < 66_000
    assert read.extra["_left_out"] == 10
    assert read.extra["last"] == 1


TEXT = st.text(alphabet="a<>& \n\x00\x1b\u202e\ud800é😀", max_size=300)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*EXAMPLE, "ratio", "error", "new"]), JSON))
def test_any_object_is_read_into_bounded_values(fields: dict[str, Any]) -> None:
    read = parse(json.dumps(fields).encode())
    assert "\x00" not in json.dumps(read.extra, allow_nan=False)
    for number in (read.usage, read.api_user, read.count, read.width, read.height):
        assert number is None or -(2**63) <= number < 2**63
    assert read.elapsed_time is None or (math.isfinite(read.elapsed_time) and read.elapsed_time >= 0)
    assert read.created is None or 2000 <= read.created.year < 2100
    for text in (read.id, read.model, read.ratio, read.error or ""):
        assert len(text) <= 200
        assert text.isprintable()
        text.encode()


@settings(database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_a_reply_error(skeleton: bytes) -> None:
    with suppress(ReplyError):
        assert isinstance(parse(skeleton), Reply)
