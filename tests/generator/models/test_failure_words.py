"""The words of every failure there is: which one is said, with which values, and what is kept of it."""

from __future__ import annotations

import ast
import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from django.utils.functional import Promise

from generator.imaging.subprocess_decode import ImagingReason
from generator.models import Call, Event
from generator.models import failure_words as words
from generator.models.failure_words import Failure
from generator.onlysq import failure as onlysq
from generator.onlysq.pictures import FetchReason
from generator.replies.receipt import ReplyReason
from generator.replies.windows import PayloadReason

ROOT = Path(__file__).resolve().parents[3]
HTTP = {"http_status": 418}
FULL = {"errno": errno.ENOSPC}
# One of every kind and reason, and what is to be read of it, word for word.
SAID: dict[tuple[str, str], tuple[dict[str, Any], str]] = {
    ("key", "status"): (HTTP, "The API does not accept the key; an admin has to look at it."),
    ("key", "unsendable"): ({}, "The API key holds characters that cannot be sent."),
    ("quota", "status"): (HTTP, "The API says that the account has no credit left."),
    ("rate", "status"): (HTTP, "The API asks for fewer requests."),
    ("refused", "status"): (HTTP, "The API refused the request (HTTP 418)."),
    ("refused", "redirect"): (HTTP, "The API redirects to another address (HTTP 418), which is not followed."),
    ("provider", "status"): (HTTP, "The API failed (HTTP 418)."),
    ("provider", "reported"): ({"said": "No 100 % credit"}, "No 100 % credit"),
    ("provider", "unsaid"): ({}, "The API reported an error and did not say which."),
    ("provider", "no_pictures"): ({}, "The API answered without a picture, and without an error."),
    ("silence", "status"): (HTTP, "The API gave no answer (HTTP 418)."),
    ("silence", "deadline"): ({}, "The API's answer did not arrive in the time allowed."),
    ("silence", "read_timeout"): ({}, "The API fell silent."),
    ("silence", "cut"): (HTTP, "The connection to the API broke before the whole answer had arrived."),
    ("silence", "too_large"): ({"limit_mib": 8}, "The API's reply is larger than 8 MiB and was not taken in."),
    ("silence", "disk"): (
        FULL, "The reply could not be kept on disk: No space left on device. It may have been charged.",
    ),
    ("silence", "worker"): ({}, "The worker stopped while the API was at work. It may have been charged."),
    ("silence", "gone"): ({}, "The whole reply came, but it is no longer on disk. It has probably been charged."),
    ("silence", "restored"): ({}, "It waited when the backup was made, and may have been sent and charged since."),
    ("unreachable", "dns"): ({}, "The API could not be reached: its name could not be found. Nothing was sent."),
    ("unreachable", "refused"): ({}, "The API could not be reached: the connection was refused. Nothing was sent."),
    ("unreachable", "proxy"): ({}, "The API could not be reached: the proxy did not let us through. Nothing was sent."),
    ("unreachable", "tls"): (
        {}, "The API could not be reached: no secure connection could be made. Nothing was sent.",
    ),
    ("unreachable", "timeout"): ({}, "The API could not be reached: it did not answer in time. Nothing was sent."),
    ("unreachable", "address"): ({}, "The API could not be reached: its address is not valid. Nothing was sent."),
    ("unreachable", "connection"): ({}, "The API could not be reached: no connection. Nothing was sent."),
    ("unreadable", "models"): ({}, "The API's list of models cannot be read."),
    ("unreadable", "not_json"): ({}, "The API's reply is not JSON."),
    ("unreadable", "nested"): ({}, "The API's reply is nested too deeply to be read."),
    ("unreadable", "shape"): ({}, "The API's reply is JSON of another shape than documented."),
    ("unreadable", "broken_off"): ({}, "The API's reply breaks off in the middle."),
    ("unreadable", "oversized"): ({}, "The API's reply holds far more than pictures, which cannot be read."),
    ("unreadable", "base64"): (
        {}, "A picture in the reply is not valid base64: it was damaged or cut off on its way.",
    ),
    ("unreadable", "empty"): ({}, "The reply holds an empty text instead of a picture."),
    ("unreadable", "too_large"): ({"limit": 255}, "The picture is larger than 255 bytes."),
    ("unreadable", "format"): (
        {}, "The file is not a picture: neither PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF nor JPEG 2000.",
    ),
    ("unreadable", "heic"): (
        {}, "The picture is a HEIC, which cannot be read here. The package pillow-heif would add that.",
    ),
    ("unreadable", "jxl"): (
        {}, "The picture is a JPEG XL, which cannot be read here. The package pillow-jxl-plugin would add that.",
    ),
    ("unreadable", "damaged"): ({}, "The picture is damaged or cut off."),
    ("unreadable", "pixels"): ({}, "The picture has more pixels than are allowed here."),
    ("unreadable", "bloated"): ({}, "The picture's file holds far more than a picture."),
    ("unreadable", "passes"): ({}, "The picture is a JPEG in far too many passes."),
    ("unreadable", "memory"): ({}, "The picture needs more memory than is allowed here."),
    ("unreadable", "slow"): ({}, "The picture takes far too long to decode."),
    ("unreadable", "all_slow"): ({}, "The pictures of this reply take far too long to decode."),
    ("unreadable", "unshowable"): ({}, "The picture cannot be made fit to show."),
    ("unreadable", "address"): (
        {"host": "example.org"},
        "The API sent an address (example.org) instead of a picture. Nothing was fetched from there.",
    ),
    ("unreadable", "unfetched"): (
        {"host": "example.org"},
        "The API sent an address (example.org) instead of a picture, and it could not be fetched from there.",
    ),
    ("unreadable", "too_many"): ({}, "More pictures came than are taken from one reply."),
    ("note", "error"): ({}, "The pictures are here, and the API reported an error beside them."),
    ("note", "usage"): ({"usage": "-3"}, "The API counted -3 for this call, which cannot be. It counts as nothing."),
    ("note", "receipt"): ({}, "The pictures are here. What the API said beside them could not be read."),
    ("kept", "workers"): (
        {}, "Each worker that tried to store the reply went down. It is kept, and can be stored again.",
    ),
    ("fewer", "count"): ({"count": 2, "wanted": 3}, "The API sent 2 of 3 pictures."),
    ("disk", "spool"): (
        FULL, "There is no place on disk for a reply: No space left on device. Nothing was sent.",
    ),
    ("disk", "media"): (FULL, "The pictures cannot be stored for now: No space left on device."),
    ("disk", "process"): ({}, "The pictures cannot be stored for now: the process for pictures could not be run."),
    ("disk", "database"): ({}, "The pictures cannot be stored for now: the database does not take them."),
}  # fmt: skip
PARTIAL_REASONS = sorted({*get_args(PayloadReason), *get_args(ImagingReason)} - {"broken_off", "oversized"})


def named_in(node: ast.expr) -> str | None:
    """A kind or a reason as the code writes it: a text, a constant of the words, or one of the client's kinds."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Attribute):
        return str(getattr(onlysq.Kind, node.attr, "")) or None
    return getattr(words, node.id, None) if isinstance(node, ast.Name) else None


def written() -> Iterator[tuple[str, str]]:
    """Kind and reason wherever the code writes both down."""
    for path in (file for room in ("generator", "gallery") for file in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [named_in(arg) for arg in node.args[:2]] if isinstance(node, ast.Call) else []
            if getattr(getattr(node, "func", None), "id", "") in ("Failure", "OnlySqError") and len(names) == 2:
                kind, reason = names
                if kind and reason:
                    yield kind, reason


def raised() -> set[tuple[str, str]]:
    """Every kind and reason that the code can come to."""
    by_status = {(str(kind), reason) for kind, reason in map(onlysq.verdict, range(300, 700))}
    on_the_way = {("unreachable", reason) for reason in get_args(onlysq.Obstacle)}
    cut_short = {("silence", reason) for reason in ("deadline", "read_timeout", "cut")}
    reasons = (*get_args(PayloadReason), *get_args(ReplyReason), *get_args(ImagingReason), *get_args(FetchReason))
    unread = {("unreadable", reason) for reason in reasons}
    return by_status | on_the_way | cut_short | unread | set(written())


def test_whatever_can_go_wrong_has_words_and_no_words_are_left_over() -> None:
    listed = {(kind, reason) for kind, reasons in words.WORDS.items() for reason in reasons}
    assert raised() == SAID.keys()
    assert listed | {("provider", "reported")} == SAID.keys()
    assert {reason for _, reason in SAID} >= {*get_args(onlysq.Reason)}


@pytest.mark.parametrize(("kind", "reason"), SAID)
def test_every_failure_says_its_sentence(kind: str, reason: str) -> None:
    values, sentence = SAID[kind, reason]
    assert str(Failure(kind, reason, values)) == sentence
    assert len(kind) <= (Call._meta.get_field("error_kind").max_length or 0)
    assert len(reason) <= (Call._meta.get_field("error_reason").max_length or 0)


@pytest.mark.parametrize("reason", PARTIAL_REASONS)
def test_some_pictures_that_are_no_good_are_told_with_what_is_wrong_with_the_first(reason: str) -> None:
    values, why = SAID["unreadable", reason]
    found = str(Failure("partial", reason, values | {"count": 3, "sent": 4}))
    assert found == f"3 of 4 pictures could be read: {why}"


def test_numbers_decide_between_one_and_several() -> None:
    assert str(Failure("unreadable", "too_large", {"limit": 1})) == "The picture is larger than 1 byte."
    assert str(Failure("fewer", "count", {"count": 0, "wanted": 1})) == "The API sent 0 of 1 picture."


def test_the_apis_own_words_follow_ours() -> None:
    failure = Failure("refused", "status", HTTP | {"said": "Not 5 % of it: %(http_status)s"})
    assert str(failure) == "The API refused the request (HTTP 418). It said: “Not 5 % of it: %(http_status)s”"


@pytest.mark.parametrize(("number", "trouble"), [(None, "disk error"), (errno.EROFS, "Read-only file system")])
def test_the_system_says_what_is_wrong_with_a_disk(number: int | None, trouble: str) -> None:
    assert str(Failure("disk", "media", {"errno": number})) == f"The pictures cannot be stored for now: {trouble}."


@pytest.mark.parametrize(
    ("kind", "reason", "values"),
    [
        ("silence", "of a newer release", {}),
        ("a newer kind", "status", HTTP),
        ("refused", "status", {}),
        ("partial", "of a newer release", {"count": 1, "sent": 2}),
        ("partial", "damaged", {"count": 1}),
        ("fewer", "count", {"count": 1}),
        ("fewer", "count", {"count": 1, "wanted": "many"}),
        ("disk", "media", {"errno": "ENOSPC"}),
        ("disk", "media", {"errno": 10**30}),
    ],
)
def test_what_only_a_newer_release_has_words_for_is_said_plainly(kind: str, reason: str, values: Any) -> None:
    plain = f"It did not go as it should, and this version has no words for how ({kind}, {reason})."
    assert str(Failure(kind, reason, values)) == plain
    assert str(Failure(kind, reason, values | {"said": "Ouch."})) == f"{plain} It said: “Ouch.”"


def test_words_are_looked_up_in_the_language_of_whoever_looks() -> None:
    """There is no catalogue but English yet; what is looked up early would stay English with any."""
    sentences = [sentence for reasons in words.WORDS.values() for sentence in reasons.values()]
    assert all(isinstance(sentence, Promise) for sentence in sentences)


def test_a_call_keeps_what_it_is_told_as_columns_without_a_sentence() -> None:
    failure = Failure("fewer", "count", {"count": 2, "wanted": 3})
    call = Call(**failure.columns)
    assert call.failure == failure
    assert (call.error_kind, call.error_message, call.error) == ("fewer", "The API sent 2 of 3 pictures.", "")
    assert not re.search(r"[a-z] [a-z]", str(failure.columns))


def test_nothing_wrong_has_no_words() -> None:
    assert Call().error_message == Call(**Failure().columns).error_message == Event().message == ""


def test_the_sentences_of_0_1_0_are_shown_as_they_were_kept() -> None:
    old = "The API could not be reached: its name could not be found. Nothing was sent."
    assert Call(error_kind="unreachable", error=old).error_message == old
    assert Event(what=Event.What.PUT_BACK, note=old).message == old
