"""Proofs in the addresses of thumbnails: fast for whom they were made, worthless to everybody else."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from gallery.browse import signed_urls
from generator import store
from generator.models import Image
from generator.worker import lost_thumbs

pytestmark = pytest.mark.django_db

THUMB = re.compile(r"/images/([\w-]+)/thumbs/320/\?p=[\w-]+")


def as_person(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def thumb_on(client: Client, page: str = "/") -> str:
    """The address of the smallest thumbnail that the page shows first."""
    found = THUMB.search(client.get(page).content.decode())
    assert found
    return found[0]


def status(response: Any) -> int:
    if response.streaming:
        b"".join(response.streaming_content)
    return int(response.status_code)


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Any:
    """What waits for the commit, such as the move of files, happens at the end of the block."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture
def image(cast: Any, make_image: Any) -> Any:
    return make_image(cast.owner, width=800, height=400, thumbs=True)


@pytest.fixture
def member(cast: Any, image: Image) -> Client:
    """Has seen the page of everybody's pictures, and loaded what it showed."""
    client = as_person(cast.member)
    assert status(client.get(thumb_on(client))) == 200
    return client


def test_a_proven_thumbnail_costs_no_query_at_all(member: Client) -> None:
    address = thumb_on(member)
    with CaptureQueriesContext(connection) as queries:
        response = member.get(address)
        assert status(response) == 200
    assert len(queries) == 0
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=604800, immutable"


def test_without_its_proof_the_same_thumbnail_asks_who_it_is(member: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert status(member.get(thumb_on(member).partition("?")[0])) == 200
    assert len(queries) >= 2


def test_what_the_browser_has_is_not_sent_again(member: Client) -> None:
    address = thumb_on(member)
    first = member.get(address)
    status(first)
    assert status(member.get(address, headers={"If-None-Match": first["ETag"]})) == 304


def test_the_address_stays_the_same_all_day(member: Client) -> None:
    assert thumb_on(member) == thumb_on(member)


def test_an_address_that_is_passed_on_opens_nothing(cast: Any, member: Client, image: Image) -> None:
    """To whom the picture is closed, staff among them."""
    owner = as_person(cast.owner)
    Image.objects.filter(pk=image.pk).update(visibility="private")
    address = thumb_on(owner)
    assert status(owner.get(address)) == 200
    assert status(member.get(address)) == 404
    assert status(Client().get(address)) == 302
    assert status(as_person(cast.moderator).get(address)) == 404


def test_signing_out_ends_it(member: Client) -> None:
    address, kept = thumb_on(member), dict(member.cookies)
    member.post("/accounts/logout/")
    assert status(member.get(address)) == 302
    for name, cookie in kept.items():
        member.cookies[name] = cookie.value
    assert status(member.get(address)) == 302, "nor for whoever kept the cookie"


def end_session(_: Any) -> None:
    Session.objects.all().delete()


def deactivate(person: Any) -> None:
    type(person).objects.filter(pk=person.pk).update(is_active=False)


def set_password(person: Any) -> None:
    person.set_password("another-horse")
    person.save()


@pytest.mark.parametrize("end", [end_session, deactivate, set_password])
def test_a_session_that_was_ended_elsewhere_ends_it_within_ten_minutes(cast: Any, member: Client, end: Any) -> None:
    assert signed_urls.ALIVE_SECONDS == 600
    address = thumb_on(member)
    end(cast.member)
    assert status(member.get(address)) == 200, "not before it is asked for anew"
    caches["process"].clear()  # ten minutes have passed
    assert status(member.get(address)) == 302


@pytest.mark.parametrize("visibility", ["private", "link"])
def test_once_fewer_may_see_it_old_proofs_are_worthless(
    cast: Any, member: Client, image: Image, visibility: str, committing: Any
) -> None:
    address = thumb_on(member)
    with committing():
        as_person(cast.owner).post(f"/images/{image.pk}/visibility/", {"visibility": visibility})
    assert status(member.get(address)) == 404
    assert status(member.get(address, headers={"If-None-Match": f'"{image.pk.hex}-320"'})) == 404


def test_the_trash_makes_old_proofs_worthless(cast: Any, member: Client, image: Image, committing: Any) -> None:
    address = thumb_on(member)
    with committing():
        as_person(cast.owner).post(f"/images/{image.pk}/throw-away/")
    assert status(member.get(address)) == 404


def test_staff_throwing_away_many_makes_old_proofs_worthless(
    cast: Any, member: Client, image: Image, committing: Any
) -> None:
    address = thumb_on(member)
    chosen = {"action": "throw_away", "_selected_action": [str(image.pk)]}
    with committing():
        as_person(cast.moderator).post("/admin/generator/image/", chosen)
    image.refresh_from_db()
    assert image.trashed_at
    assert status(member.get(address)) == 404


def test_a_picture_keeps_its_thumbnails_under_their_new_names(
    cast: Any, member: Client, image: Image, folders: Any, committing: Any
) -> None:
    """They need not be made again; and none is left under the old name."""
    old = folders.media / image.thumb_name(320)
    content = old.read_bytes()
    with committing():
        image.show_to("public")
    assert not old.exists()
    assert (folders.media / image.thumb_name(320)).read_bytes() == content


@pytest.mark.django_db(transaction=True)
def test_a_thumbnail_that_is_written_under_an_old_name_is_taken_back(cast: Any, image: Image, folders: Any) -> None:
    """Needs real commits. One request makes it while another closes the picture, in either order."""
    late = Image.objects.get(pk=image.pk)
    old = folders.media / image.thumb_name(320)
    image.show_to("private")
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(b"made too late")
    store.settle(late)
    assert not old.exists()
    current = folders.media / image.thumb_name(320)
    current.write_bytes(b"made in time")
    store.settle(image)
    assert current.exists()


def test_a_good_proof_of_a_missing_file_has_it_made_again(member: Client, image: Image, folders: Any) -> None:
    address = thumb_on(member)
    (folders.media / image.thumb_name(320)).unlink()
    assert status(member.get(address)) == 200  # another copy
    lost_thumbs.heal_lost()
    assert (folders.media / image.thumb_name(320)).is_file()


def code(image: Image, client: Client, day: int = 0, **other: Any) -> str:
    """The address with a proof made `day` days from now."""
    facts: dict[str, Any] = {
        "stem": image.pk.hex,
        "width": 320,
        "access_version": 0,
        "browser": client.cookies[settings.SESSION_COOKIE_NAME].value,
    } | other
    place = settings.THUMB_WIDTHS.index(facts.pop("width"))
    proofs = signed_urls.proofs_of(**facts, widths=settings.THUMB_WIDTHS, day=signed_urls.today() + day)
    return f"/images/{image.pk}/thumbs/320/?p={proofs[place]}"


def queries_for(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        status(client.get(address))
    return len(queries)


@pytest.mark.parametrize(("day", "is_fast"), [(0, True), (-1, True), (-2, False), (1, False)])
def test_a_proof_holds_today_and_over_one_midnight(member: Client, image: Image, day: int, is_fast: bool) -> None:
    assert (queries_for(member, code(image, member, day)) == 0) is is_fast


@pytest.mark.parametrize(
    "other", [{"width": 640}, {"access_version": 1}, {"browser": ""}, {"browser": "x"}, {"stem": "0" * 32}], ids=str
)
def test_a_proof_of_anything_else_proves_nothing(member: Client, image: Image, other: dict[str, Any]) -> None:
    assert queries_for(member, code(image, member, **other)) > 0


@pytest.mark.parametrize(
    "proof",
    ["", "p", "p=", "p=0", "p=0-", "p=0-" + "A" * 20, "p=0-" + "é" * 20, "p=" + "9" * 400 + "-" + "A" * 20, "q=1"],
)
def test_a_mangled_proof_is_no_proof_and_no_error(member: Client, image: Image, proof: str) -> None:
    assert status(member.get(f"/images/{image.pk}/thumbs/320/?{proof}")) == 200
    assert status(Client().get(f"/images/{image.pk}/thumbs/320/?{proof}")) == 302


def test_a_proof_is_for_reading_only(member: Client) -> None:
    address = thumb_on(member)
    assert member.post(address).status_code == 405
    assert status(member.head(address)) == 200


def test_another_secret_key_ends_all_proofs(member: Client, settings: Any) -> None:
    address = thumb_on(member)
    settings.SECRET_KEY = "another"
    assert status(member.get(address)) == 302


def test_nobody_is_given_proofs_for_what_they_may_not_see(cast: Any, make_image: Any) -> None:
    """On whatever page: its pictures are the ones that `visible_to` lets through."""
    for visibility in Image.Visibility.values:
        make_image(cast.owner, visibility=visibility)
    trashed = make_image(cast.owner)
    trashed.trash()
    shown = Image.objects.get(visibility="shared", trashed_at=None)
    for person in (cast.member, cast.owner, cast.moderator):
        client = as_person(person)
        may_see = {str(image.pk) for image in Image.objects.visible_to(person)}
        for page in ("/", "/mine/", "/trash/", "/create/", f"/images/{shown.pk}/", f"/images/{shown.pk}/report/"):
            given = set(THUMB.findall(client.get(page).content.decode()))
            assert given <= may_see, (person, page)
        assert set(THUMB.findall(client.get("/").content.decode())) == may_see


def test_a_visitor_of_a_public_picture_gets_a_proof_that_ends_with_its_being_public(
    cast: Any, make_image: Any, committing: Any
) -> None:
    image = make_image(cast.owner, visibility="public", thumbs=True)
    visitor = Client()
    address = thumb_on(visitor, f"/images/{image.pk}/")
    assert status(visitor.get(address)) == 200
    assert queries_for(visitor, address) == 0
    with committing():
        image.show_to("shared")
    assert status(visitor.get(address)) == 302


def test_a_cookie_may_hold_anything(image: Image) -> None:
    request = RequestFactory().get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "\udcff 0 0"
    (_, address), *_ = signed_urls.Proofs(request).thumbs(image.pk, image.width, image.access_version)
    proof = address.partition("?p=")[2]
    assert signed_urls.proven_access_version(request, image.pk.hex, 320, proof) == 0


@pytest.mark.parametrize("place", ["thumbs/320/", "original/", "download/"])
def test_a_proxy_is_told_which_file_to_send(member: Client, image: Image, settings: Any, place: str) -> None:
    settings.ACCEL_PREFIX = "/media"
    address = thumb_on(member) if place.startswith("thumbs") else f"/images/{image.pk}/{place}"
    response = member.get(address)
    name = image.thumb_name(320) if place.startswith("thumbs") else image.file.name
    assert response["X-Accel-Redirect"] == f"/media/{name}"
    assert response["Content-Type"] == ("image/webp" if place.startswith("thumbs") else "image/png")
    assert response.content == b""
    assert ("attachment" in response.get("Content-Disposition", "")) is (place == "download/")


def test_a_proxy_is_not_told_of_files_that_are_gone(member: Client, image: Image, settings: Any, folders: Any) -> None:
    settings.ACCEL_PREFIX = "/media"
    (folders.media / image.file.name).unlink()
    assert member.get(f"/images/{image.pk}/download/").status_code == 404
    assert "X-Accel-Redirect" not in member.get(f"/images/{image.pk}/original/")


def test_a_proof_for_nginx_is_one_for_us_too(member: Client, settings: Any) -> None:
    """nginx asks us about what it cannot send, such as lost thumbnails."""
    other = thumb_on(member)
    settings.THUMB_KEY = "k" * 32
    address = thumb_on(member)
    assert re.search(r"\?p=0-\d{10}-[\w-]{22}$", address)
    with CaptureQueriesContext(connection) as queries:
        assert status(member.get(address)) == 200
    assert len(queries) == 0
    for wrong in (other, address[:-1] + "!", address.replace("320", "640"), address.replace("p=0", "p=1")):
        with CaptureQueriesContext(connection) as queries:
            status(member.get(wrong))
        assert queries, wrong
    assert status(Client().get(address)) == 302
    session = member.cookies[settings.SESSION_COOKIE_NAME].value
    (old,) = signed_urls.proofs_of(Image.objects.get().pk.hex, [320], 0, session, signed_urls.today() - 2)
    with CaptureQueriesContext(connection) as queries:
        status(member.get(f"{address.partition('=')[0]}={old}"))
    assert queries, "it is over"


def test_nginx_is_told_whether_the_session_is_alive_now(cast: Any, member: Client) -> None:
    assert member.get("/healthz/session").status_code == 204
    assert Client().get("/healthz/session").status_code == 204, "visitors are shown what everybody may see"
    deactivate(cast.member)
    answer = member.get("/healthz/session")
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (403, b"", "no-store")


def test_there_is_a_code_for_each_width_of_a_thumbnail() -> None:
    proofs = signed_urls.proofs_of("0" * 32, settings.THUMB_WIDTHS, 0, "", 1)
    assert {len(proof) for proof in proofs} == {len("0-") + 20}
    assert len({*proofs}) == len(settings.THUMB_WIDTHS)


def test_no_proof_is_good_for_a_width_that_no_thumbnail_has(member: Client, image: Image) -> None:
    proof = code(image, member).partition("?p=")[2]
    assert status(member.get(f"/images/{image.pk}/thumbs/500/?p={proof}")) == 404
