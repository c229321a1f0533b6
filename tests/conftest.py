"""What every test may ask for: folders of its own, a named cast, drawn pictures."""

from __future__ import annotations

import gc
import io
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import override_settings
from django.utils import timezone
from PIL import Image as Pillow

from gallery.models import User
from generator import store
from generator.models import Call, Generation, Image
from generator.models.failure_words import Failure
from generator.submit import Wish, submit
from tests.database import PostgresqlTemplate, SqliteTemplate, Template

# What can go wrong with a call, where a test does not care how exactly.
REFUSED = Failure("refused", "status", {"http_status": 403})
BROKEN = Failure("provider", "status", {"http_status": 500})
GARBLED = Failure("unreadable", "not_json")
SILENT = Failure("silence", "read_timeout")
RATED = Failure("rate", "status", {"http_status": 429})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="all there is at full length, as before a release")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exhaustive: one of many alike, told only with --everything")
    hypothesis.settings.register_profile("everything", max_examples=1000)
    hypothesis.settings.register_profile("usual", max_examples=100)
    hypothesis.settings.load_profile("everything" if config.getoption("--everything") else "usual")
    config.addinivalue_line("markers", "long: takes many seconds, so it begins first and is not waited for at the end")
    config.addinivalue_line("markers", "database: touches the database; set by what a test asks for")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is imported and collected stays to the end: nobody need look again and again whether it is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what touches the database, leave out what is exhaustive unless everything is asked for, begin with the long.

    The order is a shuffled one already; what pytest-django does next keeps it among tests of one kind. Long tests run
    without the measuring of coverage, which would double their time: quicker ones cover all that they come to.
    """
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker("no_cover")
        asked = getattr(item, "fixturenames", ())
        if "prepared_folder" in asked:  # its database has to be made, but is not the one that the test works on
            item.add_marker("django_db")
        elif item.get_closest_marker("django_db") or {"db", "transactional_db"}.intersection(asked):
            item.add_marker("database")
    if not config.getoption("--everything"):
        left_out = [item for item in items if item.get_closest_marker("exhaustive")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def everything(request: pytest.FixtureRequest) -> bool:
    """Whether the exhaustive tests are to go as far as they can."""
    return bool(request.config.getoption("--everything"))


@dataclass(frozen=True)
class Folders:
    data: Path
    media: Path
    spool: Path


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    own = tmp_path_factory.getbasetemp()
    kind = SqliteTemplate if connection.vendor == "sqlite" else PostgresqlTemplate
    return kind(own.parent if hasattr(request.config, "workerinput") else own)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, template: Template) -> None:
    template.take()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, template: Template) -> Iterator[Path | None]:
    """On SQLite the file of a complete and empty database, to be copied by whoever starts real processes."""
    with django_db_blocker.unblock():
        template.give()
    TransactionTestCase._fixture_teardown = lambda _: template.restore()
    yield template.file if connection.vendor == "sqlite" else None
    with django_db_blocker.unblock():
        template.drop()


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(django_test_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What no test needs for itself is set once: cheap passwords, caches in memory, plain static files."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    with override_settings(
        CACHES={name: {"BACKEND": memory, "LOCATION": name} for name in ("default", "process")},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STATIC_ROOT=tmp_path_factory.mktemp("static"),  # the static file server says so, loudly, if there is none
        STORAGES={
            "default": {"BACKEND": "generator.store.DiskStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    ):
        yield


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> Iterator[Folders]:
    """Every path of the settings points into a folder of this test's own."""
    found = Folders(tmp_path, tmp_path / "media", tmp_path / "spool")
    with override_settings(DATA_DIR=found.data, MEDIA_ROOT=found.media, SPOOL_ROOT=found.spool):
        yield found


@pytest.fixture
def prepared_folder(tmp_path: Path, django_db_setup: Path | None) -> Path:
    """A data folder in which a database on SQLite has all its tables, for real processes."""
    assert django_db_setup, "only where the suite itself runs on SQLite"
    folder = tmp_path / "prepared"
    folder.mkdir()
    shutil.copy(django_db_setup, folder / "db.sqlite3")
    return folder


@pytest.fixture
def bucket(folders: Folders, settings: Any) -> None:
    """Originals lie in a storage that has no folders and paths; thumbnails stay where they are."""
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Nothing is in the caches, before and after."""
    for cache in caches.all(initialized_only=True):
        cache.clear()
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()


@dataclass(frozen=True)
class Cast:
    """Olga owns, Max is a member, Sam must see nothing of Olga's, Mo moderates, Ada administers."""

    owner: User
    member: User
    stranger: User
    moderator: User
    admin: User


@pytest.fixture
def cast(db: None) -> Cast:
    """Made in one statement, for most tests begin with it; so the audit log does not tell of it."""
    password = make_password("correct-horse", salt="castcastcastcastcastcast")
    people = [User(username=name, password=password) for name in ("olga", "max", "sam", "mo", "ada")]
    people[3].is_staff = people[4].is_staff = people[4].is_superuser = True
    return Cast(*User.objects.bulk_create(people))


def markup(answer: Any) -> str:
    """The page as a browser takes it: how its source is broken into lines counts for nothing."""
    return re.sub(r" ?([<>]) ?", r"\1", re.sub(r"[ \t\r\n]+", " ", answer.content.decode()))


@lru_cache
def draw(width: int = 64, height: int = 48, colour: str = "teal", form: str = "PNG") -> bytes:
    """A small real picture."""
    target = io.BytesIO()
    Pillow.new("RGB", (width, height), colour).save(target, form)
    return target.getvalue()


def lay_thumbs(image: Image, colour: str = "teal") -> None:
    """The copies that a worker would have made."""
    for (wide, _), named in zip(image.thumbs, image.thumb_widths, strict=True):
        path = store.thumb_path(image, named)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw(wide, max(1, image.height * wide // image.width), colour, "WEBP"))


@pytest.fixture
def make_generation() -> Callable[..., Generation]:
    def make(user: User, prompt: str = "A teal square", **asked: Any) -> Generation:
        asked = {"model": "flux", "ratio": "" if "width" in asked else "1:1", "count": 1} | asked
        token = asked.pop("token", uuid4().hex)
        return submit(user, Wish(prompt=prompt, **asked), token).generation

    return make


@pytest.fixture
def make_image(folders: Folders) -> Callable[..., Image]:
    """A picture with its succeeded call and its original on disk; its thumbnails are lost, unless asked for.

    Three rows as they stand in the end, without the way that led there: most tests of pages begin with some. Each is
    received two milliseconds after the one before at least: within one, their order is by chance.
    """
    received = datetime.min.replace(tzinfo=UTC)

    def make(
        user: User, width: int = 64, height: int = 48, colour: str = "teal", *, thumbs: bool = False, **more: Any
    ) -> Image:
        asked = {name: more.pop(name) for name in ("prompt", "model", "parent") if name in more}
        asked = {"prompt": "A teal square", "model": "flux"} | asked
        nonlocal received
        now = received = max(timezone.now(), received + timedelta(milliseconds=2))
        generation = Generation.objects.create(user=user, ratio="1:1", token=uuid4().hex, **asked)
        call = Call.objects.create(
            generation=generation, user=user, number=1, count=1, state=Call.State.SUCCEEDED,
            claimed_at=now, sent_at=now, received_at=now, finished_at=now,
            reply_id="imagen_" + "a" * 48, reply_model="flux", usage=152, elapsed_time=3.2, api_user=7,
        )  # fmt: skip
        content = draw(width, height, colour)
        pk = Image.id_for(call, 0)
        name = Image.original_name(pk, "png")
        path = folders.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        fields = {
            "index": 0, "format": Image.Format.PNG, "width": width, "height": height, "bytes": len(content),
            "sha256": "0" * 64, "placeholder": "data:image/webp;base64,UklGRg==", "created_at": now,
            "fingerprint": uuid4().int >> 65, "colours": colour,
        }  # fmt: skip
        image = Image.objects.create(id=pk, call=call, generation=generation, user=user, file=name, **(fields | more))
        if thumbs:
            lay_thumbs(image, colour)
        return image

    return make
