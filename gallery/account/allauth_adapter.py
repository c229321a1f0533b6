"""How accounts behave here: allauth's own hooks, nothing else."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from gallery.middleware.known_browser import knows
from gallery.models import Mail, User
from gallery.models.member_names import check_letters, check_name, check_reserved, normal
from gallery.people.joining import UsedUpError, admission, let_go, may_join
from gallery.people.provider_session import ProviderSession


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """The rule of joining decides who may sign up, and nobody is sent elsewhere."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return may_join(request)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        return _admitted(request, user, super().save_user, request, user, form, commit)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Those that people choose and, `shallow`, those that are made of what a provider says."""
        found: str = super().clean_username(check_name(username), shallow)
        return found

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count for a name and an address together, and apart in a browser that knows the person.

        However the name is written: each way of writing it lets its member in.
        """
        name = normal(str(credentials.get("username") or credentials.get("email") or "")).lower()
        return f"known:{name}" if knows(request, name) else f"{self.get_client_ip(request)}:{name}"

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Who waits for approval is told so; everybody else that the account is not active."""
        return redirect(reverse("account_inactive") + ("?waiting" if user.awaits_approval else ""))

    def render_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> EmailMessage:
        """The ledger of mails names the template."""
        message: EmailMessage = super().render_mail(template_prefix, *args, **kwargs)
        message.kind = template_prefix.rpartition("/")[2]  # type: ignore[attr-defined]
        return message

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What was asked for is done without the mail; the person is told if it will take its time."""
        super().send_mail(template_prefix, email, context)
        if self.request and Mail.objects.held_up().exists():
            late = _("The mail server does not take mails at the moment. Yours is kept, and sent as soon as it does.")
            messages.warning(self.request, late)

    def is_safe_url(self, url: str) -> bool:
        """Only where the person is already: not all that the site may be called is the site to everybody."""
        here: HttpRequest = context.request
        return url_has_allowed_host_and_scheme(url, {here.get_host()}, require_https=here.is_secure())


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People who come through a provider obey the same rule; no account of ours is taken over by a name or address."""

    def get_requests_session(self) -> ProviderSession:
        """For whatever allauth asks the provider."""
        return ProviderSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Addresses are kept only where mail is sent."""
        if not settings.MAIL and not sociallogin.is_existing:
            sociallogin.email_addresses = []
            sociallogin.user.email = ""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> User:
        """A name that nobody may be called by here is left out: the username is shown instead."""
        user: User = super().populate_user(request, sociallogin, data)
        try:
            user.first_name, user.last_name = normal(user.first_name), normal(user.last_name)
            for name in (user.first_name, user.last_name):
                check_letters(name)
            check_reserved(user.first_name, user.last_name)
        except ValidationError:
            user.first_name = user.last_name = ""
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        if form:  # the account adapter saves it, and admits them
            return super().save_user(request, sociallogin, form)  # type: ignore[no-any-return]
        return _admitted(request, sociallogin.user, super().save_user, request, sociallogin)


def _admitted(request: HttpRequest, user: User, save: Any, *args: Any) -> User:
    """Save a new member together with what makes them one; too late is a page of its own, once."""
    try:
        with admission(request, user):
            saved: User = save(*args)
    except UsedUpError as error:
        let_go(request)
        raise ImmediateHttpResponse(render(request, "people/gone.html", {"is_late": True}, status=410)) from error
    return saved
