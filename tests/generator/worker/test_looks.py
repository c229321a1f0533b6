"""Pictures from before anybody looked are looked at, bit by bit, and what cannot be read holds up nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Q
from django_q.models import OrmQ
from PIL import Image as Pillow

from gallery.doctor.looks import examine
from generator import store
from generator.models import Image
from generator.worker import looks, tasks
from generator.worker.points import tidied
from tests.conftest import Cast, Folders

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def without() -> set[object]:
    return set(Image.objects.filter(Q(fingerprint=None) | Q(colours=None)).values_list("pk", flat=True))


def test_all_get_one_of_their_smallest_thumbnail(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "CHUNK", 2)
    for _ in range(5):
        make_image(cast.owner, thumbs=True, colours=None)
    assert list(looks.added()) == [2, 2, 1]
    assert not without()
    assert set(Image.objects.values_list("colours", flat=True)) == {"teal"}
    assert list(looks.added()) == []


def test_one_without_thumbnails_or_with_a_broken_one_is_passed_over(
    cast: Cast, make_image: Make, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "CHUNK", 1)
    good = make_image(cast.owner, thumbs=True, colours=None)
    bare = make_image(cast.owner, colours=None)
    broken, large = (make_image(cast.owner, thumbs=True, colours=None) for _ in range(2))
    for path, content in _thumbs(broken), _thumbs(large):
        path.write_bytes(content[:20])
    monkeypatch.setattr(looks, "_MOST_PIXELS", 64 * 48 - 1)
    assert list(looks.added()) == [0, 0, 0, 0]
    monkeypatch.setattr(looks, "_MOST_PIXELS", 64 * 48)
    assert list(looks.added()) == [0, 0, 0, 1]
    assert without() == {bare.pk, broken.pk, large.pk}
    assert good.pk not in without()


def _thumbs(image: Image) -> tuple[Path, bytes]:
    path = store.thumb_path(image, image.thumb_widths[0])
    return path, path.read_bytes()


def test_the_watch_asks_a_worker_only_while_some_are_missing(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, thumbs=True, colours=None)
    tidied.send(sender=None)
    assert OrmQ.objects.count() >= 1
    Image.objects.update(fingerprint=7, colours="red")
    OrmQ.objects.all().delete()
    looks._have_some_looked_at()
    assert not OrmQ.objects.exists()
    assert Image.objects.get(pk=image.pk).fingerprint == 7


def test_a_round_that_takes_long_is_gone_on_with_by_another(
    cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image(cast.owner, thumbs=True, fingerprint=None, colours=None)
    assert [finding.sentence for finding in examine()] == [
        "Nobody has looked at 1 picture yet: neither its colours nor what is nearly the same find it."
    ]
    monkeypatch.setattr(tasks, "ROUND_SECONDS", -1)
    looks.add_missing_looks()
    assert OrmQ.objects.count() == 1
    monkeypatch.setattr(tasks, "ROUND_SECONDS", 60)
    looks.add_missing_looks()
    assert OrmQ.objects.count() == 1
    assert not without()
    assert list(examine()) == []


def test_a_lost_thumbnail_made_again_brings_one_too(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, width=400, height=300, colours=None)
    with Pillow.open(Path(settings.MEDIA_ROOT, image.file.name)) as original:
        assert original.size == (400, 300)
    store.heal(image, store.lost_widths(image))
    assert not without()
