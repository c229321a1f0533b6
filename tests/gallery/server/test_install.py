"""What `make run` says while packages are installed."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from gallery.server import install
from gallery.server.install import Progress

SAID = [
    "Ignoring colorama: markers 'sys_platform == \"win32\"' don't match your environment\n",
    *(f"Collecting package{number}==1.0 (from -r requirements.txt (line {number}))\n" for number in range(7)),
    "  Downloading package6-1.0-py3-none-any.whl (5.0 MB)\n",
    "WARNING: Location 'file:///nowhere' is ignored: it is neither a file nor a directory.\n",
    "Processing /srv/wheels/package7-1.0-py3-none-any.whl (from -r requirements.txt (line 8))\n",
    "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken\n",
    "Requirement already satisfied: package8==1.0 in ./.venv (from -r requirements.txt (line 9))\n",
    "Collecting package9==1.0 (from -r requirements.txt (line 10))\n",
    "Collecting package10==1.0 (from -r requirements.txt (line 11))\n",
    "Installing collected packages: package0, package1\n",
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_for_every_tenth_package_and_the_last():
    output = io.StringIO()
    Progress(12, output).follow(SAID)
    assert output.getvalue().splitlines() == [
        "  The package index does not answer; trying again ...",
        "  10 of 12",
        "  12 of 12",
        "  Unpacking them ...",
    ]


def test_a_terminal_has_one_line_that_changes_and_is_gone_in_the_end():
    output = Terminal()
    Progress(12, output).follow(SAID)
    assert "\n" not in output.getvalue()
    steps = output.getvalue().split("\r\033[K")
    assert steps[1:3] == ["  1 of 12", "  2 of 12"]
    assert steps[-2:] == ["  Unpacking them ...", ""]


def test_of_a_failure_is_told_what_pip_gives_as_its_reason():
    reason = ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", "    Expected 1\n", "ERROR: No matching one\n"]
    assert Progress(12, io.StringIO()).follow([*SAID, *reason]) == reason


def test_of_a_failure_without_a_reason_is_told_what_came_last():
    said = [f"line {number}\n" for number in range(30)]
    assert Progress(12, io.StringIO()).follow(said) == said[10:]


def test_the_lock_says_how_many_there_are():
    lock = Path(__file__).resolve().parents[3] / "requirements.txt"
    assert install.count("# a==1\na==1 \\\n    --hash=sha256:00\n    # via b==2\nb==2 ; x\n") == 2
    assert install.count(lock.read_text()) > 30


@pytest.mark.parametrize(("code", "errors"), [(0, ""), (3, "ERROR: no\n")])
def test_the_code_of_pip_is_passed_on_and_its_reason_on_failure_alone(
    code: int, errors: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "lock").write_text("a==1\n")
    pip = f"import sys; print('Collecting a==1'); print('ERROR: no', file=sys.stderr); sys.exit({code})"
    monkeypatch.setattr(install, "PIP", [sys.executable, "-u", "-c", pip])
    assert install.main(str(tmp_path / "lock")) == code
    found = capsys.readouterr()
    assert found.out.startswith("Installing 1 packages into .venv: about a minute")
    assert found.out.endswith("\n  1 of 1\n")
    assert found.err == errors
