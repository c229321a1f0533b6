"""A file of no picture beside the thumbnails, by which the doctor sees whether a proxy can read what lies there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings

from generator import store

NAME = "thumbs/probe.txt"
WORDS = b"Vitrine's pictures can be read here.\n"


def lay() -> None:
    """As a thumbnail is, with the same mode and group. Raises OSError as the disk does."""
    if _is_laid():
        return
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
        draft = Path(folder, "probe")
        draft.write_bytes(WORDS)
        store.publish(draft, NAME)


def _is_laid() -> bool:
    try:
        with store.open_file(NAME) as file:
            return bool(file.read() == WORDS)
    except OSError:
        return False
