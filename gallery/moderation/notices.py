"""What one was told: read, mark as read, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gallery.browse.listing import cursor
from gallery.models import Notice
from gallery.moderation.undo import answer as give_answer
from generator.models import Image

PAGE_SIZE = 30


class AnswerForm(forms.Form):
    text = forms.CharField(
        max_length=1000, label="Your answer", label_suffix="", widget=forms.Textarea(attrs={"rows": 2})
    )


def _mine(request: HttpRequest) -> Any:
    return Notice.objects.all().of(request.user)


@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """Newest first; a picture is linked if one may still see it."""
    before = cursor(request.GET.get("before", ""))
    rows = _mine(request).select_related("decision").order_by("-pk")
    found = list(rows.filter(pk__lt=before)[: PAGE_SIZE + 1] if before else rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    images = Image.objects.visible_to(request.user).select_related("generation")
    context = {
        "notices": shown,
        "images": images.in_bulk([notice.image_id for notice in shown if notice.image_id]),
        "older": shown[-1].pk if len(found) > PAGE_SIZE else None,
        "is_first": before is None,
        "form": AnswerForm(auto_id=False),
    }
    return render(request, "moderation/notices.html", context)


@require_POST
@login_required
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(_mine(request), pk=pk)
    _mine(request).filter(pk=pk).mark_read()
    return redirect("notices")


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    _mine(request).mark_read()
    return redirect("notices")


@require_POST
@login_required
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer a question of staff."""
    notice = get_object_or_404(_mine(request).filter(question=True), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write an answer of up to 1000 characters.")
    elif give_answer(notice, form.cleaned_data["text"]):
        messages.success(request, "Your answer is sent to staff.")
    else:
        messages.warning(request, "This question is answered already, or was taken back.")
    return redirect("notices")
