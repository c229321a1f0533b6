"""Whether the web server answers: `python -m gallery.server.healthcheck [SECONDS]`.

Start-up says so to a person and a container's health check to a machine; Django is not loaded for it.
"""

from __future__ import annotations

import http.client
import os
import sys
import time


def ask(host: str, port: int) -> int:
    """The status of the sign-in page, asked for as a proxy would; 0 when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/accounts/login/", headers={"X-Forwarded-Proto": "https", "Host": "localhost"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def wait(host: str, port: int, seconds: float) -> int:
    """The status of the first answer; 0 when none came in time."""
    deadline = time.monotonic() + seconds
    while not (status := ask(host, port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return status


def main(seconds: float) -> str:
    """Nothing when all is well, else what to print before leaving with an error."""
    host = os.environ.get("HOST") or "127.0.0.1"
    port = int(os.environ.get("PORT") or 8000)
    status = wait({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, seconds)  # noqa: S104 (asked, not opened) # nosec B104
    if status == 0:
        return "The web server does not answer; the lines above should say why."
    if status >= 500:
        return f"The web server answers with an error ({status}); the lines above should say why."
    sys.stdout.write(os.environ.get("VITRINE_WELCOME", ""))
    return ""


if __name__ == "__main__":
    sys.exit(main(float((sys.argv[1:] or ["5"])[0])) or 0)
