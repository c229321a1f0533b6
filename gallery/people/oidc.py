"""Signing in through somebody else's OpenID Connect provider, by configuration alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PROVIDER_ID = "oidc"
_DISCOVERY = "/.well-known/"


def providers(url: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """allauth's description of the one provider at `url` (the issuer, or its discovery document), or of none."""
    if not url:
        return {}
    origin(url)
    if not client_id:
        raise ImproperlyConfigured("VITRINE_OIDC_URL needs VITRINE_OIDC_CLIENT_ID, as the provider calls this site.")
    app = {
        "provider_id": PROVIDER_ID,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": url.rstrip("/")},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def origin(url: str) -> list[str]:
    """Where the sign-in form may lead besides this site: `scheme://host[:port]` of the provider, if there is one."""
    if not url:
        return []
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c in parts.netloc for c in " ;,'\"@"):
        raise ImproperlyConfigured(
            "VITRINE_OIDC_URL cannot be used: write the issuer like https://accounts.example.org/realms/one."
        )
    return [f"{parts.scheme}://{parts.netloc}"]
