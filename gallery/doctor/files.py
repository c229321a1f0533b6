"""Pictures on disk against their rows, in both directions, in constant memory: a page of rows or a folder at a time."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path
from uuid import UUID

from gallery.doctor import probe_file
from gallery.doctor.finding import Finding, Level
from generator import store
from generator.models import Call, Image

AREA = "files"
# A file is there before its row; only one that has waited so long for its row gets none.
GRACE_SECONDS = 3600
_PAGE = 1000
_BATCH = 500
_SHOWN = 3


class Kind(Enum):
    """What is wrong with a file, in words, and what to do about it."""

    MISSING = (
        Level.TROUBLE,
        "Originals missing",
        "Take them from a backup; until then their pages show a placeholder.",
    )
    DAMAGED = (
        Level.TROUBLE,
        "Originals that differ from what was received, in size or checksum",
        "Take them from a backup, and have the disk checked.",
    )
    THUMB = (
        Level.NOTICE,
        "Thumbnails missing or damaged",
        "They are made again when asked for; manage.py doctor --repair makes them all now.",
    )
    ORPHAN = (
        Level.TROUBLE,
        "Files of no picture",
        "manage.py doctor --repair moves them to the quarantine folder.",
    )
    PART = (
        Level.TROUBLE,
        "Half-written files left behind",
        "manage.py doctor --repair removes them.",
    )

    def finding(self, number: int, names: list[str]) -> Finding:
        level, what, advice = self.value
        more = f" and {number - len(names):,} more" if number > len(names) else ""
        return Finding(level, AREA, f"{what}: {number:,} ({', '.join(names)}{more}).", advice)


@dataclass(frozen=True)
class Damage:
    """One file that is not as it should be, by its name in the store; `width` is a thumbnail's."""

    kind: Kind
    name: str
    image: Image | None = None
    width: int = 0


def examine(*, deep: bool) -> Iterator[Finding]:
    """One finding for each kind of damage; `deep` reads every byte and compares checksums."""
    numbers: Counter[Kind] = Counter()
    names: defaultdict[Kind, list[str]] = defaultdict(list)
    for damage in damages(deep=deep):
        numbers[damage.kind] += 1
        if len(names[damage.kind]) < _SHOWN:
            names[damage.kind].append(damage.name)
    yield from (kind.finding(numbers[kind], names[kind]) for kind in Kind if numbers[kind])


def damages(*, deep: bool) -> Iterator[Damage]:
    for page in _pages():
        yield from _still_so([damage for image in page for damage in _of_image(image, deep=deep)])
    yield from _of_folders()


def _pages() -> Iterator[list[Image]]:
    """Every picture, the trash included. In pages, because hours of one open query would hold the database up."""
    last = UUID(int=0)
    while page := list(Image.objects.filter(pk__gt=last).order_by("pk").defer("placeholder")[:_PAGE]):
        yield page
        last = page[-1].pk


def _still_so(found: list[Damage]) -> Iterator[Damage]:
    """Without what is explained by a picture that was removed, or given other thumbnails, since it was read."""
    now = Image.objects.defer("placeholder").in_bulk({damage.image.pk for damage in found if damage.image})
    for damage in found:
        image = damage.image and now.get(damage.image.pk)
        if image and damage.name in store.files_of(image):
            yield damage


def _of_image(image: Image, *, deep: bool) -> Iterator[Damage]:
    original = image.file.name
    size = _size(original)
    if size is None:
        yield Damage(Kind.MISSING, original, image)
        return
    if size != image.bytes or (deep and _sha256(original) != image.sha256):
        yield Damage(Kind.DAMAGED, original, image)
    for width in image.thumb_widths:
        name = image.thumb_name(width)
        if not _size(name) or (deep and not _is_whole_webp(name)):
            yield Damage(Kind.THUMB, name, image, width)


def _size(name: str) -> int | None:
    try:
        return store.size(name)
    except OSError:
        return None


def _sha256(name: str) -> str:
    try:
        with store.open_file(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # a disk that cannot read it: as damaged as can be


def _is_whole_webp(name: str) -> bool:
    """Begins as a WebP, and is as long as it says: a power cut leaves zeros, a full disk half a file."""
    try:
        with store.open_file(name) as file:
            data: bytes = file.read()
    except OSError:
        return False
    return data[:4] + data[8:12] == b"RIFFWEBP" and int.from_bytes(data[4:8], "little") == len(data) - 8


def _of_folders() -> Iterator[Damage]:
    """Files that no row names. Files are listed first and rows asked after, so that none is taken for an orphan."""
    awaited = _times_of_unstored_calls()
    names = store.names()
    while batch := list(islice(names, _BATCH)):
        yield from _of_files(batch, awaited)


def _of_files(names: list[str], awaited: set[int]) -> Iterator[Damage]:
    owners = {name: _id_in(name) for name in names}
    images = Image.objects.defer("placeholder").in_bulk([pk for pk in owners.values() if pk])
    for name, pk in owners.items():
        image = images.get(pk) if pk else None
        is_known = name == probe_file.NAME or (image is not None and name in store.files_of(image))
        is_awaited = pk is not None and pk.int >> 80 in awaited
        if not (is_known or is_awaited) and (store.age(name) or 0.0) > GRACE_SECONDS:
            yield Damage(Kind.PART if name.endswith(".part") else Kind.ORPHAN, name)


def _id_in(name: str) -> UUID | None:
    """The picture's id that a file's name begins with."""
    try:
        return UUID(hex=Path(name).name[:32])
    except ValueError:
        return None


def _times_of_unstored_calls() -> set[int]:
    """When the replies were received whose pictures may be on disk without rows, in milliseconds.

    The id of a picture begins with it (Image.id_for).
    """
    waiting = Call.objects.filter(state=Call.State.RECEIVED).values_list("received_at", flat=True)
    return {int(at.timestamp() * 1000) for at in waiting if at}
