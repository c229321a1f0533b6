"""What the page of a family costs, beside the pages of one of its pictures and of a picture without any.

Run `.venv/bin/python benchmarks/lineage.py [pictures …]`; by default 500. On SQLite, or on the PostgreSQL server that
DATABASE_URL names. Each step is made of one of the last pictures of the family or of any, two pictures of each prompt,
among as many that are kin to nobody. Ends with an error if the page of the largest family takes over a tenth more than
targets.toml says, or needs more queries than that of the smallest.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _scratch, _table  # noqa: F401 - the scratch site comes before all else

# isort: split
from django.urls import reverse

from benchmarks import _pages, _rows
from benchmarks._pages import Page, cookie
from gallery.models import User
from generator.models import Generation, Image
from generator.models.generation import Visibility

SIZES = (500,)
ROUNDS = 20
PEOPLE = 5
LAST, OFTEN = 20, 0.6
PICTURE, FAMILY, ALONE = "picture with a family", "family", "family of one step"


def raise_family(size: int) -> list[Image]:
    """Make the newest `size` pictures one family, which everybody signed in may see; oldest first."""
    images = list(Image.objects.order_by("-pk")[:size])[::-1]
    Image.objects.filter(pk__in=[image.pk for image in images]).update(visibility=Visibility.SHARED, trashed_at=None)
    Generation.objects.update(parent=None)
    steps = list(dict.fromkeys(image.generation_id for image in images))
    known = [image for image in images if image.generation_id == steps[0]]
    made = []
    for pk in steps[1:]:
        source = random.choice(known[-LAST:] if random.random() < OFTEN else known)
        made.append(Generation(pk=pk, parent=source))
        known += [image for image in images if image.generation_id == pk]
    Generation.objects.bulk_update(made, ["parent"])
    return images


def pages(member: User, images: list[Image], alone: Image) -> list[Page]:
    own, middle = cookie(member), images[len(images) // 2]
    _rows.hang_thumbs([middle])
    return [
        *_pages.baselines(own),
        Page("picture", alone.get_absolute_url(), own, 'id="facts-title"'),
        Page(PICTURE, middle.get_absolute_url(), own, 'id="facts-title"'),
        Page(ALONE, reverse("family", args=[alone.pk]), own, "kin-card is-here"),
        Page(FAMILY, reverse("family", args=[middle.pk]), own, 'data-image="', len(images)),
    ]


def main(sizes: list[int]) -> int:
    random.seed(1)
    people, originals = _rows.add_people(PEOPLE), _rows.draw_originals()
    print(_table.conditions())
    _pages.head()
    worst: dict[str, float] = {}
    queries = set()
    for size in sizes:
        _rows.fill(people, originals, 2 * size)
        alone = Image.objects.visible_to(people[0]).order_by("pk")[size // 4]
        found = _pages.measure(f"{size:,}", pages(people[0], raise_family(size), alone), ROUNDS)
        worst = {name: ratio for name, (ratio, _) in found.items()}
        queries |= {found[name][1] for name in (FAMILY, ALONE)}
        print(f"\nA family of {size:,} takes {worst[FAMILY] / worst['picture']:.1f} times what a picture takes.")
    return int(bool(len(queries) > 1 or _pages.missed(worst)))


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
