"""What a page costs the server as the gallery grows: milliseconds and queries, through Django's test client.

Run `.venv/bin/python benchmarks/browse.py [rows …]`; by default 1,000, 10,000 and 100,000 pictures. On SQLite, or on
the PostgreSQL server that DATABASE_URL names. The pages of one size are asked for in turn, so that a busy moment of
the machine meets all of them. The ratio is to the form that changes the password: the same person and frame, and
nothing in it. Ends with an error if any page needs more queries with more rows.
"""

import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # the scratch site comes before all else

# isort: split
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import _rows
from gallery.browse.listing import MINE, Listing
from gallery.models import User
from generator.models import Image
from generator.models.generation import Visibility

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 30
PEOPLE = 10
BASELINE = "nothing (change password)"
DEEP = 0.5


@dataclass(frozen=True)
class Page:
    name: str
    client: Client
    address: str

    def fetch(self) -> float:
        """Milliseconds until the last byte of the answer."""
        started = time.perf_counter()
        response = self.client.get(self.address)
        for _ in response:
            pass
        response.close()
        assert response.status_code < 300, (self.address, response.status_code)
        return (time.perf_counter() - started) * 1e3

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.fetch()
        return len(captured)


def sign_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def deep(user: User, name: str = "") -> Image:
    """A picture half-way down the listing; the rest still fills a page."""
    images = Listing(name).images(user).newest()
    return images[int(images.count() * DEEP)]


def pages(member: User, staff: User) -> list[Page]:
    client, at_the_desk = sign_in(member), sign_in(staff)
    image = deep(member)
    below, mine_below = f"?before={image.pk}", f"?before={deep(member, MINE).pk}"
    return [
        Page(BASELINE, client, reverse("account_change_password")),
        Page("explore, first page", client, reverse("explore")),
        Page("explore, deep page", client, reverse("explore") + below),
        Page("explore as staff", at_the_desk, reverse("explore")),
        Page("my images", client, reverse("mine")),
        Page("my images, deep page", client, reverse("mine") + mine_below),
        Page("image page", client, image.get_absolute_url()),
        Page("thumbnail, 320", client, reverse("thumb", args=[image.pk, 320])),
        Page("original, PNG", client, reverse("original", args=[image.pk])),
        Page("create", client, reverse("generator:create")),
        Page("news (live)", client, reverse("generator:live") + "?known=0-0-0"),
        Page("trash", client, reverse("trash")),
        Page("admin, pictures", at_the_desk, reverse("admin:generator_image_changelist")),
        Page("admin, calls", at_the_desk, reverse("admin:generator_call_changelist")),
    ]


def sparse(guest: User, share: str) -> list[Page]:
    """Of somebody who may see hardly anything of what there is."""
    client = sign_in(guest)
    return [
        Page(BASELINE, client, reverse("account_change_password")),
        Page(f"explore, {share}", client, reverse("explore")),
        Page(f"my images (5 oldest), {share}", client, reverse("mine")),
        Page(f"image page, {share}", client, deep(guest).get_absolute_url()),
    ]


def measure(rows: int, visited: list[Page], queries: dict[str, set[int]]) -> None:
    """Print a line for each page, and note how many queries it took."""
    times: dict[str, list[float]] = {page.name: [] for page in visited}
    counts = {page.name: [page.queries(), page.queries()][-1] for page in visited}  # the first one warms up
    for _ in range(ROUNDS):
        for page in visited:
            times[page.name].append(page.fetch())
    for page in visited:
        mine, base = _table.median(times[page.name]), _table.median(times[BASELINE])
        queries[page.name].add(counts[page.name])
        _table.line(f"{rows:,}", page.name, mine, _table.p95(times[page.name]), mine / base, counts[page.name])


def hide_from(guest: User, every: int) -> None:
    """Make everything private but each `every`-th picture (0: none). The guest's own are the five oldest."""
    ids = list(Image.objects.order_by("pk").values_list("pk", flat=True))
    Image.objects.update(visibility=Visibility.PRIVATE)
    if every:
        Image.objects.filter(pk__in=ids[::every]).update(visibility=Visibility.SHARED)
    Image.objects.filter(pk__in=ids[:5]).update(user=guest, trashed_at=None)


def main(sizes: list[int]) -> int:
    random.seed(1)
    queries: dict[str, set[int]] = defaultdict(set)
    people, originals = _rows.add_people(PEOPLE), _rows.draw_originals()
    guest, staff = User.objects.create_user("guest", password=_scratch.PASSWORD), User.objects.get(is_superuser=True)
    print(_table.conditions())
    _table.head("pictures", "page", "median, ms", "p95, ms", "ratio", "queries")
    for rows in sizes:
        _rows.fill(people, originals, rows)
        measure(rows, pages(people[0], staff), queries)
    for every, share in ((100, "1 % visible"), (0, "all private")):
        hide_from(guest, every)
        measure(sizes[-1], sparse(guest, share), queries)
    growing = [name for name, counts in queries.items() if len(counts) > 1]
    print("\nQueries per page are the same at every size." if not growing else f"\nQUERIES DIFFER: {growing}")
    return int(bool(growing))


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
