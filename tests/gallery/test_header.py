"""The numbers beside the bells."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils.html import escape

from gallery import header as numbers
from gallery.header import Header, header
from gallery.models import Comment, Notice, Report, User
from gallery.templatetags import frame
from generator.models import Image
from tests.conftest import Cast, markup


def test_a_member_sees_what_they_have_not_read(cast: Cast, django_assert_num_queries: Any) -> None:
    for user in (cast.member, cast.member, cast.owner):
        Notice.objects.create(user=user, text="Something was said")
    Notice.objects.filter(user=cast.owner).mark_read()
    with django_assert_num_queries(1):
        assert header(cast.member) == Header(unread=2)
    assert header(cast.owner) == header(cast.stranger) == Header()


def test_staff_see_what_waits_for_them(
    cast: Cast, make_image: Callable[..., Image], django_assert_num_queries: Any
) -> None:
    image = make_image(cast.owner)
    Report.objects.create(image=image, user=cast.member, reason="other", text="Look")
    for text in ("one", "two"):
        Comment.objects.create(image=image, user=cast.member, text=text, token=text)
    User.objects.create(username="una", is_active=False, awaits_approval=True)
    with django_assert_num_queries(1):
        found = header(cast.moderator)
    assert found == Header(reports=1, comments=2, asking=1)
    assert found.inbox == 3


def test_counting_ends_where_it_is_a_lot(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(numbers, "MOST_COUNTED", 2)
    monkeypatch.setattr(numbers, "_OF_MEMBERS", numbers.Compiled(numbers._member))
    Notice.objects.bulk_create(Notice(user=cast.member, text="Something") for _ in range(3))
    assert header(cast.member).unread == 2


def test_what_is_remembered_of_a_header_is_nobodys_token(cast: Cast, client: Client) -> None:
    frame._remembered.cache_clear()
    client.force_login(cast.member)
    tokens = {re.findall(r'csrfmiddlewaretoken" value="(\w{64})"', markup(client.get("/")))[0] for _ in range(2)}
    assert len(tokens) == 2  # each is masked anew
    assert frame._remembered.cache_info().currsize == 1


def test_what_it_shows_of_a_member_is_theirs_at_once(cast: Cast, client: Client) -> None:
    client.force_login(cast.member)
    for name in ("Mara", "<b>Mara</b>"):
        User.objects.filter(pk=cast.member.pk).update(first_name=name, last_name="")
        assert f"<strong>{escape(name)}</strong>" in markup(client.get("/notices/"))
    Notice.objects.create(user=cast.member, text="Something was said")
    assert 'class="bell-count">1' in markup(client.get("/mine/"))


def test_what_somebody_looks_for_is_not_remembered(cast: Cast, client: Client) -> None:
    client.force_login(cast.member)
    frame._remembered.cache_clear()
    assert 'value="a quiet harbour"' in markup(client.get("/?q=a+quiet+harbour"))
    assert frame._remembered.cache_info().currsize == 0
