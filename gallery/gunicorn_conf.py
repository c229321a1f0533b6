"""The production web server: gunicorn's processes, and in each waitress. The names are gunicorn's settings."""

import gc
import os
from typing import Any

from gallery.server import web_worker
from gallery.settings import HOST, PORT, WEB_CONCURRENCY

bind = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
worker_class = "gallery.server.web_worker.WaitressWorker"
# Two processes use two cores. Threads make pages; nobody's slow line holds one.
workers = WEB_CONCURRENCY
threads = 8
# The code is loaded once and shared by the processes.
preload_app = True
graceful_timeout = 10
# It would make a folder in the home of whoever runs us.
control_socket_disable = True
# The heartbeat file must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (gunicorn makes the file safely) # nosec B108
loglevel = "warning"


def when_ready(_arbiter: Any) -> None:
    """Before the processes begin."""
    web_worker.raise_file_limit()
    web_worker.warm_up()
    gc.freeze()  # the garbage collector would write to what it looks at, and each process get a copy of all that
