"""What the keys in the log's lines are called today: a few queries for a whole page of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gallery.models import User
from generator.models import Image, Limit, Price

SERVER = "The server"


class Names:
    """Each kind of row is looked up once, and only if a line needs it."""

    def __init__(self, entries: Iterable[LogEntry]) -> None:
        self._entries = list(entries)

    def person(self, pk: Any) -> SafeString:
        """A member as a link; who has left is no longer named."""
        user = self._people.get(_number(pk))
        if user is None:
            return format_html("<b>{}</b>", f"member {pk}")
        if user.left_at:
            return format_html("<b>{}</b>", user)
        return format_html('<a href="{}">{}</a>', user.get_absolute_url(), user)

    def picture(self, pk: Any) -> SafeString:
        image = self._images.get(str(pk))
        if image is None:
            return format_html("a picture that is gone ({})", str(pk)[-6:])
        if image.trashed_at:
            return format_html("a picture of {}", self.person(image.user_id))
        return format_html('<a href="{}">a picture</a> of {}', image.get_absolute_url(), self.person(image.user_id))

    def group(self, pk: Any) -> str:
        return str(self._groups.get(_number(pk)) or f"group {pk}")

    def rule(self, model: Any, pk: Any) -> str:
        """A limit or a price as it is now; nothing if it was removed."""
        return str((self._limits if model is Limit else self._prices).get(_number(pk)) or "")

    @cached_property
    def _people(self) -> dict[int, User]:
        wanted = {_number(entry.actor_id) for entry in self._entries}
        wanted |= {_number(entry.object_pk) for entry in self._about(User)}
        wanted |= {_number((entry.additional_data or {}).get("writer")) for entry in self._entries}
        wanted |= {_number(pk) for pk in self._values("user")}
        wanted |= {image.user_id for image in self._images.values()}
        return User.objects.in_bulk(sorted(wanted))

    @cached_property
    def _images(self) -> dict[str, Image]:
        wanted = {entry.object_pk for entry in self._about(Image)}
        wanted |= {str((entry.additional_data or {}).get("picture", "")) for entry in self._entries}
        return {str(pk): image for pk, image in Image.objects.in_bulk(_uuids(wanted)).items()}

    @cached_property
    def _groups(self) -> dict[int, Group]:
        return Group.objects.in_bulk(sorted({_number(pk) for pk in self._values("group")}))

    @cached_property
    def _limits(self) -> dict[int, Limit]:
        keys = [_number(entry.object_pk) for entry in self._about(Limit)]
        return Limit.objects.select_related("user", "group").in_bulk(keys)

    @cached_property
    def _prices(self) -> dict[int, Price]:
        return Price.objects.in_bulk([_number(entry.object_pk) for entry in self._about(Price)])

    def _about(self, model: Any) -> Iterable[LogEntry]:
        return (entry for entry in self._entries if entry.content_type.model_class() is model)

    def _values(self, field: str) -> Iterable[Any]:
        """Old and new values of a column that names another row."""
        for entry in self._entries:
            found = (entry.changes or {}).get(field)
            if isinstance(found, list):
                yield from found


def _number(text: Any) -> int:
    """0, which no row has, for what is no key."""
    return int(text) if str(text).isdecimal() else 0


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


Phrase = Callable[[LogEntry, Names], SafeString]
