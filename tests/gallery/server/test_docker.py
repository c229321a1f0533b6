"""The Docker files, read rather than built: what they name must exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("build")}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_web_and_worker_run_by_default_on_one_volume():
    assert {name for name, service in COMPOSE["services"].items() if "profiles" not in service} == {"web", "worker"}
    for service in OURS.values():
        assert service["volumes"] == ["data:/data"]
        assert service["environment"]["VITRINE_DATA_DIR"] == "/data"
    assert "data" in COMPOSE["volumes"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_exists(name: str):
    text = OURS[name]["command"]
    for command in re.findall(r"manage\.py (\w+)", text):
        assert command in get_commands()
    for module in re.findall(r"python -m (\w+)", text):
        __import__(module)
    assert "manage.py" in text


def test_the_web_server_is_started_as_supervisord_starts_it():
    supervisord = (ROOT / "gallery" / "server" / "supervisord.conf").read_text()
    started = re.search(r"-m gunicorn (.*)", supervisord)
    assert started
    assert started[1] in OURS["web"]["command"]
    assert shlex.split(OURS["web"]["command"])[:2] == ["sh", "-c"]


def test_the_sandbox_is_found_where_the_worker_looks_for_it():
    assert OURS["sandbox"]["network_mode"] == "service:worker"
    assert OURS["sandbox"]["command"].endswith("--host 127.0.0.1 --port 8001")


def test_the_image_runs_as_somebody_else_than_root_and_knows_its_health():
    assert re.search(r"^USER vitrine$", DOCKERFILE, re.M)
    assert re.search(r"^VOLUME /data$", DOCKERFILE, re.M)
    assert "gallery.server.healthcheck" in DOCKERFILE
    assert 'CMD ["python", "manage.py", "serve"]' in DOCKERFILE


def test_the_image_gets_the_code_and_nothing_of_a_data_folder():
    allowed = [line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert {"gallery", "generator", "static", "templates", "manage.py", "requirements.txt"} <= set(allowed)
    assert not {"data", ".env", ".git", ".venv"} & set(allowed)
    assert all((ROOT / name).exists() for name in allowed)
