"""The archive: a plain tar (pictures do not get smaller), each member's checksum in a manifest at its end.

    database.sqlite3.gz or database.pgdump
    media/originals/…, spool/…, secret_key
    manifest.json

What is read from one is checked name by name and byte by byte: nothing else than this is ever taken out of it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3.gz", "postgresql": "database.pgdump"}
KEY = "secret_key"
_SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9_.-]*"
_NAME = re.compile(rf"{'|'.join(map(re.escape, [*DATABASES.values(), KEY]))}|(?:media/originals|spool)(?:/{_SEGMENT})+")
_CHUNK = 2**20
_MAX_MANIFEST = 2**30
_TYPES = {"vendor": str, "migrations": list, "members": dict}


class ArchiveError(Exception):
    """Why a backup cannot be made or used, as a sentence for a person."""


@dataclass
class Manifest:
    """What the archive says about itself. `rows` counts each table; `members` holds each member's SHA-256."""

    vitrine: str
    vendor: str
    made_at: str
    migrations: list[str]
    rows: dict[str, int]
    gone: int = 0
    damaged: list[str] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def originals(self) -> int:
        return sum(name.startswith("media/") for name in self.members)


class Writer:
    """Adds members one by one and remembers their checksums."""

    def __init__(self, sink: BinaryIO) -> None:
        self._tar = tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (closed by finish)
        self.members: dict[str, str] = {}

    def add(self, name: str, source: IO[bytes], size: int) -> str:
        """The SHA-256 of the `size` bytes added. Raises OSError if there are fewer."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        hashing = _Hashing(source)
        self._tar.addfile(info, hashing)  # type: ignore[arg-type] # it only reads
        _forget_members(self._tar)
        self.members[name] = hashing.digest.hexdigest()
        return self.members[name]

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as source:
            self.add(name, source, path.stat().st_size)

    def finish(self, manifest: Manifest) -> None:
        manifest.members = dict(self.members)
        text = json.dumps(asdict(manifest), indent=1).encode()
        self.add(MANIFEST, io.BytesIO(text), len(text))
        self._tar.close()


class _Hashing:
    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


def unpack(archive: Path, into: Path | None = None) -> Manifest:
    """Read all of an archive, compare every checksum, and write the members below the empty folder `into`, if given.

    Raises ArchiveError if anything is missing, changed, unexpected or from another format; OSError as the disk does.
    """
    sums: dict[str, str] = {}
    manifest = None
    with _errors_named(archive), tarfile.open(archive, "r|") as tar:
        for info, source in _members(tar):
            if manifest or info.name in sums:
                raise ArchiveError(f"{archive} holds {info.name} where it does not belong.")
            if info.name == MANIFEST:
                manifest = _parse(source.read(_MAX_MANIFEST))
            else:
                sums[info.name] = _copy(source, info.name, into)
    if manifest is None:
        raise ArchiveError(f"{archive} is cut off: it has no manifest.")
    for name in sorted(sums.keys() | manifest.members.keys()):
        if sums.get(name) != manifest.members.get(name):
            raise ArchiveError(f"{archive} is damaged: {name} is not what was backed up.")
    return manifest


@contextmanager
def _errors_named(archive: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{archive} is no backup, or cut off: {error}.") from error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Plain files of the names we give, and nothing else: no links, no devices, no way out of the folder."""
    while (info := tar.next()) is not None:
        _forget_members(tar)
        if info.name != MANIFEST and not _NAME.fullmatch(info.name):
            raise ArchiveError(f"The archive holds {info.name[:200]!r}, which is no part of a backup.")
        source = tar.extractfile(info) if info.type == tarfile.REGTYPE and not info.issparse() else None
        if source is None:
            raise ArchiveError(f"The archive holds {info.name} as something else than a plain file.")
        yield info, source


def _forget_members(tar: tarfile.TarFile) -> None:
    """Of no use to us, and large with a hundred thousand pictures."""
    tar.members = []  # type: ignore[attr-defined]


def _copy(source: IO[bytes], name: str, into: Path | None) -> str:
    """The SHA-256 of what was read, and written if there is a folder for it."""
    digest = hashlib.sha256()
    with _opened(name, into) as sink:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            if sink:
                sink.write(chunk)
    return digest.hexdigest()


@contextmanager
def _opened(name: str, into: Path | None) -> Iterator[BinaryIO | None]:
    """Pictures are for our group, too; everything else is for ourselves."""
    if into is None:
        yield None
        return
    target, is_picture = into / name, name.startswith("media/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not is_picture:
        target.parent.chmod(0o700)
    with target.open("xb") as sink:
        target.chmod(0o640 if is_picture else 0o600)
        yield sink


def _parse(text: bytes) -> Manifest:
    """A manifest of this format. Of a newer one only the number is read."""
    with suppress(ValueError, TypeError, AttributeError):
        read = json.loads(text)
        if read.get("format") != FORMAT:
            raise ArchiveError(
                f"The backup has format {read.get('format')!r}, this version of Vitrine reads format {FORMAT}: "
                "restore it with the version that made it."
            )
        manifest = Manifest(**read)
        if all(isinstance(getattr(manifest, name), kind) for name, kind in _TYPES.items()):
            return manifest
    raise ArchiveError("The backup's manifest cannot be read.")
