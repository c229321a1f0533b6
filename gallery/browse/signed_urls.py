"""Proofs that a page was right to show a thumbnail, so that its bytes need not ask again.

A page makes them after `visible_to` has let its pictures through. A proof holds for one picture, width and access
version, for the browser that asked for the page, today and, so that midnight is no edge, tomorrow; it stays the same
all day, so that the browser keeps the picture. It is worth nothing without that browser's session cookie, and nothing
to anybody else. Another choice of viewers begins another access version, in which no file answers to it. It ends with
the session: at once where somebody signs out, within `ALIVE_SECONDS` where the session was ended elsewhere.

nginx checks them by itself (`secure_link`), if `VITRINE_THUMB_KEY` gives it a key of its own; docs/deploy.md has the
block. Its module knows MD5 only, so the key stands at both ends of what is summed up: no longer text and no pair of
texts that collide can be found without it. Whether a session is alive it asks us, and remembers for `ALIVE_SECONDS`.
"""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, md5
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from generator.models.addresses import pattern
from generator.models.image import thumb_widths

_DAY = 86_400
ALIVE_SECONDS = 600
_PURPOSE = "gallery.browse.signed_urls"  # proofs made for anything else are none here
# Characters of a code, and bytes of the sum that the codes of a picture are cut from: enough for four widths.
_LENGTH, _BYTES = 20, 60
_PROOF = re.compile(r"(\d{1,9})-([\w-]{20})", re.ASCII)
_PROOF_FOR_NGINX = re.compile(r"(\d{1,9})-(\d{1,10})-([\w-]{22})", re.ASCII)


class Proofs:
    """What a page needs for its thumbnails: the browser that sent this request, and the day."""

    def __init__(self, request: HttpRequest) -> None:
        self._browser, self._day = _browser(request), today()
        self.pattern, self._offered = pattern("thumb", UUID, int) + "?p=", settings.THUMB_WIDTHS

    def of(self, dashed: str, width: int, access_version: int) -> list[str]:
        """One for each copy of a picture so wide, whose id this is."""
        widths = thumb_widths(width, self._offered)
        return proofs_of(dashed.replace("-", ""), widths, access_version, self._browser, self._day)

    def thumbs(self, pk: UUID, width: int, access_version: int) -> list[tuple[int, str]]:
        """Width and address of each copy of a picture so wide, as `Image.thumbs`, with a proof for the browser."""
        dashed = str(pk)
        return proven(self.pattern, dashed, width, self.of(dashed, width, access_version))


def proofs_of(stem: str, widths: Sequence[int], access_version: int, browser: str, day: int) -> list[str]:
    """One for each of these widths, which THUMB_WIDTHS begins with. `stem` is the picture's id as 32 hexadecimal
    digits, `browser` the value of the session cookie.
    """
    if settings.THUMB_KEY:
        until = (day + 2) * _DAY
        codes = (_code_for_nginx(stem, each, access_version, browser, until) for each in widths)
        return [f"{access_version}-{until}-{code}" for code in codes]
    codes_of_all, places = _codes(stem, access_version, browser, day), range(0, len(widths) * _LENGTH, _LENGTH)
    return [f"{access_version}-{codes_of_all[place : place + _LENGTH]}" for place in places]


def proven(pattern: str, dashed: str, width: int, proofs: Sequence[str]) -> list[tuple[int, str]]:
    """Width and address of each copy of a picture so wide; `pattern` and `proofs` are those of `Proofs`."""
    widths = thumb_widths(width, settings.THUMB_WIDTHS)
    return [(min(each, width), pattern % (dashed, each) + proof) for each, proof in zip(widths, proofs, strict=True)]


def proven_access_version(request: HttpRequest, stem: str, width: int, proof: str) -> int | None:
    """The access version that a good proof is of; None for any other."""
    if settings.THUMB_KEY:
        return _version_for_nginx(request, stem, width, proof)
    match = _PROOF.fullmatch(proof)
    if not match or width not in settings.THUMB_WIDTHS:
        return None
    access_version, browser, day = int(match[1]), _browser(request), today()
    place = settings.THUMB_WIDTHS.index(width) * _LENGTH
    codes = (_codes(stem, access_version, browser, made)[place : place + _LENGTH] for made in (day, day - 1))
    return access_version if any(constant_time_compare(code, match[2]) for code in codes) else None


def _version_for_nginx(request: HttpRequest, stem: str, width: int, proof: str) -> int | None:
    """What nginx would say, of a proof that it could not take: the thumbnail is lost, or it has no block for them."""
    match = _PROOF_FOR_NGINX.fullmatch(proof)
    if not match or int(match[2]) < time.time():
        return None
    code = _code_for_nginx(stem, width, int(match[1]), _browser(request), int(match[2]))
    return int(match[1]) if constant_time_compare(code, match[3]) else None


def is_alive(request: HttpRequest) -> bool:
    """Whether the session that the browser's cookie names still lets somebody in; visitors, who have none, may look.

    Asked for anew after `ALIVE_SECONDS`: two queries then, none in between.
    """
    browser = _browser(request)
    if not browser:
        return True
    known, name = caches["process"], _alive_key(browser)
    found = known.get(name)
    if found is None:
        found = is_alive_now(request)
        known.set(name, found, ALIVE_SECONDS)
    return bool(found)


def is_alive_now(request: HttpRequest) -> bool:
    """The same, without remembering anything."""
    browser = _browser(request)
    if not browser:
        return True
    asked: Any = HttpRequest()
    asked.session = import_module(settings.SESSION_ENGINE).SessionStore(browser)
    return bool(get_user(asked).is_authenticated)


def forget(session_key: str | None) -> None:
    """This session has ended; to be asked anew."""
    if session_key:
        caches["process"].delete(_alive_key(session_key))


def _alive_key(browser: str) -> str:
    return f"alive-{salted_hmac(_PURPOSE, browser.encode(errors='surrogatepass')).hexdigest()}"


def today() -> int:
    """Days since 1970, in UTC."""
    return int(time.time() // _DAY)


def _browser(request: HttpRequest) -> str:
    """Visitors have no cookie, and are shown nothing but what everybody may see."""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def _codes(stem: str, access_version: int, browser: str, day: int) -> str:
    """One behind the other for each of THUMB_WIDTHS, of 120 bits each; none tells anything of the others.

    What a person can choose, the cookie, stands last: it cannot pass for another field. A page has fifty pictures of
    three copies, so there is one sum for all copies of a picture, and keyed BLAKE2 takes a tenth of `salted_hmac`.
    """
    said = f"{stem} {access_version} {day} {browser}".encode(errors="surrogatepass")
    return urlsafe_b64encode(blake2b(said, key=_key(settings.SECRET_KEY), digest_size=_BYTES).digest()).decode()


@lru_cache
def _key(secret: str) -> bytes:
    return blake2b((_PURPOSE + secret).encode(), digest_size=32).digest()


def _code_for_nginx(stem: str, width: int, access_version: int, browser: str, until: int) -> str:
    """As `secure_link_md5` of docs/deploy.md has it."""
    key = settings.THUMB_KEY
    said = f"{key} {stem}-{access_version}-{width} {until} {browser} {key}".encode(errors="surrogatepass")
    return urlsafe_b64encode(md5(said).digest())[:22].decode()  # noqa: S324 (keyed at both ends) # nosec B324
