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


def test_what_others_publish_is_pinned_by_digest():
    theirs = [service["image"] for service in COMPOSE["services"].values() if not service.get("build")]
    theirs += re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(theirs) == 3
    for image in theirs:
        assert re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", image), image


def test_the_image_gets_the_code_and_nothing_of_a_data_folder():
    allowed = [line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert {"gallery", "generator", "static", "templates", "manage.py", "requirements.txt"} <= set(allowed)
    assert not {"data", ".env", ".git", ".venv"} & set(allowed)
    assert all((ROOT / name).exists() for name in allowed)


def told(name: str) -> dict[str, str]:
    """The environment of a service, after what `.env` says for all."""
    found: dict[str, str] = COMPOSE["services"][name]["environment"]
    return found


@pytest.mark.parametrize("name", sorted(COMPOSE["services"]))
def test_no_service_writes_beside_its_volumes_or_gains_rights(name: str):
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 100
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(OURS))
def test_ours_have_a_place_for_temporary_files(name: str):
    assert OURS[name]["tmpfs"] == ["/tmp"]  # noqa: S108 (within a container)


def test_only_the_proxy_is_open_to_the_network():
    published = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert published.pop("proxy") == ["80:80", "443:443"]
    assert [port for ports in published.values() for port in ports] == ["127.0.0.1:${PORT:-8000}:8000"]


def test_only_the_worker_is_told_the_key():
    """What stands under `environment` wins over `.env`, which all of them read."""
    for name in ("web", "sandbox"):
        assert (told(name)["ONLYSQ_API_KEY"], told(name)["ONLYSQ_API_KEY_FILE"]) == ("", "")
    assert told("worker")["ONLYSQ_API_KEY"] == "${ONLYSQ_API_KEY:-}"
    assert not any("KEY" in name for other in ("proxy", "postgres") for name in told(other))


def test_the_others_are_told_that_there_is_a_key():
    assert {told(name)["VITRINE_KEY_ELSEWHERE"] for name in OURS} == {"${ONLYSQ_API_KEY:+true}"}


def test_a_database_has_no_password_that_everybody_knows():
    """The image refuses to begin without one; `:?` would demand one of those who use SQLite."""
    assert told("postgres")["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-}"
    assert ":?" not in (ROOT / "docker-compose.yml").read_text()


def test_every_image_has_an_exact_tag():
    images = [service["image"] for name, service in COMPOSE["services"].items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(images) == 3
    assert [image for image in images if not re.search(r":\d+(\.\d+)+", image)] == []


def test_the_proxy_has_a_configuration_of_its_own():
    service = COMPOSE["services"]["proxy"]
    files = [volume.split(":")[0] for volume in service["volumes"] if volume.startswith("./")]
    assert files
    assert all((ROOT / file).is_file() for file in files)
    assert "reverse_proxy web:8000" in (ROOT / files[0]).read_text()
    named = {volume.split(":")[0] for volume in service["volumes"]} - set(files)
    assert named <= set(COMPOSE["volumes"])
