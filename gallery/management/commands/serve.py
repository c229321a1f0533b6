"""`manage.py serve`: everything that one machine runs, in the foreground, until stopped.

Prepares the data folder and then *becomes* supervisord (gallery/foreground.py), so that a signal sent to this process,
or to the `make` that started it, reaches the one who stops the others. What is run: gallery/server/supervisord.conf.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import socket
import subprocess  # nosec B404 # fixed commands, never a shell
import sys
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

CONFIGURATION = Path(settings.BASE_DIR, "gallery", "server", "supervisord.conf")


class Command(BaseCommand):
    help = "Run the web server, the worker and, without an API key or URL, the sandbox API; Ctrl-C stops all."
    # `prepare` runs them, once.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dev", action="store_true", help="Django's development server and DEBUG instead")

    def handle(self, *_args: Any, dev: bool, **_options: Any) -> None:
        check_not_running(settings.DATA_DIR / "supervisord.pid")
        check_locks()
        settings.PORT = check_free(settings.HOST, settings.PORT, "PORT")
        call_command("prepare", stdout=self.stdout, stderr=self.stderr)
        os.environ.update(environment(dev=dev))
        # Nobody below needs it, and an environment can be read for as long as its process lives.
        os.environ.pop("VITRINE_ADMIN_PASSWORD", None)
        self.stdout.flush()
        become_supervisor()


def check_not_running(pidfile: Path) -> None:
    """Two workers on one folder help nobody, and a second start is nearly always an accident."""
    try:
        process = psutil.Process(int(pidfile.read_text()))
        running = "supervisord" in " ".join(process.cmdline())
    except (OSError, ValueError, psutil.Error):
        return
    if running:
        raise CommandError(f"Vitrine is already running on {settings.DATA_DIR}: stop it first (kill {process.pid}).")


def check_locks() -> None:
    """The queue's processes share locks, which live in shared memory; some containers come without."""
    try:
        multiprocessing.Lock()
    except OSError as error:
        raise CommandError(
            f"Processes cannot share a lock here ({error.strerror}): /dev/shm must be there and writable for everybody."
        ) from error


def check_free(host: str, port: int, variable: str) -> int:
    """The port, which nobody listens on; for port 0 one that the system picked."""
    if not 0 <= port <= 65_535:
        raise CommandError(f"{variable} is {port}: ports go from 1 to 65535.")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
            found: int = probe.getsockname()[1]
            return found
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host} port {port} ({error.strerror}): "
            f"stop what is using it, or choose another one with {variable}."
        ) from error


def environment(*, dev: bool) -> dict[str, str]:
    """What the programs in supervisord.conf are told beyond the environment that came in."""
    chosen = settings.SANDBOX_PORT if settings.SANDBOX and "VITRINE_SANDBOX_PORT" in os.environ else 0
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        # A pool of memory for each thread would be kept by a process that once had many.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
        "VITRINE_ADDRESS": address(settings.HOST),
        "VITRINE_DATA_DIR": str(settings.DATA_DIR),
        "VITRINE_DEBUG": str(dev or settings.DEBUG),
        "VITRINE_RUN_WEB": str(not dev),
        "VITRINE_RUN_DEV": str(dev),
        "VITRINE_RUN_SANDBOX": str(settings.SANDBOX),
        "VITRINE_SANDBOX_PORT": str(check_free("127.0.0.1", chosen, "VITRINE_SANDBOX_PORT")),
        "VITRINE_WELCOME": welcome(),
    }


def address(host: str) -> str:
    """The host with our port, as it stands in a URL."""
    return f"[{host}]:{settings.PORT}" if ":" in host else f"{host}:{settings.PORT}"


def welcome() -> str:
    """Where to go, how to get in, and how to leave."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104 (shown, not opened) # nosec B104
    lines = [
        f"Vitrine is ready: {settings.BASE_URL or f'http://{address(host)}'}/",
        "Sign in with your user name and password; a forgotten one is set anew by",
        f"    .venv/bin/python manage.py changepassword {settings.ADMIN_USERNAME}",
    ]
    if settings.SANDBOX:
        lines += [
            "No ONLYSQ_API_KEY is set: a sandbox API draws practice pictures, and nothing leaves this machine.",
            "For real ones write ONLYSQ_API_KEY=... into .env and start again.",
        ]
    return "\n".join(["", *lines, "Ctrl-C stops everything.", "", ""])


def can_reopen(output: int) -> bool:
    """supervisord opens its standard output by name: a socket forbids that, and a terminal of another user (`su`)."""
    try:
        os.close(os.open(f"/dev/fd/{output}", os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def become_supervisor() -> None:
    """Replace this process."""
    os.chdir(settings.BASE_DIR)
    # Several processes write to it: into a file each must append, or they would overwrite one another.
    fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_APPEND)
    if not can_reopen(1):
        reader, writer = os.pipe()
        subprocess.Popen(["cat"], stdin=reader, start_new_session=True)  # noqa: S607 (Debian's own) # nosec B603 B607
        os.dup2(writer, 1)
        os.closerange(min(reader, writer), max(reader, writer) + 1)
    arguments = [sys.executable, "-m", "gallery.server.supervisor", "--configuration", str(CONFIGURATION)]
    if os.getuid() == 0:
        # Naming the user is how one tells supervisord that running as root is meant.
        arguments += ["--user", "root"]
    os.execv(sys.executable, arguments)  # noqa: S606 (no shell is wanted) # nosec B606
