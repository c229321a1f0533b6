"""Looks at everything that a browser does during a story and writes down what must never happen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

LOCAL = ("data:", "blob:", "about:")
NOT_LOADED = "Failed to load resource"


class Watchdog:
    """Console errors (a breach of the content policy is one), uncaught errors, 5xx, and addresses elsewhere.

    `allowed` are the statuses a story provokes: the console's remark about such a response is no error. So is none
    that holds one of the words in `excused`.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.allowed: set[int] = set()
        self.excused: set[str] = set()
        self.problems: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._note("Uncaught", error.error))
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    def _note(self, *words: Any) -> None:
        self.problems.append(" ".join(str(word) for word in words))

    def _on_console(self, message: ConsoleMessage) -> None:
        expected = message.text.startswith(NOT_LOADED) and any(
            f"status of {code} " in message.text for code in self.allowed
        )
        excused = any(words in message.text for words in self.excused)
        if message.type == "error" and not (expected or excused):
            self._note("Console:", message.text, "at", message.location["url"])

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", *LOCAL)):
            self._note("Foreign address:", request.method, request.url)

    def _on_response(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self.allowed:
            self._note("Server error:", response.status, response.request.method, response.url)
