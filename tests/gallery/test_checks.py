"""The system checks of an installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gallery import checks


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_a_folder_that_can_be_written_is_fine(tmp_path: Path, settings: Any):
    settings.DATA_DIR = tmp_path
    assert checks.data_folder() == []


def test_a_folder_that_is_not_there_yet_is_fine(tmp_path: Path, settings: Any):
    settings.DATA_DIR = tmp_path / "not" / "yet"
    assert checks.data_folder() == []


def test_a_file_in_the_folders_place_is_an_error(tmp_path: Path, settings: Any):
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("")
    assert ids(checks.data_folder()) == ["gallery.E001"]


@pytest.mark.parametrize(
    ("mail", "nameless", "hosts", "codes"),
    [
        (True, True, ["*"], ["gallery.E002"]),
        (False, True, ["*"], []),
        (True, False, ["pictures.example.org"], []),
        (True, True, ["localhost"], []),
    ],
)
def test_mails_of_an_open_site_need_its_name(
    mail: bool, nameless: bool, hosts: list[str], codes: list[str], settings: Any
) -> None:
    settings.MAIL, settings.LOCAL_NAMES_ONLY, settings.ALLOWED_HOSTS = mail, nameless, hosts
    assert ids(checks.mail()) == codes


@pytest.mark.parametrize(
    ("sandbox", "url", "codes"),
    [(True, "https://a.example", ["gallery.W001"]), (True, "", []), (False, "https://a.example", [])],
)
def test_practice_pictures_on_a_public_site_are_a_warning(sandbox: bool, url: str, codes: list[str], settings: Any):
    settings.SANDBOX, settings.BASE_URL = sandbox, url
    assert ids(checks.sandbox()) == codes
