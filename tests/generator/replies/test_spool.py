"""Replies on disk: whole or not at all, and nowhere else."""

import errno
import os
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from generator.replies.spool import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "data" / "spool")


def names(spool: Spool, call_id: str) -> list[str]:
    return sorted(p.name.removeprefix(call_id) for p in spool.path(call_id).parent.iterdir())


def half(spool: Spool, call_id: str, data: bytes = b"") -> Path:
    """What a killed writer leaves behind."""
    path = spool.path(call_id).with_suffix(".0123abcd.part")
    path.write_bytes(data)
    return path


def fill(spool: Spool, call_id: str, data: bytes = b"{}") -> None:
    with spool.writer(call_id) as sink:
        sink.write(data)


def test_reply_appears_whole_after_a_clean_exit(spool: Spool) -> None:
    call = str(uuid4())
    with spool.writer(call) as sink:
        sink.write(b"abc")
        assert not spool.has(call)
        assert [name[-5:] for name in names(spool, call)] == [".part"]
    assert spool.has(call)
    assert spool.path(call).read_bytes() == b"abc"
    assert names(spool, call) == [".reply"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_after_an_exception(spool: Spool, error: type[BaseException]) -> None:
    call = str(uuid4())
    with pytest.raises(error), spool.writer(call):
        raise error
    assert names(spool, call) == []


def test_full_disk_leaves_nothing_and_says_so(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    call = str(uuid4())
    with pytest.raises(OSError, match="No space"), spool.writer(call):
        monkeypatch.setattr(os, "fsync", full)
    assert names(spool, call) == []


def test_reply_that_is_here_is_never_overwritten(spool: Spool) -> None:
    call = str(uuid4())
    fill(spool, call, b"paid")
    with pytest.raises(FileExistsError), spool.writer(call):
        pytest.fail("the request would go out a second time")
    assert spool.path(call).read_bytes() == b"paid"


def test_part_left_by_a_killed_worker_is_not_written_to_and_goes_with_the_reply(spool: Spool) -> None:
    call = str(uuid4())
    fill(spool, str(uuid4()))
    left = half(spool, call, b"much longer half")
    fill(spool, call, b"new")
    assert spool.path(call).read_bytes() == b"new"
    spool.remove_halves(call)
    assert not left.exists()
    assert spool.has(call)


def test_a_writer_that_gives_up_late_takes_nothing_from_its_successor(spool: Spool) -> None:
    """As a worker does that was frozen before it sent, and finds on waking that another one has sent the call."""
    call = str(uuid4())
    late = spool.writer(call)
    late.__enter__()
    with spool.writer(call) as sink:
        sink.write(b"paid")
        late.__exit__(KeyError, KeyError("somebody else's call"), None)
    assert spool.path(call).read_bytes() == b"paid"
    assert names(spool, call) == [".reply"]


@pytest.mark.parametrize(
    "bad", ["", "..", "../x", "a/b", "{" + "0" * 34 + "}", "0" * 32, f"{UUID(int=7)}\n", f"{UUID(int=7)}/..", "*"]
)
def test_only_ids_name_files(spool: Spool, bad: str) -> None:
    for use in (spool.has, spool.path, spool.remove, spool.remove_halves, lambda name: spool.work(name, 0)):
        with pytest.raises(ValueError, match="UUID"):
            use(bad)


def test_removing_a_call_removes_all_its_files_and_no_other(spool: Spool) -> None:
    one, other = str(uuid4()), str(uuid4())
    for call in (one, other):
        fill(spool, call)
        half(spool, call)
        for index in (0, 11):
            spool.work(call, index).write_bytes(b"x")
    spool.clear_work(one)
    assert spool.has(one)
    assert not spool.work(one, 11).exists()
    spool.remove(one)
    assert [left.id for left in spool.leftovers()] == [other]
    assert spool.work(other, 11).exists()


def test_what_one_worker_has_in_hand_is_not_its_successors(spool: Spool) -> None:
    call = str(uuid4())
    fill(spool, call)
    folder = spool.path(call).parent
    successor = Spool(folder)
    spool.work(call, 0).write_bytes(b"half of")
    successor.work(call, 0).write_bytes(b"all of it")
    successor.clear_work(call)
    assert not successor.work(call, 0).exists()
    assert spool.work(call, 0).read_bytes() == b"half of"
    successor.remove(call)
    assert list(folder.iterdir()) == []


def test_removing_twice_is_removing_once(spool: Spool) -> None:
    call = str(uuid4())
    spool.remove(call)
    fill(spool, call)
    spool.remove(call)
    spool.remove(call)
    assert not spool.has(call)


def test_leftovers_tell_whole_replies_from_halves_oldest_first(spool: Spool) -> None:
    whole, broken, working = (str(uuid4()) for _ in range(3))
    assert spool.leftovers() == []
    fill(spool, whole)
    part = half(spool, broken)
    spool.work(working, 0).write_bytes(b"")
    (spool.path(whole).parent / "README.txt").write_text("not ours")
    now = time.time()
    for age, path in (
        (300, spool.path(whole)),
        (200, part),
        (-900, spool.work(working, 0)),
    ):
        os.utime(path, (now - age, now - age))
    found = spool.leftovers()
    assert [(left.id, left.complete) for left in found] == [(whole, True), (broken, False), (working, False)]
    assert [left.halves for left in found] == [False, True, True]
    assert 299 < found[0].age_seconds < 310
    assert found[2].age_seconds == 0  # a clock that was set back


def test_file_that_vanishes_while_looking_is_not_listed(spool: Spool) -> None:
    call = str(uuid4())
    fill(spool, str(uuid4()))
    spool.work(call, 0).symlink_to("gone")
    assert call not in [left.id for left in spool.leftovers()]
