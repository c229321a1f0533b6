"""Room for the frames of deep calls.

CPython keeps frames in pieces of 16 KiB, asks the system for each when it is needed, and gives it back when the call
ends. A loop at the end of a piece asks with each turn, and which loop that is goes by how deep it was called: a page
took up to four times as long. Versions after 3.14 keep a piece (github.com/python/cpython/issues/142183).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

# Of eight bytes, a little over half of a piece of 256 KiB, whose other half is deep enough for any page. Neither takes
# memory before it is used.
_SLOTS = 16 * 1024
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def with_room(call: Callable[_Given, _Found], *args: _Given.args, **more: _Given.kwargs) -> _Found:
    """`call(*args, **more)`, with all frames within it in one piece, which is kept for as long as it lasts."""
    return call(*args, **more)


# A frame lies in one piece, and a new piece is as large as its first frame needs, by powers of two.
with_room.__code__ = with_room.__code__.replace(co_stacksize=_SLOTS)
