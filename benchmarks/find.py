"""What finding pictures by words and facts costs, beside a first page without any, and what the index costs.

Run `.venv/bin/python benchmarks/find.py [rows …]`; by default 10,000 and 100,000 pictures. On SQLite, or on the
PostgreSQL server that DATABASE_URL names. Prompts are drawn from 20,000 words, of which the n-th is n times rarer than
the first, and from signs of Chinese; so are comments, one for ten pictures. A table of words is the database's answer
with the ids of 49 pictures; that of listings is what pages ask for: rows, how many there are, and the neighbours and
the place of the last picture. That of orders has also the page in the middle of each, and the one before it. The
largest number of pictures came in five years: two tables tell what the months of a listing cost, and each page of one.
Then come complete pages.
"""

import random
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # noqa: F401 - the scratch site comes before all else

# isort: split
from dataclasses import replace
from itertools import accumulate, cycle, islice

from django.db import connection

from benchmarks import _found, _rows, _times
from gallery.browse.listing import Listing
from gallery.browse.orders import NEWEST, NUMBERS, OLDEST, RANDOM
from gallery.browse.summary import MOST_COUNTED
from gallery.browse.wanted import EXPLORE
from gallery.models import Document, Rating, User
from gallery.search import comments, index
from gallery.search.matching import matching
from gallery.search.query import parse
from gallery.server.deep_calls import with_room
from generator.models import Generation, Image

SIZES = (10_000, 100_000)
ROUNDS = 7
PEOPLE = 10
FIRST_PAGE = 49
SEED = 1 << 31
FIVE_YEARS = timedelta(days=5 * 365)
SYLLABLES = ("ba", "ko", "ri", "ten", "su", "mal", "ve", "no", "dri", "qua")
VOCABULARY = ["".join(SYLLABLES[int(digit)] for digit in f"{number:05d}") for number in range(20_000)]
WEIGHTS = list(accumulate(1 / (number + 1) for number in range(len(VOCABULARY))))
COMMON, MEDIUM, RARE = VOCABULARY[1], VOCABULARY[60], VOCABULARY[9_000]
QUESTIONS = {
    "common word": COMMON,
    "medium word": MEDIUM,
    "rare word": RARE,
    "no such word": "zzzz",
    "two common words": f"{COMMON} {VOCABULARY[3]}",
    "phrase of common words": f'"{VOCABULARY[0]} {COMMON}"',
    "common without common": f"{COMMON} -{VOCABULARY[0]}",
    "only without": f"-{COMMON}",
    "prefix of three letters": "bab*",
    "two signs": "水山",
}
# One picture in so many is of a model, and by a person, that are rare.
SELDOM = 5_000
RARE_MODEL, RARE_PERSON = "etching-1", "rarely"
LISTINGS = {
    "common word": COMMON,
    "rare word": RARE,
    "common word, a person": f"{COMMON} by:member-1",
    "common word, a rare person": f"{COMMON} by:{RARE_PERSON}",
    "common word, a rare model": f"{COMMON} model:{RARE_MODEL}",
    "common word, stars": f"{COMMON} rated:4",
    "common word, a day": f"{COMMON} on:2025-01-01",
    "a person": "by:member-1",
    "a rare person": f"by:{RARE_PERSON}",
    "a model": "model:flux",
    "a rare model": f"model:{RARE_MODEL}",
    "stars": "rated:4",
    "a comment": "has:comment",
    "a day": "on:2025-01-01",
    "a shape that none has": "shape:tall",
    "one's own private ones": "seen:private",
}


# Of complete pages.
SEARCHES = {name: QUESTIONS[name] for name in (
    "common word", "rare word", "two common words", "phrase of common words", "prefix of three letters", "two signs",
)}  # fmt: skip
FILTERS = {
    "common word, a person": f"{COMMON} by:member-1",
    "common word, a rare person": f"{COMMON} by:{RARE_PERSON}",
    "common word, a model": f"{COMMON} model:flux",
    "common word, stars": f"{COMMON} rated:4",
    "common word, a month": f"{COMMON} on:2025-01",
    "common word, a colour": f"{COMMON} colour:teal",
    "a colour": "colour:teal",
    "the same colours": "colour:teal colour:navy colour:sand",
    "common word in comments": f"in:comments {COMMON}",
    "rare word in comments": f"in:comments {RARE}",
}
# Searches of one process, and by how many MiB it may grow over all but the first thousand.
MANY, MOST_GROWTH = 10_000, 4


def prompt() -> str:
    words = random.choices(VOCABULARY, cum_weights=WEIGHTS, k=random.randint(4, 30))
    if random.random() < 0.05:
        words.append("".join(random.choices("水山火木金土日月", k=6)))
    return " ".join(words)


def make_some_rare() -> None:
    """Of those generations that are new."""
    person, _ = User.objects.get_or_create(username=RARE_PERSON)
    for place, given in ((0, {"model": RARE_MODEL}), (1, {"user": person})):
        rows = Image.objects.order_by("pk").values_list("pk", "generation").iterator()
        some = list(islice(rows, place * 7, None, SELDOM))
        Generation.objects.filter(pk__in=[generation for _, generation in some]).update(**given)
        if "user" in given:
            Image.objects.filter(pk__in=[pk for pk, _ in some]).update(**given)


def milliseconds(ask: object) -> tuple[float, float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()  # type: ignore[operator]
        times.append((time.perf_counter() - began) * 1e3)
    return _table.median(times), _table.p95(times)


def megabytes() -> float:
    """Of the documents and their index."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('gallery_document')")
        else:
            cursor.execute("SELECT sum(length(block)) FROM gallery_document_index_data")
        return float(cursor.fetchone()[0]) / 1e6


def measure(rows: int, member: User) -> None:
    began = time.process_time()
    added = index.add_older()
    cost = (time.process_time() - began) / added * 1e3
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE gallery_document")
    plain = Image.objects.visible_to(member).newest().values_list("pk")[:FIRST_PAGE]
    base, _ = milliseconds(lambda: list(plain.all()))
    print(f"\n{rows:,} pictures: {cost:.2f} ms of CPU to add one, {megabytes():.0f} MB, first page {base:.2f} ms\n")
    _table.head("question", "found", "median, ms", "p95, ms", "ratio")
    for name, text in QUESTIONS.items():
        found = matching(Image.objects.visible_to(member), parse(text)).values_list("pk")[:FIRST_PAGE]
        number = len(found.all())
        median, slowest = milliseconds(lambda found=found: list(found.all()))
        _table.line(name, number, median, slowest, median / base)


def measure_listings(member: User) -> None:
    plain = Listing(EXPLORE)
    base, slowest = milliseconds(lambda: plain.page(member))
    print(f"\nThe plain first page: {base:.2f} ms, p95 {slowest:.2f} ms\n")
    _table.head("listing", "page, ms", "p95, ms", "ratio", "count, ms", "neighbours, ms", "place, ms", "oldest, ms")
    for name, text in LISTINGS.items():
        here, there = Listing(q=text), Listing(q=text, order=OLDEST)
        rows = here.page(member).rows
        image = Image.objects.get(pk=rows[-1].pk) if rows else Image.objects.first()
        page, slowest = milliseconds(lambda here=here: here.page(member))
        others = [
            milliseconds(lambda here=here: here.count(member, MOST_COUNTED))[0],
            milliseconds(lambda here=here, image=image: here.neighbours(member, image))[0],
            milliseconds(lambda here=here, image=image: here.position(member, image, MOST_COUNTED))[0],
            milliseconds(lambda there=there: there.page(member))[0],
        ]
        _table.line(name, page, slowest, page / base, *others)


def measure_orders(member: User) -> None:
    """The first page of each order, one far behind it, the one before that, and what a picture's page asks for."""
    base, slowest = milliseconds(lambda: Listing(EXPLORE).page(member))
    print(f"\nThe plain first page: {base:.2f} ms, p95 {slowest:.2f} ms\n")
    _table.head(
        "order", "first, ms", "far, ms", "p95, ms", "ratio", "back, ms", "count, ms", "neighbours, ms", "place, ms"
    )
    for order in (NEWEST, OLDEST, *NUMBERS, RANDOM):
        here = Listing(order=order, seed=SEED)
        first, _ = milliseconds(lambda here=here: here.page(member))
        image = middle(here, member)
        there = here._place(member, image)
        behind, before = replace(here, before=there), replace(here, after=there)
        far, slowest = milliseconds(lambda behind=behind: behind.page(member))
        others = [
            milliseconds(lambda before=before: before.page(member))[0],
            milliseconds(lambda here=here: here.count(member, MOST_COUNTED))[0],
            milliseconds(lambda here=here, image=image: here.neighbours(member, image))[0],
            milliseconds(lambda here=here, image=image: here.position(member, image, MOST_COUNTED))[0],
        ]
        _table.line(order or "newest", first, far, slowest, far / base, *others)


def middle(here: Listing, member: User) -> Image:
    """A picture of which as many stand before as behind, or nearly."""
    images = here.images(member)
    if here.order in NUMBERS:
        images = images.filter(**{f"{NUMBERS[here.order]}__gt": 0}).order_by(NUMBERS[here.order], "pk")
    return images[images.count() // 2]


def measure_feedback(member: User) -> None:
    """What stars cost with their triggers; a picture without any is in no index of numbers."""
    image = Image.objects.visible_to(member).first()
    stars = cycle((1, 5))
    median, slowest = milliseconds(lambda: Rating.objects.all().rate(image, member, next(stars)))
    print(f"\nStars: {median:.2f} ms, p95 {slowest:.2f} ms\n")


def main(sizes: list[int]) -> int:
    random.seed(1)
    people, originals = _rows.add_people(PEOPLE), _rows.draw_originals()
    print(_table.conditions())
    for rows in sizes:
        _rows.fill(people, originals, rows, prompt, FIVE_YEARS / max(sizes))
        make_some_rare()
        measure(rows, people[0])
        measure_listings(people[0])
        measure_orders(people[0])
        measure_feedback(people[0])
        _times.measure(people[0], milliseconds)
        comments.add_older()
        _found.measure_pages(_found.pages(people[0], SEARCHES, FILTERS))
        _found.measure_submit(people, originals)
        _found.measure_indexes()
    growth = _found.measure_memory(people[0], VOCABULARY[:500], MANY)
    return int(growth > MOST_GROWTH or index.missing() > 0 or Document.objects.count() != Image.objects.count())


if __name__ == "__main__":
    # With the room that the web server's threads have: how long a page takes would go by how deep it is called.
    sys.exit(with_room(main, [int(size) for size in sys.argv[1:]] or list(SIZES)))
