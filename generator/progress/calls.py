"""What a person may do about a call: cancel it, send it again, put its failure away, say that it cost nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from generator.models import Call, Generation, LimitError
from generator.progress.redirects import SeeOther, own_address
from generator.worker import tasks


def _action(act: Callable[[HttpRequest, Call], None]) -> Callable[..., HttpResponse]:
    """A POST about a call of a generation one may see, and then back to it.

    Whoever has been signed out meanwhile is led to the form: the action's own address answers no GET.
    """

    @require_POST
    @wraps(act)
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("generator:create"))
        visible: Any = Generation.objects.visible_to(request.user)
        calls = Call.objects.filter(generation__in=visible).select_related("generation", "retry")
        call = get_object_or_404(calls, pk=pk)
        act(request, call)
        page = own_address(request, request.POST.get("next", ""), call.generation.get_absolute_url())
        return SeeOther(f"{page.partition('#')[0]}#g-{call.generation_id}")

    return view


@_action
def cancel(request: HttpRequest, call: Call) -> None:
    if call.cancel():
        messages.success(request, "Cancelled. Nothing was sent.")
    else:
        messages.warning(request, "Too late to cancel: it is no longer waiting.")


@_action
def retry(request: HttpRequest, call: Call) -> None:
    try:
        again = call.try_again()
    except LimitError as error:
        messages.warning(request, error.sentence if call.user_id == request.user.pk else error.sentence_for_staff)
        return
    if again:
        transaction.on_commit(partial(tasks.wake, 1), robust=True)
        messages.success(request, "Trying again.")
    else:
        messages.warning(request, "This has been sent again already, or it has come to an end meanwhile.")


@_action
def dismiss(request: HttpRequest, call: Call) -> None:
    if call.dismiss():
        messages.success(request, "Put away. Its page still lists it.")
    else:
        messages.warning(request, "There is nothing to put away any more.")


@_action
def not_charged(request: HttpRequest, call: Call) -> None:
    """Staff have found out that a call of unknown outcome cost nothing; who did is in the admin's log."""
    if not request.user.is_staff:
        raise Http404
    if call.settle_as_not_charged():
        said = Call.objects.filter(pk=call.pk)
        LogEntry.objects.log_actions(request.user.pk or 0, said, CHANGE, change_message="Settled as not charged.")
        messages.success(request, "Settled as not charged: it no longer counts.")
    else:
        messages.warning(request, "There is nothing to settle: its outcome is known, or this has been said before.")
