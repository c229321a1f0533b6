"""What a page costs the server as the gallery grows: CPU, time, queries and bytes, beside two baselines.

Run `.venv/bin/python benchmarks/browse.py [rows …]`; by default 1,000 and 100,000 pictures, with `--million` also so
many. On SQLite, or on the PostgreSQL server that DATABASE_URL names. Ends with an error if a page takes over a tenth
more than targets.toml says, at any size, or needs more queries with more rows.
"""

import random
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # the scratch site comes before all else

# isort: split
from django.urls import reverse
from django.utils import timezone

from benchmarks import _pages, _rows
from benchmarks._pages import Page, cookie
from gallery.browse.listing import PAGE_SIZE, Listing
from gallery.browse.wanted import MINE
from gallery.models import Comment, Decision, Report, User
from gallery.moderation.items import PAGE_SIZE as WAITING
from generator.models import Call, Image
from generator.models.generation import Visibility
from generator.progress.tiles import Progress
from generator.worker import months

SIZES = (1_000, 100_000)
MILLION = "--million"
ROUNDS = 30
PEOPLE = 5
UNDER_WAY = 10
DEEP = 0.5
TILE = 'loading="lazy"'
SPARSE = {10_000: "1 in 10,000 visible", 0: "nothing visible"}


def deep(user: User, name: str = "") -> Image:
    """A picture half-way down the listing; the rest still fills a page."""
    images = Listing(name).images(user).newest()
    return images[int(images.count() * DEEP)]


def pages(member: User, other: User, staff: User) -> list[Page]:
    """Everything that is measured at each size: one line each, by the name that targets.toml knows."""
    own, at_the_desk = cookie(member), cookie(staff)
    image = deep(member)
    _rows.hang_thumbs([image])
    below, mine_below = f"?before={image.pk}", f"?before={deep(member, MINE).pk}"

    def full(name: str, address: str, who: str = own, **headers: str) -> Page:
        return Page(name, address, who, TILE, PAGE_SIZE, headers=headers)

    return [
        *_pages.baselines(own),
        full("explore", reverse("explore")),
        full("explore, deep", reverse("explore") + below),
        full("explore, compressed", reverse("explore"), HTTP_ACCEPT_ENCODING=_pages.COMPRESSED),
        full("explore, fragment", reverse("explore") + below, HTTP_HX_REQUEST="true"),
        full("explore as staff", reverse("explore"), at_the_desk),
        full("my pictures", reverse("mine")),
        full("my pictures, deep", reverse("mine") + mine_below),
        full("member", other.get_absolute_url()),
        full("trash", reverse("trash")),
        Page("picture", image.get_absolute_url(), own, 'id="facts-title"'),
        Page("picture as staff", image.get_absolute_url(), at_the_desk, 'id="facts-title"'),
        Page("change password", reverse("account_change_password"), own, 'name="password1"'),
        Page("create", reverse("generator:create"), own, 'name="prompt"'),
        Page("inbox", reverse("inbox"), at_the_desk, "data-ask", WAITING),
        Page("inbox, decided", reverse("inbox") + "?state=done", at_the_desk, "</html>"),
        Page("live, nothing under way", reverse("generator:live") + "?known=0-0-0", own, status=286),
        Page("thumbnail without proof", reverse("thumb", args=[image.pk, 320]), own),
        Page("original", reverse("original", args=[image.pk]), own),
        Page("admin, pictures", reverse("admin:generator_image_changelist"), at_the_desk, "</html>"),
        Page("admin, calls", reverse("admin:generator_call_changelist"), at_the_desk, "</html>"),
    ]


def sparse(guest: User, share: str) -> list[Page]:
    """Of somebody who may see hardly anything of what there is."""
    own = cookie(guest)
    return [
        *_pages.baselines(own),
        Page(f"explore, {share}", reverse("explore"), own, "</html>"),
        Page(f"my pictures, {share}", reverse("mine"), own, "</html>"),
        Page(f"picture, {share}", deep(guest).get_absolute_url(), own, 'id="facts-title"'),
    ]


def under_way(member: User) -> list[Page]:
    """Of somebody whose page shows so many calls that run: the page, and its questions for news.

    One finds only the badge to be new, so that it does not wait for more, and one that all tiles are.
    """
    own, live = cookie(member), reverse("generator:live")
    _rows.set_going(member, UNDER_WAY)
    progress = Progress(list(Call.objects.running().filter(user=member).select_related("generation", "retry")))
    seen = urlencode([("seen", f"{call.pk.hex}:{progress.tile(call).version}") for call in progress.calls])
    unseen = urlencode([("seen", f"{call.pk.hex}:000000") for call in progress.calls])
    tile = 'role="group"'
    return [
        *_pages.baselines(own),
        Page("create, ten under way", reverse("generator:create"), own, tile, UNDER_WAY),
        Page("live, ten under way", f"{live}?{seen}", own, tile, 0),
        Page("live, ten drawn anew", f"{live}?{unseen}", own, tile, UNDER_WAY),
    ]


def hide_from(guest: User, every: int) -> None:
    """Make everything private but each `every`-th picture (0: none). The guest's own are the five oldest."""
    ids = list(Image.objects.order_by("pk").values_list("pk", flat=True))
    Image.objects.update(visibility=Visibility.PRIVATE)
    shown = ids[::every] if every else []
    for start in range(0, len(shown), _rows.BATCH):
        Image.objects.filter(pk__in=shown[start : start + _rows.BATCH]).update(visibility=Visibility.SHARED)
    Image.objects.filter(pk__in=ids[:5]).update(user=guest, trashed_at=None)
    months.forget()
    months.restore()  # which the watch does a little at a time


def fill_trash(member: User) -> None:
    """A page of what this member has thrown away, whatever the number of pictures."""
    own = Image.objects.filter(user=member)
    lying = own.exclude(trashed_at=None).count()
    more = own.filter(trashed_at=None).order_by("pk").values_list("pk", flat=True)[: max(0, PAGE_SIZE - lying)]
    Image.objects.filter(pk__in=list(more)).update(trashed_at=timezone.now())


def fill_inbox(people: list[User], staff: User) -> None:
    """A page of what waits for staff: reports, questions of owners, answers, comments."""
    newest = Image.objects.filter(visibility=Visibility.SHARED, trashed_at=None).order_by("-pk")[: 2 * WAITING]
    reasons = list(Report.Reason)
    for place, image in enumerate(newest):
        said = {"image": image, "user": people[place % PEOPLE], "text": "Look at this, please"}
        if place % 2:
            Comment.objects.create(**said, token=uuid4().hex)
            continue
        report = Report.objects.create(**said, reason=reasons[place // 2 % len(reasons)])
        if place % 3 == 0:
            asked = {"image": image, "report": report, "moderator": staff, "action": Decision.Action.ASK}
            Decision.objects.create(**asked, note="What is this?", answer="A harbour")


def main(sizes: list[int]) -> int:
    random.seed(1)
    people, originals = _rows.add_people(PEOPLE), _rows.draw_originals()
    guest, staff = User.objects.create_user("guest", password=_scratch.PASSWORD), User.objects.get(is_superuser=True)
    ratios: dict[str, list[float]] = defaultdict(list)
    queries: dict[str, set[int]] = defaultdict(set)
    print(_table.conditions())
    _pages.head()

    def measure(label: str, visited: list[Page]) -> None:
        for name, (ratio, count) in _pages.measure(label, visited, ROUNDS).items():
            ratios[name].append(ratio)
            queries[name].add(count)

    for rows in sizes:
        _rows.fill(people, originals, rows)
        fill_trash(people[0])
        fill_inbox(people, staff)
        measure(f"{rows:,}", pages(people[0], people[1], staff))
    for every, share in SPARSE.items():
        hide_from(guest, every)
        measure(f"{sizes[-1]:,}", sparse(guest, share))
    measure(f"{sizes[-1]:,}", under_way(people[2]))
    growing = [name for name, counts in queries.items() if len(counts) > 1]
    print("\nQueries per page are the same at every size." if not growing else f"\nQUERIES DIFFER: {growing}")
    late = _pages.missed({name: max(found) for name, found in ratios.items()})
    return int(bool(growing or late))


if __name__ == "__main__":
    wanted = [int(size) for size in sys.argv[1:] if size != MILLION] or list(SIZES)
    sys.exit(main([*wanted, 1_000_000] if MILLION in sys.argv else wanted))
