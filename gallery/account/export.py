"""Everything of one member as a ZIP: their pictures as the API sent them, and a JSON of all that is known about them.

The JSON is written first, to a temporary file, and tells which files are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from gallery.archive import Archive
from gallery.models import Comment, Favourite, Rating, Report, SavedSearch, User
from generator.models import Call, Generation, Image

METADATA = "metadata.json"
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


class Portable(Archive):
    """All of one member."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self._user, self._now = user, timezone.now()
        with self.text(METADATA, self._now) as metadata:
            _write(metadata, self._now, self._sections())

    def _sections(self) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
        user = self._user
        yield "member", User.objects.filter(pk=user.pk).values(*_PERSON)
        yield "generations", _rows(Generation.objects.filter(user=user), *_GENERATION)
        yield "calls", self._calls()
        yield "pictures", self._pictures()
        yield "ratings", _rows(Rating.objects.filter(user=user).order_by("pk"), "image_id", "stars", "rated_at")
        yield "favourites", _rows(Favourite.objects.filter(user=user).order_by("pk"), "image_id", "kept_at")
        yield "comments", _rows(Comment.objects.filter(user=user), "image_id", "text", "created_at", "edited_at")
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
            name = self.add_picture(image, "trash" if image.trashed_at else "pictures")
            facts = {field: getattr(image, field) for field in _IMAGE}
            told = {"prompt": image.generation.prompt, "model": image.generation.model}
            yield facts | told | {"file": name, "missing": name is None}


def _rows(found: QuerySet[Any], *fields: str) -> Iterable[dict[str, Any]]:
    return found.values(*fields).iterator(chunk_size=500)


def _write(target: IO[bytes], now: datetime, sections: Iterable[tuple[str, Iterable[dict[str, Any]]]]) -> None:
    """One JSON object with a list for each section, a row a line, without ever holding more than one row."""
    target.write(f'{{"made_at": "{now.isoformat()}"'.encode())
    for name, rows in sections:
        target.write(f',\n"{name}": ['.encode())
        for number, row in enumerate(rows):
            line = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
            target.write((",\n" if number else "\n").encode() + line.encode(errors="replace"))
        target.write(b"]")
    target.write(b"}\n")
