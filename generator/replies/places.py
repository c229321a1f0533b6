"""What a text in a reply is, by where it lies and how it begins.

The API documents `files`, a list of base64 texts. Its gateways, and those who write for several APIs, answer with
`{"data": [{"b64_json": …}]}`, `{"image": …}`, `{"images": […]}`, `{"result": {"files": […]}}` and more: so a text that
begins as base64 of a picture does is one, wherever it lies, and a long one where a picture belongs is meant to be one.
"""

import re
from enum import Enum, auto
from json import JSONDecoder

from generator.replies.spelling import begins_picture, leading

_DEEPEST = 64  # a picture that lies deeper is not found
_LONGEST_NAME = 100
_LONGEST_ADDRESS = 4096
_SHORTEST_PICTURE = 80  # letters; no picture is smaller
_LONG = 400
_FILES = "files"
# Fields of pictures, and of addresses of pictures, in small letters and without marks between words.
_PICTURES = {
    "files", "file", "images", "image", "b64json", "b64", "base64", "imagebase64", "imageb64", "b64image",
    "base64image", "artifacts", "output",
}  # fmt: skip
_ADDRESSES = _PICTURES | {"url", "urls", "imageurl", "imageurls", "fileurl", "uri", "src", "link"}
_FAULTS = {"error", "errors", "detail", "details", "message", "reason"}

_MARKS = re.compile(r"[^a-z0-9]+")
_WEB = re.compile(rb"https?:(?:\\?/){2}", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_%\\=-]{64}")
_JSON = JSONDecoder(strict=False)


class Role(Enum):
    """What a text is."""

    NAME = auto()
    PICTURE = auto()
    ADDRESS = auto()
    OTHER = auto()


class Place:
    """Where in the reply one is: the fields on the way there, followed by brackets, commas, colons and names."""

    def __init__(self) -> None:
        # For each bracket that is open: the field of it that one is in, None in a list.
        self._path: list[str | None] = []
        self._deeper = 0
        self._awaits_name = False

    @property
    def field(self) -> str:
        """The field of the whole reply that this lies in; "" if the reply has none."""
        return (self._path[0] or "") if self._path else ""

    def follow(self, mark: bytes) -> None:
        if mark in b"[{":
            if len(self._path) < _DEEPEST:
                self._path.append(None if mark == b"[" else "")
            else:
                self._deeper += 1
        elif mark in b"]}":
            if self._deeper:
                self._deeper -= 1
            elif self._path:
                self._path.pop()
        is_object = bool(self._path) and not self._deeper and self._path[-1] is not None
        self._awaits_name = is_object and mark in b"{,"

    def name(self, text: bytes) -> bool:
        """Take the raw text for the next field's name, if one is awaited; True if it is a field of the whole reply."""
        if not self._awaits_name:
            return False
        self._path[-1] = _meant(text, _LONGEST_NAME)
        return len(self._path) == 1

    def role_of(self, head: bytes, length: int) -> Role:
        """Of the next text, by its first raw bytes and its length."""
        if self._awaits_name:
            return Role.NAME
        bare = leading(head)
        if _WEB.match(bare):
            return Role.ADDRESS if self._holds(_ADDRESSES) else Role.OTHER
        if not self._deeper and self._is_documented():
            return Role.PICTURE
        if length < _SHORTEST_PICTURE or self._deeper:
            return Role.OTHER
        is_meant = length >= _LONG and self._holds(_PICTURES) and _BASE64.match(bare)
        return Role.PICTURE if is_meant or begins_picture(head) else Role.OTHER

    def _is_documented(self) -> bool:
        return self._path[:1] == [_FILES] and all(name is None for name in self._path[1:])

    def _holds(self, names: set[str]) -> bool:
        """Whether the nearest field is one of these, and does not tell of an error."""
        known = [_MARKS.sub("", name.lower()) for name in self._path if name]
        return bool(known) and known[-1] in names and not _FAULTS & set(known)


def address(text: bytes) -> str:
    """What a raw text that is an address says; "" if it is too long for one."""
    return _meant(leading(text).rstrip(b"\"'\\ "), _LONGEST_ADDRESS)


def _meant(text: bytes, longest: int) -> str:
    if len(text) > longest:
        return ""
    try:
        return str(_JSON.decode(f'"{text.decode()}"'))
    except ValueError:
        return ""
