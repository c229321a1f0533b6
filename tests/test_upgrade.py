"""A data folder of release 0.1.0 opens: what is in it is told by tests/data/0.1.0/README.md.

As an operator would do it, so in processes of their own, which read settings, key and database from the folder.
"""

from __future__ import annotations

import json
import os
import pydoc
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from generator.sandbox import SandboxServer
from generator.worker import tasks

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "tests" / "data" / "0.1.0"

LOOK = """
import json
from django.test import Client
from gallery.models import Comment, Rating, Report, User
from generator.models import Call, Image

def page(name, image, kind=""):
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=name))
    return client.get(f"/images/{image.pk}/{kind}").status_code

private, public, trashed = Image.objects.order_by("index")
call = private.call
print(json.dumps({
    "visibility": [private.visibility, public.visibility],
    "in the trash": [bool(image.trashed_at) for image in (private, public, trashed)],
    "receipt": [call.state, call.reply_id[:7], call.reply_model, call.usage, call.pictures, str(call.cost)],
    "worker": call.worker,
    "history": [event.what for event in call.events.all()],
    "others": sorted([other.state, other.error_kind] for other in Call.objects.exclude(pk=call.pk)),
    "feedback": [Rating.objects.get().stars, Comment.objects.get().text, Report.objects.get().text],
    "owner's page": [page("olga", private), page("olga", private, "original/"), page("olga", public)],
    "another's page": [page("max", private), page("max", private, "original/"), page("max", public)],
    "password": User.objects.get(username="olga").check_password("correct-horse"),
}))
"""

# What the cluster's processes do with a wake-up: the pusher reads it, a worker finds its function by name.
TAKE = """
import json, pydoc
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

broker = get_broker()
((key, package),) = broker.dequeue()
task = SignedPackage.loads(package)
pydoc.locate(task["func"])(*task["args"], **task["kwargs"])
broker.acknowledge(key)
print(json.dumps(task["func"]))
"""


# A day that has been counted there.
A_DAY = """
INSERT INTO generator_span (unit, start, zone, filled, stamp)
VALUES ('day', '2026-11-01', 'UTC', 1, '0f0e0d0c0b0a09080706050403020100')
"""


class Site:
    """The folder, and the code of today."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "db.sqlite3"

    def manage(self, *arguments: str, **variables: str) -> str:
        ours = ("VITRINE_", "ONLYSQ_", "DATABASE_URL", "CACHE_URL")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        env |= {"VITRINE_ENV_FILE": os.devnull, "VITRINE_DATA_DIR": str(self.folder), "VITRINE_DEBUG": "true"}
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=env | variables, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, script: str, **variables: str) -> Any:
        return json.loads(self.manage("shell", "-v0", "-c", script, **variables))

    def sql(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(statement).fetchall()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of 0.1.0 after `manage.py prepare` of today."""
    site = Site(tmp_path_factory.mktemp("upgrade") / "data")
    shutil.copytree(STORED, site.folder, ignore=shutil.ignore_patterns("README.md", "db.sql"))
    with closing(sqlite3.connect(site.database)) as database:
        database.executescript((STORED / "db.sql").read_text())
        database.execute(A_DAY)
        database.commit()
    site.manage("prepare")
    return site.folder


@pytest.fixture
def site(opened: Path, tmp_path: Path) -> Site:
    return Site(Path(shutil.copytree(opened, tmp_path / "data")))


def test_everything_is_there_as_it_was(site: Site) -> None:
    assert site.run(LOOK) == {
        "visibility": ["private", "public"],
        "in the trash": [False, False, True],
        "receipt": ["succeeded", "imagen_", "flux", 15, 3, "0.1200"],
        "worker": "vitrine:2489",
        "history": ["claimed", "sent", "received", "succeeded"],
        "others": [["failed", "refused"], ["failed", "unreadable"], ["queued", ""], ["unknown", "silence"]],
        "feedback": [4, "What a fox!", "It looks at me."],
        "owner's page": [200, 200, 200],
        "another's page": [404, 404, 200],
        "password": True,
    }


def test_the_audit_log_is_kept_and_still_cannot_be_changed(site: Site) -> None:
    assert site.sql("SELECT count(*) FROM auditlog_logentry WHERE changes LIKE '%private%'") == [(1,)]
    for statement in ("UPDATE auditlog_logentry SET actor_id = 1", "DELETE FROM auditlog_logentry"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            site.sql(statement)


def test_a_day_that_was_counted_need_not_be_counted_again(site: Site) -> None:
    spans = site.sql("SELECT unit, start, number, filled FROM generator_span")
    assert spans == [("day", "2026-11-01", 0, 1)]


def test_a_wake_up_that_waited_is_followed_and_its_call_succeeds(site: Site) -> None:
    assert site.sql("SELECT count(*) FROM django_q_ormq") == [(1,)]
    with SandboxServer(latency=0) as sandbox:
        assert site.run(TAKE, ONLYSQ_API_URL=sandbox.url) == "generator.tasks.work"
        assert [call["prompt"] for call in sandbox.charged] == ["A wish"]
    assert site.sql("SELECT state, count(*) FROM generator_call GROUP BY state ORDER BY state") == [
        ("failed", 2),
        ("succeeded", 2),
        ("unknown", 1),
    ]
    assert site.sql("SELECT count(*) FROM django_q_ormq") == [(0,)]
    (name,) = site.sql("SELECT file FROM generator_image ORDER BY id DESC LIMIT 1")[0]
    assert (site.folder / "media" / name).stat().st_size > 1000


@pytest.mark.parametrize("name", ["work", "refresh_models"])
def test_a_wake_up_of_0_1_0_leads_to_the_task_of_today(name: str) -> None:
    assert pydoc.locate(f"generator.tasks.{name}") is getattr(tasks, name)
