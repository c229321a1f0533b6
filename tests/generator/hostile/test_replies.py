"""Replies of every wrong shape, over the whole road: HTTP, spool, parsers, rows."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from generator.models import Call, Image
from generator.replies.spool import Spool
from generator.worker.sweep import LeaseWatch, sweep
from tests.conftest import Cast, Folders
from tests.generator.hostile.conftest import Answer, b64
from tests.generator.hostile.files import picture

State = Call.State
PNG = picture()
# A gateway's word for silence behind it: it may have been charged.
STATES = dict.fromkeys((502, 504, 520), State.UNKNOWN)
MARKUP = "<script>alert('1')</script>\r\n\u202e\x00\ud800&quot;"


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("no_collecting")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><h1>Service</h1></html>", "not JSON"),
        (b"\x00\xff\xfe" * 99, "not JSON"),
        (b'{"files": [}', "not JSON"),
        (b'{"files": []} trailing', "not JSON"),
        (b'"Busy"', "another shape"),
        (b'["Busy"]', "another shape"),
        (b'{"files": ["AAAA', "breaks off"),
        (b'{"a":' * 90_000, "nested too deeply"),
        (b"[" * 90_000, "nested too deeply"),
        (b"{" * 2**21, "far more than pictures"),
        (b" " * 2**21, "far more than pictures"),
        (b'{"files": [' + b'"",' * 2**20 + b'""]}', "far more than pictures"),
    ],
)
def test_what_is_no_reply_is_unreadable_and_kept_for_the_admin(
    answers: Answer, spool: Spool, folders: Folders, body: bytes, words: str
) -> None:
    call = answers(body)
    assert (call.state, call.error_kind) == (State.FAILED, "unreadable")
    assert words in call.error_message
    assert spool.path(str(call.pk)).read_bytes() == body
    assert files_below(folders.media) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"error": {"message": "No credit <b>left</b>"}}, "No credit left"),
        ({"error": "The model is\nbusy\x00"}, "The model is busy"),
        ({"error": "<<b>script>alert(1)<img src=x onerror=alert(2)"}, "< script>alert(1) img src=x onerror=alert(2)"),
        ({"error": {"message": MARKUP * 9000}}, None),
        ({"error": [5, {}]}, "The API reported an error and did not say which."),
        ({"error": 10**30, "files": []}, "The API reported an error and did not say which."),
        ({"error": True, "files": None}, "The API reported an error and did not say which."),
    ],
)
def test_an_error_under_a_good_status_is_the_apis_failure(
    answers: Answer, fields: dict[str, Any], sentence: str | None
) -> None:
    call = answers(fields)
    assert (call.state, call.error_kind) == (State.FAILED, "provider")
    assert sentence is None or call.error_message == sentence


@pytest.mark.parametrize(
    "files",
    [None, [], {}, 7, 0, 1e30, True, "MISSING", [None], [1, 2.5, -3], [[]], [{"name": "a.png"}]],
)
def test_a_reply_without_pictures_says_so(answers: Answer, files: Any) -> None:
    call = answers({"id": "imagen_x"} if files == "MISSING" else {"id": "imagen_x", "files": files})
    assert (call.state, call.error_kind, call.settled_at) == (State.UNKNOWN, "provider", None)
    assert call.error_message == "The API answered without a picture, and without an error."
    assert call.reply_id == "imagen_x"


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"[]", b"{}", b"null", b"NaN", b"1e999", b"7", b'""', b"[1, 2]", b'[{"files": ["AAAA"]}, 7]']
)
def test_an_answer_of_nothing_may_have_been_charged(
    answers: Answer, client: Client, cast: Cast, spool: Spool, body: bytes
) -> None:
    call = answers(body)
    assert (call.state, call.settled_at) == (State.UNKNOWN, None)
    sweep(spool, LeaseWatch(30))
    call.refresh_from_db()
    assert call.state == State.UNKNOWN, "what has been looked into does not come late"
    assert spool.has(str(call.pk)), "another release may find something"
    client.force_login(cast.owner)
    page = client.get(f"/generations/{call.generation_id}/").content.decode()
    assert "It may have been charged." in page
    assert "A late answer" not in page


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"message": "Try again"}, State.FAILED),
        ({"message": "ok", "usage": 152, "files": []}, State.UNKNOWN),
        ({"detail": "Queued", "id": "imagen_x"}, State.UNKNOWN),
        ({"error": "No", "usage": 152, "id": "imagen_x"}, State.FAILED),
    ],
)
def test_words_beside_a_receipt_are_no_certain_error(answers: Answer, fields: dict[str, Any], state: str) -> None:
    call = answers(fields)
    assert call.state == state
    assert str(fields.get("error") or fields.get("message") or fields.get("detail")) in call.error_message


@pytest.mark.parametrize("status", [200, 400, 403, 422, 500])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Prompt <b>rejected</b> by\nsafety"}, "Prompt rejected by safety"),
        ({"detail": [{"loc": ["body", "prompt"], "msg": "is too long", "type": "x"}]}, "prompt: is too long"),
        ({"message": "Unknown model flux"}, "Unknown model flux"),
        ({"error": {"code": "content_policy", "param": None}}, "content_policy"),
        ({"errors": [{"message": "No"}, "Never"]}, "No; Never"),
        ({"errors": {"prompt": ["is too long"]}}, "prompt: is too long"),
        ({"reason": "NSFW"}, "NSFW"),
        ({"error": "Bad Request", "message": "Unknown model"}, "Bad Request; Unknown model"),
        (b"Prompt rejected by the safety system", "Prompt rejected by the safety system"),
        (b'"Prompt rejected"', "Prompt rejected"),
    ],
)
def test_the_providers_reason_reaches_the_member(
    answers: Answer, client: Client, cast: Cast, status: int, body: Any, said: str
) -> None:
    call = answers(body, status)
    assert call.state == State.FAILED
    client.force_login(cast.owner)
    assert said in client.get(f"/generations/{call.generation_id}/").content.decode()


def test_a_refusals_body_is_kept_without_the_key(answers: Answer, settings: Any) -> None:
    settings.ONLYSQ_API_KEY = 'sq-"/0123456789'
    escaped = "".join(f"\\u{ord(c):04x}" for c in settings.ONLYSQ_API_KEY)
    call = answers(b'{"detail": "Bad key %s", "trace": ["%s"], "more": "\xc3\xa9"}' % ((escaped.encode(),) * 2), 403)
    assert call.reply_extra == {"_body": '{"detail": "Bad key ***", "trace": ["***"], "more": "é"}'}
    assert call.error_message.endswith("“Bad key ***”")
    long = answers(b"Bad key %s " % escaped.encode() + b"x" * 9000, 504).reply_extra["_body"]
    assert len(long) == 4096
    assert long.startswith("Bad key *** xxx")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty text"),
        (" \r\n ", "empty text"),
        ("data:image/png;base64,", "empty text"),
        ("not base64 at all!", "not valid base64"),
        ("https://example.org/picture.png", "sent an address (example.org) instead of a picture"),
        (base64.urlsafe_b64encode(b"\xfb\xff\xfe" * 99).decode(), "neither PNG"),
        (b64(b64(PNG).encode()), "neither PNG"),
        ("é" * 40, "not valid base64"),
        ("\ud800\x00AAAA", "not valid base64"),
    ],
)
def test_bad_base64_is_unreadable(answers: Answer, folders: Folders, text: str, words: str) -> None:
    call = answers({"id": "imagen_x", "usage": 5, "files": [text]})
    assert (call.state, call.error_kind, call.usage) == (State.FAILED, "unreadable", 5)
    assert words in call.error_message
    assert files_below(folders.media) == []


@pytest.mark.parametrize("text", [b64(PNG)[:101], b64(PNG)[:100], b64(PNG)[:100] + "*" + b64(PNG)[100:]])
def test_the_beginning_of_a_picture_is_stored_as_a_damaged_one(answers: Answer, text: str) -> None:
    call = answers({"id": "imagen_x", "usage": 5, "files": [text]})
    assert (call.state, call.usage) == (State.SUCCEEDED, 5)
    assert Image.objects.get().is_damaged


@pytest.mark.parametrize("prefix", ["data:image/png;base64,", " \n data:;base64,", "data:x/y;charset=x;base64,\n"])
@pytest.mark.parametrize("line", [0, 64, 76])
def test_prefixes_and_line_breaks_cost_no_picture(answers: Answer, folders: Folders, prefix: str, line: int) -> None:
    text = b64(PNG)
    lines = "\r\n".join(text[at : at + line] for at in range(0, len(text), line)) if line else text
    call = answers({"files": [prefix + lines]})
    assert (call.state, call.error_message) == (State.SUCCEEDED, "")
    assert (folders.media / Image.objects.get().file.name).read_bytes() == PNG


@pytest.mark.parametrize(
    "value",
    [
        None, True, "", MARKUP, "x" * 100_000, -1, -(10**30), 10**30, 1e30, -1e308, 5e-324, 2**31, 2**63, 253402300799,
        253402300800, [], [[[]]], {}, {"width": -1, "height": "x"}, {MARKUP: MARKUP}, {"\x00": "\ud800"},
    ],
)  # fmt: skip
def test_a_value_of_any_type_in_every_field_costs_no_picture(answers: Answer, value: Any) -> None:
    names = ["id", "created", "model", "count", "size", "ratio", "elapsed-time", "usage", "user", "new", "\x00\ud800"]
    call = answers(dict.fromkeys(names, value) | {"files": [b64(PNG)]})
    assert call.state == State.SUCCEEDED
    assert call.images.count() == 1
    assert Call.objects.filter(pk=call.pk, reply_extra=call.reply_extra).exists()


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 5000, b"1e-999"])
def test_numbers_that_are_none_cost_no_picture(answers: Answer, number: bytes) -> None:
    names = (b"created", b"count", b"elapsed-time", b"usage", b"user", b"new")
    fields = b",".join(b'"%s": %s' % (name, number) for name in names)
    call = answers(b'{%s, "files": ["%s"]}' % (fields, b64(PNG).encode()))
    assert (call.state, call.images.count()) == (State.SUCCEEDED, 1)


def test_an_id_of_a_hundred_kilobytes_is_cut_and_its_markup_is_only_text(answers: Answer) -> None:
    call = answers({"id": MARKUP * 4000, "model": "<b>" * 40_000, "files": [b64(PNG)]})
    assert call.reply_id.startswith("<script>alert('1')</script>&quot;<script>")
    assert len(call.reply_id) == len(call.reply_model) == 200


@pytest.mark.parametrize("year", [1970, 1999, 2101, 9999])
def test_a_moment_far_away_is_no_moment(answers: Answer, year: int) -> None:
    seconds = (year - 1970) * 31_556_952
    call = answers({"created": seconds, "files": [b64(PNG)]})
    assert call.reply_created is None
    assert call.reply_extra == {"created": seconds}


@pytest.mark.parametrize(
    "body",
    [
        {"created": 1, "data": [{"b64_json": b64(PNG)}]},
        {"image": b64(PNG)},
        {"images": [b64(PNG)]},
        {"files": [{"b64_json": b64(PNG)}]},
        {"files": [[b64(PNG)]]},
        {"result": {"files": [b64(PNG)], "id": "imagen_x"}},
        {"files": [str(base64.b64encode(PNG))]},
        {"files": ["DATA:IMAGE/PNG;BASE64," + base64.urlsafe_b64encode(PNG).decode()]},
        {"image": b64(PNG), "images": [b64(PNG)]},
        [{"b64_json": b64(PNG)}],
        PNG,
    ],
)
def test_a_picture_is_stored_wherever_it_lies_and_however_it_is_written(
    answers: Answer, folders: Folders, body: Any
) -> None:
    call = answers(body)
    assert (call.state, call.error_message) == (State.SUCCEEDED, "")
    assert (folders.media / Image.objects.get().file.name).read_bytes() == PNG


def test_a_wrapped_reply_has_its_receipt_too(answers: Answer) -> None:
    call = answers({"status": "ok", "result": {"files": [b64(PNG)], "id": "imagen_x", "usage": 152}})
    assert (call.reply_id, call.usage, call.reply_extra) == ("imagen_x", 152, {"status": "ok"})


@pytest.mark.parametrize("more", [b" trailing", b", 'single': 1}", b""])
def test_pictures_are_stored_though_the_rest_cannot_be_read(answers: Answer, more: bytes) -> None:
    call = answers(b'{"files": ["%s"]' % b64(PNG).encode() + more)
    assert (call.state, call.images.count()) == (State.SUCCEEDED, 1)
    assert call.error_message == "The pictures are here. What the API said beside them could not be read."


def test_an_address_beside_a_picture_is_told_if_a_picture_is_missing(answers: Answer, spool: Spool) -> None:
    files = [b64(PNG), "https://example.org:8080/x.png?<b>"]
    call = answers({"files": files}, count=2, ratio="", width=64, height=64)
    assert (call.state, call.images.count()) == (State.SUCCEEDED, 1)
    assert call.error_message.startswith("1 of 2 pictures could be read: The API sent an address (example.org) instead")
    assert spool.has(str(call.pk))
    assert answers({"files": files}, ratio="1:1").error_message == ""


@pytest.mark.parametrize("url", ["http://[", "https://<b>x</b>/", "http://", "https://ex%00ample.org/"])
def test_an_address_of_any_kind_is_told_without_harm(answers: Answer, url: str) -> None:
    call = answers(b'{"files": ["%s"]}' % url.encode())
    assert (call.state, call.error_kind, call.error_reason) == (State.FAILED, "unreadable", "address")


def test_of_more_than_sixty_four_pictures_the_others_are_kept_as_they_came(answers: Answer, spool: Spool) -> None:
    call = answers({"files": [b64(PNG)] * 300})
    assert (call.state, call.images.count()) == (State.SUCCEEDED, 64)
    assert call.error_message.startswith("64 of 300 pictures could be read: More pictures came")
    assert spool.has(str(call.pk))


def test_of_two_lists_the_last_counts(answers: Answer) -> None:
    text = b64(PNG).encode()
    call = answers(b'{"files": ["%s", "%s"], "files": ["%s"]}' % (text, text, text))
    assert call.images.count() == 1


def test_an_error_beside_a_picture_costs_no_picture(answers: Answer) -> None:
    call = answers({"error": "Nearly <i>failed</i>", "files": [b64(PNG)]})
    assert (call.state, call.images.count()) == (State.SUCCEEDED, 1)
    assert call.error_message == (
        "The pictures are here, and the API reported an error beside them. It said: “Nearly failed”"
    )


def test_an_error_goes_with_whatever_else_is_missing(answers: Answer) -> None:
    asked: dict[str, Any] = {"count": 2, "ratio": "", "width": 64, "height": 64}
    call = answers({"error": "NSFW", "files": [b64(PNG)]}, **asked)
    assert call.error_message == "The API sent 1 of 2 pictures. It said: “NSFW”"
    call = answers({"error": "NSFW", "files": [b64(PNG), "?"]}, **asked)
    assert call.error_message.endswith("on its way. It said: “NSFW”")
    assert answers({"message": "All is well", "files": [b64(PNG)]}).error_message == ""


@pytest.mark.parametrize("usage", [-5, "-5"])
def test_a_usage_of_less_than_nothing_counts_as_nothing_and_is_noted(answers: Answer, usage: Any) -> None:
    call = answers({"usage": usage, "files": [b64(PNG)]})
    assert (call.state, call.usage, call.units, call.reply_extra) == (State.SUCCEEDED, None, 0, {"usage": usage})
    assert call.error_message == "The API counted -5 for this call, which cannot be. It counts as nothing."
    assert answers({"usage": "152", "files": [b64(PNG)]}).usage == 152


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 418, 429, 500, 502, 503, 504, 520, 599, 302])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        json.dumps({"error": {"message": MARKUP * 2000}}).encode(),
        json.dumps({"error": "<<b>img src=x onerror=alert(1) "}).encode(),
        b'{"error": ' * 20_000,
        b'{"error": NaN}',
        b"\xff" * 200_000,
    ],
)
def test_a_refusal_says_plain_words(says: Answer, settings: Any, status: int, body: bytes) -> None:
    settings.ONLYSQ_API_KEY = "sq-secret" if status == 401 else ""
    head = b"HTTP/1.1 %d <b>No</b>\r\nRetry-After: 9%s\r\nLocation: javascript:alert(1)\r\n" % (status, b"9" * 400)
    call = says(head + b"Content-Length: %d\r\n\r\n" % len(body), body)
    assert call.state == (State.QUEUED if status == 429 else STATES.get(status, State.FAILED))
    assert call.error_message.endswith((".", "”"))
