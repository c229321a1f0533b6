"""What is kept beside a picture of its stars and comments is what they come to, whatever became of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery import doctor
from gallery.doctor.repair import repair
from gallery.feedback import numbers
from gallery.models import Comment, Rating, User
from gallery.models.feedback import CommentQuerySet, RatingQuerySet
from generator.models import Image
from tests.conftest import Cast

Make = Callable[..., Image]
STATES = Comment.State.values


def say(image: Image, person: User, number: int) -> None:
    Comment.objects.bulk_create(
        Comment(image=image, user=person, text="a", token=uuid4().hex, state=STATES[each % 3]) for each in range(number)
    )


def ratings(image: Image) -> RatingQuerySet:
    return Rating.objects.filter(image=image)


def comments(image: Image) -> CommentQuerySet:
    return Comment.objects.filter(image=image)


# Ways in which stars and comments come, change and go: of a picture, a person and a number, with another picture.
ACTS: dict[str, Callable[[Image, User, int, Image], Any]] = {
    "rate": lambda image, person, number, _: Rating.objects.all().rate(image, person, number),
    "take back": lambda _image, person, *_: Rating.objects.filter(user=person).delete(),
    "give all of them": lambda image, _person, number, _: ratings(image).update(stars=max(number, 1)),
    "say": lambda image, person, number, _: say(image, person, number),
    "hide or show": lambda _image, person, number, _: Comment.objects.filter(user=person).update(
        state=STATES[number % 3]
    ),
    "delete one": lambda image, *_: [comment.delete() for comment in comments(image)[:1]],
    "move": lambda image, _person, _number, other: comments(image).update(image=other),
    "lose all stars": lambda image, *_: ratings(image)._raw_delete("default"),
    "lose all comments": lambda image, *_: comments(image)._raw_delete("default"),
}
some = st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 5), st.integers(0, 2), st.integers(0, 1))


def wanted(image: Image) -> tuple[int | None, ...]:
    stars = list(Rating.objects.filter(image=image).values_list("stars", flat=True))
    comments = Comment.objects.filter(image=image, state="shown").count()
    if not stars:
        return None, None, comments or None
    return (sum(stars) + 6) * 1000 // (len(stars) + 2), sum(stars) * 1000 // len(stars), comments or None


def kept(image: Image) -> tuple[int | None, ...]:
    image.refresh_from_db()
    return image.rating, image.mean_stars, image.comment_count


@pytest.mark.django_db
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(acts=st.lists(some, max_size=12))
def test_numbers_follow_the_rows(cast: Cast, make_image: Make, acts: list[Any]) -> None:
    images = [make_image(cast.owner), make_image(cast.owner)]
    people = [cast.owner, cast.member, cast.stranger]
    for what, number, person, which in acts:
        ACTS[what](images[which], people[person], number, images[1 - which])
        assert [kept(image) for image in images] == [wanted(image) for image in images]
    assert numbers.wrong() == 0


@pytest.mark.django_db
def test_feedback_of_a_member_who_is_gone_counts_no_more(cast: Cast, make_image: Make) -> None:
    image, guest = make_image(cast.owner), User.objects.create(username="guest")
    Rating.objects.create(image=image, user=guest, stars=5)
    Comment.objects.create(image=image, user=guest, text="a", token="1")
    assert kept(image) == (3666, 5000, 1)
    guest.delete()
    assert kept(image) == (None, None, None)


@pytest.mark.django_db
def test_a_picture_that_was_spoken_of_can_be_deleted(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    Rating.objects.create(image=image, user=cast.member, stars=5)
    Comment.objects.create(image=image, user=cast.member, text="a", token="1")
    assert image.delete()[0] >= 3


@pytest.mark.django_db
def test_few_stars_prove_less_than_many(cast: Cast, make_image: Make) -> None:
    one, many = make_image(cast.owner), make_image(cast.owner)
    people = [User.objects.create(username=f"m{number}") for number in range(10)]
    Rating.objects.create(image=one, user=people[0], stars=5)
    Rating.objects.bulk_create(
        Rating(image=many, user=person, stars=4 + number % 2) for number, person in enumerate(people)
    )
    kept(one), kept(many)
    assert one.rating < many.rating < 4500
    assert (one.mean_stars, many.mean_stars) == (5000, 4500)


@pytest.mark.django_db
def test_the_doctor_proves_the_numbers_and_puts_them_right(cast: Cast, make_image: Make) -> None:
    image, plain = make_image(cast.owner), make_image(cast.owner)
    Rating.objects.create(image=image, user=cast.member, stars=5)
    Image.objects.filter(pk=image.pk).update(rating=None)
    Image.objects.filter(pk=plain.pk).update(comment_count=4, mean_stars=1000)
    said = [finding.sentence for finding in doctor.examine_files() if finding.area == "orders"]
    assert len(said) == 1
    assert "3 numbers" in said[0]
    assert any("3 numbers" in sentence for sentence in repair())
    assert (kept(image), kept(plain)) == ((3666, 5000, None), (None, None, None))
    assert not [finding for finding in doctor.examine_files() if finding.area == "orders"]
    assert not [sentence for sentence in repair() if "counted anew" in sentence]


def is_waited_for() -> bool:
    """Whether somebody waits for the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        waiting: int = cursor.fetchone()[0]
    return waiting > 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_rate_at_once_both_count(cast: Cast, make_image: Make) -> None:
    """SQLite lets one write at a time; on PostgreSQL the second one has begun before the first one's stars are seen."""
    image = make_image(cast.owner)

    def rate() -> None:
        Rating.objects.create(image=image, user=cast.member, stars=5)
        connection.close()

    other = threading.Thread(target=rate)
    with transaction.atomic():
        Rating.objects.create(image=image, user=cast.stranger, stars=4)
        if connection.vendor == "postgresql":
            other.start()
            while not is_waited_for():
                assert other.is_alive()
    if connection.vendor == "sqlite":
        other.start()
    other.join()
    assert kept(image) == wanted(image) == (3750, 4500, None)
