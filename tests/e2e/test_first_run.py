"""Somebody who has just cloned the repository: nothing is configured, not even a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.accessible import finds_nothing
from tests.e2e.conftest import Curtain
from tests.e2e.instance import Instance

PRACTICE = "Practice mode: the sandbox draws the pictures."


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Instance]:
    with Instance(tmp_path / "fresh") as instance:
        instance.serve()
        yield instance


@pytest.mark.long
def test_from_one_command_to_a_picture_on_the_wall(fresh: Instance, curtain: Curtain) -> None:
    assert f"Vitrine is ready: {fresh.base}/" in fresh.log()
    password = re.search(r"Password: +(\S+)", fresh.log())
    assert password
    visitor = curtain.open(fresh.base)
    visitor.go("/")
    assert visitor.path == "/accounts/login/"
    visitor.sign_in("admin", password[1])
    expect(visitor.page.get_by_text(PRACTICE)).to_be_visible()
    finds_nothing(visitor)
    visitor.page.get_by_role("link", name="Create the first picture").click()
    visitor.page.get_by_role("list", name="Examples to begin with").get_by_role("link").first.click()
    expect(visitor.prompt).not_to_have_value("")
    prompt = visitor.prompt.input_value()
    visitor.create_button.click()
    visitor.wait_for_pictures(prompt)
    visitor.page.get_by_role("link", name="Explore").click()
    visitor.wait_for_pictures(prompt).click()
    visitor.sees_picture(prompt)
    expect(visitor.page.get_by_text(PRACTICE)).to_be_visible()
