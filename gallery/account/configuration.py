"""How people sign in: the settings of django.contrib.auth and of allauth, as far as nothing of ours reads them."""

from __future__ import annotations

from typing import Any


def sign_in(*, has_mail: bool, providers: dict[str, Any]) -> dict[str, Any]:
    """Names of settings and their values. Without a mail server nobody is asked for an address."""
    rules = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
    return {
        "AUTHENTICATION_BACKENDS": ["gallery.account.backend.Backend"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{rule}Validator"} for rule in rules
        ],
        **_accounts(has_mail=has_mail),
        **_second_factors(),
        "SOCIALACCOUNT_ADAPTER": "gallery.account.allauth_adapter.SocialAccountAdapter",
        "SOCIALACCOUNT_PROVIDERS": providers,
    }


def _accounts(*, has_mail: bool) -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": "gallery.account.allauth_adapter.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", *(["email"] if has_mail else []), "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "optional" if has_mail else "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
    }


def _second_factors() -> dict[str, Any]:
    return {
        "MFA_ADAPTER": "gallery.account.sealing.SealedMFAAdapter",
        "MFA_FORMS": {
            "authenticate": "gallery.account.factor_forms.AuthenticateForm",
            "reauthenticate": "gallery.account.factor_forms.ReauthenticateForm",
        },
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_TOTP_ISSUER": "Vitrine",
        "MFA_TOTP_TOLERANCE": 1,  # steps of half a minute, for clocks and thumbs
    }
