"""Downloads that are written while they are read, such as of all pictures of a member: each holds a thread meanwhile.

Whoever reads slowly would hold it for hours, and a few of them all there are. So they get some of the threads only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.http import FileResponse, HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

# In each process, which has eight threads (gallery/gunicorn_conf.py); and one for each person.
MOST = 3
RETRY_SECONDS = 60


class StreamsMiddleware:
    """Lets so many downloads go at a time; who comes too early is told so, and nothing was begun."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._readers: set[Any] = set()
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> Any:
        response = self._get_response(request)
        # Files are sent by the web server's loop, and HEAD reads nothing.
        if not response.streaming or isinstance(response, FileResponse) or request.method == "HEAD":
            return response
        reader = request.user.pk
        if said := self._begin(reader):
            return _in_its_place(request, response, said)
        response.streaming_content = _Pieces(response.streaming_content, lambda: self._readers.discard(reader))
        return response

    def _begin(self, reader: Any) -> str:
        """Why this one has to wait; empty if it may begin."""
        with self._lock:
            if reader in self._readers:
                return _("Another download of yours is still on its way. Begin this one when it is done.")
            if len(self._readers) >= MOST:
                return _("Others are downloading much right now. Try again in a minute.")
            self._readers.add(reader)
        return ""


def _in_its_place(request: HttpRequest, response: Any, said: str) -> Any:
    """The same answer with other words: what the download holds is let go when the web server closes it.

    To close it here would tell Django that the request is over.
    """
    busy = render(request, "busy.html", {"said": said})
    response.streaming_content, response.headers = [busy.content], busy.headers
    response.status_code, response["Retry-After"] = 503, str(RETRY_SECONDS)
    response["Content-Length"] = str(len(busy.content))
    return response


class _Pieces:
    """What is read piece by piece, and what is to be done when that ends, however it does."""

    def __init__(self, pieces: Iterator[bytes], end: Callable[[], None]) -> None:
        self._pieces, self._end = pieces, end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self._end()
