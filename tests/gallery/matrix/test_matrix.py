"""Every address, asked for by every role in every state of a picture with every method, against the expected table."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from tests.gallery.matrix.addresses import Address, addresses
from tests.gallery.matrix.expected import (
    ACCOUNT_RULES,
    ADMIN_RULES,
    LEDGERS,
    REGISTERS,
    SITE_RULES,
    rule_for,
    secrets_for,
    states_for,
)  # fmt: skip
from tests.gallery.matrix.scene import METHODS, ROLES, Scene, build

CLOSED = {"login", "desk", "403", "404", "405"}
# What any request may write: who is here, how often somebody tried, and that they left.
BOOKKEEPING = re.compile(r'"(django_session|usersessions_usersession|vitrine_cache|auditlog_logentry)"')
SECRET = re.compile(rb"(?:secret|said)[ -]of[ -](\w+)")


@pytest.fixture
def scene(cast: Any, make_image: Any, make_generation: Any) -> Scene:
    return build(cast, make_image, make_generation)


@contextmanager
def undone() -> Iterator[list[str]]:
    """What is written within is noted and taken back."""
    written: list[str] = []

    def note(execute: Any, sql: str, *more: Any) -> Any:
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")) and not BOOKKEEPING.search(sql):
            written.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(note), transaction.atomic():
        yield written
        transaction.set_rollback(True)
    cache.clear()


def outcome(response: Any) -> str:
    """As the table writes it."""
    target = response.get("Location", "")
    if response.status_code not in (302, 303):
        return str(response.status_code)
    assert re.match(r"/(?!/)|http://testserver/", target), target
    entrances = {"/accounts/login/": "login", "/admin/login/": "desk"}
    return entrances.get(target.partition("?")[0], "back")


def read(response: Any) -> bytes:
    """Headers and body."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return bytes(response.serialize_headers()) + content


def methods_for(address: Address, state: str, everything: bool) -> tuple[str, ...]:
    """Rare methods are tried in one state of a picture alone, unless everything is: no view tells states by them.

    Django's administration takes any method that is no POST for a GET, so there one of them speaks for all.
    """
    if everything:
        return METHODS
    if state not in ("any", "shared"):
        return ("GET", "POST")
    return ("GET", "HEAD", "POST", "PUT") if address.route.startswith("admin/") else METHODS


def answers(scene: Scene, role: str, address: Address, everything: bool) -> Iterator[tuple[str, str, str]]:
    """Each state and method with what was wrong about the answer, if anything."""
    rule = rule_for(address)
    assert rule, address
    for state in states_for(address):
        for method in methods_for(address, state, everything):
            expected = rule.outcome(role, state, method)
            with undone() as written:
                response = scene.ask(role, method, scene.address(address, role, state))
                found, told = outcome(response), {name.decode() for name in SECRET.findall(read(response))}
            wrong = "" if found == expected else f"{found} instead of {expected}"
            if written and expected in CLOSED:
                wrong += f" wrote {written}"
            if told - secrets_for(role, address, state):
                wrong += f" told {told}"
            yield state, method, wrong


def test_every_address_is_in_the_table_and_nothing_else() -> None:
    found = addresses()
    assert [address for address in found if rule_for(address) is None] == []
    assert {*SITE_RULES, *ACCOUNT_RULES, *ADMIN_RULES} <= {address.name for address in found}
    models = {"/".join(address.route.split("/")[1:3]) for address in found if address.route.startswith("admin/")}
    assert {*LEDGERS, *REGISTERS} <= models


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_as_the_table_says(scene: Scene, role: str, everything: bool) -> None:
    complaints = [
        f"{role} {method} {address.name} ({state}): {wrong}" if wrong else ""
        for address in addresses()
        for state, method, wrong in answers(scene, role, address, everything)
    ]
    sys.stdout.write(f"\n{role}: {len(complaints)} answers compared")
    wrong = "\n".join(filter(None, complaints))
    assert not wrong, wrong
    assert len(complaints) > 1000


def test_after_signing_in_nobody_stands_at_a_dead_end(scene: Scene) -> None:
    """A form is not sent again: whoever sent one comes to the page it stood on, or to one near it."""
    wanted = [(address, method) for address in addresses() if address.name in SITE_RULES for method in ("GET", "POST")]
    led = 0
    for address, method in wanted:
        asked = scene.address(address, "nobody", "shared")
        answer = scene.ask("nobody", method, asked)
        if outcome(answer) == "login":
            [following] = parse_qs(urlsplit(answer["Location"]).query)["next"]
            assert following == asked or method == "POST" or address.name == "generator:live"
            with undone():
                page = scene.ask("admin", "GET", following)
                read(page)
            assert page.status_code == 200 or following == asked, (address, method, following)
            assert page.status_code != 405, (address, method, following)
            led += 1
    assert led > 50


def test_no_address_takes_a_post_that_another_site_made_somebody_send(scene: Scene) -> None:
    """The probes answer anything, and change nothing."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(scene.cast.admin)
    taken = set()
    for address in addresses():
        with undone() as written:
            response = browser.post(scene.address(address, "admin", "shared"), {"visibility": "public"})
        assert not written, address
        if response.status_code != 403:
            taken.add(address.name)
    assert taken == {"healthz", "healthz_media", "healthz_session", "readyz"}


@pytest.mark.parametrize("role", ROLES)
def test_an_address_that_is_none_tells_nobody_anything(scene: Scene, role: str) -> None:
    assert scene.ask(role, "GET", "/nowhere/").status_code == 404
