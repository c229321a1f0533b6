"""The page of one member: what of theirs a visitor may see, and no word about who exists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.browse import listing, views
from gallery.models import Comment, User
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


def as_person(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, images: dict[str, Image], path: str = "/u/olga/") -> set[str]:
    content = client.get(path).content.decode()
    return {name for name, image in images.items() if f"/images/{image.pk}/" in content}


@pytest.fixture
def images(cast: Cast, make_image: Make) -> dict[str, Image]:
    """Olga's, one of each visibility, and one of Max's."""
    own = {name: make_image(cast.owner, visibility=name) for name in ("private", "link", "shared", "public")}
    return own | {"other": make_image(cast.member, visibility="public")}


def test_a_member_sees_what_they_may_see_and_nobody_elses(cast: Cast, images: dict[str, Image]) -> None:
    assert shown(as_person(cast.member), images) == {"shared", "public"}
    assert shown(as_person(cast.owner), images) == {"private", "link", "shared", "public"}
    assert shown(as_person(cast.moderator), images) == {"shared", "public"}


def test_who_is_not_signed_in_sees_what_is_public(images: dict[str, Image]) -> None:
    assert shown(Client(), images) == {"public"}


def test_the_head_says_who_it_is_and_how_much_there_is(cast: Cast, images: dict[str, Image]) -> None:
    User.objects.filter(pk=cast.owner.pk).update(first_name="Olga", last_name="<b>")
    content = markup(as_person(cast.member).get("/u/olga/"))
    assert "<h1>Olga &lt;b&gt;</h1>" in content
    assert "2 pictures that you may see" in content
    assert "Here since" in content


def test_a_visitor_is_told_no_more_than_the_pictures_tell(images: dict[str, Image]) -> None:
    content = markup(Client().get("/u/olga/"))
    assert "1 picture<" in content
    assert "Here since" not in content
    assert "grid.js" not in content


def test_to_a_visitor_a_name_that_shows_nothing_and_one_that_nobody_has_are_the_same(
    cast: Cast, make_image: Make
) -> None:
    make_image(cast.owner)
    for name in ("olga", "nobody"):
        assert Client().get(f"/u/{name}/")["Location"] == f"/accounts/login/?next=/u/{name}/"
    assert Client().get(f"/u/{'x' * 400}/").status_code == 302, "nor one that nobody can have"


def test_a_member_without_pictures_has_an_empty_page(cast: Cast) -> None:
    assert "Nothing to see here yet" in as_person(cast.owner).get("/u/max/").content.decode()
    assert "Nothing on your wall yet" in as_person(cast.member).get("/u/max/").content.decode()


def test_a_name_that_nobody_has_is_a_404_for_members_too(cast: Cast) -> None:
    client = as_person(cast.member)
    for name in ("nobody", "a/b", "%0a", "x" * 400, "%F0%9F%A6%8A"):
        assert client.get(f"/u/{name}/").status_code == 404, name


def test_the_page_of_a_deactivated_member_stays_for_members_only(cast: Cast, images: dict[str, Image]) -> None:
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert shown(as_person(cast.member), images) == {"shared", "public"}
    assert Client().get("/u/olga/").status_code == 302
    assert "/u/olga/" not in Client().get(f"/images/{images['public'].pk}/").content.decode()


def test_who_waits_for_approval_has_no_page_yet(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.pk).update(awaits_approval=True)
    assert as_person(cast.admin).get("/u/olga/").status_code == 404


def test_who_came_with_an_odd_name_shows_only_their_own(cast: Cast, make_image: Make) -> None:
    """Accounts that other systems made may have names that our forms refuse."""
    odd = User.objects.create(username="Äda / +1 é@x")
    images = {"odd": make_image(odd), "olga": make_image(cast.owner)}
    assert shown(as_person(cast.member), images, odd.get_absolute_url()) == {"odd"}


def test_names_lead_to_the_page(cast: Cast, images: dict[str, Image]) -> None:
    Comment.objects.create(image=images["public"], user=cast.member, text="Hello", token="t")
    client = as_person(cast.stranger)
    assert 'href="/u/olga/" tabindex="-1">by olga</a>' in client.get("/").content.decode()
    page = markup(client.get(f"/images/{images['public'].pk}/"))
    assert '<a class="member-link" href="/u/olga/">olga</a>' in page
    assert '<a class="member-link" href="/u/max/">max</a>' in page


def test_from_a_picture_one_goes_on_within_the_same_member(cast: Cast, make_image: Make) -> None:
    first, _, last = (make_image(person) for person in (cast.owner, cast.member, cast.owner))
    client = as_person(cast.owner)
    assert f"/images/{last.pk}/?in=u/olga" in client.get("/u/olga/").content.decode()
    page = markup(client.get(f"/images/{last.pk}/", {"in": "u/olga"}))
    assert f'rel="next" href="/images/{first.pk}/?in=u/olga"' in page
    assert 'data-back="/u/olga/"' in page
    answer = client.post(f"/images/{last.pk}/throw-away/", {"in": "u/olga"})
    assert answer["Location"] == f"/images/{first.pk}/?in=u/olga"
    assert client.post(f"/images/{first.pk}/throw-away/", {"in": "u/olga"})["Location"] == "/u/olga/"


def test_a_listing_of_somebody_hides_what_they_hide(cast: Cast, images: dict[str, Image]) -> None:
    for name in ("private", "link"):
        page = as_person(cast.member).get(f"/images/{images['shared'].pk}/", {"in": "u/olga"}).content.decode()
        assert str(images[name].pk) not in page


def test_a_mangled_listing_counts_as_none(cast: Cast, images: dict[str, Image]) -> None:
    for name in ("u/", "u/\n", "u/" + "x" * 200, "v/olga"):
        page = as_person(cast.member).get(f"/images/{images['shared'].pk}/", {"in": name}).content.decode()
        assert 'data-back="/"' in page


def test_pages_go_on_by_cursor(cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    made = sorted((make_image(cast.owner, visibility="public") for _ in range(3)), key=lambda image: image.pk)
    for client in (as_person(cast.member), Client()):
        assert f'rel="next" href="?before={made[1].pk}"' in client.get("/u/olga/").content.decode()
        rest = client.get("/u/olga/", {"before": str(made[1].pk)}).content.decode()
        assert str(made[0].pk) in rest
        assert str(made[2].pk) not in rest
        beyond = client.get("/u/olga/", {"before": str(made[0].pk)}).content.decode()
        assert "That was the oldest one" in beyond


def test_a_script_gets_only_the_rows(cast: Cast, images: dict[str, Image]) -> None:
    content = as_person(cast.member).get("/u/olga/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in content
    assert content.count("data-image=") == 2


def test_counting_ends_early(cast: Cast, images: dict[str, Image], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_COUNTED", 1)
    assert "more than 1 pictures" in as_person(cast.member).get("/u/olga/").content.decode()


def test_ten_more_pictures_cost_no_more_queries(cast: Cast, make_image: Make) -> None:
    client = as_person(cast.member)
    make_image(cast.owner)
    client.get("/u/olga/")
    with CaptureQueriesContext(connection) as few:
        client.get("/u/olga/")
    for _ in range(10):
        make_image(cast.owner)
    with CaptureQueriesContext(connection) as many:
        client.get("/u/olga/")
    assert len(many) == len(few) > 0
