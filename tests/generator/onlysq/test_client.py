"""The API client: statuses through a mock transport, everything about connections through real loopback sockets."""

import gzip
import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO

import pytest
import requests
import responses

from generator.onlysq.client import Ask, Charged, Client, Dialect, Kind, Model, OnlySqError
from generator.onlysq.wire import Wire

URL = "https://api.example.org/ai/imagen"
MODELS = "https://api.example.org/ai/models"
KEY = "sq-very-secret"
ASK = Ask("flux", "a cat", width=1024, height=768, ratio="16:9", count=3)


def refusal(client: Client, ask: Ask = ASK) -> OnlySqError:
    with pytest.raises(OnlySqError) as caught:
        client.send(ask, BytesIO())
    return caught.value


def answered(status: int, **answer: object) -> OnlySqError:
    with responses.RequestsMock() as mock:
        mock.post(URL, status=status, **answer)  # type: ignore[arg-type]
        return refusal(Client(URL, KEY))


@contextmanager
def server(act: Callable[[socket.socket], None], hear: bool = True) -> Iterator[str]:
    """A loopback server for one connection: reads the request if it is to, then does what `act` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard = b""
            while hear and not heard.endswith(b"}"):  # the whole JSON: closing on unread bytes would reset
                heard += connection.recv(65536)
            try:
                act(connection)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}/ai/imagen"
    finally:
        thread.join(5)
        listener.close()


def says(*parts: bytes, pause: float = 0) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return act


def nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def over_socket(
    act: Callable[[socket.socket], None], scheme: str = "http", hear: bool = True, **times: float
) -> OnlySqError:
    with server(act, hear) as address:
        return refusal(Client(f"{scheme}://{address}", KEY, **times))  # type: ignore[arg-type]


def test_whole_reply_is_written_to_the_sink() -> None:
    sink = BytesIO()
    with responses.RequestsMock() as mock:
        mock.post(URL, body=b'{"files": []}', status=201)
        assert Client(URL).send(ASK, sink) == 201
    assert sink.getvalue() == b'{"files": []}'


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (Dialect.RATIO, {"model": "flux", "prompt": "a cat", "ratio": "16:9"}),
        (Dialect.SIZE, {"model": "flux", "prompt": "a cat", "width": 1024, "height": 768, "count": 3}),
    ],
)
def test_each_dialect_sends_its_documented_fields(dialect: Dialect, expected: dict[str, object]) -> None:
    with responses.RequestsMock() as mock:
        mock.post(URL, json={})
        Client(URL, f" {KEY}\n", dialect).send(ASK, BytesIO())
        request = mock.calls[0].request
    assert json.loads(request.body or "") == expected
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Accept-Encoding"] == "identity"


def test_what_was_not_chosen_is_not_sent() -> None:
    assert Ask("m", "p").body(Dialect.RATIO) == {"model": "m", "prompt": "p"}


def test_without_a_key_no_authorization_is_sent_not_even_from_netrc(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine api.example.org login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with responses.RequestsMock() as mock:
        mock.post(URL, json={})
        Client(URL).send(ASK, BytesIO())
        assert "Authorization" not in mock.calls[0].request.headers


@pytest.mark.parametrize(
    ("status", "kind", "charged"),
    [
        (400, Kind.REFUSED, Charged.NO),
        (401, Kind.KEY, Charged.NO),
        (402, Kind.QUOTA, Charged.NO),
        (403, Kind.REFUSED, Charged.NO),
        (404, Kind.REFUSED, Charged.NO),
        (422, Kind.REFUSED, Charged.NO),
        (429, Kind.RATE, Charged.NO),
        (500, Kind.PROVIDER, Charged.MAYBE),
        (502, Kind.SILENCE, Charged.MAYBE),
        (503, Kind.PROVIDER, Charged.MAYBE),
        (504, Kind.SILENCE, Charged.MAYBE),
        (524, Kind.SILENCE, Charged.MAYBE),
        (599, Kind.PROVIDER, Charged.MAYBE),
        (700, Kind.SILENCE, Charged.MAYBE),
    ],
)
def test_status_decides_kind_and_charge(status: int, kind: Kind, charged: Charged) -> None:
    error = answered(status)
    assert (error.kind, error.charged, error.http_status) == (kind, charged, status)
    assert (error.reason, error.values) == ("status", {"http_status": status})
    assert str(error) == f"{kind}, status, HTTP status {status}"


@pytest.mark.parametrize("body", ["", '{"error": "No"}', "<html>", "x" * 60_000])
def test_what_a_refusal_says_is_handed_on_as_it_came(body: str) -> None:
    assert answered(400, body=body).body == body.encode()


def test_of_a_long_refusal_only_the_beginning_is_taken() -> None:
    body = answered(500, body="x" * 99_999).body
    assert body == b"x" * len(body)
    assert len(body) <= 2**16


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused_and_not_followed(status: int) -> None:
    error = answered(status, headers={"Location": "https://evil.example.org/"})
    assert (error.kind, error.reason, error.charged) == (Kind.REFUSED, "redirect", Charged.NO)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), ("99999999", 3600.0), ("-5", None), ("soon", None), ("", None), ("²", None)],
)
def test_retry_after_in_seconds_is_clamped(value: str, seconds: float | None) -> None:
    assert answered(429, headers={"Retry-After": value}).retry_after == seconds


def test_retry_after_as_a_date_is_understood() -> None:
    soon, past = datetime.now(UTC) + timedelta(seconds=100), datetime(2001, 1, 1, tzinfo=UTC)
    assert 90 < (answered(429, headers={"Retry-After": format_datetime(soon, usegmt=True)}).retry_after or 0) <= 100
    assert answered(429, headers={"Retry-After": format_datetime(past, usegmt=True)}).retry_after == 0


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (requests.ConnectTimeout(), Kind.UNREACHABLE),
        (requests.exceptions.InvalidURL(), Kind.UNREACHABLE),
        (requests.ReadTimeout(), Kind.SILENCE),
        (requests.ConnectionError(), Kind.SILENCE),
    ],
)
def test_in_doubt_a_request_counts_as_sent(failure: Exception, kind: Kind) -> None:
    assert answered(200, body=failure).kind is kind


def test_refused_port_is_provably_unsent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refusal(Client(f"http://127.0.0.1:{port}/ai/imagen", KEY))
    assert (error.kind, error.charged, error.http_status) == (Kind.UNREACHABLE, Charged.NO, None)
    assert error.reason == "refused"


def test_unknown_name_is_provably_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    error = refusal(Client("http://no-such-host.invalid/ai/imagen"))
    assert error.kind is Kind.UNREACHABLE
    assert error.reason == "dns"


def test_no_time_left_after_the_name_look_up_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def slow(*args: object, **kwargs: object) -> object:
        time.sleep(0.2)
        return look_up(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    error = over_socket(nothing, hear=False, total_timeout=0.05)
    assert (error.kind, error.charged) == (Kind.UNREACHABLE, Charged.NO)


def test_deadline_on_a_dead_socket_is_quiet() -> None:
    with Wire(9) as wire, socket.socket() as unconnected:
        wire.hold(unconnected)
        wire.arm(0)
        while not wire.expired:
            time.sleep(0.01)


def test_tls_garbage_is_provably_unsent() -> None:
    error = over_socket(says(b"not TLS at all\r\n" * 9), "https", hear=False)
    assert (error.kind, error.charged) == (Kind.UNREACHABLE, Charged.NO)
    assert error.reason == "tls"


def test_handshake_that_never_ends_is_unsent_and_ends() -> None:
    error = over_socket(nothing, "https", hear=False, total_timeout=0.2)
    assert error.kind is Kind.UNREACHABLE
    assert error.reason == "timeout"


def test_connect_timeout_of_a_handshake_is_unsent() -> None:
    assert over_socket(nothing, "https", hear=False, connect_timeout=0.2).kind is Kind.UNREACHABLE


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://", "http://[::1/", "http://127.0.0.1:99999/"])
def test_unusable_address_is_unsent(url: str) -> None:
    assert refusal(Client(url)).kind is Kind.UNREACHABLE


def test_proxy_that_does_not_answer_is_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    error = refusal(Client(URL))
    assert error.kind is Kind.UNREACHABLE


def test_loopback_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as address:
        assert Client(f"http://{address}").send(ASK, BytesIO()) == 200


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(says(), id="closed without a word"),
        pytest.param(says(b"garbage\r\n\r\n"), id="not HTTP"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), id="half a body"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), id="half a chunk"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"), id="no last chunk"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz"), id="bad gzip"
        ),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), id="too many headers"),
    ],
)
def test_broken_answer_may_have_been_charged(act: Callable[[socket.socket], None]) -> None:
    error = over_socket(act)
    assert (error.kind, error.charged) == (Kind.SILENCE, Charged.MAYBE)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
def test_silence_ends_at_the_read_timeout(start: bytes) -> None:
    def act(connection: socket.socket) -> None:
        connection.sendall(start)
        nothing(connection)

    error = over_socket(act, read_timeout=0.2)
    assert (error.kind, error.charged) == (Kind.SILENCE, Charged.MAYBE)
    assert error.reason == "read_timeout"


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e7\r\n",
    ],
)
def test_dripping_answer_ends_at_the_total_deadline(start: bytes) -> None:
    begun = time.monotonic()
    error = over_socket(says(start, *[b"x"] * 400, pause=0.05), read_timeout=9, total_timeout=0.3)
    assert time.monotonic() - begun < 15
    assert (error.kind, error.charged) == (Kind.SILENCE, Charged.MAYBE)
    assert error.reason == "deadline"


def test_reply_without_a_declared_length_ends_with_the_connection() -> None:
    sink = BytesIO()
    with server(says(b"HTTP/1.0 200 OK\r\n\r\n{}")) as address:
        Client(f"http://{address}").send(ASK, sink)
    assert sink.getvalue() == b"{}"


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n",
        b"HTTP/1.1 199 X\n\n",
    ],
)
def test_what_is_said_before_the_answer_is_skipped(first: bytes) -> None:
    sink = BytesIO()
    with server(says(first, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as address:
        assert Client(f"http://{address}").send(ASK, sink) == 200
    assert sink.getvalue() == b"{}"
    with server(says(first + b"HTTP/1.1 402 No\r\nContent-Length: 0\r\n\r\n")) as address:
        assert refusal(Client(f"http://{address}")).kind is Kind.QUOTA


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 103 X\r\n\r\n" * 2000,
        b"HTTP/1.1 103 X\r\n" + b"A: b\r\n" * 2000,
        b"HTTP/1.1 103 X\r\nA: " + b"b" * 200_000,
        b"HTTP/1.1 103 X\r\n\r\n",
    ],
)
def test_endless_words_before_the_answer_are_silence(answer: bytes) -> None:
    error = over_socket(says(answer))
    assert (error.kind, error.charged) == (Kind.SILENCE, Charged.MAYBE)


def test_compressed_reply_is_decoded_under_the_cap() -> None:
    bomb = gzip.compress(b" " * 2_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    sink = BytesIO()
    with server(says(head + bomb)) as address:
        Client(f"http://{address}").send(ASK, sink)
    assert len(sink.getvalue()) == 2_000_000
    with server(says(head + bomb)) as address:
        error = refusal(Client(f"http://{address}", max_bytes=2**20))
    assert (error.kind, error.charged) == (Kind.SILENCE, Charged.MAYBE)
    assert (error.reason, error.values["limit_mib"]) == ("too_large", 1)


def test_redirect_body_is_not_read() -> None:
    endless = says(b"HTTP/1.1 307 X\r\nLocation: http://evil.example.org/\r\n\r\n", *[b"x" * 65536] * 40)
    assert over_socket(endless).kind is Kind.REFUSED


def test_error_body_that_breaks_off_keeps_its_kind() -> None:
    assert over_socket(says(b"HTTP/1.1 429 X\r\nContent-Length: 99\r\nRetry-After: 5\r\n\r\n{")).retry_after == 5


def test_errors_of_the_sink_are_not_the_networks() -> None:
    class Full(BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with responses.RequestsMock() as mock:
        mock.post(URL, body=b"{}")
        with pytest.raises(OSError, match="No space left"):
            Client(URL).send(ASK, Full())


def test_each_call_opens_its_own_connection() -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}"
    for _ in range(2):
        with server(says(ok)) as address:
            assert Client(f"http://{address}").send(ASK, BytesIO()) == 200


@pytest.mark.parametrize("key", ["ключ", "two\nlines", "bell\a"])
def test_unsendable_key_is_a_key_error_before_anything_is_sent(key: str) -> None:
    error = refusal(Client(URL, key))
    assert (error.kind, error.charged) == (Kind.KEY, Charged.NO)
    assert error.reason == "unsendable"
    assert key not in str(error)


def test_key_is_in_no_repr_log_or_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client(URL, KEY)
    with responses.RequestsMock() as mock:
        mock.post(URL, status=401, json={"error": {"message": f"bad key {KEY}"}})
        error = refusal(client)
    broken = over_socket(says())
    shown = [repr(client), repr(vars(client)), repr(error), repr(broken), caplog.text]
    for one in (error, broken):
        shown += traceback.TracebackException.from_exception(one, capture_locals=True).format()
    assert all(KEY not in text for text in shown if "test_onlysq" not in text)


def listing(body: object) -> list[Model]:
    with responses.RequestsMock() as mock:
        mock.get(MODELS, json=body)
        return Client(URL + "/?x=1", KEY).models()


def test_image_models_are_listed_with_what_is_known_of_them() -> None:
    models = listing(
        {
            "models": {
                "gpt": {"modality": "text"},
                "flux": {
                    "modality": "image",
                    "name": "Flux  1",
                    "status": "Work",
                    "description": "fast",
                    "owner": "bfl",
                    "cost": 2.5,
                },
                "old": {"modality": "IMAGE", "status": "down", "name": 5, "cost": True},
                "dear": {"modality": "image", "cost": 10**400},
            },
            "classified": {"image": {"flux": {}, "sdxl": {"cost": "free", "status": "ok"}, "bare": None}},
        }
    )
    assert models == [
        Model("flux", "Flux 1", available=True, description="fast", owner="bfl", cost=2.5),
        Model("old", "old", available=False),
        Model("dear", "dear", available=True),
        Model("sdxl", "sdxl", available=True, cost="free"),
        Model("bare", "bare", available=True),
    ]


@pytest.mark.parametrize("status", ["down", "DISABLED ", "Down"])
def test_models_that_are_down_or_disabled_are_unavailable(status: str) -> None:
    assert listing({"models": {"x": {"modality": "image", "status": status}}}) == [Model("x", "x", available=False)]


@pytest.mark.parametrize("status", ["work", "OK", "beta", "", None, 7, ["down"], True])
def test_models_of_any_other_status_are_available(status: object) -> None:
    assert listing({"models": {"x": {"modality": "image", "status": status}}}) == [Model("x", "x", available=True)]


@pytest.mark.parametrize(
    "body",
    [
        {"models": [{"id": "a", "modality": "image"}, {"id": "b", "modality": "text"},
                    {"name": "c", "modality": "image"}]},
        {"models": ["a", "c"]},
        ["a", "c"],
        [{"id": "a"}, {"id": "c"}, {}, 5, None],
        {"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "c", "object": "model"}]},
        {"data": [{"id": "a", "modalities": ["text", "image"]}, {"id": "b", "modalities": ["text"]}, {"id": "c"}],
         "classified": {"image": ["c"]}},
        {"classified": {"image": ["a", "c"]}, "models": {"b": {}}},
    ],
)  # fmt: skip
def test_lists_of_models_are_read_in_any_known_shape(body: object) -> None:
    assert [model.id for model in listing(body)] == ["a", "c"]


@pytest.mark.parametrize(
    "body", [[], {}, {"models": []}, {"models": {"x": 1}}, {"data": 5}, "x", 7, [[["a"]]], {"error": {}}]
)
def test_list_of_another_shape_lists_nothing(body: object) -> None:
    assert listing(body) == []


def test_model_ids_that_are_no_ids_are_left_out() -> None:
    image = {"modality": "image", "cost": float("inf")}
    assert [m.id for m in listing({"models": {"": image, "a\nb": image, "x" * 201: image, "ok": image}})] == ["ok"]


def failed_listing(body: str | bytes, status: int = 200) -> OnlySqError:
    with responses.RequestsMock() as mock:
        mock.get(MODELS, body=body, status=status)
        with pytest.raises(OnlySqError) as caught:
            Client(URL).models()
    return caught.value


@pytest.mark.usefixtures("no_collecting")
@pytest.mark.parametrize("body", ["<html>", "[" * 100_000])
def test_unreadable_list_is_an_error(body: str) -> None:
    error = failed_listing(body)
    assert (error.kind, error.reason, error.charged) == (Kind.UNREADABLE, "models", Charged.NO)


@pytest.mark.parametrize(("body", "status"), [(b"", 504), (b"x" * (2 * 2**20 + 1), 200)])
def test_reading_the_list_is_never_charged_and_capped(body: bytes, status: int) -> None:
    error = failed_listing(body, status)
    assert (error.kind, error.charged) == (Kind.SILENCE, Charged.NO)
