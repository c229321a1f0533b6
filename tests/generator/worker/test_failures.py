"""What is kept of everything that can go wrong, and the sentence that pages make of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from generator.imaging.subprocess_decode import DecodeProcessError
from generator.models import Call, Generation
from generator.models.failure_words import Failure
from generator.sandbox import SandboxServer
from generator.worker import tasks
from tests.conftest import Cast, Folders

Make = Callable[..., Generation]
SAID = "The sandbox was told to fail."
QUOTED = f"It said: “{SAID}”"
HTTP = {"http_status": 200}


def http(status: int) -> dict[str, Any]:
    return {"http_status": status, "said": SAID}


# What the API does, what is kept of it, and what is to be read.
FAULTS: list[tuple[str, Failure, str]] = [
    ("status:400", Failure("refused", "status", http(400)), f"The API refused the request (HTTP 400). {QUOTED}"),
    (
        "status:401",
        Failure("key", "status", http(401)),
        f"accept the key; an admin has to look at it. {QUOTED}",
    ),
    ("status:402", Failure("quota", "status", http(402)), f"says that the account has no credit left. {QUOTED}"),
    ("status:403", Failure("refused", "status", http(403)), f"The API refused the request (HTTP 403). {QUOTED}"),
    ("status:404", Failure("refused", "status", http(404)), f"The API refused the request (HTTP 404). {QUOTED}"),
    ("status:429", Failure("rate", "status", http(429)), f"The API asks for fewer requests. {QUOTED}"),
    ("status:500", Failure("provider", "status", http(500)), f"The API failed (HTTP 500). {QUOTED}"),
    ("status:502", Failure("silence", "status", http(502)), f"The API gave no answer (HTTP 502). {QUOTED}"),
    ("status:503", Failure("provider", "status", http(503)), f"The API failed (HTTP 503). {QUOTED}"),
    ("status:504", Failure("silence", "status", http(504)), f"The API gave no answer (HTTP 504). {QUOTED}"),
    ("redirect", Failure("refused", "redirect", {"http_status": 307}), "redirects to another address (HTTP 307)"),
    ("reset", Failure("silence", "cut"), "broke before the whole answer had arrived."),
    ("cut", Failure("silence", "cut"), "broke before the whole answer had arrived."),
    ("half", Failure("silence", "cut", HTTP), "broke before the whole answer had arrived."),
    ("hang", Failure("silence", "read_timeout"), "The API fell silent."),
    ("drip", Failure("silence", "deadline", HTTP), "did not arrive in the time allowed."),
    ("flood", Failure("silence", "too_large", HTTP | {"limit_mib": 1}), "is larger than 1 MiB and was not taken in."),
    (
        "address",
        Failure("unreadable", "address", {"host": "127.0.0.1"}),
        "The API sent an address (127.0.0.1) instead of a picture. Nothing was fetched from there.",
    ),
    ("error200", Failure("provider", "reported", {"said": SAID}), SAID),
    ("nofiles", Failure("provider", "no_pictures"), "answered without a picture, and without an error."),
    (
        "badimage",
        Failure("partial", "format", {"count": 2, "sent": 3, "stored": [1, 2]}),
        "2 of 3 pictures could be read: The file",
    ),
    (
        "badbase64",
        Failure("partial", "base64", {"count": 2, "sent": 3, "stored": [1, 2]}),
        "2 of 3 pictures could be read: A picture in",
    ),
    ("fewer", Failure("fewer", "count", {"count": 2, "wanted": 3}), "The API sent 2 of 3 pictures."),
]
MORE: dict[str, dict[str, Any]] = {"hang": {"seconds": 2}, "drip": {"rate": 10}, "flood": {"padding": 2**21}}
LIMITS: dict[str, dict[str, float]] = {
    "hang": {"ONLYSQ_READ_TIMEOUT": 0.5}, "drip": {"ONLYSQ_TOTAL_TIMEOUT": 2.0}, "flood": {"ONLYSQ_MAX_REPLY_MB": 1},
}  # fmt: skip


@pytest.fixture
def wish(cast: Cast, make_generation: Make) -> Generation:
    """Of three pictures in one call."""
    return make_generation(cast.owner, width=64, height=64, count=3)


def looked_over(call: Call, failure: Failure, sentence: str, person: Any) -> None:
    """The row and its history hold no sentence of ours, and every page that tells of the call shows it."""
    call.refresh_from_db()
    assert call.failure == failure
    assert call.error == ""
    assert sentence in call.error_message
    assert [event.note for event in call.events.all()] == [""] * call.events.count()
    kept = call.events.exclude(failure=None).get()
    assert kept.message == call.error_message
    ours = call.error_message.replace(SAID, "")
    rows = f"{Call.objects.values().get()} {list(call.events.values())}".replace(SAID, "")
    assert not [words for words in re.findall(r"[A-Za-z']+ [a-z]+ [a-z]+", ours) if words in rows]
    client = Client()
    client.force_login(person)
    for address in (f"/generations/{call.generation_id}/", "/usage/me/ledger/", "/usage/me/ledger.csv"):
        response = client.get(address)
        page = b"".join(response).decode() if response.streaming else response.content.decode()
        assert call.error_message in html.unescape(page), address


@pytest.mark.parametrize(("fault", "failure", "sentence"), FAULTS, ids=[fault for fault, *_ in FAULTS])
def test_whatever_the_api_does_is_kept_without_a_sentence_and_shown_with_one(
    sandbox: SandboxServer, cast: Cast, wish: Generation, settings: Any, fault: str, failure: Failure, sentence: str
) -> None:
    for name, value in LIMITS.get(fault, {}).items():
        setattr(settings, name, value)
    sandbox.faults.set(fault, times=1, **MORE.get(fault, {}))
    tasks.work()
    looked_over(wish.calls.get(), failure, sentence, cast.owner)


@pytest.mark.parametrize(
    ("url", "reason", "sentence"),
    [
        (
            "http://127.0.0.1:9/ai/imagen",
            "refused",
            "reached: the connection was refused. Nothing was sent.",
        ),
        ("http://[::1/", "address", "The API could not be reached: its address is not valid. Nothing was sent."),
    ],
)
def test_an_api_that_is_not_there_is_kept_without_a_sentence(
    cast: Cast, wish: Generation, settings: Any, url: str, reason: str, sentence: str
) -> None:
    settings.ONLYSQ_API_URL = url
    tasks.work()
    looked_over(wish.calls.get(), Failure("unreachable", reason), sentence, cast.owner)


def test_a_disk_that_takes_no_reply_is_kept_by_its_number(cast: Cast, wish: Generation, folders: Folders) -> None:
    folders.spool.write_text("no folder")
    tasks.work()
    sentence = "There is no place on disk for a reply: File exists. Nothing was sent."
    looked_over(wish.calls.get(), Failure("disk", "spool", {"errno": 17}), sentence, cast.owner)


@pytest.mark.parametrize(
    ("error", "failure", "sentence"),
    [
        (OSError(28, "Full"), Failure("disk", "media", {"errno": 28}), "for now: No space left on device."),
        (OSError("?"), Failure("disk", "media", {"errno": None}), "for now: disk error."),
        (DecodeProcessError(), Failure("disk", "process"), "for now: the process for pictures could not be run."),
    ],
)
def test_pictures_that_cannot_be_stored_are_kept_with_what_is_in_their_way(
    sandbox: SandboxServer, cast: Cast, wish: Generation, monkeypatch: pytest.MonkeyPatch, error: OSError,
    failure: Failure, sentence: str,
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("generator.worker.ingest.render_all", broken)
    tasks.work()
    looked_over(wish.calls.get(), failure, f"The pictures cannot be stored {sentence}", cast.owner)


def test_a_failure_of_0_1_0_is_shown_as_it_was_kept(client: Client, cast: Cast, wish: Generation) -> None:
    """On every page, and word for word, whatever the words are by now."""
    call = wish.calls.get()
    call.claim(30)
    old = "The API gave no answer (HTTP 504), as release 0.1.0 said."
    Call.objects.update(state=Call.State.UNKNOWN, error_kind="silence", error=old, http_status=504)
    call.events.update(note=old)
    client.force_login(cast.admin)
    for address in (
        f"/generations/{wish.pk}/", "/usage/ledger/", f"/admin/generator/call/{call.pk}/change/",
        "/admin/generator/call/?q=0.1.0",
    ):  # fmt: skip
        assert old[:50] in client.get(address).content.decode(), address
    (line,) = [line for line in b"".join(client.get("/usage/ledger.csv")).decode().splitlines() if old in line]  # type: ignore[arg-type]
    assert ",silence," in line


def test_a_new_failure_takes_the_place_of_an_old_sentence(sandbox: SandboxServer, cast: Cast, wish: Generation) -> None:
    Call.objects.update(error_kind="unreachable", error="A sentence of release 0.1.0.")
    sandbox.faults.set("status:500", times=1)
    tasks.work()
    looked_over(wish.calls.get(), Failure("provider", "status", http(500)), "The API failed (HTTP 500).", cast.owner)


def test_what_failed_before_is_forgotten_when_it_goes_well(sandbox: SandboxServer, wish: Generation) -> None:
    sandbox.faults.set("status:429", times=1, retry_after=0)
    tasks.work()
    assert wish.calls.get().failure.kind == "rate"
    tasks.Provider.objects.current().resume()
    tasks.work()
    call = wish.calls.get()
    assert (call.state, call.failure, call.error_message) == (Call.State.SUCCEEDED, Failure(), "")
