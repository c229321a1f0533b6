"""Pictures against rows: what is missing, too many, half or changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from gallery import doctor
from gallery.doctor import files, spooled
from gallery.doctor.repair import repair
from gallery.search import index
from generator import store
from generator.models import Image
from generator.replies.spool import Spool
from tests.conftest import Cast, Folders
from tests.gallery.doctor.conftest import (
    State,
    age,
    all_findings,
    change_call,
    kept_reply,
    lay,
    only_finding,
    original_of,
)


def test_missing_thumbnails_are_made_again(site: Image, folders: Folders) -> None:
    before = {width: (folders.media / site.thumb_name(width)).stat().st_size for width in (320, 640, 1280)}
    (folders.media / site.thumb_name(320)).unlink()
    (folders.media / site.thumb_name(1280)).write_bytes(b"")
    assert "damaged: 2 (thumbs/" in only_finding().sentence
    assert list(repair()) == ["2 thumbnails made again."]
    assert all_findings() == []
    assert all((folders.media / site.thumb_name(width)).stat().st_size for width in before)


def test_a_thumbnail_cut_off_is_seen_by_a_deep_look(site: Image, folders: Folders) -> None:
    thumb = folders.media / site.thumb_name(640)
    thumb.write_bytes(thumb.read_bytes()[:-20])
    assert all_findings(deep=False) == []
    assert not only_finding(deep=True).is_trouble
    list(repair(deep=True))
    assert all_findings() == []


def test_a_flipped_bit_is_seen_by_a_deep_look(site: Image, folders: Folders) -> None:
    path = original_of(site, folders)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert all_findings(deep=False) == []
    finding = only_finding(deep=True)
    assert finding.is_trouble
    assert "in size or checksum: 1 (originals/" in finding.sentence
    assert list(repair(deep=True)) == [], "an original is nobody's to change"


def test_a_wrong_size_is_seen_at_once(site: Image, folders: Folders) -> None:
    path = original_of(site, folders)
    path.write_bytes(path.read_bytes()[:-1])
    assert only_finding().is_trouble


def test_a_damaged_original_makes_no_thumbnail(site: Image, folders: Folders) -> None:
    original_of(site, folders).write_bytes(b"\0" * site.bytes)
    (folders.media / site.thumb_name(320)).unlink()
    assert list(repair()) == []


def test_what_cannot_be_read_counts_as_damaged(site: Image, folders: Folders) -> None:
    assert files._sha256("originals") == ""
    assert not files._is_whole_webp("thumbs")


def test_files_of_no_picture_go_to_quarantine_under_their_own_names(site: Image, folders: Folders) -> None:
    name = f"originals/ff/{UUID(int=255).hex}.png"
    for _ in range(2):
        lay(folders.media / name)
        lay(folders.media / "stray.txt")
        assert "Files of no picture: 2 (" in only_finding().sentence
        assert "2 files of no picture moved to" in next(repair())
        assert all_findings() == []
    kept = sorted(path.name for path in (folders.data / "quarantine").rglob("*") if path.is_file())
    assert kept == sorted(["2-stray.txt", "stray.txt", f"2-{Path(name).name}", Path(name).name])


def test_a_stale_half_is_removed_and_a_fresh_one_is_left(site: Image, folders: Folders) -> None:
    stale = lay(folders.media / f"{site.thumb_name(320)}.1-2.part")
    fresh = lay(folders.media / f"{site.thumb_name(640)}.1-2.part")
    fresh.touch()
    assert "Half-written files left behind: 1" in only_finding().sentence
    assert list(repair()) == ["1 half-written file removed."]
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_pictures_of_a_call_that_is_not_stored_yet_are_no_orphans(site: Image, folders: Folders, spool: Spool) -> None:
    call = change_call(state=State.RECEIVED, received_at=timezone.now())
    kept_reply(spool, call.pk)
    lay(folders.media / Image.original_name(Image.id_for(call, 3), "png"))
    assert all_findings(deep=False) == []


def test_a_file_that_goes_while_it_is_looked_at_is_nothing(site: Image) -> None:
    assert list(files._of_files(["gone.png"], set())) == []


def test_files_of_a_picture_whose_deletion_was_cut_short_after_the_commit_are_found(
    site: Image, folders: Folders
) -> None:
    """Nothing is committed here, so that what waits for it never happens, as if the process had been killed."""
    names = [name for name in store.files_of(site) if store.exists(name)]
    with transaction.atomic():
        store.remove(names)
        site.delete()
    for name in names:
        age(folders.media / name)
    assert "Files of no picture: 4 (" in only_finding().sentence
    assert "4 files of no picture moved to" in next(repair())
    assert list(store.names()) == []


def test_a_picture_removed_since_it_was_read_is_no_damage(site: Image, folders: Folders) -> None:
    original_of(site, folders).unlink()
    found = list(files._of_image(site, deep=False))
    assert list(files._still_so(found)) == found
    Image.objects.all().delete()
    assert list(files._still_so(found)) == []


def test_many_damages_are_counted_and_a_few_are_named(site: Image, folders: Folders) -> None:
    for number in range(5):
        lay(folders.media / f"stray-{number}.txt")
    sentence = only_finding().sentence
    assert sentence.count("stray-") == 3
    assert sentence.endswith("and 2 more).")


def test_a_disk_that_does_not_allow_a_repair_is_a_sentence(site: Image, folders: Folders) -> None:
    lay(folders.media / "stray.txt")
    (folders.data / "quarantine").write_text("not a folder")
    assert next(repair()).startswith("The disk does not allow more to be repaired: ")


def test_pictures_are_read_page_by_page(
    site: Image, cast: Cast, make_image: Callable[..., Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make_image(cast.owner)
    index.add_older(4)
    monkeypatch.setattr(files, "_PAGE", 2)
    monkeypatch.setattr(files, "_BATCH", 2)
    monkeypatch.setattr(spooled, "_BATCH", 1)
    read = [image.pk for page in files._pages() for image in page]
    assert read == sorted(Image.objects.values_list("pk", flat=True))
    assert "Thumbnails missing or damaged: 4 (" in only_finding().sentence


def test_one_more_picture_costs_no_more_queries(
    site: Image, cast: Cast, make_image: Callable[..., Image], django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make_image(cast.owner)
    list(repair())
    with django_assert_max_num_queries(10):
        list(doctor.examine_files())
