"""The two answers to a question of whether one takes pictures over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gallery.access import with_own_handover
from gallery.handover import offers
from gallery.models import Handover


@require_POST
@with_own_handover
def accept(request: HttpRequest, handover: Handover) -> HttpResponse:
    said = _("The pictures are yours now. Each is shown again to whom it was shown before.")
    return _answered(request, handover, offers.accept, said, "mine")


@require_POST
@with_own_handover
def decline(request: HttpRequest, handover: Handover) -> HttpResponse:
    said = {
        Handover.Fallback.DELETE: _("You have declined. The pictures are being deleted."),
        Handover.Fallback.KEEP: _("You have declined. The pictures are shown to nobody."),
    }
    return _answered(request, handover, offers.decline, said[Handover.Fallback(handover.fallback)], "notices")


def _answered(
    request: HttpRequest, handover: Handover, answer: Callable[[Handover, Any], bool], said: str, page: str
) -> HttpResponse:
    """Give the answer, say what it did, and lead to the page where that shows."""
    if not answer(handover, request.user):
        return _too_late(request, handover)
    messages.success(request, said)
    return redirect(page)


def _too_late(request: HttpRequest, handover: Handover) -> HttpResponse:
    """There is an answer already: theirs, from this button or another browser, or none came in time."""
    handover.refresh_from_db()
    said = {
        Handover.State.ACCEPTED: _("You have accepted already: the pictures are yours."),
        Handover.State.DECLINED: _("You have declined already."),
    }
    messages.warning(request, said.get(Handover.State(handover.state), _("It is too late to answer this.")))
    return redirect("notices")
