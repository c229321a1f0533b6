"""A code of an authenticator app is taken once: whoever looked over a shoulder comes too late with it."""

from __future__ import annotations

from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from django.core.cache import cache


def _good_for() -> int:
    """Seconds in which a code fits: its own step and, for clocks that differ, those beside it."""
    return int(app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1))


class _OnceForm:
    """allauth remembers a code for one step, whatever the tolerance; the cache, which processes share, for all."""

    user: Any
    authenticator: Any
    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        place = f"totp-taken-{self.user.pk}-{normalize_user_code(self.cleaned_data['code'])}"
        if cache.get(place):
            self.cleaned_data["code"] = ""  # counts as a wrong one
        code: str = super().clean_code()  # type: ignore[misc]
        is_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_app and not cache.add(place, True, _good_for()):  # noqa: FBT003 - a value
            raise get_adapter().validation_error("incorrect_code")  # of two at the same moment one is first
        return code


class AuthenticateForm(_OnceForm, forms.AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """Signing in."""


class ReauthenticateForm(_OnceForm, forms.ReauthenticateForm):  # type: ignore[misc]
    """Before something that needs to be sure who is there."""
