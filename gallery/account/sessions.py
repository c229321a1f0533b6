"""Ending one of one's own sessions."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from gallery.access import with_own_session


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
