"""How many bytes a browser loads for the page of one picture: on a phone (390 px, three pixels each) and at 1440 px.

Run `.venv/bin/python benchmarks/page_bytes.py`; it needs Chromium. The production web server on loopback. Each picture
is opened in a browser that has nothing in its cache, until the network is quiet, neighbours that are loaded ahead
included. "Before" is what release 0.1.0 sent of the same pictures by the same choice: JPEGs up to 1280 px that are
narrower than the picture, else the original. Ends with an error if a page misses its target.
"""

import random
import re
import shutil
import sys
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # noqa: F401 (the scratch site comes before all else)

# isort: split
from django.conf import settings
from django.test import Client
from PIL import Image as Pillow
from PIL import ImageFilter
from playwright.sync_api import BrowserContext, Response, sync_playwright

from benchmarks import _rows
from benchmarks._stack import stack
from gallery.models import User
from generator import store
from generator.imaging.thumbnails import render
from generator.models import Image
from generator.models.generation import Visibility

SIZES = ((1024, 1024), (1152, 1152), (1344, 768), (768, 1344), (2048, 2048))
SCREENS = {"phone, 390 px at 3": (390, 844, 3, 200_000), "desktop, 1440 px": (1440, 900, 1, 400_000)}
OLD_WIDTHS = (320, 640, 1280)


def drawn(size: tuple[int, int], number: int) -> Pillow.Image:
    """As much detail as pictures have: shapes, soft shades and a little grain."""
    side = max(size)
    shapes = Pillow.effect_mandelbrot((side, side), (-1.8 + number / 10, -1.2, 0.6, 1.2), 90).convert("L")
    channels = []
    for _ in range(3):
        clouds = Pillow.frombytes("L", (9, 9), random.randbytes(81)).resize((side, side), Pillow.Resampling.BICUBIC)
        grain = Pillow.effect_noise((side, side), 30).filter(ImageFilter.GaussianBlur(0.7))
        channels.append(Pillow.blend(Pillow.blend(clouds, shapes, 0.25), grain, 0.08))
    return Pillow.merge("RGB", channels).crop((0, 0, *size))


def hang() -> list[Image]:
    """One picture of each size, with its copies, between others of its kind."""
    random.seed(1)
    _rows.fill(_rows.add_people(1), [("originals/shared/0.png", 1)] * _rows.FILES, len(SIZES))
    images = list(Image.objects.order_by("pk"))
    for number, (image, size) in enumerate(zip(images, SIZES, strict=True)):
        image.file.name, image.trashed_at, image.visibility = (
            Image.original_name(image.pk, "png"),
            None,
            Visibility.SHARED,
        )
        path = Path(settings.MEDIA_ROOT, image.file.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn(size, number).save(path)
        picture = render(path, lambda width, image=image: store.thumb_path(image, width), settings.MAX_PIXELS)  # type: ignore[misc]
        image.width, image.height, image.bytes = *size, path.stat().st_size
        image.placeholder = picture.placeholder
        image.save()
    return images


def loaded(context: BrowserContext, address: str) -> dict[str, int]:
    """Bytes of each answer, by its path."""
    sizes: dict[str, int] = {}

    def count(response: Response) -> None:
        if response.url.startswith("http"):
            told = response.request.sizes()
            sizes[response.url.partition("?")[0]] = told["responseBodySize"] + told["responseHeadersSize"]

    page = context.new_page()
    arrived: list[Response] = []
    page.on("response", lambda response: arrived.append(response))
    page.goto(address, wait_until="networkidle")
    for response in arrived:
        count(response)
    page.close()
    return sizes


def before(sizes: dict[str, int], images: dict[str, Image]) -> int:
    """The same page with what release 0.1.0 had in place of each copy."""
    total = 0
    for address, size in sizes.items():
        match = re.search(r"/images/([0-9a-f-]{36})/thumbs/(\d+)/", address)
        total += old_size(images[match[1]], int(match[2])) if match else size
    return total


def old_size(image: Image, wanted: int) -> int:
    width = next((width for width in OLD_WIDTHS if min(wanted, image.width) <= width <= image.width), None)
    if width is None:
        return image.bytes
    sink = BytesIO()
    with Pillow.open(Path(settings.MEDIA_ROOT, image.file.name)) as original:
        original.resize((width, round(image.height * width / image.width))).save(sink, "JPEG", quality=83)
    return len(sink.getvalue())


def main() -> None:
    images = hang()
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    known = {str(image.pk): image for image in images}
    executable = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert executable, "This needs Chromium: apt install chromium"
    late = []
    with stack(0.1) as (base, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}
        print(_table.conditions())
        _table.head("screen", "picture", "original, kB", "before, kB", "after, kB")
        for screen, (width, height, scale, target) in SCREENS.items():
            for image in images:
                viewport = {"width": width, "height": height}
                context = browser.new_context(viewport=viewport, device_scale_factor=scale)  # type: ignore[arg-type]
                context.add_cookies([cookie])  # type: ignore[list-item]
                sizes = loaded(context, base + image.get_absolute_url())
                context.close()
                after = sum(sizes.values())
                figures = (image.bytes, before(sizes, known), after)
                _table.line(screen, f"{image.width} x {image.height}", *(round(figure / 1000) for figure in figures))
                late += [f"{screen}, {image.width} x {image.height}"] if after > target else []
    sys.exit(f"Too many bytes: {'; '.join(late)}." if late else 0)


if __name__ == "__main__":
    main()
