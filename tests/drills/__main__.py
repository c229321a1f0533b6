"""`python -m tests.drills`: all drills, in two halves and on both databases at the same time, for they mostly wait."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from itertools import product

# Named one by one, these files are collected; `make test` does not find them.
HALVES = (("kills", "storm", "limits"), ("network", "machine", "outage", "backup"))
DATABASES = ("sqlite", "postgresql")
NOTHING_CHOSEN = 5  # pytest's exit code


def main(arguments: list[str]) -> int:
    """The worst of the exit codes. What the first run says is shown at once, the others' when all have ended."""
    with ExitStack() as stack:
        runs = list(product(DATABASES, HALVES))
        said = [stack.enter_context(tempfile.TemporaryFile()) for _ in runs[1:]]
        running = [_start(*run, arguments, into) for run, into in zip(runs, [None, *said], strict=True)]
        codes = [process.wait() for process in running]
        for file in said:
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
    return max((code for code in codes if code != NOTHING_CHOSEN), default=NOTHING_CHOSEN)


def _start(kind: str, half: tuple[str, ...], arguments: list[str], into: object) -> subprocess.Popen[bytes]:
    files = [f"tests/drills/drill_{name}.py" for name in half]
    command = [sys.executable, "-m", "pytest", *files, "-p", "no:cacheprovider", "-p", "no:randomly"]
    return subprocess.Popen([*command, *_chosen(kind, arguments)], stdout=into, stderr=subprocess.STDOUT)  # type: ignore[call-overload,no-any-return]  # noqa: S603


def _chosen(kind: str, arguments: list[str]) -> list[str]:
    """The drills on this database; of them those that `-k` chooses, if it is given."""
    if "-k" not in arguments:
        return ["-k", kind, *arguments]
    place = arguments.index("-k")
    return [*arguments[:place], "-k", f"{kind} and ({arguments[place + 1]})", *arguments[place + 2 :]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
