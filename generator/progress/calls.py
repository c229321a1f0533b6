"""What a person may do about a call: cancel it, send it again, put its failure away, say that it cost nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generator.audit import record
from generator.models import Call, Generation, LimitError
from generator.progress.redirects import SeeOther, own_address
from generator.submit import try_again
from generator.worker import tasks

SETTLED = "settled"
Act = Callable[[HttpRequest, Call], bool]


def _action(event: str) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A POST about a call of a generation one may see, and then back to it.

    What staff have done about somebody else's call, or about what one cost, is in the audit log as `event`. Whoever has
    been signed out meanwhile is led to the form: the action's own address answers no GET.
    """

    def action(act: Act) -> Callable[..., HttpResponse]:
        @require_POST
        @wraps(act)
        def view(request: HttpRequest, pk: UUID) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(reverse("generator:create"))
            call = _call(request.user, pk)
            with transaction.atomic():
                if act(request, call) and (event == SETTLED or call.user_id != request.user.pk):
                    record(event, call, changed=True, writer=call.user_id)
            page = own_address(request, request.POST.get("next", ""), call.generation.get_absolute_url())
            return SeeOther(f"{page.partition('#')[0]}#g-{call.generation_id}")

        return view

    return action


def _call(user: Any, pk: UUID) -> Call:
    visible: Any = Generation.objects.visible_to(user)
    calls = Call.objects.filter(generation__in=visible).select_related("generation", "retry")
    return get_object_or_404(calls, pk=pk)


@_action("cancelled")
def cancel(request: HttpRequest, call: Call) -> bool:
    is_done = call.cancel()
    if is_done:
        messages.success(request, "Cancelled. Nothing was sent.")
    else:
        messages.warning(request, "Too late to cancel: it is no longer waiting.")
    return is_done


@_action("tried again")
def retry(request: HttpRequest, call: Call) -> bool:
    try:
        again = try_again(call)
    except LimitError as error:
        messages.warning(request, error.sentence if call.user_id == request.user.pk else error.sentence_for_staff)
        return False
    if again:
        messages.success(request, "Trying again.")
    else:
        messages.warning(request, "This has been sent again already, or it has come to an end meanwhile.")
    return again is not None


@_action("stored again")
def store_again(request: HttpRequest, call: Call) -> bool:
    is_begun = tasks.store_again(call)
    if is_begun:
        messages.success(request, _("The reply that was paid for is read once more. Nothing is sent."))
    else:
        messages.warning(request, _("There is no reply to store again: it is no longer kept, or somebody was faster."))
    return is_begun


@_action("put away")
def dismiss(request: HttpRequest, call: Call) -> bool:
    is_done = call.dismiss()
    if is_done:
        messages.success(request, "Put away. Its page still lists it.")
    else:
        messages.warning(request, "There is nothing to put away any more.")
    return is_done


@_action(SETTLED)
def not_charged(request: HttpRequest, call: Call) -> bool:
    """Staff have found out that a call of unknown outcome cost nothing."""
    if not request.user.is_staff:
        raise Http404
    is_done = call.settle_as_not_charged()
    if is_done:
        messages.success(request, "Settled as not charged: it no longer counts.")
    else:
        messages.warning(request, "There is nothing to settle: its outcome is known, or this has been said before.")
    return is_done
