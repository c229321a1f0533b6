from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image

from generator.sandbox import SandboxServer
from generator.sandbox.contract import RATIOS
from tests.generator.sandbox.conftest import SMALL, ask, opened

if TYPE_CHECKING:
    from pathlib import Path


def test_the_documented_example_script_runs_with_only_the_host_changed(sandbox: SandboxServer, tmp_path: Path) -> None:
    url = sandbox.url
    response = requests.post(url, json={"model": "kandinsky", "prompt": "Cat"})  # noqa: S113 - as documented
    data = response.json()
    file = tmp_path / "image.png"
    file.write_bytes(base64.b64decode(data["files"][0]))
    with Image.open(file) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (1024, 1024))


def test_size_dialect_replies_with_exactly_the_documented_fields(sandbox: SandboxServer) -> None:
    before = int(time.time())
    reply = ask(sandbox, width=96, height=80, count=3).json()
    assert list(reply) == ["id", "created", "model", "count", "files", "size", "elapsed-time", "usage", "user"]
    assert re.fullmatch(r"imagen_[A-Za-z0-9]{48}", reply["id"])
    assert before <= reply["created"] <= time.time()
    assert (reply["model"], reply["count"], reply["user"]) == ("kandinsky", 3, 0)
    assert reply["size"] == {"width": 96, "height": 80}
    assert reply["usage"] == 96 * 80 // 800 * 3
    assert isinstance(reply["elapsed-time"], float)
    assert [opened(file).size for file in reply["files"]] == [(96, 80)] * 3
    assert len(set(reply["files"])) == 3


def test_ratio_dialect_replies_with_exactly_the_documented_fields(sandbox: SandboxServer) -> None:
    reply = requests.post(sandbox.url, json={"model": "flux", "prompt": "Sea", "ratio": "16:9"}, timeout=10).json()
    assert list(reply) == ["id", "created", "model", "files", "ratio", "elapsed-time", "usage", "user"]
    assert reply["ratio"] == "16:9"
    picture = opened(reply["files"][0])
    assert (picture.format, picture.size, len(reply["files"])) == ("JPEG", (1344, 768), 1)


@pytest.mark.parametrize("ratio", RATIOS)
def test_every_ratio_is_about_a_megapixel_of_that_shape(ratio: str) -> None:
    width, height = RATIOS[ratio]
    across, down = map(int, ratio.split(":"))
    assert width / height == pytest.approx(across / down, rel=0.02)
    assert width * height == pytest.approx(2**20, rel=0.07)
    assert width % 16 == height % 16 == 0


def test_the_older_address_answers_too(sandbox: SandboxServer) -> None:
    response = requests.post(f"{sandbox.base_url}/ai/v2", json=SMALL, timeout=10)
    assert response.status_code == 200


def test_a_request_without_shape_is_answered_in_the_dialect_of_the_server() -> None:
    body = {"model": "flux", "prompt": "Cat"}
    with SandboxServer(dialect="size") as sandbox:
        reply = requests.post(sandbox.url, json=body, timeout=10).json()
    assert reply["size"] == {"width": 1024, "height": 1024}
    with SandboxServer(dialect="ratio") as sandbox:
        reply = requests.post(sandbox.url, json=body, timeout=10).json()
    assert reply["ratio"] == "1:1"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model": None}, "The field model is required."),
        ({"prompt": None}, "The field prompt is required."),
        ({"prompt": "  "}, "The field prompt must not be empty."),
        ({"prompt": 5}, "The field prompt must be a string."),
        ({"model": ["flux"]}, "The field model must be a string."),
        ({"width": 2049}, "The field width must be between 1 and 2048."),
        ({"height": 0}, "The field height must be between 1 and 2048."),
        ({"width": True}, "The field width must be a whole number."),
        ({"height": 64.0}, "The field height must be a whole number."),
        ({"width": "64"}, "The field width must be a whole number."),
        ({"count": 5}, "The field count must be between 1 and 4."),
        ({"count": -1}, "The field count must be between 1 and 4."),
        ({"ratio": "1:1"}, "Send either ratio or width and height, not both."),
        ({"ratio": "1:1", "count": 2}, "Send either ratio or width, height and count, not both."),
        ({"width": None, "height": None, "ratio": "2:1"}, f"The field ratio must be one of {', '.join(RATIOS)}."),
        ({"width": None, "height": None, "ratio": [1]}, f"The field ratio must be one of {', '.join(RATIOS)}."),
        ({"model": "gpt-4o-mini"}, "The model gpt-4o-mini does not make images."),
    ],
)
def test_a_request_outside_the_contract_is_refused_with_a_sentence_and_not_charged(
    sandbox: SandboxServer, changes: dict[str, Any], sentence: str
) -> None:
    response = ask(sandbox, **changes)
    assert (response.status_code, response.json()) == (400, {"error": {"message": sentence}})
    assert sandbox.charged == []


def test_an_unknown_model_is_not_found(sandbox: SandboxServer) -> None:
    response = ask(sandbox, model="midjourney")
    assert (response.status_code, response.json()["error"]["message"]) == (404, "There is no model 'midjourney'.")


def test_a_model_that_is_out_of_order_is_refused(sandbox: SandboxServer) -> None:
    assert ask(sandbox, model="nano-banana-pro").status_code == 503


def test_a_server_of_one_dialect_refuses_the_fields_of_the_other() -> None:
    with SandboxServer(dialect="ratio") as sandbox:
        assert "it has no width and height, use ratio" in ask(sandbox).json()["error"]["message"]
        response = ask(sandbox, width=None, height=None, count=2)
        assert "it has no count" in response.json()["error"]["message"]
    with SandboxServer(dialect="size") as sandbox:
        assert "use width, height and count" in ask(sandbox, ratio="1:1").json()["error"]["message"]


@pytest.mark.parametrize(
    "header", [None, "Bearer wrong", "Bearer", "Basic sq-secret", "sq-secret", "Bearer ключ".encode()]
)
def test_a_missing_or_wrong_key_is_401_as_documented(header: str | bytes | None) -> None:
    with SandboxServer(key="sq-secret") as sandbox:
        response = requests.post(sandbox.url, json=SMALL, headers={"Authorization": header}, timeout=10)
        assert response.status_code == 401
        assert response.json() == {"error": {"message": "The API key is missing or wrong."}}
        assert sandbox.charged == []


def test_the_user_is_zero_for_the_shared_key_and_stable_for_a_personal_one(sandbox: SandboxServer) -> None:
    users = [ask(sandbox, headers={"Authorization": f"Bearer {k}"}).json()["user"] for k in ("openai", "sq-1", "sq-1")]
    assert users[0] == 0
    assert users[1] == users[2] > 0


def test_the_right_key_opens_the_door() -> None:
    with SandboxServer(key="sq-secret") as sandbox:
        assert ask(sandbox, headers={"Authorization": "bearer sq-secret"}).status_code == 200


def test_the_model_list_has_the_documented_shape_and_needs_no_key() -> None:
    with SandboxServer(key="sq-secret") as sandbox:
        listing = requests.get(sandbox.models_url, timeout=10).json()
    assert set(listing) == {"api-version", "models", "classified"}
    assert set(listing["models"]) == {*listing["classified"]["text"], *listing["classified"]["image"]}
    flux = listing["models"]["flux"]
    assert (flux["modality"], flux["status"], flux["can-stream"]) == ("image", "work", False)
    assert {"name", "description", "owner", "tier", "cost"} <= set(flux)
    assert any(model["status"] != "work" for model in listing["classified"]["image"].values())
    assert listing["classified"]["text"]
