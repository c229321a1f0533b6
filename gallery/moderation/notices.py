"""What one was told: read, mark as read, answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from gallery.access import members_only, with_own_notice
from gallery.models import Notice
from gallery.moderation.undo import answer as give_answer
from gallery.paging import cursor, newest
from generator.models import Image

PAGE_SIZE = 30


class AnswerForm(forms.Form):
    text = forms.CharField(
        max_length=1000, label="Your answer", label_suffix="", widget=forms.Textarea(attrs={"rows": 2})
    )


def _mine(request: HttpRequest) -> Any:
    return Notice.objects.all().of(request.user)


@require_safe
@members_only
def notices(request: HttpRequest) -> HttpResponse:
    """Newest first, after what waits for an answer; a picture is linked if one may still see it."""
    before = cursor(request.GET.get("before", ""))
    page = newest(_mine(request).told().select_related("decision"), before, PAGE_SIZE)
    images: Any = Image.objects.visible_to(request.user).select_related("generation")
    visible = images.in_bulk([notice.image_id for notice in page.rows if notice.image_id])
    rows = [(notice, visible.get(notice.image_id)) for notice in page.rows]
    offers = [] if before else _mine(request).waiting().select_related("handover")
    return render(request, "moderation/notices.html", {"page": page.of(rows), "offers": offers})


@require_POST
@with_own_notice
def read(request: HttpRequest, notice: Notice) -> HttpResponse:
    _mine(request).filter(pk=notice.pk).mark_read()
    return redirect("notices")


@require_POST
@members_only.posted_from("notices")
def read_all(request: HttpRequest) -> HttpResponse:
    _mine(request).mark_read()
    return redirect("notices")


@require_POST
@with_own_notice
def answer(request: HttpRequest, notice: Notice) -> HttpResponse:
    """Answer a question of staff."""
    if not notice.question:
        raise Http404("not a question")
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write an answer of up to 1000 characters.")
    elif give_answer(notice, form.cleaned_data["text"]):
        messages.success(request, "Your answer is sent to staff.")
    else:
        messages.warning(request, "This question is answered already, or was taken back.")
    return redirect("notices")
