"""Whatever is asked of a listing, each person is let in as without a question, and told of nothing they may not see."""

from __future__ import annotations

from itertools import cycle
from typing import Any
from urllib.parse import urlencode

import pytest

from gallery.search import index
from tests.gallery.matrix.addresses import addresses
from tests.gallery.matrix.expected import STATES, rule_for, secrets_for
from tests.gallery.matrix.scene import ROLES, Scene, build
from tests.gallery.matrix.test_matrix import SECRET, outcome, read

QUESTIONS = [
    "of", "secret", "-nothing", "se*", "secrt", "secret zebra", "by:olga", "by:max", "by:me", "model:flux",
    "shape:wide", "shape:1:1", "rated:1", "seen:private", "seen:link", "seen:shared", "seen:public", "-seen:public",
    "on:2026", "after:2000", "before:2100", "size:<9mp", "has:comment", "has:stars", "failed:no", "failed:yes",
    "in:comments said", "id:0000", "secret by:olga seen:private", "by: rated:9 on:2026-13",
]  # fmt: skip
PAGES = ["explore", "mine", "member", "trash", "search", "suggest"]
ORDERS = ["", "oldest", "rated", "discussed", "downloads", "relevance", "nonsense"]


@pytest.fixture
def scene(cast: Any, make_image: Any, make_generation: Any) -> Scene:
    made = build(cast, make_image, make_generation)
    index.add_older(100)
    return made


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_a_question_tells_nobody_of_what_they_may_not_see(scene: Scene, role: str) -> None:
    found = 0
    for address in (one for one in addresses() if one.name in PAGES):
        path, allowed = scene.address(address, role, "any"), secrets_for(role, address, "any")
        rule = rule_for(address)
        assert rule
        for question, order in zip(QUESTIONS, cycle(ORDERS)):
            answer = scene.ask(role, "GET", f"{path}?{urlencode({'q': question, 'order': order})}")
            told = {name.decode() for name in SECRET.findall(read(answer))}
            assert outcome(answer) == rule.outcome(role, "any", "GET"), (path, question)
            assert told <= allowed, (path, question)
            found += len(told)
    assert found > 10


@pytest.mark.parametrize("role", ROLES)
def test_nor_do_the_neighbours_of_a_picture(scene: Scene, role: str) -> None:
    [address] = [one for one in addresses() if one.name == "image"]
    for state in STATES:
        path, rule = scene.address(address, role, state), rule_for(address)
        assert rule
        for question in QUESTIONS[::3]:
            answer = scene.ask(role, "GET", f"{path}?{urlencode({'in': 'u/olga', 'q': question})}")
            told = {name.decode() for name in SECRET.findall(read(answer))}
            assert outcome(answer) == rule.outcome(role, state, "GET"), (path, question)
            assert told <= secrets_for(role, address, state), (path, question)
