"""Backups while the site runs, killed at each step, and two at a time; every picture of each of them is compared."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gallery.backup.archive import unpack
from gallery.backup.scratch import PREFIX
from generator.models import Call, Image
from generator.replies.spool import Spool
from tests.drills.conftest import database_of
from tests.drills.entry import BACKUP_POINTS
from tests.drills.site import ENTRY, Site
from tests.drills.truth import settle
from tests.process import MANAGE

State = Call.State
CONCURRENCY = "8"
# Calls that are kept unsettled while backups are made, and how many have ended when the first one begins.
LOAD, ENDED = 32, 4
# Replies that are on disk and not stored yet while all of the backups are made: the second has its originals already.
HELD = ("[received]", "[files]")


@dataclass(frozen=True)
class Backup:
    """An archive; and the pictures whose rows were committed before it was begun, as `pictures` gives them."""

    file: Path
    before: dict[str, str]


def test_backups_under_load_hold_every_picture_and_every_reply(site: Site, tmp_path: Path) -> None:
    """One of them stands still until another is made beside it: neither harms the other."""
    site.start_worker(VITRINE_CONCURRENCY=CONCURRENCY)
    site.start_web()
    held = site.submit(*HELD)
    site.wait_for(lambda: all(site.at_point(call) for call in held))
    backups = [*back_up_under_load(site, held, tmp_path), back_up(site, tmp_path / "end.tar")]
    paid, everything = len(site.sandbox.charged), pictures()
    for backup in backups:
        with restored(site, backup) as copy:
            check(copy, backup, everything)
            if backup == backups[0]:
                check_replies_become_pictures(copy, held)
    assert len(site.sandbox.charged) == paid, "what was paid for before a backup is not sent again after it"


def test_a_killed_backup_harms_nothing_and_the_next_one_clears_up_after_it(running: Site, tmp_path: Path) -> None:
    calls = submit(running, LOAD // 2)
    for point in BACKUP_POINTS:
        file = tmp_path / f"{point}.tar"
        kill_at(running, point, file)
        names = {path.name for path in tmp_path.iterdir()}
        assert len([name for name in names if name.startswith(PREFIX)]) == 1, "each removed what the one before left"
        assert (file.name in names) == (point == "named"), "nothing has the archive's name before it is whole"
    unpack(file)
    settle(running, "backups killed", calls)
    backup, everything = back_up(running, tmp_path / "end.tar"), pictures()
    assert {path.name for path in tmp_path.iterdir()} == {"end.tar", "named.tar"}
    with restored(running, backup) as copy:
        check(copy, backup, everything)


# Making them


def back_up_under_load(site: Site, held: list[Call], folder: Path) -> list[Backup]:
    site.sandbox.latency = 1.5
    calls = submit(site, LOAD)
    slow = Backup(folder / "slow.tar", pictures())
    with start_until(site, "pictures", slow.file) as process:
        beside = back_up(site, folder / "beside.tar", calls)
        (site.points / "backup-pictures.go").touch()
        assert process.wait(60) == 0, site.tail()
    after = back_up(site, folder / "after.tar", calls)
    site.sandbox.latency = 0.2
    for call in held:
        site.go_on(call)
    settle(site, "backups under load", [*calls, *held])
    return [slow, beside, after]


def submit(site: Site, number: int) -> list[Call]:
    """So many calls, of which some have ended and others not."""
    calls = site.submit(*["While it is backed up"] * number)
    site.wait_for(lambda: site.states(calls).count(State.SUCCEEDED) >= ENDED)
    return calls


def back_up(site: Site, file: Path, calls: list[Call] | None = None) -> Backup:
    """A whole one; under load if there are `calls`, to which more are added."""
    before = pictures()
    with site.start(ENTRY, "backup", str(file)) as process:
        while process.poll() is None:
            if calls:
                keep_busy(site, calls)
            time.sleep(0.2)
        assert process.wait() == 0, site.tail()
    return Backup(file, before)


def keep_busy(site: Site, calls: list[Call]) -> None:
    """Somebody looks at a page, and as many calls are asked for as have ended."""
    site.page("/")
    ended = len(calls) - sum(call.is_running for call in site.calls(calls))
    calls += site.submit(*["While it is backed up"] * (LOAD - len(calls) + ended))


def kill_at(site: Site, point: str, file: Path) -> None:
    with start_until(site, point, file) as process:
        site.kill([process.pid])
        assert process.wait() == -signal.SIGKILL


def start_until(site: Site, point: str, file: Path) -> subprocess.Popen[bytes]:
    """One that stands still at the point, also if an earlier drill has let another go on from there."""
    mark = site.points / f"backup-{point}"
    for left in (mark, mark.with_suffix(".go")):
        left.unlink(missing_ok=True)
    process = site.start(ENTRY, "backup", str(file), DRILL_BACKUP_POINT=point)
    site.wait_for(lambda: mark.exists() or process.poll() is not None)
    assert process.poll() is None, site.tail()
    return process


# Comparing them


def pictures() -> dict[str, str]:
    """The SHA-256 of each picture by its file's name, as the rows of the site that was entered last say."""
    return dict(Image.objects.values_list("file", "sha256"))


def check(copy: Site, backup: Backup, everything: dict[str, str]) -> None:
    """What was committed before is in it, nothing is in it that the site does not have, and each byte is right."""
    rows = pictures()
    assert backup.before.items() <= rows.items() <= everything.items()
    assert files_below(copy.folder / "media") == rows
    spool = Spool(copy.folder / "spool")
    going_on = Call.objects.filter(state__in=(State.QUEUED, State.SENDING, State.RECEIVED))
    assert all(spool.has(str(call.pk)) for call in going_on), "without its reply a call is left to a person"
    check_with_doctor(copy)


def files_below(media: Path) -> dict[str, str]:
    """The SHA-256 of every file, whatever it is."""
    found = [path for path in media.rglob("*") if path.is_file()]
    return {str(path.relative_to(media)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def check_with_doctor(copy: Site) -> None:
    """Thumbnails are not in a backup, and no worker runs yet that goes on; apart from that nothing is wrong."""
    findings = json.loads(copy.run(MANAGE, "doctor", "--deep", "--json").stdout)["findings"]
    assert not [found for found in findings if found["level"] == "trouble" and found["area"] not in ("worker", "queue")]
    files = [found["sentence"] for found in findings if found["area"] == "files"]
    assert all(sentence.startswith("Thumbnails missing") for sentence in files)


def check_replies_become_pictures(copy: Site, held: list[Call]) -> None:
    """In the restored site, from the replies in the backup."""
    assert copy.states(held) == [State.RECEIVED] * len(held)
    copy.start_worker(VITRINE_CONCURRENCY="2")
    copy.wait_for(lambda: copy.states(held) == [State.SUCCEEDED] * len(held))
    assert Image.objects.filter(call__in=held).count() == sum(call.count for call in held)
    copy.stop_worker()


@contextmanager
def restored(site: Site, backup: Backup) -> Iterator[Site]:
    """A site of its own from the backup, entered; it shares the first one's API and the points that were passed."""
    data = backup.file.parent / f"restored_{backup.file.stem}"
    variables = {"ONLYSQ_API_URL": site.sandbox.url, "DRILL_POINTS": str(site.points)}
    try:
        with Site(data, database_of(site.kind, data), site.kind, **variables) as copy:
            copy.manage("restore", str(backup.file))
            copy.enter()
            yield copy
    finally:
        shutil.rmtree(data)
        site.enter()
