"""Whether mails get out: what the ledger of mails says, and whether the server takes a connection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.doctor.finding import Finding, Level
from gallery.mail import outbox
from gallery.models import Mail

AREA = "mail"
# A worker sends a mail within seconds.
LATE = timedelta(minutes=10)
RECENT = timedelta(days=7)


def examine() -> Iterator[Finding]:
    now = timezone.now()
    if late := Mail.objects.waiting().filter(created_at__lt=now - LATE).count():
        reason = Mail.objects.held_up().first()
        said = ngettext(
            "%(number)s mail waits for more than ten minutes.", "%(number)s mails wait for more than ten minutes.", late
        ) % {"number": late}
        advice = _("They are sent as soon as the mail server takes them: check EMAIL_URL, and that a worker runs.")
        yield Finding(Level.TROUBLE, AREA, f"{said} {reason.said}" if reason and reason.said else said, advice)
    lost = Mail.objects.filter(state=Mail.State.FAILED, created_at__gt=now - RECENT).count()
    if lost:
        said = ngettext(
            "%(number)s mail of the last seven days was given up.",
            "%(number)s mails of the last seven days were given up.",
            lost,
        ) % {"number": lost}
        yield Finding(Level.NOTICE, AREA, said, _("The administration lists them under Mails, with the reason."))


def examine_server() -> Iterator[Finding]:
    """Connects, and signs in where EMAIL_URL holds a password; no mail is sent."""
    if not settings.MAIL:
        return
    try:
        with outbox.server_connection():
            return
    except (OSError, ValueError) as error:
        yield Finding(
            Level.TROUBLE,
            AREA,
            _("The mail server cannot be used: %(reason)s") % {"reason": outbox.reason_of(error)},
            _("Check EMAIL_URL; mails wait until it can, and are given up after half a day."),
        )
