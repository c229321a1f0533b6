"""Pictures fetched by their address: whose, from where, with which key, and how much of them."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from typing import Any

import pytest
import responses

from generator.onlysq.pictures import FetchError, Pictures
from generator.onlysq.wire import Wire, WireSession

KEY = "sq-very-secret"
API = "https://api.example.org/ai/imagen"
CDN = "https://cdn.example.org"
PUBLIC = "93.184.215.14"


def pictures(api: str = API, hosts: tuple[str, ...] = ("CDN.example.org",)) -> Pictures:
    return Pictures(api, KEY, hosts, (5, 5), 10)


def fetched(door: Pictures, url: str, max_bytes: int = 1000) -> bytes:
    sink = BytesIO()
    door.fetch(url, sink, max_bytes)
    return sink.getvalue()


def refusal(door: Pictures, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetched(door, url)
    return caught.value.reason


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every name stands for."""
    addresses = [PUBLIC]

    def look_up(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("generator.onlysq.pictures.socket.getaddrinfo", look_up)
    return addresses


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def asked(web: responses.RequestsMock) -> list[tuple[str | None, str | None]]:
    """Each request's address, and the key that it carried."""
    return [(call.request.url, call.request.headers.get("Authorization")) for call in web.calls]


def test_the_apis_own_origin_gets_the_key(web: responses.RequestsMock) -> None:
    web.get("https://api.example.org/x.png?a=b", body=b"PNG")
    for url in ("https://api.example.org/x.png?a=b", "HTTPS://API.example.org:443/x.png?a=b#c"):
        assert fetched(pictures(), url) == b"PNG"
    assert {key for _, key in asked(web)} == {f"Bearer {KEY}"}


@pytest.mark.usefixtures("found")
def test_a_listed_host_gets_no_key(web: responses.RequestsMock) -> None:
    web.get(f"{CDN}/x.png", body=b"PNG")
    assert fetched(pictures(), f"{CDN}/x.png") == b"PNG"
    assert [key for _, key in asked(web)] == [None]


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.org/x.png",
        "http://cdn.example.org/x.png",
        "http://api.example.org/x.png",
        "https://api.example.org:8443/x.png",
        "https://api.example.org@evil.example/x.png",
        "https://api.example.org:443@evil.example/x.png",
        "https://evil.example\\@api.example.org/x.png",
        "https://evil.example#@api.example.org/x.png",
        "https://user:password@api.example.org/x.png",
        "https://api.example.org.evil.example/",
        "https://api.example.org\u3002evil.example/",
        "ftp://api.example.org/x.png",
        "file:///etc/passwd",
        "//api.example.org/x.png",
        "https://",
        "https://[::1",
        "https://api.example.org:99999999/",
        "x.png",
        "",
    ],
)
def test_from_anywhere_else_nothing_is_fetched(web: responses.RequestsMock, url: str) -> None:
    assert refusal(pictures(), url) == "address"
    assert asked(web) == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",  # noqa: S104
        "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:0:0:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_a_listed_host_must_have_public_addresses_only(
    web: responses.RequestsMock, found: list[str], address: str
) -> None:
    web.get(f"{CDN}/x.png", body=b"PNG")
    found[:] = [PUBLIC, address]
    assert refusal(pictures(), f"{CDN}/x.png") == "address"
    found[:] = []
    assert refusal(pictures(), f"{CDN}/x.png") == "address"
    assert asked(web) == []


def test_a_name_that_cannot_be_found_is_for_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr("generator.onlysq.pictures.socket.getaddrinfo", nobody)
    assert refusal(pictures(), f"{CDN}/x.png") == "unfetched"


def test_each_redirect_is_looked_at_anew(web: responses.RequestsMock, found: list[str]) -> None:
    own = "https://api.example.org/x.png"
    web.get(own, status=302, headers={"Location": f"{CDN}/y.png"})
    web.get(f"{CDN}/y.png", status=307, headers={"Location": "/z.png"})
    web.get(f"{CDN}/z.png", body=b"PNG")
    assert fetched(pictures(), own) == b"PNG"
    assert [key for _, key in asked(web)] == [f"Bearer {KEY}", None, None]
    found[:] = ["127.0.0.1"]
    assert refusal(pictures(), own) == "address"
    assert refusal(pictures(hosts=()), own) == "address"


def test_redirects_come_to_an_end(web: responses.RequestsMock) -> None:
    web.get("https://api.example.org/x", status=301, headers={"Location": "/x"})
    assert refusal(pictures(), "https://api.example.org/x") == "unfetched"
    assert len(web.calls) == 5


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 206}, {"status": 302}, {"body": b"x" * 1001}])
def test_only_a_whole_file_within_the_limit_is_taken(web: responses.RequestsMock, answer: dict[str, Any]) -> None:
    web.get("https://api.example.org/x", **answer)
    assert refusal(pictures(), "https://api.example.org/x") == "unfetched"


def test_an_error_of_the_disk_is_not_the_networks(web: responses.RequestsMock) -> None:
    class Full(BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    web.get("https://api.example.org/x", body=b"PNG")
    with pytest.raises(OSError, match="No space left"):
        pictures().fetch("https://api.example.org/x", Full(), 1000)


class Nearby(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.heard = dict(self.headers)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"PNG")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def nearby() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Nearby) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


def test_the_apis_own_origin_may_be_in_the_house(nearby: HTTPServer) -> None:
    base = f"http://127.0.0.1:{nearby.server_port}"
    assert fetched(pictures(f"{base}/ai/imagen"), f"{base}/x.png") == b"PNG"
    assert nearby.heard["Authorization"] == f"Bearer {KEY}"  # type: ignore[attr-defined]
    assert refusal(pictures(f"{base}/ai/imagen"), f"http://localhost:{nearby.server_port}/x.png") == "address"


def test_the_connection_goes_to_the_address_that_was_looked_at(nearby: HTTPServer) -> None:
    """The name stands for nothing, and a proxy for everything."""
    url = f"http://nowhere.invalid:{nearby.server_port}/x.png"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("http_proxy", "http://127.0.0.1:9")
        with Wire(10) as wire, WireSession(wire, url, "127.0.0.1") as session:
            assert session.get(url, timeout=5).content == b"PNG"
    assert nearby.heard["Host"] == f"nowhere.invalid:{nearby.server_port}"  # type: ignore[attr-defined]


def test_an_address_where_nobody_answers_is_for_another_time() -> None:
    assert refusal(pictures("http://127.0.0.1:9/ai/imagen"), "http://127.0.0.1:9/x.png") == "unfetched"


def test_the_key_is_in_no_repr() -> None:
    assert KEY not in repr(pictures())
