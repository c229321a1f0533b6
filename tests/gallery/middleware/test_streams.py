"""Downloads that are written while they are read hold threads, so only some go at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client

from gallery.middleware import streams
from gallery.models import User
from generator.models import Image
from tests.conftest import Cast

ADDRESS = "/account/download/"


@pytest.fixture
def reader(client: Client) -> Iterator[Callable[[User, str], Any]]:
    """Asks as somebody, and reads nothing yet: one server for all, as in one process."""
    begun: list[Any] = []

    def ask(user: User, address: str = ADDRESS) -> Any:
        client.force_login(user)
        begun.append(client.get(address))
        return begun[-1]

    yield ask
    for answer in begun:
        end(answer)


def end(answer: Any) -> None:
    """As the test client does it: the database stays open for the test."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def words(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_a_second_download_of_the_same_person_waits_for_the_first(cast: Cast, reader: Any) -> None:
    first = reader(cast.owner)
    second = reader(cast.owner)
    assert (second.status_code, second["Retry-After"]) == (503, "60")
    assert "Another download of yours is still on its way." in words(second)
    assert second["Content-Type"] == "text/html; charset=utf-8"
    assert "Content-Disposition" not in second
    end(first)
    assert reader(cast.owner).status_code == 200


def test_one_that_was_read_to_its_end_is_over(cast: Cast, reader: Any) -> None:
    assert b"".join(reader(cast.owner).streaming_content).startswith(b"PK")
    assert reader(cast.owner).status_code == 200


def test_some_threads_are_left_for_pages(cast: Cast, reader: Any) -> None:
    people = [cast.owner, cast.member, cast.stranger, cast.moderator]
    answers = [reader(person) for person in people]
    assert [answer.status_code for answer in answers] == [200] * streams.MOST + [503]
    assert "Others are downloading much right now." in words(answers[-1])
    assert reader(cast.moderator, "/").status_code == 200
    end(answers[0])
    assert reader(cast.moderator).status_code == 200


def test_files_and_questions_for_the_head_alone_do_not_count(
    cast: Cast, client: Client, make_image: Callable[..., Image], reader: Any
) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.owner)
    for _ in range(streams.MOST + 1):
        assert reader(cast.owner, f"/images/{image.pk}/original/").status_code == 200
        end(client.head(ADDRESS))
    assert reader(cast.owner).status_code == 200
