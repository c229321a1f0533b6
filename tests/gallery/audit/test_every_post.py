"""Whatever staff decide about others' money, people and pictures is in the audit log: every POST, by every door."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry

from gallery.audit.names import Names
from gallery.audit.sentences import EVENTS, ROW_EVENTS, sentence
from tests.gallery.audit.posts import EXEMPT, FORMS, PAGE, STEPS, Post, Walk, posts_of
from tests.gallery.matrix.scene import Scene, build
from tests.gallery.matrix.test_matrix import undone

STAFF = ("moderator", "admin")


@pytest.fixture
def scene(cast: Any, make_image: Any, make_generation: Any) -> Scene:
    return build(cast, make_image, make_generation)


def trouble(walk: Walk, post: Post) -> str:
    """What is wrong about the lines that this leaves; everything else is taken back."""
    actor = getattr(walk.scene.cast, walk.role)
    before = LogEntry.objects.latest("pk").pk
    with undone():
        answer = walk.take(post)
        lines = LogEntry.objects.filter(pk__gt=before)
        told = "".join(f"{vars(line)}" for line in lines)
        events = {line.additional_data["event"] for line in lines if (line.additional_data or {}).get("event")}
        if not lines.filter(actor=actor).exists():
            return f"{post.name} left no line of its own ({answer.status_code})"
        if "secret of" in told or "said of" in told or "another-horse" in told:
            return f"{post.name} told what is nobody's business"
        if not events <= {*EVENTS, *ROW_EVENTS}:
            return f"{post.name} has no words"
        assert all(sentence(line, Names(lines)) for line in lines)
    return ""


@pytest.mark.parametrize("role", STAFF)
def test_whatever_staff_do_about_others_leaves_a_line(scene: Scene, role: str) -> None:
    walk = Walk(scene, role)
    posts = [post for post in posts_of(scene, role) if post.name in STEPS or post.name in FORMS]
    complaints = [found for post in posts if (found := trouble(walk, post))]
    assert not complaints, "\n".join(complaints)
    assert len(posts) > 20


@pytest.mark.parametrize("role", STAFF)
def test_every_post_is_walked_or_excused(scene: Scene, role: str) -> None:
    forgotten = [
        post.name
        for post in posts_of(scene, role)
        if not (post.name in STEPS or post.name in FORMS or post.name in EXEMPT or PAGE.fullmatch(post.name))
    ]
    assert forgotten == []


def test_no_step_and_no_excuse_is_out_of_date(scene: Scene) -> None:
    names = {post.name for role in STAFF for post in posts_of(scene, role)}
    assert {*STEPS, *FORMS, *EXEMPT} - names == set()


@pytest.mark.parametrize("role", STAFF)
def test_pages_that_take_a_post_for_a_get_write_nothing(scene: Scene, role: str) -> None:
    walk = Walk(scene, role)
    for post in posts_of(scene, role):
        if PAGE.fullmatch(post.name):
            with undone() as written:
                walk.send(post, {})
            assert not written, post.name
