"""Bodies of answers, good and bad, as pieces whose total length is known before the first is sent."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.sandbox.faults import Fault

# A multiple of 3, so that base64 pieces join without padding.
_PIECE = 3 * 16384


class Body:
    """JSON with pictures in it. `files` holds raw bytes, encoded while they are sent, or strings sent as they are."""

    kind = "application/json"

    def __init__(self, fields: dict[str, Any], files: list[bytes | str] | None = None, padding: int = 0) -> None:
        head, _, tail = json.dumps(fields).partition('"files": []')
        self._head, self._tail = head.encode(), tail.encode()
        self._files = files or []
        self._padding = padding
        self._listed = bool(tail)

    @property
    def length(self) -> int:
        return sum(len(piece) for piece in self._frame()) + sum(map(_encoded_length, self._files)) + self._padding

    def __iter__(self) -> Iterator[bytes]:
        opening, *joints = self._frame()
        yield opening
        for file, joint in zip(self._files, joints, strict=False):
            yield from _encoded(file)
            yield joint
        yield from joints[len(self._files) :]
        for start in range(0, self._padding, _PIECE):
            yield b" " * min(_PIECE, self._padding - start)

    def _frame(self) -> list[bytes]:
        """Everything but the files: what comes before the first, between them, and after the last."""
        if not self._listed:
            return [self._head]
        if not self._files:
            return [self._head + b'"files": []' + self._tail]
        between = [b'", "'] * (len(self._files) - 1)
        return [self._head + b'"files": ["', *between, b'"]' + self._tail]


class Plain:
    """A body of given bytes."""

    def __init__(self, data: bytes, kind: str = "application/json") -> None:
        self._data, self.kind = data, kind
        self.length = len(data)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), _PIECE):
            yield self._data[start : start + _PIECE]


def error_body(message: str) -> Body:
    return Body({"error": {"message": message}})


def failed_body(fault: Fault) -> Plain | Body:
    """The body of a `status` fault."""
    if fault.body == "html":
        page = f"<!DOCTYPE html><html><body><h1>{fault.status}</h1><p>{fault.message}</p></body></html>"
        return Plain(page.encode(), "text/html; charset=utf-8")
    if fault.body == "empty":
        return Plain(b"")
    if fault.body == "plain":
        return Plain(fault.message.encode(), "text/plain; charset=utf-8")
    if fault.body == "detail":
        return Body({"detail": [{"loc": ["body", "prompt"], "msg": fault.message, "type": "value_error"}]})
    return Body({"error": fault.message}) if fault.body == "string" else error_body(fault.message)


def bent_body(fields: dict[str, Any], fault: Fault) -> Plain | Body:
    """A body that holds no pictures, bent by `fault`."""
    if fault.name == "garbage":
        return Plain(secrets.token_bytes(4096))
    if fault.name == "error200":
        return Body({"error": fault.message})
    return Body(fields, padding=fault.padding if fault.name == "flood" else 0)


def picture_body(fields: dict[str, Any], pictures: list[bytes], fault: Fault | None) -> Plain | Body:
    """The reply to an order, bent by `fault` if it is one that changes what the reply says."""
    if fault is None:
        return Body(fields, list(pictures))
    if fault.name in ("garbage", "error200"):
        return bent_body(fields, fault)
    if fault.name == "openai":
        return _openai_body(fields, pictures)
    padding = fault.padding if fault.name == "flood" else 0
    return Body(_bent(fields, fault.name), _bent_files(pictures, fault), padding)


def _openai_body(fields: dict[str, Any], pictures: list[bytes]) -> Plain:
    """As a gateway that speaks OpenAI's dialect puts it."""
    data = [{"b64_json": base64.urlsafe_b64encode(picture).decode()} for picture in pictures]
    return Plain(json.dumps({"created": fields["created"], "data": data}).encode())


def _bent_files(pictures: list[bytes], fault: Fault) -> list[bytes | str]:
    files: list[bytes | str] = list(pictures)
    place = fault.index % len(files)
    if fault.name == "badimage":
        files[place] = b"This is not a picture." * 20
    elif fault.name == "badbase64":
        files[place] = "!not*base64!" * 20
    elif fault.name == "nofiles":
        files = []
    elif fault.name == "address":
        files = [fault.location] * len(files)
    elif fault.name == "fewer":
        files = files[:-1]
    elif fault.name == "dataurl":
        files = [_data_url(picture) for picture in pictures]
    return files


def _bent(fields: dict[str, Any], name: str) -> dict[str, Any]:
    if name == "bare":
        return {"files": []}
    if name == "othermodel":
        return fields | {"model": "flux" if fields["model"] != "flux" else "kandinsky"}
    if name == "odd":
        odd: dict[str, Any] = {"id": 7, "created": "yesterday", "model": None, "elapsed-time": [], "usage": "many"}
        return odd | {"files": [], "user": {"id": 1}, "size": 3, "ratio": 1.5, "seed": 42}
    return fields


def _data_url(picture: bytes) -> str:
    """As a data URL with the line breaks of MIME, escaped for JSON; it says PNG whatever the picture is."""
    text = base64.encodebytes(picture).decode().replace("\n", "\\r\\n")
    return f"data:image/png;base64,{text}"


def _encoded(file: bytes | str) -> Iterator[bytes]:
    if isinstance(file, str):
        yield file.encode()
        return
    for start in range(0, len(file), _PIECE):
        yield base64.b64encode(file[start : start + _PIECE])


def _encoded_length(file: bytes | str) -> int:
    return len(file) if isinstance(file, str) else (len(file) + 2) // 3 * 4
