"""A model of three colours in the files that a real one has, written by hand: the packages that write ONNX are large.

What stands where is told by onnx.proto3 (github.com/onnx/onnx) and "Encoding" (protobuf.dev).
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

_FLOAT, _INT64 = 1, 7
COLOURS = {"red": (2.0, -1.0, -1.0), "green": (-1.0, 2.0, -1.0), "blue": (-1.0, -1.0, 2.0), "[UNK]": (0.1, 0.1, 0.1)}


def write(folder: Path) -> None:
    """Pictures are the mean of their pixels, and words that of their colours."""
    (folder / "onnx").mkdir()
    shape = ["one", 3, 224, 224]
    mean = _node("ReduceMean", ["pixel_values"], "image_embeds", axes=[2, 3], keepdims=0)
    vision = _model([mean], [], ("pixel_values", _FLOAT, shape), "image_embeds")
    (folder / "onnx" / "vision_model.onnx").write_bytes(vision)
    each = _node("Gather", ["colours", "input_ids"], "each")
    mean = _node("ReduceMean", ["each"], "text_embeds", axes=[1], keepdims=0)
    values = [number for colour in COLOURS.values() for number in colour]
    text = _model([each, mean], [_tensor("colours", [len(COLOURS), 3], values)], ("input_ids", _INT64, ["one", "some"]),
                  "text_embeds")  # fmt: skip
    (folder / "text_model.onnx").write_bytes(text)
    words = {word: number for number, word in enumerate(COLOURS)}
    model = {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"}
    said = {"version": "1.0", "model": model, "pre_tokenizer": {"type": "Whitespace"}, "added_tokens": []}
    (folder / "tokenizer.json").write_text(json.dumps(said))


def _model(nodes: list[bytes], constants: list[bytes], given: tuple[str, int, list[int | str]], found: str) -> bytes:
    graph = b"".join(_part(1, node) for node in nodes) + _part(2, b"tiny")
    graph += b"".join(_part(5, constant) for constant in constants)
    graph += _part(11, _value(*given)) + _part(12, _value(found, _FLOAT, ["one", 3]))
    return _number(1, 8) + _part(8, _part(1, b"") + _number(2, 13)) + _part(7, graph)


def _node(kind: str, given: list[str], found: str, **said: int | list[int]) -> bytes:
    node = b"".join(_part(1, name.encode()) for name in given) + _part(2, found.encode()) + _part(4, kind.encode())
    return node + b"".join(_part(5, _attribute(name, value)) for name, value in said.items())


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return _part(1, name.encode()) + _number(3, value) + _number(20, 2)
    return _part(1, name.encode()) + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _tensor(name: str, shape: list[int], values: list[float]) -> bytes:
    sizes = b"".join(_number(1, size) for size in shape)
    return sizes + _number(2, _FLOAT) + _part(8, name.encode()) + _part(9, struct.pack(f"<{len(values)}f", *values))


def _value(name: str, kind: int, shape: list[int | str]) -> bytes:
    sizes = (_number(1, size) if isinstance(size, int) else _part(2, size.encode()) for size in shape)
    tensor = _number(1, kind) + _part(2, b"".join(_part(1, size) for size in sizes))
    return _part(1, name.encode()) + _part(2, _part(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
