"""The inbox of staff: look, decide, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gallery.access import shown_to, staff_only
from gallery.filters import query
from gallery.models import Comment, Decision, Report
from gallery.moderation import items
from gallery.moderation.decide import DecidedError, Item, decide, find_fine
from gallery.moderation.forms import DecisionForm, InboxForm
from gallery.moderation.undo import undo as undo_one
from gallery.moderation.undo import undo_batch
from gallery.paging import cursor

SAID = {
    Decision.Action.FINE: "No problem found.",
    Decision.Action.HIDE: "Hidden.",
    Decision.Action.TRASH: "Moved to the trash.",
    Decision.Action.ASK: "The owner is asked.",
}
LONGEST: int = DecisionForm.base_fields["note"].max_length  # type: ignore[attr-defined]


@require_safe
@staff_only
def inbox(request: HttpRequest) -> HttpResponse:
    """`?state=done` shows what was decided, `&kind=reports` or `comments` one kind alone."""
    state, kind, before = _asked(request.GET).values()
    page: Any = items.decided_page(kind, before) if state else items.waiting_page(kind, before)
    pictures = [(line.item if state else line).picture.pk for line in page.rows]
    context = {
        "page": page,
        "state": state,
        "kind": kind,
        "before": before,
        "asked": {"shown": shown_to(request.user, pictures), "kind": kind, "before": before, "longest": LONGEST},
    }
    return render(request, "moderation/inbox.html", context)


def _asked(given: Any) -> dict[str, Any]:
    """State, kind and cursor; anything that makes no sense counts as nothing."""
    form = InboxForm(given)
    form.full_clean()
    return form.cleaned_data | {"before": cursor(given.get("before", ""))}


@require_POST
@staff_only.posted_from("inbox")
def decide_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    reports = Report.objects.select_related("user", "image__user", "image__generation")
    return _decide(request, get_object_or_404(reports, pk=pk))


@require_POST
@staff_only.posted_from("inbox")
def decide_comment(request: HttpRequest, pk: UUID) -> HttpResponse:
    comments = Comment.objects.select_related("user", "image__user", "image__generation")
    return _decide(request, get_object_or_404(comments, pk=pk))


def _decide(request: HttpRequest, item: Item) -> HttpResponse:
    form = DecisionForm(request.POST)
    moderator: Any = request.user
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return _back(request)
    try:
        made = decide(moderator, item, form.cleaned_data["decision"], form.cleaned_data["note"])
    except DecidedError as error:
        messages.warning(request, str(error))
    else:
        undo = reverse("undo_decision", args=[made.pk]) + _query(request)
        messages.success(request, SAID[Decision.Action(made.action)], extra_tags=undo)
    return _back(request)


@require_POST
@staff_only.posted_from("inbox")
def fine(request: HttpRequest) -> HttpResponse:
    """All the comments on the page are fine: exactly those that were shown."""
    shown = [pk for text in request.POST.getlist("comment")[: items.PAGE_SIZE] if (pk := cursor(text))]
    moderator: Any = request.user
    made = find_fine(moderator, shown)
    if made:
        undo = reverse("undo_decisions", args=[made[0].batch]) + _query(request)
        messages.success(request, f"Comments found fine: {len(made)}.", extra_tags=undo)
    else:
        messages.warning(request, "Somebody has looked at these comments already.")
    return _back(request)


@require_POST
@staff_only.posted_from("inbox")
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Decision.objects.select_related("image", "report", "comment"), pk=pk)
    moderator: Any = request.user
    if undo_one(moderator, found):
        messages.success(request, "Undone. It is in the inbox again.")
    else:
        messages.warning(request, "This was undone or answered already.")
    return _back(request)


@require_POST
@staff_only.posted_from("inbox")
def undo_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo what one press decided about many comments."""
    found = list(Decision.objects.select_related("image", "report", "comment").filter(batch=pk))
    if not found:
        raise Http404("no such decisions")
    moderator: Any = request.user
    messages.success(request, f"Undone: {undo_batch(moderator, found)}.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """The inbox as it was filtered."""
    return redirect(reverse("inbox") + _query(request))


def _query(request: HttpRequest) -> str:
    """The filters and the page that a form was sent with, in its fields or in its address."""
    given = request.POST if "kind" in request.POST else request.GET
    said = query(_asked(given))
    return f"?{said}" if said else ""
