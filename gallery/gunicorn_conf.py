"""The production web server. Every name here is one of gunicorn's settings."""

import os

from gallery.settings import HOST, PORT, WEB_CONCURRENCY

bind = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
# Threads wait for browsers, and large files leave by sendfile; two processes use two cores.
worker_class = "gthread"
workers = WEB_CONCURRENCY
threads = 8
# The code is loaded once and shared by the processes.
preload_app = True
graceful_timeout = 10
# Longer than browsers and proxies keep an idle connection, so that they close it first: a request that meets a
# closing server is lost.
keepalive = 75
# The heartbeat file must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (gunicorn makes the file safely) # nosec B108
loglevel = "warning"
