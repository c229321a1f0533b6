"""What finding pictures by words and facts costs, beside a first page without any, and what the index costs.

Run `.venv/bin/python benchmarks/find.py [rows …]`; by default 10,000 and 100,000 pictures. On SQLite, or on the
PostgreSQL server that DATABASE_URL names. Prompts are drawn from 20,000 words, of which the n-th is n times rarer than
the first, and from signs of Chinese. A table of words is the database's answer with the ids of 49 pictures; that of
listings is what pages ask for: rows, how many there are, and the neighbours and the place of the last picture. The
largest number of pictures came in five years: the last tables tell what the months of a listing cost, and each page.
"""

import random
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # noqa: F401 - the scratch site comes before all else

# isort: split
from itertools import accumulate

from django.db import connection

from benchmarks import _rows, _times
from gallery.browse.listing import Listing
from gallery.browse.orders import OLDEST
from gallery.browse.summary import MOST_COUNTED
from gallery.browse.wanted import EXPLORE
from gallery.models import Document, User
from gallery.search import index
from gallery.search.matching import matching
from gallery.search.query import parse
from generator.models import Generation, Image

SIZES = (10_000, 100_000)
ROUNDS = 7
PEOPLE = 10
FIRST_PAGE = 49
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


def prompt() -> str:
    words = random.choices(VOCABULARY, cum_weights=WEIGHTS, k=random.randint(4, 30))
    if random.random() < 0.05:
        words.append("".join(random.choices("水山火木金土日月", k=6)))
    return " ".join(words)


def give_words() -> None:
    """Other prompts for pictures that have no words yet."""
    fresh = list(Generation.objects.filter(images__document=None).distinct())
    for generation in fresh:
        generation.prompt = prompt()
    Generation.objects.bulk_update(fresh, ["prompt"], batch_size=2_000)


def make_some_rare() -> None:
    """Of those generations that are new."""
    person, _ = User.objects.get_or_create(username=RARE_PERSON)
    for place, given in ((0, {"model": RARE_MODEL}), (1, {"user": person})):
        some = list(Image.objects.order_by("pk").values_list("pk", "generation")[place * 7 :: SELDOM])
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


def main(sizes: list[int]) -> int:
    random.seed(1)
    people, originals = _rows.add_people(PEOPLE), _rows.draw_originals()
    print(_table.conditions())
    for rows in sizes:
        _rows.fill(people, originals, rows, FIVE_YEARS / max(sizes))
        give_words()
        make_some_rare()
        measure(rows, people[0])
        measure_listings(people[0])
        _times.measure(people[0], milliseconds)
    return int(index.missing() > 0 or Document.objects.count() != Image.objects.count())


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
