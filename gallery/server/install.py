"""`python gallery/server/install.py LOCK`: pip, with a word on how far it is. Runs before any package is there."""

from __future__ import annotations

import subprocess  # nosec B404 # fixed commands, never a shell
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

# The lock is complete; the resolver of an older pip asks for newer versions of what has extras, and then refuses.
PIP = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-color", "--progress-bar", "off",
       "--no-deps", "--require-hashes", "--requirement"]  # fmt: skip
# How pip begins the line in which it turns to another package of the lock, and others that matter.
_TURNS = ("Collecting ", "Processing ", "Ignoring ", "Requirement already satisfied: ")
_UNPACKS, _WAITS, _FAILS = "Installing collected packages", "WARNING: Retrying", "ERROR: "
EVERY, LAST = 10, 20


def count(lock: str) -> int:
    """The packages that a lock file names."""
    return sum("==" in line for line in lock.splitlines() if not line.startswith((" ", "#")))


class Progress:
    """On a terminal a line that changes; elsewhere one for every tenth package."""

    def __init__(self, total: int, output: TextIO) -> None:
        self._total, self._output, self._done = total, output, 0
        self._is_terminal = output.isatty()

    def follow(self, lines: Iterable[str]) -> list[str]:
        """What pip said of a failure, or at last; the rest of what it says is for those who made the lock."""
        said: list[str] = []
        failed = False
        for line in lines:
            self._tell(line)
            if line.startswith(_FAILS) and not failed:
                failed, said = True, []
            said.append(line)
        self._show("")
        return said if failed else said[-LAST:]

    def _tell(self, line: str) -> None:
        if line.startswith(_TURNS):
            self._done += 1
            if self._is_terminal or self._done in (self._total, self._done // EVERY * EVERY):
                self._show(f"  {self._done} of {self._total}")
        elif line.startswith(_UNPACKS):
            self._show("  Unpacking them ...")
        elif line.startswith(_WAITS):
            self._show("  The package index does not answer; trying again ...")

    def _show(self, text: str) -> None:
        """Nothing clears the line."""
        if self._is_terminal:
            self._output.write(f"\r\033[K{text}")
        elif text:
            self._output.write(f"{text}\n")
        self._output.flush()


def main(lock: str) -> int:
    """The code that pip ends with."""
    total = count(Path(lock).read_text(encoding="utf-8"))
    sys.stdout.write(f"Installing {total} packages into .venv: about a minute, and only when they have changed.\n")
    sys.stdout.flush()
    pip = subprocess.Popen([*PIP, lock], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603 # nosec B603
    with pip:
        said = Progress(total, sys.stdout).follow(pip.stdout or ())
    if pip.returncode:
        sys.stderr.write("".join(said))
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
