"""Pages and JSON leave compressed for who can read that, of a length that tells nothing; everything else as it is."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from gallery.middleware.compression import CompressionMiddleware, padded
from generator.models import Image
from tests.conftest import Cast

GZIP = {"Accept-Encoding": "br, gzip, deflate"}
LONG = "all work and no play " * 100


def answered(response: Any, accepted: str = "gzip") -> Any:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    return CompressionMiddleware(lambda _: response)(request)


def test_a_page_is_the_same_one_compressed(owner: Client) -> None:
    plain = owner.get("/mine/")
    packed = owner.get("/mine/", headers=GZIP)
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 2
    content = gzip.decompress(packed.content)
    assert content.startswith(b"<!doctype html>")
    assert len(content) == len(plain.content)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer["Vary"]
        assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "deflate,gzip ;q=1, *;q=0", "gzip;q=0.001"])
def test_whoever_reads_gzip_gets_it(accepted: str) -> None:
    assert gzip.decompress(answered(JsonResponse({"said": LONG}), accepted).content)


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br", "x-gzip-not", "gzipped"])
def test_whoever_does_not_gets_it_plain(accepted: str) -> None:
    answer = answered(HttpResponse(LONG), accepted)
    assert answer.content.decode() == LONG
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        lambda: HttpResponse("short"),
        lambda: HttpResponse(LONG, content_type="image/png"),
        lambda: HttpResponse(LONG, content_type="text/csv"),
        lambda: HttpResponse(LONG, headers={"Content-Encoding": "br"}),
        lambda: StreamingHttpResponse([LONG]),
    ],
)
def test_what_is_short_a_file_a_stream_or_encoded_stays_as_it_is(response: Callable[[], Any]) -> None:
    made = response()
    before = dict(made.headers)
    answer = answered(made)
    assert dict(answer.headers) == before
    content = b"".join(answer) if answer.streaming else answer.content
    assert content in (b"short", LONG.encode())


def test_files_of_pictures_and_exports_are_not_compressed(
    owner: Client, cast: Cast, make_image: Callable[..., Image]
) -> None:
    image = make_image(cast.owner, 600, 600)
    for address in (f"/images/{image.pk}/original/", "/account/download/"):
        answer = owner.get(address, headers=GZIP)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer
        assert b"".join(answer)[:2] in (b"\x89P", b"PK")


def test_the_length_of_the_same_page_is_another_each_time() -> None:
    lengths = {len(padded(LONG.encode())) for _ in range(50)}
    assert len(lengths) > 10
    assert max(lengths) - min(lengths) <= 100
    assert {gzip.decompress(padded(LONG.encode())) for _ in range(50)} == {LONG.encode()}


def test_a_mark_of_the_plain_page_is_a_weak_one_of_the_compressed() -> None:
    assert answered(HttpResponse(LONG, headers={"ETag": '"one"'}))["ETag"] == 'W/"one"'
    assert answered(HttpResponse(LONG, headers={"ETag": 'W/"one"'}))["ETag"] == 'W/"one"'
    assert answered(HttpResponse(LONG, headers={"ETag": '"one"'}), "")["ETag"] == '"one"'


def test_head_says_what_get_would_and_sends_nothing(owner: Client) -> None:
    answer = owner.head("/mine/", headers=GZIP)
    assert (answer["Content-Encoding"], answer.content) == ("gzip", b"")
