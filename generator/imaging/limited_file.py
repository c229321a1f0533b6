"""PNG and JPEG files read in small pieces, so that what lies beside the pixels costs no more than pixels do.

A decoder keeps in memory what a file holds besides its picture, and goes through it a few bytes at a time: 150 MB of
empty PNG chunks around 64 pixels are a minute and more than a gigabyte. So the file itself says when it is enough.
"""

import os
import struct
from io import BufferedReader, FileIO
from pathlib import Path

_SIP = 2**20  # as much as a decoder asks for at once; what is left of a chunk behind its picture it would read whole
_READS = 200_000  # the largest picture that is taken, in chunks of 8 KiB, needs a third of these
_READS_BEFORE_PIXELS = 20_000  # headers, profiles and texts are a few hundred
_BESIDE = 8 * 2**20  # metadata of some megabytes exist (a profile, a preview, a signed history)
_FRAME = 32 * 2**20  # a later frame of an animated PNG

_PNG = b"\x89PNG\r\n\x1a\n"


class BurdenError(Exception):
    """A picture file holds far more than a picture."""


class LimitedFile(BufferedReader):
    """A file that raises BurdenError when it is read in too large or too many pieces.

    Until `taste` is called no more than 8 MiB can be read, in fewer pieces: all that may come before the pixels.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))
        self._reads = _READS_BEFORE_PIXELS
        self._before_pixels: int | None = _BESIDE

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = _SIP + 1 if size is None or size < 0 else size
        self._reads -= 1
        if self._before_pixels is not None:
            self._before_pixels -= wanted
        if wanted > _SIP or self._reads < 0 or (self._before_pixels or 0) < 0:
            raise BurdenError
        return super().read(wanted)

    def taste(self) -> None:
        """The header has been read and the pixels follow. Raises BurdenError if a PNG holds much beside them."""
        self._before_pixels = None
        self._reads = _READS
        if os.pread(self.fileno(), len(_PNG), 0) == _PNG:
            _weigh(self.fileno())


def _weigh(png: int) -> None:
    """Add up the chunks that are no pixels; those behind the picture are read as well."""
    place, beside = len(_PNG), 0
    for _ in range(_READS):
        head = os.pread(png, 8, place)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        place += length + 12
        if kind == b"IEND":
            return
        beside += 0 if kind in (b"IDAT", b"fdAT") else length
        if beside > _BESIDE or (kind == b"fdAT" and length > _FRAME):
            raise BurdenError
    raise BurdenError
