"""What a copy shows is what this very browser draws of the original."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path

from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page

from generator.imaging.thumbnails import render
from tests.generator.imaging.drawing import DATA, MAX_PIXELS
from tests.generator.imaging.test_as_in_browsers import FILES

UNKNOWN = {"still.jp2"}


def drawn(page: Page, data: bytes, kind: str) -> Image.Image:
    """The picture in its own size, on white."""
    address = f"data:image/{kind};base64,{b64encode(data).decode()}"
    page.set_content(f'<body style="margin:0;background:#fff"><img style="display:block" src="{address}">')
    page.evaluate("document.images[0].decode()")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def test_copies_look_like_their_originals_in_this_browser(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 200})
    errors = {}
    for name in sorted(FILES.keys() - UNKNOWN):
        original = DATA / name
        render(original, lambda width: tmp_path / f"{width}.webp", MAX_PIXELS)
        theirs = drawn(page, original.read_bytes(), original.suffix[1:].replace("jpg", "jpeg"))
        ours = drawn(page, (tmp_path / "640.webp").read_bytes(), "webp")
        errors[name] = max(ImageStat.Stat(ImageChops.difference(ours, theirs)).mean)
    page.close()
    assert [name for name, error in errors.items() if error > 3] == [], errors
