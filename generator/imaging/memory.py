"""Memory for pixels: how much of it at the same time, in which pieces, and when it goes back to the system."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import Image

_MMAP_THRESHOLD = -3  # malloc.h
_BLOCK = 2**20
_MOST_KEPT = 12  # blocks; with as many as a large picture has, two pictures at a time would take more than they do now

# In Pillow's usual blocks of 16 MiB the C library keeps what was freed; blocks of 1 MiB go back to the system.
Image.core.set_block_size(_BLOCK)  # type: ignore[attr-defined]
# The GNU C library stops giving such blocks back once it has seen large ones freed, unless it is told what is large.
with suppress(OSError, AttributeError):
    ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _BLOCK // 2)


@contextmanager
def reused_memory() -> Iterator[None]:
    """Have Pillow keep a picture's memory for the next one, and give it back at the end.

    Fresh pages from the system were a fifth of the time that a reply of large pictures takes.
    """
    Image.core.set_blocks_max(_MOST_KEPT)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        Image.core.set_blocks_max(0)  # type: ignore[attr-defined]


class Budget:
    """Lets pictures in as long as their pixels fit; one that never fits, as in the decode child, goes in alone."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels
        self._taken = 0
        self._change = threading.Condition()

    @contextmanager
    def of(self, pixels: int) -> Iterator[None]:
        with self._change:
            self._change.wait_for(lambda: not self._taken or self._taken + pixels <= self._pixels)
            self._taken += pixels
        try:
            yield
        finally:
            with self._change:
                self._taken -= pixels
                self._change.notify_all()
