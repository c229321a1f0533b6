"""A sandbox without latency, and short words for talking to it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image

from generator.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = {"model": "kandinsky", "prompt": "Cat", "width": 64, "height": 64}


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(latency=0) as server:
        yield server


def ask(sandbox: SandboxServer, headers: dict[str, str] | None = None, **fields: Any) -> requests.Response:
    """Post a small request with some fields changed; a field given as None is left out."""
    body = {name: value for name, value in (SMALL | fields).items() if value is not None}
    return requests.post(sandbox.url, json=body, headers=headers, timeout=10)


def opened(text: str) -> Image.Image:
    picture = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
    picture.load()
    return picture
