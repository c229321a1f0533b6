"""A reply and a prompt full of markup, on every page that shows them: text, and nothing else."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from generator.models import Call, Image
from generator.models.failure_words import Failure
from tests.conftest import Cast
from tests.generator.hostile.conftest import Answer, b64
from tests.generator.hostile.files import picture

MARKS = ['<script>alert("1")</script>', "'\"><img src=x onerror=alert(2)>", "{{ 7|add:7 }}{% now 'Y' %}", "</title>"]
PROMPT = '\u202ecat"; filename=evil.html\r\nSet-Cookie: a=b\r\n\r\n<svg/onload=alert(3)>../../' + "".join(MARKS)
HOSTILE = re.compile(r"<script>alert|<img src=x|<svg/onload|onerror=alert\(2\)>(?!&)", re.IGNORECASE)
REPLY = {
    "id": MARKS[0] + MARKS[2],
    "model": MARKS[1],
    "ratio": MARKS[0],
    "usage": 2**63 - 1,
    "user": 2**63 - 1,
    "elapsed-time": 1e308,
    "created": 4_000_000_000,
    "count": 2**31 - 1,
    "new": {mark: [mark] for mark in MARKS},
    "error": {"message": MARKS[1]},
}


@pytest.fixture
def shown(answers: Answer) -> Call:
    """Two calls that succeeded, so that what is added up overflows if it can, and this one that failed."""
    for _ in range(2):
        answers(REPLY | {"files": [b64(picture())]}, prompt=PROMPT)
        Call.objects.all().update(**Failure().columns)
    return answers(REPLY | {"files": [b64(picture()), MARKS[0]]}, prompt=PROMPT)


def addresses(call: Call) -> list[str]:
    image, generation = Image.objects.filter(call=call).get(), call.generation
    lists = ["generation", "call", "image"]
    return [
        "/", "/mine/", "/live/", f"/?q={PROMPT[:9]}", f"/create/?remix={image.pk}", f"/images/{image.pk}/",
        f"/images/{image.pk}/provider-feedback/", f"/generations/{generation.pk}/", "/usage/", "/usage/ledger/",
        "/usage/me/", "/admin/",
        *(f"/admin/generator/{name}/" for name in lists),
        f"/admin/generator/call/{call.pk}/change/", f"/admin/generator/image/{image.pk}/change/",
        f"/admin/generator/generation/{generation.pk}/change/",
    ]  # fmt: skip


def test_every_page_shows_markup_as_text(client: Client, cast: Cast, shown: Call) -> None:
    client.force_login(cast.admin)
    for address in addresses(shown):
        response = client.get(address, follow=True)
        assert response.status_code in (200, 286), address  # 286 ends polling
        page = b"".join(response).decode()
        assert not HOSTILE.search(page), address
        assert "7|add" not in page or "{{ 7|add:7 }}" in page, address
        assert "default-src 'self'" in response["Content-Security-Policy"]


def test_the_pages_of_the_reply_do_show_it(client: Client, cast: Cast, shown: Call) -> None:
    client.force_login(cast.admin)
    image = Image.objects.filter(call=shown).get()
    for address in (
        f"/images/{image.pk}/", f"/generations/{shown.generation.pk}/", f"/images/{image.pk}/provider-feedback/",
        f"/admin/generator/call/{shown.pk}/change/",
    ):  # fmt: skip
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert '<script>alert("1")</script>{{ 7|add:7 }}' in unescape(page), address


@pytest.mark.parametrize(
    "prompt",
    [PROMPT, '"\r\nX: y', "\u202egnp.exe", "../../etc/passwd", "\x00\x01", "\U0001f600" * 9, "a;b=c'*UTF-8''%0d%0a"],
)
def test_a_download_has_a_harmless_name(client: Client, cast: Cast, make_image: Any, prompt: str) -> None:
    prompt = prompt.replace("\x00", "")  # no form lets it in, and PostgreSQL does not take it
    image = make_image(cast.owner, prompt=prompt)
    client.force_login(cast.member)
    response = client.get(f"/images/{image.pk}/download/")
    name = response["Content-Disposition"]
    assert name.startswith("attachment; filename")
    assert not re.search(r"[\r\n\x00-\x1f\u202a-\u202e/\\<>;]", name.partition(";")[2].replace("filename*=utf-8''", ""))
    assert name.rstrip('"').endswith(".png")
    assert "Set-Cookie" not in response
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "image/png"
    b"".join(response)
