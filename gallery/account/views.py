"""One's own account: name, preferences, everything of mine, and leaving."""

from __future__ import annotations

import logging
from typing import Any, cast

from allauth.socialaccount.providers.openid_connect.views import login
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.access import members_only, with_own_session
from gallery.account.export import Portable
from gallery.account.forms import LeaveForm, PreferencesForm, ProfileForm
from gallery.account.leave import LeavingError, calls_under_way
from gallery.account.leave import leave as leave_for_good
from gallery.archive import answer
from gallery.handover.offers import Offer
from gallery.middleware.addresses import absolute
from gallery.middleware.signing_out import sign_out
from gallery.models import User
from gallery.models.handover import ANSWER_WITHIN
from gallery.people.roles import LastAdminError
from generator.models import Image

log = logging.getLogger(__name__)


@require_safe
@members_only
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@members_only.posted_from("account")
def profile(request: HttpRequest) -> HttpResponse:
    return _saved(request, "profile_form", ProfileForm(request.POST, instance=_fresh(request)))


@require_POST
@members_only.posted_from("account")
def preferences(request: HttpRequest) -> HttpResponse:
    return _saved(request, "preferences_form", PreferencesForm(request.POST, instance=_fresh(request)))


@require_safe
@members_only
def download_mine(request: HttpRequest) -> HttpResponseBase:
    """Every picture of mine and all that is known about them, as one ZIP."""
    return answer(request, Portable(_member(request)), f"vitrine-{timezone.localdate():%Y-%m-%d}.zip")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@members_only.posted_from("leave")
def leave(request: HttpRequest) -> HttpResponse:
    """What will happen, and then it does: there is no way back."""
    member = _member(request)
    form = LeaveForm(request.POST if request.method == "POST" else None, user=member)
    if request.method == "GET":
        return _leave_page(request, form)
    if not form.is_valid():
        return _leave_page(request, form, status=422)
    try:
        leave_for_good(member, _offer(request, form))
    except (LeavingError, LastAdminError) as error:
        form.add_error(None, str(error))
        return _leave_page(request, form, status=409)
    sign_out(request)
    request.session.flush()
    request.user = AnonymousUser()
    return redirect("left")


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    return render(request, "account/left.html")


def _member(request: HttpRequest) -> User:
    return cast(User, request.user)


def _fresh(request: HttpRequest) -> User:
    """The row apart from the person of the request: a form writes into it even what it then refuses."""
    return User.objects.get(pk=_member(request).pk)


def _saved(request: HttpRequest, name: str, form: ProfileForm | PreferencesForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, status=422, **{name: form})
    form.instance.save(update_fields=form.Meta.fields)
    messages.success(request, "Saved.")
    return redirect("account")


def _page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    member = _member(request)
    context = {"profile_form": ProfileForm(instance=member), "preferences_form": PreferencesForm(instance=member)}
    return render(request, "account/account.html", context | forms, status=status)


def _offer(request: HttpRequest, form: LeaveForm) -> Offer | None:
    given = form.cleaned_data
    page = absolute(request, reverse("notices"))
    return Offer(given["heir"], given["fallback"], page) if given.get("heir") else None


def _leave_page(request: HttpRequest, form: LeaveForm, status: int = 200) -> HttpResponse:
    member = _member(request)
    images = Image.objects.filter(user=member).count()
    context = {"form": form, "count": images, "under_way": calls_under_way(member), "days": ANSWER_WITHIN.days}
    return render(request, "account/leave.html", context, status=status)


@require_POST
@with_own_session
def end_session(request: HttpRequest, session: UserSession) -> HttpResponse:
    """Sign out one browser, this one too."""
    if session.session_key == request.session.session_key:
        session.delete()
        logout(request)
        return redirect("account_login")
    session.end()
    messages.success(request, "That browser is signed out.")
    return redirect("usersessions_list")


def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """allauth's, except that a provider who does not answer, or not as one should, is a page and no crash."""
    try:
        return login(request, provider_id)  # type: ignore[no-any-return]
    except (OSError, KeyError, TypeError) as error:  # every failure of the network is an OSError
        log.error("The OpenID Connect provider does not answer as it should: %s: %s", type(error).__name__, error)
        return render(request, "socialaccount/authentication_error.html", {"is_away": True}, status=503)
