"""The mail to whoever is asked. It names nobody: mailboxes keep what we forget once there is an answer."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.utils import translation

from gallery.models import User


def ask(heir: User, page: str) -> None:
    """Write it into the ledger of mails, in the language of who reads it; nothing where there is no mail."""
    if not (settings.MAIL and heir.email):
        return
    told = {"user": heir, "page": page, "current_site": get_current_site(context.request)}
    with translation.override(heir.language or settings.LANGUAGE_CODE):
        get_adapter().render_mail("handover/email/handover_asked", heir.email, told).send()
