"""Secrets of second factors are sealed by a key of the site's own, so that a copied table lets nobody in."""

from __future__ import annotations

import base64
import hashlib
import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac

log = logging.getLogger(__name__)

_PURPOSE = "gallery.account.sealing"
_MARK = "sealed:"
# Where a factor keeps what must not be read.
_SECRETS = ("secret", "seed")
REMEMBERED_SECONDS = 3600


class SealedMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What cannot be opened is no secret that any code fits: that factor lets nobody in, and the others do."""
        try:
            return unseal(encrypted_text)
        except InvalidToken:
            log.error("The secret of a second factor cannot be opened: VITRINE_SECRET_KEY has changed. See the doctor.")
            return str(super().encrypt(base64.b32encode(Fernet.generate_key()).decode().rstrip("=")[:32]))


def seal(text: str) -> str:
    return _MARK + _fernet().encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """One from before there were seals is open. InvalidToken if no key that we know has sealed it."""
    return _fernet().decrypt(text.removeprefix(_MARK).encode()).decode() if text.startswith(_MARK) else text


def seal_all() -> tuple[int, int]:
    """Seal every secret anew, by the key of today: how many that were, and how many cannot be opened."""
    done = lost = 0
    for factor in Authenticator.objects.order_by("pk").iterator():
        kept = {name: factor.data[name] for name in _SECRETS if name in factor.data}
        try:
            sealed = {name: seal(unseal(text)) for name, text in kept.items()}
        except InvalidToken:
            lost += 1
            continue
        if sealed:
            Authenticator.objects.filter(pk=factor.pk).update(data=factor.data | sealed)
            done += 1
    return done, lost


def unreadable() -> tuple[int, int]:
    """How many factors are sealed by an older key or not at all, and how many cannot be opened."""
    factors = Authenticator.objects.order_by("pk").values_list("data", flat=True)
    sealed = [data[name] for data in factors.iterator() for name in _SECRETS if name in data]
    # The same seals are the same for the same keys: a page that asks often need not open them each time.
    about = repr((settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS, sealed))
    place = f"sealed-{hashlib.sha256(about.encode()).hexdigest()}"
    found: tuple[int, int] | None = caches["process"].get(place)
    if found is None:
        found = _judge(sealed)
        caches["process"].set(place, found, REMEMBERED_SECONDS)
    return found


def _judge(sealed: list[str]) -> tuple[int, int]:
    current, old, lost = _fernet([settings.SECRET_KEY]), 0, 0
    for text in sealed:
        try:
            current.decrypt(text.removeprefix(_MARK).encode())
        except InvalidToken:
            is_known = _opens(text)
            old, lost = old + is_known, lost + (not is_known)
    return old, lost


def _opens(text: str) -> bool:
    try:
        unseal(text)
    except InvalidToken:
        return False
    return True


def _fernet(keys: list[str] | None = None) -> MultiFernet:
    """The first of the keys seals; all of them open."""
    known = keys or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (salted_hmac(_PURPOSE, "", secret=key, algorithm="sha256").digest() for key in known)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
