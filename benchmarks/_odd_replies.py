"""Replies that the sandbox would not give: large pictures, and files made to cost. Drawn in memory; `worker_memory`."""

import base64
import json
import struct
import threading
import zlib
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from typing import Any

from PIL import Image

from benchmarks.ingest import picture

LARGE = (5472, 3648)  # just under 20 megapixels
MOST = 16  # pictures that are taken of one reply


class Server(HTTPServer):
    """An API that answers every request with the same pictures."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/ai/imagen"
        self.body = b"{}"

    def __enter__(self) -> "Server":
        threading.Thread(target=self.serve_forever).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, pictures: list[bytes]) -> None:
        self.body = json.dumps({"files": [base64.b64encode(data).decode() for data in pictures]}).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@cache
def _large() -> Image.Image:
    return picture(max(LARGE), 0).crop((0, 0, *LARGE))


def _large_as(format_: str, mode: str = "RGB", **options: Any) -> list[bytes]:
    return [_encoded(_large().convert(mode), format_, **options)]


def _encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    sink = BytesIO()
    image.save(sink, format_, **options)
    return sink.getvalue()


def _avif_that_lies() -> bytes:
    """64 megapixels of AVIF that say they are 64 x 48: four seconds of the processor each."""
    data = _encoded(picture(8000, 0), "AVIF", quality=50, speed=10)
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", 64, 48) + data[place + 8 :]


def _empty_chunks() -> bytes:
    """A PNG with 200,000 empty chunks before its pixels."""
    whole = _encoded(Image.new("RGB", (64, 48)), "PNG")
    empty = struct.pack(">I4sI", 0, b"aaAa", zlib.crc32(b"aaAa"))
    return whole[:33] + empty * 200_000 + whole[33:]


CASES: dict[str, Callable[[], list[bytes]]] = {
    "PNG, 20 megapixels": lambda: _large_as("PNG", compress_level=1),
    "PNG with alpha, 20 megapixels": lambda: _large_as("PNG", "RGBA", compress_level=1),
    "JPEG, 20 megapixels": lambda: _large_as("JPEG", quality=95),
    "progressive JPEG, 20 megapixels": lambda: _large_as("JPEG", quality=95, progressive=True),
    "CMYK, progressive, 4:4:4, 20 megapixels": lambda: _large_as("JPEG", "CMYK", progressive=True, subsampling=0),
    "AVIF, 20 megapixels": lambda: _large_as("AVIF", quality=90, speed=10),
    "4 PNGs, 20 megapixels": lambda: _large_as("PNG", compress_level=1) * 4,
    "4 AVIFs, 2048 x 2048": lambda: [_encoded(picture(2048, 0), "AVIF", quality=90, speed=10)] * 4,
    "4 WebPs, 2048 x 2048": lambda: [_encoded(picture(2048, 0), "WEBP")] * 4,
    "4 PNGs, 1344 x 3168": lambda: [_encoded(picture(3168, 0).crop((0, 0, 1344, 3168)), "PNG", compress_level=1)] * 4,
    f"{MOST} AVIFs that lie": lambda: [_avif_that_lies()] * MOST,
    f"{MOST} PNGs of empty chunks": lambda: [_empty_chunks()] * MOST,
}
