"""The way of a mail: written into the ledger by whoever sends one, delivered by a worker, tried again for hours.

A mail may arrive twice, if a worker dies between the server's word and our row. None is lost.
"""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from gallery.models import Mail
from generator.replies.reasons import plain
from generator.worker.tasks import hand_over, outliving_outages

log = logging.getLogger(__name__)

TASK = "gallery.mail.outbox.send_due"
# A worker goes back to its calls after so long; what is still due has it called again.
ROUND_SECONDS = 60
KEPT = timedelta(days=90)
_PARTS = ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to")


class Outbox(BaseEmailBackend):
    """Django's way to send mail, for everybody who writes one: no page ever waits for a mail server."""

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        written = [Mail.objects.create(**_row_of(message)) for message in email_messages if message.recipients()]
        transaction.on_commit(wake, robust=True)
        return len(written)


def _row_of(message: EmailMessage) -> dict[str, Any]:
    if message.attachments:
        raise ValueError("a mail of this site has no attachments")
    content = {part: getattr(message, part) for part in _PARTS}
    content["headers"] = {name: str(value) for name, value in message.extra_headers.items()}
    content["alternatives"] = [[*alternative] for alternative in getattr(message, "alternatives", [])]
    kind = str(getattr(message, "kind", "other"))[:60]
    return {"kind": kind, "to": ", ".join(message.recipients())[:2000], "content": content}


def wake() -> None:
    """Have a worker send what is due; a wake-up that is lost is made up for by the watch."""
    hand_over(TASK)


def look() -> None:
    """What the watch does about mails, each few seconds."""
    if Mail.objects.due(timezone.now()).exists():
        wake()


def forget_old() -> None:
    """What the watch does about mails once an hour."""
    Mail.objects.exclude(state=Mail.State.WAITING).filter(created_at__lt=timezone.now() - KEPT).delete()


@outliving_outages
def send_due() -> None:
    """Send one due mail after the other."""
    until = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < until and (mail := Mail.objects.claim(timezone.now())):
        deliver(mail)


def deliver(mail: Mail) -> None:
    """Hand it to the mail server, and note what became of it."""
    try:
        with server_connection() as server:
            server.send_messages([EmailMultiAlternatives(**(mail.content or {}))])
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a ValueError is an address that is none
        kind, said, for_good = _what_went_wrong(error)
        mail.mark_failed(kind, said, for_good=for_good)
        log.warning("a mail (%s) was not sent in try %s: %s", mail.kind, mail.tries, said)
    else:
        mail.mark_sent()


def server_connection() -> Any:
    """Django's backend for the server of EMAIL_URL; every step of talking to it ends within EMAIL_TIMEOUT seconds."""
    return get_connection(settings.MAIL_BACKEND)


def _what_went_wrong(error: Exception) -> tuple[Mail.Error, str, bool]:
    """As the ledger has it, and whether a further try would end alike."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            answers = list(error.recipients.values())
            said = "; ".join(_words(code, text) for code, text in answers)
            return Mail.Error.REFUSED, plain(said)[:300], all(code >= 500 for code, _text in answers)
        case smtplib.SMTPAuthenticationError():
            return Mail.Error.LOGIN, plain(_words(error.smtp_code, error.smtp_error))[:300], False
        case smtplib.SMTPResponseException():
            return Mail.Error.OTHER, plain(_words(error.smtp_code, error.smtp_error))[:300], False
        case ValueError():
            return Mail.Error.REFUSED, plain(str(error))[:300], True
        case _:
            return Mail.Error.AWAY, plain(str(error) or type(error).__name__)[:300], False


def reason_of(error: Exception) -> str:
    """What went wrong, in the mail server's own words or the system's."""
    return _what_went_wrong(error)[1]


def _words(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
