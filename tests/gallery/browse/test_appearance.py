"""How grids look: per address and per person."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gallery.models import Rating, User
from gallery.search import index
from generator.models import Image
from tests.conftest import Cast, markup

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]


@pytest.fixture
def member(cast: Cast, client: Client, make_image: Make) -> Client:
    make_image(cast.owner, prompt="A quiet harbour")
    index.add_older(10)
    client.force_login(cast.member)
    return client


def chosen(cast: Cast) -> tuple[str, str]:
    return User.objects.values_list("grid_layout", "grid_density").get(pk=cast.member.pk)


def test_a_grid_is_of_rows_until_somebody_wants_it_otherwise(member: Client) -> None:
    page = member.get("/")
    assert '<ul class="image-grid" id="grid"' in markup(page)
    assert 'name="layout" value="rows" checked' in markup(page)
    assert 'name="density" value="medium" checked' in markup(page)


def test_an_address_says_how_its_grid_looks_and_chooses_nothing(cast: Cast, member: Client) -> None:
    page = markup(member.get("/", {"layout": "squares", "density": "small"}))
    assert '<ul class="image-grid is-squares is-small"' in page
    assert 'name="layout" value="squares" checked' in page
    assert chosen(cast) == ("", "")
    assert '<ul class="image-grid" id="grid"' in markup(member.get("/"))


@pytest.mark.parametrize("nonsense", ["", "LIST", "none", "<b>"])
def test_what_makes_no_sense_in_an_address_is_not_said(member: Client, nonsense: str) -> None:
    page = markup(member.get("/", {"layout": nonsense, "density": nonsense}))
    assert '<ul class="image-grid" id="grid"' in page


def test_what_a_member_chooses_holds_for_all_their_grids_until_an_address_says_otherwise(
    cast: Cast, member: Client
) -> None:
    here = {"next": "/mine/?q=fox"}
    answer = member.post("/appearance/", {"layout": "list", "density": "large"} | here)
    assert (answer.status_code, answer["Location"]) == (302, "/mine/?q=fox")
    for path in ("/", f"/u/{cast.owner}/"):
        assert '<ul class="image-grid is-list is-large"' in markup(member.get(path))
    assert '<ul class="image-grid is-large"' in markup(member.get("/", {"layout": "rows"}))
    member.post("/appearance/", {"layout": "squares", "density": "tiny"})
    assert chosen(cast) == ("squares", "large")


def test_a_choice_leads_back_to_the_same_address_which_no_longer_says_otherwise(member: Client) -> None:
    page = markup(member.get("/", {"q": "harbour -fox", "layout": "list", "density": "large"}))
    assert 'name="next" value="/?q=harbour+-fox"' in page
    assert 'name="next" value="/"' in markup(member.get("/", {"layout": "list"}))
    for foreign in ("https://elsewhere.example/", "//elsewhere.example", "nowhere", "search", "a\0b"):
        assert member.post("/appearance/", {"next": foreign})["Location"] == "/"


def test_whoever_is_not_signed_in_chooses_by_the_address(cast: Cast, client: Client, make_image: Make) -> None:
    image = make_image(cast.owner, prompt="A fox", visibility="public")
    Rating.objects.create(image=image, user=cast.owner, stars=4)
    index.add_older(10)
    page = markup(client.get(f"/u/{cast.owner}/", {"q": "fox", "order": "oldest", "layout": "list"}))
    assert '<ul class="image-grid is-found is-list"' in page
    assert f'data-submit-on-change method="get" action="/u/{cast.owner}/"' in page
    assert 'name="q" value="fox"' in page
    assert 'name="order" value="oldest"' in page
    assert "/appearance/" not in page
    assert "image-line-stars" not in page


def test_a_list_says_what_is_known_of_each_picture(cast: Cast, member: Client, make_image: Make) -> None:
    image = make_image(cast.owner, 48, 64, prompt="A fox " + "in snow " * 40)
    index.add_older(10)
    for person, stars in ((cast.member, 4), (cast.admin, 5)):
        Rating.objects.create(image=image, user=person, stars=stars)
    image.show_to(Image.Visibility.PUBLIC)
    page = markup(member.get("/", {"layout": "list"}))
    line = page.partition(str(image.pk))[2].partition("image-line-facts")[2].partition("</ul>")[0]
    for fact in ("by olga", "flux", "48 \N{MULTIPLICATION SIGN} 64", "PNG,", "4.5", "Everyone"):
        assert fact in line, line
    assert f'<time datetime="{image.created_at:%Y}' in line
    assert page.partition('dir="auto">A fox ')[2].partition("<")[0].count("in snow") > 30
    assert "A<mark>fox</mark>in snow" in markup(member.get("/", {"layout": "list", "q": "fox"}))
    quiet = page.partition("A quiet harbour")[2].partition("</ul>")[0]
    assert "image-line-stars" not in quiet
    assert "image-line-mark" not in quiet


def test_a_list_says_which_model_answered_and_whose_page_is_gone(cast: Cast, member: Client, make_image: Make) -> None:
    image = make_image(cast.owner)
    image.call.reply_model = "sana"
    image.call.save()
    Image.objects.filter(pk=image.pk).update(format="odd")
    User.objects.filter(pk=cast.owner.pk).update(left_at=image.created_at)
    page = markup(member.get("/", {"layout": "list"}))
    assert "sana" in page.lower()
    assert "odd," in page
    assert '<span class="image-card-owner">by Former member' in page


@pytest.mark.parametrize("layout", ["rows", "squares", "list"])
def test_more_pictures_need_no_more_queries(cast: Cast, member: Client, make_image: Make, layout: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert member.get("/", {"layout": layout}).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _ in range(10):
        Rating.objects.create(image=make_image(cast.owner), user=cast.member, stars=3)
    assert queries() == few


def test_further_pages_look_as_the_first_one(cast: Cast, member: Client, make_image: Make) -> None:
    image = make_image(cast.owner)
    words = {"layout": "list", "before": str(image.pk)}
    page = markup(member.get("/", words, headers={"HX-Request": "true"}))
    assert page.count("image-line-facts") == 1


def test_what_an_address_says_of_the_look_goes_along_to_other_pages(
    client: Client, cast: Cast, make_image: Make
) -> None:
    image = make_image(cast.owner, visibility="public")
    page = markup(client.get("/u/olga/", {"layout": "list", "density": "<b>", "stacks": "on"}))
    form = page[page.index('<form class="order"') :].partition("</form>")[0]
    assert [*re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form)] == [("layout", "list"), ("stacks", "on")]
    shuffled = client.get("/u/olga/", {"order": "random", "layout": "list"})
    assert re.fullmatch(r"/u/olga/\?order=random&seed=\d+&layout=list", shuffled["Location"])
    to_head = client.get("/u/olga/", {"after": str(image.pk), "density": "small"})
    assert to_head["Location"] == "/u/olga/?density=small"
