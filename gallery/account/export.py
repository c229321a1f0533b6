"""Everything of one member as a ZIP: their pictures as the API sent them, and a JSON of all that is known about them.

The JSON is written first, to a temporary file, and tells which files are there; then the whole is streamed, a piece
at a time, with a length that is known before the first byte leaves.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone
from zipstream import ZipStream  # type: ignore[import-untyped]

from gallery.models import Comment, Favourite, Rating, Report, SavedSearch, User
from generator import store
from generator.models import Call, Generation, Image

logger = logging.getLogger(__name__)

METADATA = "metadata.json"
_PIECE = 64 * 1024
_IN_MEMORY = 1024 * 1024
_PERSON = (
    "username", "first_name", "last_name", "email", "date_joined", "last_login", "theme", "language",
    "default_visibility", "grid_layout", "grid_density", "grid_stacks",
)  # fmt: skip
_GENERATION = (
    "id", "prompt", "model", "ratio", "width", "height", "count", "visibility", "parent_id", "created_at",
)  # fmt: skip
_CALL = (
    "id", "generation_id", "number", "count", "retry_of_id", "state", "created_at", "sent_at", "received_at",
    "finished_at", "http_status", "error_kind", "error", "reply_id", "reply_created", "reply_model", "usage",
    "elapsed_time", "api_user", "reply_extra", "pictures", "units", "cost", "settled_at",
)  # fmt: skip
_IMAGE = (
    "id", "generation_id", "call_id", "index", "format", "width", "height", "bytes", "sha256", "visibility",
    "created_at", "trashed_at",
)  # fmt: skip


class Portable:
    """The bytes of the ZIP, once; `size` is how many. A file that goes while they are read ends them with an error."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._zip = ZipStream(sized=True)
        self._names: set[str] = set()
        self._metadata = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with the answer
        _write(self._metadata, self._sections())
        self._zip.add(_pieces(self._metadata), METADATA, size=self._metadata.tell())

    @property
    def size(self) -> int:
        return len(self._zip)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._zip)

    def close(self) -> None:
        self._metadata.close()

    def _sections(self) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
        user = self._user
        yield "member", User.objects.filter(pk=user.pk).values(*_PERSON)
        yield "generations", _rows(Generation.objects.filter(user=user), *_GENERATION)
        yield "calls", self._calls()
        yield "pictures", self._pictures()
        yield "ratings", _rows(Rating.objects.filter(user=user).order_by("pk"), "image_id", "stars", "rated_at")
        yield "favourites", _rows(Favourite.objects.filter(user=user).order_by("pk"), "image_id", "kept_at")
        yield "comments", _rows(Comment.objects.filter(user=user), "image_id", "text", "created_at")
        yield (
            "saved_searches",
            _rows(SavedSearch.objects.filter(user=user), "name", "scope", "q", "order", "created_at"),
        )
        reports = Report.objects.filter(user=user)
        yield "reports", _rows(reports, "image_id", "reason", "text", "created_at", "resolved_at")

    def _calls(self) -> Iterator[dict[str, Any]]:
        """Each with what went wrong in words."""
        for call in Call.objects.filter(user=self._user).order_by("pk").iterator(chunk_size=500):
            yield {field: getattr(call, field) for field in _CALL} | {"error": call.error_message}

    def _pictures(self) -> Iterator[dict[str, Any]]:
        """Each with the name of its file in the ZIP, which is put there on the way."""
        images = Image.objects.filter(user=self._user).select_related("generation").order_by("pk")
        for image in images.iterator(chunk_size=500):
            name = self._name(image)
            is_there = self._add(image, name)
            facts = {field: getattr(image, field) for field in _IMAGE}
            told = {"prompt": image.generation.prompt, "model": image.generation.model}
            yield facts | told | {"file": name if is_there else None, "missing": not is_there}

    def _name(self, image: Image) -> str:
        folder = "trash" if image.trashed_at else "pictures"
        name = f"{folder}/{image.download_name}"
        if name in self._names:  # the names end in a part of the id, and two may have the same
            name = f"{folder}/{image.pk.hex}-{image.download_name}"
        self._names.add(name)
        return name

    def _add(self, image: Image, name: str) -> bool:
        try:
            if path := store.local_path(image.file.name):
                self._zip.add_path(path, name, recurse=False)
            else:
                self._zip.add(store.pieces(image.file.name), name, size=store.size(image.file.name))
        except OSError as error:
            logger.warning("picture %s is not in the download of its owner: %s", image.pk, error)
            return False
        return True


def _rows(found: QuerySet[Any], *fields: str) -> Iterable[dict[str, Any]]:
    return found.values(*fields).iterator(chunk_size=500)


def _write(target: IO[bytes], sections: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> None:
    """One JSON object with a list for each section, a row a line, without ever holding more than one row."""
    target.write(f'{{"made_at": "{timezone.now().isoformat()}"'.encode())
    for name, rows in sections:
        target.write(f',\n"{name}": ['.encode())
        for number, row in enumerate(rows):
            line = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
            target.write((",\n" if number else "\n").encode() + line.encode(errors="replace"))
        target.write(b"]")
    target.write(b"}\n")


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    source.seek(0)
    while piece := source.read(_PIECE):
        yield piece
