"""ZIPs of pictures: streamed while they are read, a piece at a time, and of a length that is known before.

What is broken off goes on where it ended ("Range Requests", RFC 9110, section 14), as long as nothing in it changed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from zipstream import ZipStream  # type: ignore[import-untyped]

from generator import store
from generator.models import Image

log = logging.getLogger(__name__)

# Nobody's ZIP has more bytes than that many digits tell.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Archive:
    """The bytes of a ZIP, once; `size` is how many. A file that goes while they are read ends them with an error."""

    def __init__(self) -> None:
        self._zip = ZipStream(sized=True)
        self._names: set[str] = set()
        self._texts: list[IO[bytes]] = []
        self._digest = hashlib.sha256()
        self._is_same_again = True

    @property
    def size(self) -> int:
        return len(self._zip)

    @property
    def etag(self) -> str | None:
        """Changes with each byte of it; None if it cannot be made the same a second time."""
        return f'"{self._digest.hexdigest()[:32]}"' if self._is_same_again else None

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._zip)

    def close(self) -> None:
        for text in self._texts:
            text.close()

    def add_picture(self, image: Image, folder: str) -> str | None:
        """Its original, under the name that is given back; None if its file is not there."""
        name = self._unused(image, folder)
        try:
            if path := store.local_path(image.file.name):
                self._add(path, name)
            else:
                self._zip.add(store.pieces(image.file.name), name, size=store.size(image.file.name))
                self._is_same_again = False  # such a file is dated when it is read
        except OSError as error:
            log.warning("picture %s is not in a download: %s", image.pk, error)
            return None
        return name

    @contextmanager
    def text(self, name: str, dated: datetime) -> Iterator[IO[bytes]]:
        """A file to be written now; it is complete when this ends."""
        file = tempfile.NamedTemporaryFile()  # noqa: SIM115 - closed with the answer
        self._texts.append(file)
        yield file
        file.flush()
        os.utime(file.name, (dated.timestamp(), dated.timestamp()))
        file.seek(0)
        self._digest.update(hashlib.file_digest(file, "sha256").digest())
        self._add(Path(file.name), name)

    def _add(self, path: Path, name: str) -> None:
        facts = path.stat()
        self._zip.add_path(path, name, recurse=False)
        self._digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())

    def _unused(self, image: Image, folder: str) -> str:
        """Names end in a part of the id, and two may have the same; some file systems know no capitals."""
        name = f"{folder}/{image.download_name}"
        if name.casefold() in self._names:
            name = f"{folder}/{image.pk.hex}-{image.download_name}"
        self._names.add(name.casefold())
        return name


def answer(request: HttpRequest, archive: Archive, filename: str) -> HttpResponseBase:
    """The whole or, where a download goes on, what is left of it. `filename` is plain ASCII."""
    size, etag = archive.size, archive.etag
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    if etag:
        headers |= {"ETag": etag, "Accept-Ranges": "bytes"}
    asked = _asked(request, etag, size) if etag else None
    if asked is not None and not asked:
        archive.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Length"] = str(len(asked) if asked else size)
    if not asked:
        return StreamingHttpResponse(archive, content_type="application/zip", headers=headers)
    headers["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
    part = _Part(archive, asked)
    return StreamingHttpResponse(part, status=206, content_type="application/zip", headers=headers)


def _asked(request: HttpRequest, etag: str, size: int) -> range | None:
    """The bytes that are asked for, none if there are no such; None for all of them: where nothing is said, or what
    makes no sense, or several ranges, or where somebody has the beginning of something else.
    """
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not found or not any(found.groups()) or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


class _Part:
    """Of the bytes of an archive those in a range. What is before is read, too: the end of a ZIP tells sums of it."""

    def __init__(self, archive: Archive, asked: range) -> None:
        self._archive, self._asked = archive, asked
        self.close = archive.close

    def __iter__(self) -> Iterator[bytes]:
        here = 0
        for piece in self._archive:
            begin, end = max(self._asked.start - here, 0), self._asked.stop - here
            if end <= 0:
                return
            if begin < len(piece):
                yield piece[begin:end]
            here += len(piece)
