"""What `manage.py check` says about an installation, before a person would find out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.files)
def data_folder(**_kwargs: Any) -> list[CheckMessage]:
    """The data folder can be written, or made. One that is not there yet is no fault: `prepare` makes it."""
    folder = Path(settings.DATA_DIR)
    found = next(path for path in (folder, *folder.parents) if path.exists())
    if found.is_dir() and os.access(found, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {folder} cannot be written by this user.",
            hint="Change its owner, or name another one with VITRINE_DATA_DIR.",
            id="gallery.E001",
        )
    ]


@register(Tags.security)
def mail(**_kwargs: Any) -> list[CheckMessage]:
    """A link in a mail leads to the name that a request came by. Anybody may ask to have somebody's password reset, and
    where any address passes for the site's own they would choose where the secret in that mail goes."""
    if not (settings.MAIL and settings.LOCAL_NAMES_ONLY and "*" in settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "EMAIL_URL is set, and the site has no name: links in its mails could lead to anybody.",
            hint="Set VITRINE_BASE_URL to the address that people open.",
            id="gallery.E002",
        )
    ]


@register(Tags.security, deploy=True)
def sandbox(**_kwargs: Any) -> list[CheckMessage]:
    """A site with an address of its own is hardly meant to show practice pictures."""
    if not (settings.SANDBOX and settings.BASE_URL):
        return []
    return [
        checks.Warning(
            "The sandbox API draws the pictures.",
            hint="Set ONLYSQ_API_KEY to send prompts to the real one.",
            id="gallery.W001",
        )
    ]
