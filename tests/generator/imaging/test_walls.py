"""The walls around the decode child: each where the kernel knows it, and none of them at all."""

from __future__ import annotations

import errno
import json
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator.imaging import kernel, landlock, seccomp, subprocess_decode, walls
from tests.generator.hostile.files import picture

ROOT = Path(__file__).resolve().parents[3]
NONE = {"privileges": False, "files": False, "network": False, "processes": False}
# Each is tried behind the walls, with the picture's folder as the current one.
TRY = """
import json, os, signal, socket, subprocess, sys, threading
from pathlib import Path
from generator.imaging import walls
os.chdir(sys.argv[1])
walls.put_up([Path("picture")], [Path("thumbs")], 1000)
tried = {
    "read the picture": lambda: Path("picture").read_bytes(),
    "write a copy": lambda: Path("thumbs/new.part").write_bytes(b"x"),
    "name it": lambda: Path("thumbs/new.part").rename("thumbs/new"),
    "replace one": lambda: Path("thumbs/old").write_bytes(b"x"),
    "remove one": lambda: Path("thumbs/old").unlink(),
    "load a decoder": lambda: __import__("PIL.TiffImagePlugin"),
    "begin a thread": lambda: threading.Thread(target=int).start(),
    "write the picture": lambda: Path("picture").write_bytes(b"x"),
    "read its neighbour": lambda: Path("neighbour").read_bytes(),
    "list its folder": lambda: os.listdir("."),
    "write beside it": lambda: Path("new").write_bytes(b"x"),
    "make a folder": lambda: Path("thumbs/folder").mkdir(),
    "link to elsewhere": lambda: Path("thumbs/link").symlink_to("/etc/passwd"),
    "read settings": lambda: Path(sys.argv[2], "manage.py").read_bytes(),
    "read a password file": lambda: Path("/etc/passwd").read_bytes(),
    "read the worker's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "run a program": lambda: os.execv(sys.executable, ["python"]),
    "start a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "fork": lambda: os.fork() or os._exit(0),
    "open a connection": lambda: socket.create_connection(("127.0.0.1", 9)),
    "open a socket of this machine": lambda: socket.socket(socket.AF_UNIX),
    "open a pair of sockets": socket.socketpair,
    "signal the worker": lambda: os.kill(os.getppid(), 0),
    "fill the disk": lambda: Path("thumbs/large").write_bytes(bytes(1001)),
    "open many files": lambda: [os.dup(0) for _ in range(64)],
}
said = {}
for name, attempt in tried.items():
    try:
        attempt()
        said[name] = 0
    except OSError as error:
        said[name] = error.errno
print(json.dumps(said))
"""
MAY = {"read the picture", "write a copy", "name it", "replace one", "remove one", "load a decoder", "begin a thread"}
FILES = {
    "write the picture", "read its neighbour", "list its folder", "write beside it", "make a folder",
    "link to elsewhere", "read settings", "read a password file", "read the worker's environment",
}  # fmt: skip
CALLS = {
    "run a program", "start a program", "fork", "open a connection", "open a socket of this machine",
    "open a pair of sockets", "signal the worker",
}  # fmt: skip
has_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel knows no Landlock")
has_seccomp = pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="unknown processor")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The number of the error that each attempt met, 0 if it met none."""
    folder = tmp_path_factory.mktemp("cell")
    for name in ("picture", "neighbour", "thumbs/old"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", TRY, folder, ROOT], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    said: dict[str, int] = json.loads(done.stdout)
    return said


def test_what_decoding_takes_is_possible(tried: dict[str, int]) -> None:
    assert {name: tried[name] for name in MAY} == dict.fromkeys(MAY, 0)
    assert tried["fill the disk"] == errno.EFBIG
    assert tried["open many files"] == errno.EMFILE


@has_landlock
def test_no_file_is_opened_but_the_picture_its_copies_and_pythons_own(tried: dict[str, int]) -> None:
    assert {name: tried[name] for name in FILES} == dict.fromkeys(FILES, errno.EACCES)


@has_seccomp
def test_there_is_no_network_no_program_and_no_other_process(tried: dict[str, int]) -> None:
    assert {name: tried[name] for name in CALLS} == dict.fromkeys(CALLS, errno.EPERM)


@has_landlock
@has_seccomp
def test_it_says_which_walls_hold() -> None:
    assert subprocess_decode.standing_walls() == dict.fromkeys(NONE, True)


def test_a_system_that_cannot_run_it_has_no_walls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(subprocess_decode, "_ROOT", tmp_path)
    assert subprocess_decode.standing_walls() == {}


# A kernel that refuses, in this process: nothing is put up.


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A kernel that knows neither; the limits that would be set are noted."""
    limits: list[int] = []
    monkeypatch.setattr(resource, "setrlimit", lambda limit, _: limits.append(limit))
    for room in (walls, seccomp):
        monkeypatch.setattr(room, "prctl", lambda *_: -errno.EPERM)
    monkeypatch.setattr(landlock, "syscall", lambda *_: -errno.ENOSYS)
    return limits


def test_where_the_kernel_refuses_it_is_told_and_decoding_goes_on(refusing: list[int]) -> None:
    assert walls.standing() == NONE
    assert set(refusing) == {resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE}


def test_a_limit_that_cannot_be_set_is_no_error(refusing: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    walls.put_up([], [], 1000)


def test_a_processor_whose_numbers_are_not_known_gets_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine="riscv64"))
    assert not seccomp.refuse()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_one_that_a_kernel_takes(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight bytes an instruction, fewer than 4096, and the last one lets through."""
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=machine))
    given: list[tuple[object, ...]] = []
    monkeypatch.setattr(seccomp, "prctl", lambda *arguments: given.append(arguments) or 0)
    assert seccomp.refuse()
    assert given[0][:2] == (22, 2)
    program = b"".join(seccomp._filter(*seccomp._ARCHITECTURES[machine]))
    assert len(program) % 8 == 0
    assert 100 < len(program) < 4096 * 8
    assert program[-8:] == (6).to_bytes(2, "little") + b"\0\0" + 0x7FFF0000.to_bytes(4, "little")


class Kernel:
    """Answers for Landlock: `version` of it, and an error where the next step is refused."""

    def __init__(self, version: int, *, makes: bool = True) -> None:
        self.version, self.makes = version, makes
        self.asked: list[tuple[int, bytes]] = []

    def __call__(self, number: int, *arguments: object) -> int:
        if number == 444 and arguments[0] is None:
            return self.version
        self.asked.append((number, b"".join(bytes(each) for each in arguments if hasattr(each, "raw"))))
        if number == 444 and not self.makes:
            return -errno.EPERM
        return open_file() if number == 444 else 0


def open_file() -> int:
    return os.open("/", os.O_RDONLY)


@pytest.mark.parametrize(
    ("version", "files", "tcp", "scopes"),
    [(1, 0x1FFF, 0, 0), (2, 0x3FFF, 0, 0), (3, 0x7FFF, 0, 0), (4, 0x7FFF, 3, 0), (6, 0xFFFF, 3, 3), (99, 0xFFFF, 3, 3)],
)
def test_an_older_landlock_is_asked_for_what_it_knows(
    monkeypatch: pytest.MonkeyPatch, version: int, files: int, tcp: int, scopes: int, tmp_path: Path
) -> None:
    fake = Kernel(version)
    monkeypatch.setattr(landlock, "syscall", fake)
    assert landlock.confine([tmp_path / "gone"], [tmp_path])
    made = fake.asked[0][1]
    assert [int.from_bytes(made[at : at + 8], "little") for at in (0, 8, 16)] == [files, tcp, scopes]
    assert [number for number, _ in fake.asked] == [444, 445, 446]
    assert int.from_bytes(fake.asked[1][1][:8], "little") & ~files == 0


def test_a_landlock_that_makes_no_rules_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "syscall", Kernel(7, makes=False))
    assert not landlock.confine([], [])


def test_elsewhere_than_on_linux_there_is_nothing_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert kernel.prctl(39, 0, 0, 0, 0) == kernel.syscall(444, None, 0, 1) == -errno.ENOSYS


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000"])
def test_every_format_is_decoded_behind_them(tmp_path: Path, form: str) -> None:
    original = tmp_path / "original"
    original.write_bytes(picture(form, (700, 500)))
    thumbs = {width: tmp_path / "thumbs" / f"{width}.webp" for width in (320, 640)}
    said = subprocess_decode.Allowance().render(original, 10**6, thumbs)
    assert said["picture"]["format"] == form
    assert all(thumb.stat().st_size for thumb in thumbs.values())
