"""Takes a secret out of what an API sends back, in whatever way it is written there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The key that everybody shares is a plain word and no secret; nothing shorter than it is one, either.
_NO_SECRET = len("openai")
_PIECE = 256 * 2**10


class Scrubber:
    """Puts `***` for a secret. JSON is to be scrubbed once it is read, so that no escape hides the secret in it."""

    def __init__(self, secret: str) -> None:
        known = secret if len(secret) > _NO_SECRET else ""
        self._written = re.compile("".join(map(_any_of, known))) if known else None

    def text(self, text: str) -> str:
        """Without the secret, also where it is escaped as in JSON or in an address."""
        return self._written.sub("***", text) if self._written else text

    def value(self, value: Any) -> Any:
        """The same of every text in a JSON value, names included."""
        if not self._written:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(item) for name, item in value.items()}
        return value


def without(path: Path, secret: str) -> Iterator[bytes]:
    """A file's bytes, a piece at a time, with `***` for a secret of any spelling."""
    scrubber, rest = Scrubber(secret), ""
    longest = 6 * len(secret)  # each letter as a number
    with path.open(encoding="latin-1", newline="") as file:
        while piece := file.read(_PIECE):
            text = scrubber.text(rest + piece)
            # What may be the beginning of a secret waits for the next piece.
            keep = max(len(text) - longest, 0)
            yield text[:keep].encode("latin-1")
            rest = text[keep:]
    yield rest.encode("latin-1")


def _any_of(letter: str) -> str:
    """A letter as it is, behind a backslash, by its number in JSON, and by its number in an address."""
    code = ord(letter)
    return rf"(?:\\?{re.escape(letter)}|(?i:\\u{code:04x}|%{code:02x}))"
