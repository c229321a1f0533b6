"""Pages that are made of remembered parts: nothing in them is markup of somebody else's, and no change comes late."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from gallery.models import Comment, Rating, Report, User
from generator.models import Image, Provider
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
EVIL = "\"'><script>alert(1)</script>&lt;{{ 7*7 }}{% x %}"
Make = Callable[..., Image]
HOT = ["/", "/mine/", "{owner}", "/trash/", "/images/{image}/", "/accounts/password/change/"]


def _spoil(image: Image, owner: User) -> None:
    """Whatever a person or the API can fill, and whatever they could if a check failed."""
    owner.username, owner.first_name, owner.last_name = EVIL[:30], EVIL, EVIL
    owner.save()
    image.generation.prompt, image.generation.model, image.generation.ratio = EVIL, EVIL[:90], EVIL[:8]
    image.generation.save()
    call = image.call
    call.reply_id, call.reply_model = EVIL, EVIL
    call.save()
    Image.objects.filter(generation=image.generation).update(placeholder=EVIL, sha256=EVIL, format=EVIL[:8])
    Comment.objects.create(image=image, user=owner, text=EVIL, token=image.pk.hex)


@pytest.mark.parametrize("person", ["owner", "member", "moderator", "admin"])
@pytest.mark.parametrize("address", HOT)
def test_what_people_and_the_api_say_is_never_markup(
    cast: Cast, client: Client, make_image: Make, person: str, address: str
) -> None:
    image, hidden, thrown, sibling = (make_image(cast.owner) for _ in range(4))
    Image.objects.filter(pk=sibling.pk).update(generation=image.generation)
    Image.objects.filter(pk=hidden.pk).update(hidden_at=timezone.now())
    Image.objects.filter(pk=thrown.pk).update(trashed_at=timezone.now(), removed_at=timezone.now())
    for each in (image, hidden, thrown):
        _spoil(each, cast.owner)
    client.force_login(getattr(cast, person))
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(address.format(owner=cast.owner.get_absolute_url(), image=image.pk), headers=headers)
        content = answer.content.decode()
        assert answer.status_code == 200
        assert "<script>alert" not in content
        assert "\"'>" not in content
        assert "49" not in content.partition("alert(1)")[2][:60]


@pytest.fixture
def shared(cast: Cast, make_image: Make) -> Image:
    return make_image(cast.owner, prompt="A quiet harbour")


@pytest.fixture
def member(cast: Cast, client: Client) -> Client:
    client.force_login(cast.member)
    client.get("/")
    return client


def test_another_name_shows_at_once(cast: Cast, member: Client, shared: Image) -> None:
    assert "by olga" in markup(member.get("/"))
    User.objects.filter(pk=cast.owner.pk).update(first_name="Olga", last_name="Onwards")
    assert "by Olga Onwards" in markup(member.get("/"))
    User.objects.filter(pk=cast.owner.pk).update(username="olga2")
    assert 'href="/u/olga2/"' in markup(member.get("/"))
    User.objects.filter(pk=cast.member.pk).update(first_name="Maxima")
    assert "Account menu of Maxima" in markup(member.get("/"))


def test_another_visibility_shows_at_once(member: Client, shared: Image) -> None:
    shared.show_to(Image.Visibility.PUBLIC)
    assert 'class="image-card-mark" title="Everyone"' in markup(member.get("/"))
    shared.show_to(Image.Visibility.PRIVATE)
    assert str(shared.pk) not in markup(member.get("/"))


def test_another_prompt_or_picture_shows_at_once(member: Client, shared: Image) -> None:
    shared.generation.prompt = "A loud harbour"
    shared.generation.save()
    Image.objects.filter(pk=shared.pk).update(width=900, height=300, placeholder="data:new", access_version=7)
    content = markup(member.get("/"))
    assert 'alt="A loud harbour"' in content
    assert '<li class="ar-300">' in content
    assert "data:new" in content
    assert "/thumbs/640/?p=7-" in content


def test_another_role_shows_at_once(cast: Cast, member: Client) -> None:
    assert "/inbox/" not in markup(member.get("/"))
    User.objects.filter(pk=cast.member.pk).update(is_staff=True)
    assert "/inbox/" in markup(member.get("/"))
    User.objects.filter(pk=cast.member.pk).update(is_staff=False)
    assert "/inbox/" not in markup(member.get("/"))


def test_a_pause_of_the_api_shows_at_once(member: Client) -> None:
    Provider.objects.current().wait(60)
    assert "Sending goes on by itself" in markup(member.get("/"))
    Provider.objects.current().resume()
    assert "Sending goes on by itself" not in markup(member.get("/"))
    Provider.objects.all().delete()
    assert member.get("/").status_code == 200


def test_what_is_said_about_a_picture_shows_at_once(cast: Cast, member: Client, shared: Image) -> None:
    def page() -> str:
        return markup(member.get(shared.get_absolute_url()))

    assert "No ratings yet" in page()
    Rating.objects.create(image=shared, user=cast.owner, stars=4)
    Rating.objects.create(image=shared, user=cast.member, stars=1)
    assert "<strong>2.5</strong>· 2 ratings" in page()
    said = Comment.objects.create(image=shared, user=cast.owner, text="How quiet", token="1")
    assert '<a class="member-link" href="/u/olga/">olga</a>' in page().partition('id="comment-list"')[2]
    User.objects.filter(pk=cast.owner.pk).update(first_name="Olga", last_name="Onwards")
    assert ">Olga Onwards</a>" in page().partition('id="comment-list"')[2]
    Comment.objects.filter(pk=said.pk).update(state=Comment.State.HIDDEN)
    assert "How quiet" not in page()
    assert 'name="reason"' in page()
    Report.objects.create(image=shared, user=cast.member, reason=Report.Reason.OTHER)
    assert 'name="reason"' not in page()


def test_another_role_shows_on_a_picture_at_once(cast: Cast, member: Client, shared: Image) -> None:
    for is_staff in (False, True, False):
        User.objects.filter(pk=cast.member.pk).update(is_staff=is_staff)
        assert ("/withhold/" in markup(member.get(shared.get_absolute_url()))) == is_staff


def test_a_site_below_a_path_has_addresses_there(member: Client, shared: Image) -> None:
    before = get_script_prefix()
    set_script_prefix("/vitrine/")
    content = markup(member.get("/"))
    set_script_prefix(before)
    assert f'href="/vitrine/images/{shared.pk}/"' in content
    assert f"/vitrine/images/{shared.pk}/thumbs/320/?p=" in content
    assert 'href="/vitrine/mine/"' in content
    assert f'href="/images/{shared.pk}/"' in markup(member.get("/"))
