"""Pictures from before there were fingerprints get theirs, bit by bit, and what cannot be read holds up nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django_q.models import OrmQ
from PIL import Image as Pillow

from gallery.doctor import alike
from generator import store
from generator.models import Image
from generator.worker import fingerprints, tasks
from generator.worker.points import tidied
from tests.conftest import Cast, Folders

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def without() -> set[object]:
    return set(Image.objects.filter(fingerprint=None).values_list("pk", flat=True))


def test_all_get_one_of_their_smallest_thumbnail(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "CHUNK", 2)
    for _ in range(5):
        make_image(cast.owner, thumbs=True, fingerprint=None)
    assert list(fingerprints.added()) == [2, 2, 1]
    assert not without()
    assert list(fingerprints.added()) == []


def test_one_without_thumbnails_or_with_a_broken_one_is_passed_over(
    cast: Cast, make_image: Make, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "CHUNK", 1)
    good = make_image(cast.owner, thumbs=True, fingerprint=None)
    bare = make_image(cast.owner, fingerprint=None)
    broken, large = (make_image(cast.owner, thumbs=True, fingerprint=None) for _ in range(2))
    for path, content in _thumbs(broken), _thumbs(large):
        path.write_bytes(content[:20])
    monkeypatch.setattr(fingerprints, "_MOST_PIXELS", 64 * 48 - 1)
    assert list(fingerprints.added()) == [0, 0, 0, 0]
    monkeypatch.setattr(fingerprints, "_MOST_PIXELS", 64 * 48)
    assert list(fingerprints.added()) == [0, 0, 0, 1]
    assert without() == {bare.pk, broken.pk, large.pk}
    assert good.pk not in without()


def _thumbs(image: Image) -> tuple[Path, bytes]:
    path = store.thumb_path(image, image.thumb_widths[0])
    return path, path.read_bytes()


def test_the_watch_asks_a_worker_only_while_some_are_missing(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, thumbs=True, fingerprint=None)
    tidied.send(sender=None)
    assert OrmQ.objects.count() >= 1
    Image.objects.update(fingerprint=7)
    OrmQ.objects.all().delete()
    fingerprints._have_some_added()
    assert not OrmQ.objects.exists()
    assert Image.objects.get(pk=image.pk).fingerprint == 7


def test_a_round_that_takes_long_is_gone_on_with_by_another(
    cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image(cast.owner, thumbs=True, fingerprint=None)
    assert [finding.sentence for finding in alike.examine()] == [
        "1 picture has no fingerprint yet, by which pictures nearly the same are found."
    ]
    monkeypatch.setattr(tasks, "ROUND_SECONDS", -1)
    fingerprints.add_missing_fingerprints()
    assert OrmQ.objects.count() == 1
    monkeypatch.setattr(tasks, "ROUND_SECONDS", 60)
    fingerprints.add_missing_fingerprints()
    assert OrmQ.objects.count() == 1
    assert not without()
    assert list(alike.examine()) == []


def test_a_lost_thumbnail_made_again_brings_one_too(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner, width=400, height=300, fingerprint=None)
    with Pillow.open(Path(settings.MEDIA_ROOT, image.file.name)) as original:
        assert original.size == (400, 300)
    store.heal(image, store.lost_widths(image))
    assert not without()
