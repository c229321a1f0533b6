"""A proxy that is to send pictures, and cannot read them, is found by the users and groups of this machine."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gallery.doctor import proxy

US, PROXY = os.getuid(), 4033


@pytest.fixture
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our group's own, below folders that let everybody through."""
    folder = tmp_path / "media"
    folder.mkdir(mode=0o750)
    monkeypatch.setattr(proxy, "_lets_others_in", only(folder, proxy._lets_others_in))
    settings.MEDIA_ROOT, settings.ACCEL_PREFIX = folder, "/media"
    monkeypatch.setattr(pwd, "getpwall", lambda: [user("us", US, 7)])
    named = {"us": user("us", US, 7), "www-data": user("www-data", PROXY, 33)}
    monkeypatch.setattr(pwd, "getpwnam", named.__getitem__)
    return folder


def only(folder: Path, asked: Any) -> Any:
    return lambda place: place != folder or asked(place)


def user(name: str, uid: int, gid: int) -> Any:
    return SimpleNamespace(pw_name=name, pw_uid=uid, pw_gid=gid)


@pytest.mark.parametrize(
    ("members", "is_found"), [([], True), (["us"], True), (["gone"], True), (["us", "www-data"], False)]
)
def test_a_group_without_anybody_else_is_no_way_in(
    media: Path, monkeypatch: pytest.MonkeyPatch, members: list[str], is_found: bool
) -> None:
    monkeypatch.setattr(grp, "getgrgid", lambda _: SimpleNamespace(gr_mem=members))
    found = list(proxy.examine())
    assert [str(media) in finding.sentence and finding.is_trouble for finding in found] == [True] * is_found


def test_whose_first_group_it_is_gets_in(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = media.stat().st_gid
    monkeypatch.setattr(pwd, "getpwall", lambda: [user("www-data", PROXY, group)])
    assert list(proxy.examine()) == []


def test_a_group_without_a_name_has_nobody(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(grp, "getgrgid", unknown)
    assert list(proxy.examine())
    media.chmod(0o755)
    assert list(proxy.examine()) == []


def test_where_the_site_sends_its_pictures_itself_nobody_needs_to(media: Path, settings: Any) -> None:
    settings.ACCEL_PREFIX = ""
    assert list(proxy.examine()) == []
    settings.ACCEL_PREFIX, settings.MEDIA_ROOT = "/media", media / "gone"
    assert list(proxy.examine()) == []
