"""Looks at an installation as a whole and says what is wrong with it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, connection

from gallery.doctor import (
    base_address,
    cell,
    configured,
    database,
    files,
    folders,
    looks,
    mail,
    months,
    numbers,
    provider,
    proxy,
    second_factors,
    semantic,
    spooled,
    words,
    worker,
)
from gallery.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine", "examine_cell", "examine_files", "examine_servers"]


def examine() -> Iterator[Finding]:
    """Everything that is quick to see, whatever the number of pictures."""
    yield from configured.examine()
    yield from folders.examine()
    yield from proxy.examine()
    missing: list[Finding] = []
    try:
        yield from (missing := list(database.examine()))
        for area in (worker, provider, spooled, mail, second_factors):
            yield from area.examine()
    except DatabaseError as error:
        connection.close()
        if not missing:  # which is why it could not be read
            yield database.silent(str(error))


def examine_files(*, deep: bool = False) -> Iterator[Finding]:
    """Pictures against rows, which takes its time; `deep` reads every byte."""
    try:
        yield from files.examine(deep=deep)
        yield from words.examine(deep=deep)
        yield from months.examine(deep=deep)
        yield from numbers.examine()
        yield from semantic.examine()
        yield from looks.examine()
    except DatabaseError as error:
        connection.close()
        yield from database.why(str(error))


def examine_servers() -> Iterator[Finding]:
    """Whether the servers of others answer, which no page waits for, and our own as people ask it."""
    yield from mail.examine_server()
    yield from base_address.examine()


def examine_cell() -> Iterator[Finding]:
    """Which walls stand around pictures that are being decoded, which takes a process to try."""
    yield from cell.examine()
