"""A mail server on loopback that answers as it is told to."""

from __future__ import annotations

import socketserver
import threading
from typing import Any, Self

GOOD = {
    "EHLO": "250-here\r\n250 AUTH PLAIN LOGIN", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
    ".": "250 taken", "AUTH": "235 welcome", "RSET": "250 ok", "QUIT": "221 bye",
}  # fmt: skip


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.visits += 1
        if self.server.is_silent:
            self.server.closing.wait()
            return
        self.say("220 here")
        for line in self.rfile:
            command = line.split()[0].upper().decode() if line.split() else ""
            self.say(self.server.answers.get(command, GOOD.get(command, "500 what?")))
            if command == "DATA" and "DATA" not in self.server.answers:
                self.server.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.say(self.server.answers.get(".", GOOD["."]))
            if command == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """`taken` are the messages it took; `answers` replaces its answer to a command, "." being the end of a message."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[str] = []
        self.answers: dict[str, str] = {}
        self.visits = 0
        self.is_silent = False
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
