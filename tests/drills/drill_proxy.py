"""A real nginx with the blocks of docs/deploy.md hands out pictures, and decides about thumbnails alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.drills.conftest import database_of
from tests.nginx import Nginx
from tests.prepared import copy_folder
from tests.process import MANAGE, Instance

pytestmark = pytest.mark.ci("sqlite")
THUMB = re.compile(r"(/images/([\w-]+)/thumbs/320/\?p=[\w-]+)")


class House:
    """The site, nginx in front of it, and browsers of the members by their name."""

    def __init__(self, site: Instance, front: Nginx, people: list[dict[str, Any]]) -> None:
        self.site, self.front = site, front
        self.people = {person["name"]: person for person in people}

    def browser(self, name: str = "") -> requests.Session:
        """None has a name who is not signed in."""
        browser = requests.Session()
        browser.verify, browser.trust_env = str(self.front.certificate), False
        if name:
            browser.cookies.set(
                self.front.session_cookie, self.people[name]["session"], domain="127.0.0.1", secure=True
            )
        return browser

    def get(self, browser: requests.Session, address: str) -> requests.Response:
        return browser.get(self.front.base + address, allow_redirects=False, timeout=30)

    def thumb(self, browser: requests.Session) -> str:
        """The address of a thumbnail that the page of everybody's pictures shows."""
        found = THUMB.search(self.get(browser, "/").text)
        assert found
        return found[1]

    def run(self, code: str) -> str:
        """In the site's own Django."""
        begin = "import django; django.setup(); from generator.models import Image; from gallery.models import User; "
        done = self.site.run("-c", begin + code, DJANGO_SETTINGS_MODULE="gallery.settings")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def house(kind: str, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("proxy")
    front, data = Nginx(folder / "nginx"), folder / "data"
    with Instance(data, database_of(kind, data, prepared), **front.variables) as site:
        copy_folder(prepared, data)
        done = site.run("-m", "tests.e2e.stage", json.dumps({"painters": 5, "pictures": 1}))
        assert done.returncode == 0, done.stderr
        front.configure(site.base, data)
        site.start_web()
        with front:
            site.wait_for(lambda: _answers(front))
            yield House(site, front, json.loads(done.stdout)["people"])


def _answers(front: Nginx) -> bool:
    try:
        return requests.get(f"{front.base}/healthz", verify=str(front.certificate), timeout=5).ok
    except requests.ConnectionError:
        return False


def came_from_nginx(answer: requests.Response) -> bool:
    """A mark of the file, not of the picture as Vitrine gives one, which names the kind."""
    return answer.status_code == 200 and "-webp" not in answer.headers["ETag"]


def test_a_proven_thumbnail_comes_from_nginx_and_is_as_one_of_ours(house: House) -> None:
    max_ = house.browser("painter00")
    address = house.thumb(max_)
    answer = house.get(max_, address)
    assert came_from_nginx(answer)
    plain = house.get(max_, address.partition("?")[0])
    assert not came_from_nginx(plain), "without its proof Vitrine is asked"
    assert answer.content == plain.content
    for name in ("Content-Type", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options",
                 "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Frame-Options"):  # fmt: skip
        assert answer.headers[name] == plain.headers[name], name


def test_it_is_worth_nothing_in_another_browser(house: House) -> None:
    one, other = house.browser("painter00"), house.browser("painter01")
    house.run(f"Image.objects.get(pk='{house.people['painter00']['pictures'][0]}').show_to('private')")
    try:
        own = THUMB.search(house.get(one, "/mine/").text)
        assert own
        assert came_from_nginx(house.get(one, own[1]))
        assert house.get(other, own[1]).status_code == 404
        assert house.get(house.browser(), own[1]).status_code == 302
    finally:
        house.run(f"Image.objects.get(pk='{house.people['painter00']['pictures'][0]}').show_to('shared')")


CHANGES = {
    # Not the last letter: of its six bits nginx reads two.
    "proof": lambda address: address[:-2] + ("A" if address[-2] != "A" else "B") + address[-1],
    "width": lambda address: address.replace("/320/", "/640/"),
    "time": lambda address: re.sub(r"p=(\d+)-(\d+)-", r"p=\1-9\2-", address),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_address_that_was_changed_goes_the_long_way(house: House, change: Any) -> None:
    max_ = house.browser("painter00")
    assert not came_from_nginx(house.get(max_, change(house.thumb(max_))))


def test_once_fewer_may_see_it_the_address_leads_nowhere(house: House) -> None:
    owner, member = "painter02", house.browser("painter01")
    pk = house.people[owner]["pictures"][0]
    found = re.search(rf"/images/{pk}/thumbs/320/\?p=[\w-]+", house.get(member, "/").text)
    assert found
    assert came_from_nginx(house.get(member, found[0]))
    house.run(f"Image.objects.get(pk='{pk}').show_to('private')")
    assert house.get(member, found[0]).status_code == 404


def test_signing_out_ends_it_at_once(house: House) -> None:
    browser = house.browser("painter03")
    address = house.thumb(browser)
    assert came_from_nginx(house.get(browser, address))
    page = house.get(browser, "/account/").text
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    sent = browser.post(
        f"{house.front.base}/accounts/logout/", {"csrfmiddlewaretoken": token[1]}, timeout=30,
        headers={"Referer": f"{house.front.base}/account/"}, allow_redirects=False,
    )  # fmt: skip
    assert sent.status_code == 302
    assert house.get(browser, address).status_code == 302


def test_a_session_that_was_ended_elsewhere_ends_it_once_nginx_asks_anew(house: House) -> None:
    browser = house.browser("painter04")
    address = house.thumb(browser)
    assert came_from_nginx(house.get(browser, address))
    house.run("User.objects.filter(username='painter04').update(is_active=False)")
    assert came_from_nginx(house.get(browser, address)), "not before"
    house.front.forget_sessions()
    assert house.get(browser, address).status_code == 302


def test_nobody_reaches_the_files_or_the_question_themselves(house: House) -> None:
    browser = house.browser("painter00")
    for address in ("/media/thumbs/probe.txt", "/media/", "/healthz/session", "/thumbs/probe.txt"):
        assert house.get(browser, address).status_code == 404, address


def test_the_doctor_finds_the_proxy_well_and_one_that_may_not_read(house: House, tmp_path: Path) -> None:
    def said() -> str:
        return house.site.run(MANAGE, "doctor", SSL_CERT_FILE=str(house.front.certificate)).stdout

    assert house.front.base not in said()
    other = Nginx(tmp_path / "nginx", user="www-data")
    other.configure(house.site.base, house.site.folder)
    for place in (tmp_path, tmp_path / "nginx"):
        place.chmod(0o755)
    with other:
        house.site.wait_for(lambda: _answers(other))
        done = house.site.run(MANAGE, "doctor", SSL_CERT_FILE=str(other.certificate), VITRINE_BASE_URL=other.base)
    assert f"The proxy at {other.base} may not read the pictures (403)." in done.stdout
