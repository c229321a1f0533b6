"""The project's own application, and beside it what a server made of a request; or, run as a script, waitress with it.

`python benchmarks/_echo.py THREADS` listens on PORT, beside others that do so.
"""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gallery.wsgi import application as vitrine

TOLD = ("REMOTE_ADDR", "PATH_INFO", "HTTP_HOST", "wsgi.url_scheme")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if not environ["PATH_INFO"].endswith("/echo"):
        return vitrine(environ, start_response)
    seen = {name: value for name, value in environ.items() if name in TOLD or name.startswith("HTTP_X_")}
    seen["body"] = str(len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))))
    told = json.dumps(seen).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(told)))])
    return [told]


def serve(threads: int) -> None:
    import waitress

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", int(os.environ["PORT"])))
    waitress.serve(
        application, sockets=[listener], threads=threads, asyncore_use_poll=True, connection_limit=4000,
        channel_timeout=75,
    )  # fmt: skip


if __name__ == "__main__":
    serve(int(sys.argv[1]))
