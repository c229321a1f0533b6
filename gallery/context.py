"""What every page of the site may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gallery.header import header
from gallery.looking import may_look
from gallery.middleware.signing_out import account_key


def site(request: HttpRequest) -> dict[str, object]:
    """Whether the practice API stands in for the real one, what need not be said about a picture, and the header."""
    return {
        "sandbox": settings.SANDBOX,
        "default_visibility": settings.DEFAULT_VISIBILITY,
        "mail": settings.MAIL,
        "account_key": SimpleLazyObject(lambda: _account(request)),
        "account_cookie": settings.ACCOUNT_COOKIE_NAME,
        **_header(request),
    }


def _account(request: Any) -> str:
    """For whom the page is made, as its scripts tell accounts apart; noted for the answer's cookie."""
    request.shown_account = account_key(getattr(request, "user", None))
    return str(request.shown_account)


def _header(request: HttpRequest) -> dict[str, object]:
    """Read when a template names it: fragments without a header cost nothing."""
    # A request that is turned away at the door, to be told so by a page, has no user yet.
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return {}
    return {"header": SimpleLazyObject(lambda: header(user)), "may_look": user.is_staff and may_look(user)}
