"""The real thing for every story: production server, worker, image API, a browser, and somebody who watches.

Stories are told by several processes side by side (`pytest tests/e2e -n 2`): each has a browser of its own, and
instances of its own, each with its people, folder, ports and API. Nothing is shared but the code.
"""

from __future__ import annotations

import faulthandler
import json
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from tests.e2e.instance import Easel, Instance, Stage
from tests.e2e.pages import Visitor
from tests.e2e.watching import Watchdog
from tests.prepared import once, prepare
from tests.process import ends_of_logs, session_cookie

HERE = Path(__file__).parent
SCREENSHOTS = HERE / "screenshots"
PATIENCE_MS = 60_000
# Some of the browser's answers have no time limit of their own. A browser that hangs is killed, which ends its story
# with an error; if that does not help, the run says where it hangs. Far above what a story takes on a busy machine:
# a browser that is killed while its story goes on is a failure without a cause.
PATIENCE_SECONDS, HOPELESS_SECONDS = 400, 600
# Shared memory is 64 MiB in many a container, and a page that finds none left crashes.
QUIET = ["gpu", "quic", "background-networking", "component-update", "sync", "dev-shm-usage"]
# Stories that need an instance of another kind are told by one process, so that it is started once.
COMPANIES = ("test_members.py", "test_size_dialect.py")
# Nobody's graphics card draws for us: what turns and shimmers while a call is held takes half a core for itself.
USUAL = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
PICTURES = 5
CROWD = 25
# What is told of the people in a folder, beside their rows.
STAGE = "stage.json"


class Turns(LoadScopeScheduling):
    """Whoever is free tells the next story; xdist's own groups are without effect under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.endswith(COMPANIES) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns:
    return Turns(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories come last: Playwright leaves an event loop running, beside which Django refuses its database."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Beside a failure stand what the browsers showed and what the site said last."""
    report = yield
    if report.failed and HERE in item.path.parents:
        there = list(getattr(item, "funcargs", {}).values())
        if report.when == "call":
            photographs = [path for one in there if isinstance(one, Curtain) for path in one.photograph()]
            report.sections.append(("What the browsers showed", "\n".join(map(str, photographs))))
        report.sections += ends_of_logs(there)
    return report


@pytest.fixture(autouse=True)
def _deadline() -> Iterator[None]:
    timer = threading.Timer(PATIENCE_SECONDS, _kill_browsers)
    timer.start()
    faulthandler.dump_traceback_later(HOPELESS_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    timer.cancel()


def _kill_browsers() -> None:
    faulthandler.dump_traceback()
    sys.stderr.write(f"The browser hangs for {PATIENCE_SECONDS} s and is killed.\n")
    for process in psutil.Process().children(recursive=True):
        if process.name().startswith("chromium"):
            process.kill()


@dataclass(frozen=True)
class Member:
    """Somebody with an account who is signed in; `pictures` are ids, of the prompts `<name>, study 1` and so on."""

    name: str
    role: str
    session: str
    pictures: list[str]

    def study(self, number: int) -> str:
        return f"{self.name}, study {number}"

    def address(self, number: int) -> str:
        return f"/images/{self.pictures[number - 1]}/"


@dataclass(frozen=True)
class Site:
    """A running instance and what it talks to."""

    instance: Instance
    easel: Easel
    stage: Stage
    _free: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._free.extend(Member(**person) for person in self.stage.people)

    @property
    def base(self) -> str:
        return self.instance.base

    def take(self, *, painter: bool, role: str = "member") -> Member:
        """Somebody no other story has met."""
        fitting = (one for one in self._free if bool(one.pictures) == painter and one.role == role)
        found = next(fitting, None)
        assert found, "The stage is empty: more people are asked for than there are."
        self._free.remove(found)
        return found


class Theatre:
    """Has one browser at a time, and another one when that was killed."""

    def __init__(self, playwright: Playwright, executable: str) -> None:
        self._chromium = playwright.chromium
        self._options = {
            "executable_path": executable,
            "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)],
        }
        self._browser: Browser | None = None

    @property
    def browser(self) -> Browser:
        if not (self._browser and self._browser.is_connected()):
            self._browser = self._chromium.launch(**self._options)  # type: ignore[arg-type]
        return self._browser


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "The browser stories need Chromium: apt install chromium"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = Theatre(playwright, found)
        yield opened
        opened.browser.close()


@pytest.fixture
def browser(theatre: Theatre) -> Browser:
    return theatre.browser


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to be copied."""
    return once(tmp_path_factory, "prepared", prepare)


def _serve(folder: Path, dialect: str, stage: Stage) -> Iterator[Site]:
    with Easel(dialect=dialect) as easel:
        told = {"ONLYSQ_API_URL": easel.url, "ONLYSQ_DIALECT": dialect, "VITRINE_CONCURRENCY": "4"}
        with Instance(folder, **told) as instance:
            instance.serve()
            yield Site(instance, easel, stage)
            easel.release()
    _, trace, more = instance.log().partition("Traceback")
    assert not trace, more[:4000]


@pytest.fixture(scope="session")
def shared_site(
    request: pytest.FixtureRequest, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Each story meets people of its own, so there are as many as the stories that are told ask for.

    All processes ask for the same, which is made once.
    """
    asked = Counter(name for story in request.session.items for name in getattr(story, "fixturenames", ()))
    people = {f"{role}s": asked[role] for role in ("painter", "newcomer", "traveller", "elder")}
    people["staff"] = max(asked["moderator"], asked["admin"])
    if asked["crowd"]:
        people["painters"] = max(people["painters"], CROWD)

    def make(folder: Path) -> None:
        with Instance(shutil.copytree(prepared, folder)) as instance:
            stage = instance.set_stage(pictures=PICTURES, **people)
        (folder / STAGE).write_text(json.dumps(asdict(stage)))

    staged = once(tmp_path_factory, "staged", make)
    folder = shutil.copytree(staged, tmp_path_factory.mktemp("site") / "data")
    yield from _serve(folder, "ratio", Stage(**json.loads((folder / STAGE).read_text())))


@pytest.fixture(scope="session")
def shared_size_site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("size") / "data")
    with Instance(folder) as instance:
        stage = instance.set_stage(newcomers=4)
    yield from _serve(folder, "size", stage)


def _for_one_story(shared: Site) -> Iterator[Site]:
    """Whatever a story did to the API, the next one finds it at work and without faults."""
    yield shared
    shared.easel.faults.clear()
    shared.easel.release()


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """The instance that speaks the `ratio` dialect."""
    yield from _for_one_story(shared_site)


@pytest.fixture
def size_site(shared_size_site: Site) -> Iterator[Site]:
    """The instance that speaks the `size` dialect."""
    yield from _for_one_story(shared_size_site)


@pytest.fixture
def easel(site: Site) -> Easel:
    return site.easel


@pytest.fixture
def painter(site: Site) -> Member:
    """A member with five pictures that everyone signed in may see."""
    return site.take(painter=True)


@pytest.fixture
def traveller(site: Site) -> Member:
    """A member with a picture of each of the last months, for themselves alone."""
    return site.take(painter=True, role="traveller")


@pytest.fixture
def elder(site: Site) -> Member:
    """A member with a family of pictures, as `stage.FAMILY` has it."""
    return site.take(painter=True, role="elder")


@pytest.fixture
def newcomer(site: Site) -> Member:
    """A member who has not asked for anything yet."""
    return site.take(painter=False)


@pytest.fixture
def crowd(site: Site) -> None:
    """So many painters that what everyone may see fills two pages and more."""


@pytest.fixture
def moderator(site: Site) -> Member:
    return site.take(painter=False, role="moderator")


@pytest.fixture
def admin(site: Site) -> Member:
    return site.take(painter=False, role="admin")


class Curtain:
    """Opens browsers for a story and closes them after it; keeps a picture of each if the story went wrong."""

    def __init__(self, browser: Browser, name: str) -> None:
        self._browser = browser
        self._name = name
        self._contexts: list[BrowserContext] = []
        self._watches: list[Watchdog] = []

    def open(self, base: str, member: Member | None = None, **options: Any) -> Visitor:
        """A visitor with a browser of their own, signed in as `member` or a stranger."""
        context = self._browser.new_context(**USUAL | options)
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if member:
            context.add_cookies([{"name": session_cookie(base), "value": member.session, "url": base}])
        watch = Watchdog(base)
        self._watches.append(watch)
        watch.follow(context)
        return Visitor(context.new_page(), watch)

    @property
    def problems(self) -> list[str]:
        return [problem for watch in self._watches for problem in watch.problems]

    def photograph(self) -> list[Path]:
        """Where the pictures are; of a page that crashed there is none."""
        pages = [page for context in self._contexts for page in context.pages]
        paths = [SCREENSHOTS / f"{self._name}-{number}.png" for number, _ in enumerate(pages, 1)]
        for page, path in zip(pages, paths, strict=True):
            with suppress(Error):
                page.screenshot(path=path)
        return [path for path in paths if path.exists()]

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def curtain(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Curtain]:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    opened = Curtain(browser, name)
    try:
        yield opened
        problems = opened.problems
        photographs = opened.photograph() if problems else []
    finally:
        opened.close()
    assert not problems, "\n".join([*problems, *map(str, photographs)])


@pytest.fixture
def visit(curtain: Curtain, site: Site) -> Callable[..., Visitor]:
    """Opens a browser on the shared instance: `visit()` for a stranger, `visit(member, color_scheme="dark")`."""

    def opened(member: Member | None = None, **options: Any) -> Visitor:
        return curtain.open(site.base, member, **options)

    return opened
