"""Pictures are counted by month: whatever happens to them, in the transaction in which it happens."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import F, Max, Sum
from django.test import override_settings
from django.utils import timezone

from gallery import doctor
from gallery.doctor.repair import repair
from gallery.server import triggers
from generator.models import Image
from generator.models.image import new_link
from generator.models.month import EVERYBODY, Month, MonthCount, first_id
from generator.worker import months
from generator.worker.points import looked
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
Kind = tuple[Any, ...]
MONTHS = [(2025, 12), (2026, 1), (2026, 3)]


def add(image: Image, *moments: datetime, **more: Any) -> None:
    """Pictures alike that came at these moments."""
    kept = ("call", "generation", "user", "file", "format", "width", "height", "bytes", "sha256", "placeholder")
    fields = {name: getattr(image, name) for name in kept} | more
    start = 1 + (Image.objects.aggregate(last=Max("index"))["last"] or 0)
    Image.objects.bulk_create(
        Image(id=UUID(int=first_id(moment).int + number), index=number, link=new_link(), **fields)
        for number, moment in enumerate(moments, start)
    )


def on(year: int, month: int, day: int = 15) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def counted() -> dict[Kind, int]:
    """What the roll-up says, by month, owner, visibility and whether staff hid them."""
    kinds = MonthCount.objects.order_by().values("month", "owner", "visibility", "is_hidden")
    rows = kinds.annotate(pictures=Sum("number")).values_list("month", "owner", "visibility", "is_hidden", "pictures")
    return {(*kind, bool(hidden)): number for *kind, hidden, number in rows if number}


def true() -> dict[Kind, int]:
    """The same of the pictures' rows."""
    found: Counter[Kind] = Counter()
    for image in Image.objects.filter(trashed_at=None):
        moment = datetime.fromtimestamp((image.pk.int >> 80) / 1000, timezone.get_default_timezone())
        for owner in (EVERYBODY, image.user_id):
            found[moment.year * 100 + moment.month, owner, image.visibility, image.hidden_at is not None] += 1
    return dict(found)


class Life:
    """One thing after another that may happen to pictures."""

    def __init__(self, seed: int, cast: Cast) -> None:
        self.chance = random.Random(seed)
        self.people = list(vars(cast).values())

    def some(self) -> Any:
        keys = list(Image.objects.values_list("pk", flat=True))
        return Image.objects.filter(pk__in=self.chance.sample(keys, min(len(keys), self.chance.randint(1, 4))))

    def one(self) -> Image:
        return self.chance.choice(list(Image.objects.all()))

    def step(self) -> None:
        visibility, person = self.chance.choice(Image.Visibility.values), self.chance.choice(self.people)
        column = self.chance.choice(["hidden_at", "removed_at"])
        deeds: list[Callable[[], Any]] = [
            lambda: self.one().show_to(visibility),
            lambda: self.one().trash(),
            lambda: self.one().restore(),
            lambda: self.one().withhold(column),
            lambda: self.one().release(column),
            lambda: self.one().save(),
            lambda: self.some().throw_away(),
            lambda: self.some().update(visibility=visibility, user=person),
            lambda: self.some().update(hidden_at=None, trashed_at=None),
            lambda: self.some().update(downloads=F("downloads") + 1),
            lambda: self.some().delete() if Image.objects.count() > 6 else None,
            lambda: add(self.one(), on(*self.chance.choice(MONTHS))),
            months.fold,
            lambda: months.count([Month.objects.get(number=202601)]),
        ]
        self.chance.choice(deeds)()


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_what_the_rows_add_up_to_whatever_happens(cast: Cast, make_image: Make, seed: int) -> None:
    life = Life(seed, cast)
    image = make_image(cast.owner)
    for person, (year, month) in zip(life.people, MONTHS * 2, strict=False):
        add(image, on(year, month), on(year, month), user=person)
    for _ in range(40):
        life.step()
        assert counted() == true()
    months.fold()
    assert counted() == true()
    assert months.wrong() == []


def test_what_is_taken_back_counts_for_nothing(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner)
    before = counted()
    assert {str(row) for row in MonthCount.objects.all()} == {f"{timezone.localtime():%Y%m}: +1"}
    with transaction.atomic():
        make_image(cast.owner)
        Image.objects.update(visibility="private")
        assert counted() != before
        transaction.set_rollback(True)
    assert counted() == before == true()


def test_what_says_nothing_new_adds_no_row(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    rows = MonthCount.objects.count()
    image.save()
    Image.objects.update(visibility=image.visibility, downloads=3)
    assert MonthCount.objects.count() == rows == 2


def test_rows_of_a_kind_are_put_together(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "FEW", 6)
    monkeypatch.setattr(months, "CHUNK", 4)
    for _ in range(2):
        make_image(cast.owner)
    looked.send(sender=None)
    assert MonthCount.objects.count() == 4
    make_image(cast.owner)
    looked.send(sender=None)
    assert sorted(MonthCount.objects.values_list("owner", "number")) == [(EVERYBODY, 3), (cast.owner.pk, 3)]
    make_image(cast.owner).trash()
    assert MonthCount.objects.count() == 6
    assert months.fold() == 4
    assert sorted(MonthCount.objects.values_list("owner", "number")) == [(EVERYBODY, 3), (cast.owner.pk, 3)]
    assert months.fold() == 0


def test_there_is_an_end_to_putting_together(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "CHUNK", 2)
    for _ in range(3):
        make_image(cast.owner)
    assert months.fold(seconds=-1) == 2
    assert months.fold() == 4


def test_rows_of_a_month_that_somebody_counts_anew_are_left_to_them(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner)
    Month.objects.all().delete()
    assert months.fold() == 0
    months.restore()
    assert counted() == true()


def test_months_are_those_of_the_time_zone(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    edges = [datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC), datetime(2026, 3, 31, 15, tzinfo=UTC)]
    add(image, *edges)
    image.delete()
    kind = ("shared", False)
    assert counted() == {(202603, owner, *kind): 2 for owner in (EVERYBODY, cast.owner.pk)}
    with override_settings(TIME_ZONE="Asia/Tokyo"):
        assert any("another time zone" in finding.sentence for finding in doctor.examine_files())
        triggers.restore()
        both = {(month, owner, *kind): 1 for month in (202603, 202604) for owner in (EVERYBODY, cast.owner.pk)}
        assert counted() == both == true()
        assert not any("time zone" in finding.sentence for finding in doctor.examine_files())
        Image.objects.update(trashed_at=timezone.now())
        assert counted() == {}


def test_pictures_of_any_time_have_a_month(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    add(image, on(1999, 5))
    add(image, on(2120, 5))
    assert {kind[0] for kind in counted()} >= {202001, 204912}
    assert str(Month.objects.get(number=202001)) == "2020-01"
    assert months.wrong() == []


def test_counting_may_stop_anywhere_and_go_on(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    for year, month in MONTHS:
        add(image, on(year, month))
    wanted = counted()
    Month.objects.filter(number__in=(202512, 202603)).delete()
    MonthCount.objects.filter(month=202512).delete()
    add(image, on(2025, 12))
    assert counted() == {kind: number for kind, number in wanted.items() if kind[0] != 202512}
    assert months.restore() == 2
    assert counted() == true()
    assert months.restore() == 0


def test_the_doctor_proves_the_counts_and_counts_anew(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner)
    assert not [finding for finding in doctor.examine_files(deep=True) if finding.area == "timeline"]
    assert not [line for line in repair(deep=True) if "counted anew" in line]
    MonthCount.objects.filter(owner=EVERYBODY).update(number=7)
    (found,) = [finding for finding in doctor.examine_files(deep=True) if finding.area == "timeline"]
    assert found.is_trouble
    assert "1 month wrong" in found.sentence
    assert "The pictures of 1 month were counted anew." in list(repair(deep=True))
    assert counted() == true()


def test_a_trigger_that_was_lost_has_everything_counted_anew(cast: Cast, make_image: Make) -> None:
    lose = {
        "sqlite": "DROP TRIGGER generator_image_added",
        "postgresql": "ALTER TABLE generator_image DISABLE TRIGGER generator_image_added",
    }
    with connection.cursor() as cursor:
        cursor.execute(lose[connection.vendor])
    make_image(cast.owner)
    assert counted() == {}
    assert triggers.missing() == ["generator_image_added"]
    triggers.restore()
    assert counted() == true() != {}
    make_image(cast.owner)
    assert counted() == true()


def test_an_emptied_database_counts_from_nothing(cast: Cast, make_image: Make) -> None:
    make_image(cast.owner)
    MonthCount.objects.all().delete()
    Image.objects.all().delete()
    triggers.restore_after_migrate(connection.alias, verbosity=0)
    assert MonthCount.objects.count() == 0
    assert months.is_complete()
    triggers.restore_after_migrate("another")
