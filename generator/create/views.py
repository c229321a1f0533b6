"""The form, and below it what one has asked for lately."""

from __future__ import annotations

from math import ceil
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from generator.brakes import braked, sentence, wait
from generator.create import choices
from generator.create.forms import GenerationForm, form_class
from generator.create.meters import meters
from generator.create.prefill import prefill
from generator.models import Generation, LimitError
from generator.progress.redirects import SeeOther
from generator.progress.shown import Shown, show

PAGE_SIZE = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Ask for pictures. Sending the same form twice leads to the same place."""
    form_type = form_class()
    if request.method != "POST":
        initial = prefill(form_type, request.user, request.GET)
        return _page(request, form_type(user=request.user, initial=initial))
    form = form_type(request.POST, user=request.user, initial={})
    if not form.is_valid():
        return _page(request, form, status=422)
    if seconds := braked(request, "submit"):
        form.add_error(None, sentence(seconds))
        return _page(request, form, status=429, retry_after=seconds)
    try:
        generation = form.submit().generation
    except LimitError as error:
        return _refused(request, form, error)
    return SeeOther(f"{reverse('generator:create')}#g-{generation.pk}")


def _refused(request: HttpRequest, form: GenerationForm, error: LimitError) -> HttpResponse:
    """The form as it was sent, with the limit that leaves no room for it."""
    form.add_error(None, error.sentence_for_staff if request.user.is_staff else error.sentence)
    seconds = ceil((error.resets_at - timezone.now()).total_seconds()) if error.resets_at else 0
    return _page(request, form, status=429, retry_after=max(1, seconds) if error.resets_at else 0)


def _page(request: HttpRequest, form: GenerationForm, status: int = 200, retry_after: int = 0) -> HttpResponse:
    """The form; `retry_after` are the seconds after which sending it again may help."""
    recent, older = _recent(request)
    is_running = any(shown.is_running for shown in recent)
    is_first_time = not recent and "before" not in request.GET
    context = {
        "form": form,
        "recent": recent,
        "pictures": [image for shown in recent for image in shown.images],
        "older": older,
        "meters": meters(request.user),
        "is_first_time": is_first_time,
        "is_running": is_running,
        # Without scripts the page reloads itself, but not where that would lose what somebody types.
        "reloads": not (request.GET or form.is_bound) and is_running,
        "examples": choices.EXAMPLES if is_first_time else (),
        "here": request.get_full_path(),
    }
    answer = render(request, "generator/create/create.html", context, status=status)
    return wait(answer, retry_after) if retry_after else answer


def _recent(request: HttpRequest) -> tuple[list[Shown], UUID | None]:
    """One page of one's own generations, newest first, and the cursor of the next page if there is one."""
    own = Generation.objects.filter(user=request.user.pk).order_by("-pk")
    try:
        before = UUID(request.GET.get("before", ""))
    except ValueError:
        pass
    else:
        own = own.filter(pk__lt=before)
    found = list(own[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return show(request.user, page), page[-1].pk if len(found) > PAGE_SIZE else None
