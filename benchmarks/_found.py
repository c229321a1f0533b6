"""Finding pictures as people meet it: complete pages, what the indexes take, and whether a web process stays as small.

What is wanted is milliseconds of the wall. On a machine with other work to do they say little: what counts there is CPU
time as a multiple of that of the plain first page, which is asked for in turn with all others.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urlencode

import psutil
from django.db import connection, transaction
from PIL import Image as Pillow

from benchmarks import _rows, _table
from benchmarks._pages import Page, cookie
from gallery.models import User
from gallery.server.deep_calls import with_room
from generator.imaging.fingerprint import fingerprint
from generator.imaging.palette import COLOURS, palette
from generator.models import Image

PLAIN = "explore"
ROUNDS = 11
WARM, MEBIBYTE = 1_000, 2**20
# Of a million pictures, how often each kind of page is not to take longer, in milliseconds: SQLite and PostgreSQL.
SEARCH, VISITOR, FILTERED, NEIGHBOURS, ALIKE = (15, 25), (60, 60), (30, 30), (10, 10), (10, 10)


class Target(NamedTuple):
    page: Page
    wanted: tuple[int, int]


def pages(member: User, words: dict[str, str], filters: dict[str, str]) -> list[Target]:
    """What a signed-in member asks for, and a visitor of a member's page. `words` and `filters` are questions."""
    own = cookie(member)

    def asked(name: str, home: str, question: str, wanted: tuple[int, int], who: str = own) -> Target:
        return Target(Page(name, f"{home}?{urlencode({'q': question})}", who, "</html>"), wanted)

    theirs = f"/u/{member.username}/"
    return [
        Target(Page(PLAIN, "/", own, "</html>"), (5, 5)),
        *(asked(name, "/", question, SEARCH) for name, question in words.items()),
        *(asked(f"visitor: {name}", theirs, question, VISITOR, "") for name, question in words.items()),
        *(asked(name, "/", question, FILTERED) for name, question in filters.items()),
        *(_beside(name, question, own) for name, question in [*words.items(), *filters.items()][::3]),
        Target(Page("nearly the same", f"{_some().get_absolute_url()}alike/", own, "</html>"), ALIKE),
        Target(Page("duplicates", "/mine/duplicates/", own, "</html>"), FILTERED),
    ]


def _beside(name: str, question: str, own: str) -> Target:
    address = f"{_some().get_absolute_url()}?{urlencode({'q': question})}"
    return Target(Page(f"picture among: {name}", address, own, 'id="facts-title"'), NEIGHBOURS)


def _some() -> Image:
    """Neither new nor old."""
    middle: Image = Image.objects.filter(visibility="shared", trashed_at=None).order_by("pk")[1_000:1_001].get()
    return middle


def measure_pages(targets: list[Target]) -> None:
    """Each page with the room that the web server's threads have, in turn."""
    with_room(_measure_pages, targets)


def _measure_pages(targets: list[Target]) -> None:
    times: dict[str, list[tuple[float, float]]] = {target.page.name: [] for target in targets}
    queries = {target.page.name: _warm(target.page) for target in targets}
    for _ in range(ROUNDS):
        for target in targets:
            times[target.page.name].append(_timed(target.page.ask))
    plain = [_table.median([each[part] for each in times[PLAIN]]) for part in (0, 1)]
    at = connection.vendor == "postgresql"
    print(f"\nComplete pages: {_table.conditions()}\n")
    _table.head("page", "wall, ms", "p95", "x plain", "CPU, ms", "x plain", "wanted, ms", "queries")
    for page, wanted in targets:
        wall, cpu = ([each[part] for each in times[page.name]] for part in (0, 1))
        middle, worked = _table.median(wall), _table.median(cpu)
        ratios = middle / plain[0], worked / plain[1]
        row = middle, _table.p95(wall), ratios[0], worked, ratios[1], f"<= {wanted[at]}", queries[page.name]
        _table.line(page.name, *row)


def _warm(page: Page) -> int:
    page.check()
    return page.queries()


def _timed(ask: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    ask()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3


_SIZES = {
    "sqlite": """SELECT name, sum(pgsize) / 1e6 FROM dbstat
        WHERE name LIKE 'gallery_document%' OR name LIKE 'gallery_comment%' OR name LIKE 'image_%'
        GROUP BY name ORDER BY 2 DESC""",
    "postgresql": """SELECT relname, pg_relation_size(oid) / 1e6 FROM pg_class
        WHERE relkind IN ('i', 'r') AND pg_table_is_visible(oid) AND
            (relname LIKE 'gallery_document%' OR relname LIKE 'gallery_comment%' OR relname LIKE 'image_%')
        ORDER BY 2 DESC""",
}


def measure_indexes() -> None:
    print()
    _table.head("table or index", "MB")
    with connection.cursor() as cursor:
        cursor.execute(_SIZES[connection.vendor])
        for name, size in cursor.fetchall():
            if size >= 0.1:
                _table.line(name, float(size))


def measure_submit(people: list[User], originals: list[tuple[str, int]], number: int = 200) -> None:
    """What a new picture costs more for being found: its words, and a look at it."""
    with transaction.atomic():
        calls = [_rows._call(_rows._generation(people[0]), place) for place in range(number)]
        bare, found = ([_rows._image(call, *originals[0]) for call in some] for some in (calls[::2], calls[1::2]))
        type(calls[0].generation).objects.bulk_create(call.generation for call in calls)
        type(calls[0]).objects.bulk_create(calls)
        rows = sum(_timed(lambda each=each: Image.objects.bulk_create([each]))[1] for each in bare) / len(bare)
        whole = sum(_timed(lambda each=each: Image.objects.all().write([each]))[1] for each in found) / len(found)
        transaction.set_rollback(True)
    small = Pillow.open(BytesIO(_noise()))
    looks = sorted(_timed(lambda: (fingerprint(small), palette(small)))[1] for _ in range(99))[49]
    said = f"CPU of its row {rows:.2f} ms, its words {whole - rows:.2f} ms, fingerprint and colours {looks:.2f} ms"
    print(f"\nA new picture: {said}; <= 2 ms wanted for all but the row.")


def _noise() -> bytes:
    sink = BytesIO()
    Pillow.effect_noise((320, 320), 90).convert("RGB").save(sink, "PNG")
    return sink.getvalue()


def measure_memory(member: User, words: list[str], searches: int) -> float:
    """By how many MiB this process grows over so many different searches, once the first have been made."""
    own, process = cookie(member), psutil.Process()
    sizes = []
    for number in range(searches):
        question = " ".join(random.sample(words, 2)) + f" OR colour:{random.choice(list(COLOURS))} -w{number}"
        Page("search", f"/?{urlencode({'q': question})}", own).ask()
        if number + 1 in (min(WARM, searches), searches):
            sizes.append(process.memory_info().rss / MEBIBYTE)
    print(f"\n{searches:,} searches: {sizes[0]:.1f} MiB after the first {WARM:,}, {sizes[-1]:.1f} MiB after all.")
    return sizes[-1] - sizes[0]
