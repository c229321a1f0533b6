"""Pictures by the thousand: rows as a worker leaves them, with a handful of real files shared among them."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.ingest import picture
from gallery.models import Comment, Rating, User
from generator.imaging.palette import COLOURS
from generator.models import Call, Generation, Image
from generator.models.generation import Visibility
from generator.worker import months

BATCH = 2_000
FILES = 4
SIDE = 1024
PER_GENERATION = 2
MODELS = ("flux", "kandinsky", "flux-2-dev", "gpt-image-1-mini")
VISIBILITIES = {Visibility.SHARED: 80, Visibility.PRIVATE: 12, Visibility.LINK: 4, Visibility.PUBLIC: 4}
TRASHED = 0.03
SPOKEN_OF = 0.1
WORDS = ("quiet", "harbour", "at dawn", "with", "red boats", "and a", "lighthouse", "in the fog,", "oil on linen")
PLACEHOLDER = "data:image/webp;base64," + "UklGRkAAAABXRUJQVlA4IDQAAADQAQCdASoQABAAAUAmJaACdLoB" * 2
# A round moment long ago, so that ids are the same in every run and further rows are always newer.
BEGINNING = datetime(2025, 1, 1, tzinfo=timezone.get_default_timezone())


def add_people(count: int) -> list[User]:
    return User.objects.bulk_create(User(username=f"member-{number}") for number in range(count))


def draw_originals() -> list[tuple[str, int]]:
    """Name below the media root and size in bytes of a few real PNGs."""
    found = []
    for number in range(FILES):
        path = Path(settings.MEDIA_ROOT, f"originals/shared/{number}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(SIDE, number).save(path)
        found.append((f"originals/shared/{number}.png", path.stat().st_size))
    return found


def hang_thumbs(images: Iterable[Image] | None = None) -> None:
    """Real thumbnails for these pictures, else for all; one file of each width under all their names."""
    images = Image.objects.all() if images is None else images
    for width in settings.THUMB_WIDTHS[:-1]:
        drawn = Path(settings.DATA_DIR, f"thumb-{width}.webp")
        picture(min(width, SIDE), 0).save(drawn, quality=82, method=2)
        for path in (Path(settings.MEDIA_ROOT, image.thumb_name(width)) for image in images):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.hardlink_to(drawn)


def fill(
    people: list[User],
    originals: list[tuple[str, int]],
    total: int,
    say: Callable[[], str] | None = None,
    every: timedelta = timedelta(seconds=1),
) -> None:
    """Add pictures until there are `total`, each newer by `every` than the one before it. `say` draws prompts and
    comments.
    """
    have = Image.objects.count()
    months.forget()  # they are counted all at once in the end
    for start in range(have, total, BATCH):
        _add(people, originals, range(start, min(start + BATCH, total)), say or _prompt, every)
    months.restore()
    with connection.cursor() as cursor:
        # PostgreSQL does this by itself a minute later; SQLite never does, so it is not helped here either.
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


@transaction.atomic
def _add(
    people: list[User], originals: list[tuple[str, int]], numbers: range, say: Callable[[], str], every: timedelta
) -> None:
    generations = [_generation(random.choice(people), say()) for _ in numbers[::PER_GENERATION]]
    calls = [_call(generations[place // PER_GENERATION], number, every) for place, number in enumerate(numbers)]
    images = [_image(call, *originals[number % FILES]) for call, number in zip(calls, numbers, strict=True)]
    Generation.objects.bulk_create(generations)
    Call.objects.bulk_create(calls)
    Image.objects.bulk_create(images)
    spoken_of = [image for image in images if random.random() < SPOKEN_OF]
    Rating.objects.bulk_create(
        Rating(image=image, user=random.choice(people), stars=random.randint(1, 5)) for image in spoken_of
    )
    Comment.objects.bulk_create(
        Comment(image=image, user=random.choice(people), text=say(), token=uuid4().hex) for image in spoken_of
    )


def _prompt() -> str:
    return " ".join(random.choices(WORDS, k=random.randint(4, 30)))


def _generation(user: User, prompt: str = "") -> Generation:
    visibility = random.choices(list(VISIBILITIES), weights=list(VISIBILITIES.values()))[0]
    asked: dict[str, Any] = {"model": random.choice(MODELS), "ratio": "1:1", "count": PER_GENERATION}
    return Generation(user=user, prompt=prompt or _prompt(), token=uuid4().hex, visibility=visibility, **asked)


def _call(generation: Generation, number: int, every: timedelta) -> Call:
    """One that succeeded."""
    received = BEGINNING + every * number
    sent = received - timedelta(seconds=4)
    return Call(
        generation=generation,
        user_id=generation.user_id,
        number=number % PER_GENERATION + 1,
        state=Call.State.SUCCEEDED,
        claimed_at=sent,
        sent_at=sent,
        received_at=received,
        finished_at=received,
        http_status=200,
        reply_id=f"imagen_{uuid4().hex}",
        reply_model=generation.model,
        usage=1311,
        elapsed_time=3.2,
        api_user=0,
        pictures=1,
        units=1311,
        settled_at=received,
    )


def _image(call: Call, name: str, size: int) -> Image:
    generation = call.generation
    return Image(
        id=Image.id_for(call, 0),
        call=call,
        generation=generation,
        user_id=generation.user_id,
        index=0,
        file=name,
        format=Image.Format.PNG,
        width=SIDE,
        height=SIDE,
        bytes=size,
        sha256="0" * 64,
        placeholder=PLACEHOLDER,
        fingerprint=random.getrandbits(64) - 2**63,
        colours=" ".join(random.sample(list(COLOURS), 3)),
        visibility=generation.visibility,
        created_at=call.received_at,
        # Just now: a running worker empties what has lain there too long, and removes the shared files.
        trashed_at=timezone.now() if random.random() < TRASHED else None,
    )


def set_going(user: User, count: int) -> None:
    """So many calls of this person that nobody works on: half of them sent just now, half still queued."""
    now = timezone.now()
    generations = Generation.objects.bulk_create(_generation(user) for _ in range(count))
    Call.objects.bulk_create(
        Call(
            generation=generation,
            user=user,
            number=1,
            state=Call.State.QUEUED if place % 2 else Call.State.SENDING,
            claimed_at=None if place % 2 else now,
            sent_at=None if place % 2 else now,
        )
        for place, generation in enumerate(generations)
    )
