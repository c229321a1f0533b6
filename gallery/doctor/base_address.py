"""Whether pictures come through the address that people type, by asking for a file that is nobody's secret.

So a proxy is found that cannot read them, in another container or on another machine, too.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from gallery.doctor import probe_file
from gallery.doctor.finding import Finding, Level

AREA = "proxy"
PATH = "/healthz/media"
# For the connection, and for each piece of the answer.
TIMEOUT = 5.0
_MOST = 4096


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    names_a_file: bool


def examine() -> Iterator[Finding]:
    """Nothing where nobody has said what the address is."""
    if not settings.BASE_URL:
        return
    with suppress(OSError):  # a disk that cannot be written is told of elsewhere
        probe_file.lay()
    try:
        answer = _ask()
    except (OSError, http.client.HTTPException) as error:
        said = _(
            "%(address)s could not be reached from here, so whether pictures come through it is not known: %(why)s."
        )
        why = str(error) or type(error).__name__
        advice = _("Nothing, if the site is not running or this machine does not know the address; else check it.")
        yield Finding(Level.NOTICE, AREA, said % {"address": settings.BASE_URL, "why": why}, advice)
        return
    if answer.status != HTTPStatus.OK or answer.content != probe_file.WORDS:
        yield _finding(answer)


def _ask() -> Answer:
    """Redirects are not followed: they would lead to somebody else's answer."""
    address = urlsplit(settings.BASE_URL)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(_MOST), bool(answer.getheader("X-Accel-Redirect")))
    finally:
        connection.close()


def _finding(answer: Answer) -> Finding:
    level, said, advice = _judged(answer)
    return Finding(level, AREA, said % {"address": settings.BASE_URL, "status": answer.status}, advice)


def _judged(answer: Answer) -> tuple[Level, str, str]:
    has_proxy = bool(settings.ACCEL_PREFIX)
    if answer.names_a_file:
        return (
            Level.TROUBLE,
            _("The proxy at %(address)s does not send the files that VITRINE_ACCEL_PREFIX has it send."),
            _("Unset VITRINE_ACCEL_PREFIX, or use a proxy that knows X-Accel-Redirect; docs/deploy.md shows nginx."),
        )
    if has_proxy and answer.status == HTTPStatus.FORBIDDEN:
        return (
            Level.TROUBLE,
            _("The proxy at %(address)s may not read the pictures (%(status)s)."),
            _("Put the proxy's user into the group of the data folder; docs/deploy.md says how."),
        )
    if has_proxy and answer.status == HTTPStatus.NOT_FOUND:
        return (
            Level.TROUBLE,
            _("The proxy at %(address)s does not find the pictures (%(status)s)."),
            _("Compare its block for VITRINE_ACCEL_PREFIX and its folder with docs/deploy.md; mount media there."),
        )
    if answer.status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
        return (
            Level.TROUBLE,
            _("Something else than this site answers at %(address)s."),
            _("Check VITRINE_BASE_URL, and where the proxy at that address leads."),
        )
    return (
        Level.NOTICE,
        _("%(address)s answers with %(status)s, so whether pictures come through it is not known."),
        _("Check that the site runs, and that its proxy lets /healthz/media through."),
    )
