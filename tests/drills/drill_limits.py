"""Fifty forms at once against a limit of ten, through the web server's processes and threads: ten pictures are paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
import requests

from gallery.models import User
from generator.create.meters import meters
from generator.models import Call, Limit
from tests.drills.browser import cookies_of
from tests.drills.site import Site
from tests.drills.truth import settle
from tests.process import session_cookie

FORMS, MOST = 50, 10
# For a page, when fifty are asked for at once of a machine that has other things to do.
WAIT_SECONDS = 180


@pytest.fixture
def crowded(running: Site) -> Iterator[Site]:
    """With a web server of several processes, and without limits afterwards."""
    running.variables["WEB_CONCURRENCY"] = "3"
    running.start_web()
    yield running
    running.variables["WEB_CONCURRENCY"] = "1"
    Limit.objects.all().delete()


def send_at_once(site: Site, prompt: str, browsers: list[dict[str, str]]) -> list[requests.Response]:
    """A wish from each of them, with a number of its own, all at the same moment."""
    start = Barrier(len(browsers))

    def send(number: int, cookies: dict[str, str]) -> requests.Response:
        with requests.Session() as session:
            session.cookies.update(cookies)
            session.get(site.base + "/create/", timeout=WAIT_SECONDS).raise_for_status()
            form = {
                "prompt": f"{prompt}, {number}", "model": "flux", "count": "1", "visibility": "private",
                "size": "custom", "width": "64", "height": "64", "token": uuid4().hex,
                "csrfmiddlewaretoken": session.cookies[session_cookie(site.base).replace("session", "csrf")],
            }  # fmt: skip
            start.wait(WAIT_SECONDS)
            return session.post(site.base + "/create/", form, timeout=WAIT_SECONDS, allow_redirects=False)

    with ThreadPoolExecutor(len(browsers)) as crowd:
        return list(crowd.map(send, range(len(browsers)), browsers))


def check(site: Site, drill: str, prompt: str, answers: list[requests.Response]) -> None:
    """Ten were taken, paid and made; forty were told why not, and when again."""
    assert Counter(answer.status_code for answer in answers) == {303: MOST, 429: FORMS - MOST}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all("Used up:" in answer.text and prompt in answer.text for answer in refused)
    assert all(0 < int(answer.headers["Retry-After"]) <= 86_400 + 3600 for answer in refused)
    calls = list(Call.objects.filter(generation__prompt__startswith=prompt).select_related("generation"))
    settle(site, drill, calls)
    assert site.states(calls) == [Call.State.SUCCEEDED] * MOST
    assert sum(paid["prompt"].startswith(prompt) for paid in site.sandbox.charged) == MOST


def test_fifty_forms_of_five_members_against_ten_for_everyone(crowded: Site) -> None:
    prompt = f"Everybody wants one {uuid4().hex}"
    limit = Limit.objects.create(what=Limit.What.PICTURES_DAY, amount=0)
    (meter,) = meters(User.objects.get(username="olga"))
    Limit.objects.filter(pk=limit.pk).update(amount=meter.taken + MOST)
    browsers = [cookies_of(f"member{n}", crowded.base) for n in range(5)] * (FORMS // 5)
    check(crowded, "fifty forms, ten for all", prompt, send_at_once(crowded, prompt, browsers))


def test_fifty_forms_of_one_member_against_ten_for_each(crowded: Site) -> None:
    prompt = f"Nina wants them all {uuid4().hex}"
    Limit.objects.create(what=Limit.What.PICTURES_DAY, amount=MOST, each=True)
    browsers = [cookies_of(f"nina {uuid4().hex[:6]}", crowded.base)] * FORMS
    check(crowded, "fifty forms, ten for each", prompt, send_at_once(crowded, prompt, browsers))
