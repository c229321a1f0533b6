"""Whatever is asked of a listing, each person is let in as without a question, and told of nothing they may not see."""

from __future__ import annotations

from itertools import cycle, islice
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
LISTINGS = ["explore", "member", "mine", "trash"]
ORDERS = ["", "oldest", "rated", "discussed", "downloads", "relevance", "nonsense"]
# What else the address of a listing may say, each alone.
PARAMETERS = [
    {"at": "2026-03"}, {"at": "2099-12", "order": "oldest"}, {"order": "rated"}, {"order": "downloads"},
    {"order": "random", "seed": "7"}, {"before": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
    {"order": "rated", "before": "4000_ffffffff-ffff-ffff-ffff-ffffffffffff"}, {"before": "nonsense", "at": "nonsense"},
    {"layout": "list"}, {"layout": "squares", "density": "large"}, {"stacks": "on"},
    {"q": "secret", "layout": "list", "stacks": "off"}, {"in": "all"},
]  # fmt: skip
# From the last picture there may be back to the head, which has a shorter address.
TURNED_BACK = [{"after": "00000000-0000-0000-0000-000000000000"}, {"order": "random"}]


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


def test_nor_does_any_other_word_of_an_address(scene: Scene) -> None:
    """Each word is asked of one page after another: by each role of others."""
    pages = [one for one in addresses() if one.name in LISTINGS]
    for place, role in enumerate(ROLES):
        for address, said in zip(islice(cycle(pages), place, None), [*PARAMETERS, *TURNED_BACK], strict=False):
            path, rule = scene.address(address, role, "any"), rule_for(address)
            assert rule
            answer = scene.ask(role, "GET", f"{path}?{urlencode(said)}")
            told = {name.decode() for name in SECRET.findall(read(answer))}
            let_in = rule.outcome(role, "any", "GET")
            assert outcome(answer) in ({let_in, "back"} if said in TURNED_BACK else {let_in}), (role, path, said)
            assert told <= secrets_for(role, address, "any"), (role, path, said)


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
