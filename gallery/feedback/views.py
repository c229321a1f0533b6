"""What members say about a picture: stars, comments, reports, and a text for the provider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.middleware import HtmxDetails

from gallery.access import with_discussed_image, with_editable_comment, with_own_comment
from gallery.feedback.forms import CommentForm, EditForm, ProviderFeedbackForm, RatingForm, ReportForm
from gallery.feedback.panel import LATEST, feedback_for
from gallery.feedback.provider_text import facts, prepared_text
from gallery.models import Comment, Rating, Report, User
from generator.brakes import braked, sentence, wait
from generator.models import Image


class Request(HttpRequest):
    htmx: HtmxDetails


@require_POST
@with_discussed_image
def rate(request: Request, image: Image) -> HttpResponse:
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _answer(request, image, "Choose one to five stars.")
    if seconds := braked(request, "rating"):
        return _brake(request, image, seconds, notice=sentence(seconds), is_refused=True)
    stars = form.cleaned_data["stars"]
    Rating.objects.all().rate(image, _member(request), stars)
    return _answer(request, image, f"You gave {stars} of 5 stars." if stars else "Your stars are taken back.")


@require_http_methods(["GET", "POST"])
@with_discussed_image
def comment(request: Request, image: Image) -> HttpResponse:
    """All comments of a picture; a POST adds one, the same form only once."""
    form = CommentForm(request.POST or None)
    if request.method == "GET":
        return _page(request, image, limit=None)
    if not form.is_valid():
        return _page(request, image, status=422, comment_form=form)
    if seconds := braked(request, "comment"):
        form.add_error("text", sentence(seconds))
        return _brake(request, image, seconds, comment_form=form)
    values = {"image": image, "text": form.cleaned_data["text"]}
    Comment.objects.get_or_create(user=_member(request), token=form.cleaned_data["token"], defaults=values)
    return _answer(request, image, "Your comment is added.")


@require_http_methods(["GET", "POST"])
@with_own_comment
def edit_comment(request: Request, comment: Comment) -> HttpResponse:
    """Its writer says it in other words."""
    before, form = comment.text, EditForm(request.POST or None, instance=comment)
    if request.method == "GET":
        return _edit_page(request, form)
    if not form.is_valid():
        return _edit_page(request, form, status=422)
    if (text := form.cleaned_data["text"]) == before:
        return redirect(_place(comment.image))
    if seconds := braked(request, "comment"):
        form.add_error("text", sentence(seconds))
        return wait(_edit_page(request, form, status=429), seconds)
    comment.edit(text)
    messages.success(request, gettext("Your comment is changed."))
    return redirect(_place(comment.image))


@require_POST
@with_editable_comment
def delete_comment(request: Request, comment: Comment) -> HttpResponse:
    comment.delete()
    return _answer(request, comment.image, "The comment is deleted.")


@require_http_methods(["GET", "POST"])
@with_discussed_image
def report(request: Request, image: Image) -> HttpResponse:
    """Ask staff to look at a picture; one open report per person and picture."""
    form = ReportForm(request.POST or None)
    if request.method == "GET":
        return _page(request, image)
    if not form.is_valid():
        return _page(request, image, status=422, report_form=form)
    if seconds := braked(request, "report"):
        form.add_error(None, sentence(seconds))
        return _brake(request, image, seconds, report_form=form)
    is_new = Report.objects.get_or_create(
        image=image, user=_member(request), resolved_at=None, defaults=form.cleaned_data
    )[1]
    said = "Thank you. Staff will look at this picture." if is_new else "You have reported this already."
    return _answer(request, image, said)


@require_GET
@with_discussed_image
def provider_feedback(request: Request, image: Image) -> HttpResponse:
    """The prepared text with the words typed so far; nothing is stored or sent."""
    form = ProviderFeedbackForm(request.GET)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    context = {"image": image, "form": form, "facts": facts(image), "text": prepared_text(image, words)}
    return render(request, "feedback/provider.html", context)


def _member(request: Request) -> User:
    """Who is signed in; the views above have made sure that somebody is."""
    return cast(User, request.user)


def _edit_page(request: Request, form: EditForm, status: int = 200) -> HttpResponse:
    context = {"image": form.instance.image, "form": form}
    return render(request, "feedback/edit.html", context, status=status)


def _place(image: Image) -> str:
    """Where its comments stand."""
    return reverse("image", args=[image.pk]) + "#feedback"


def _answer(request: Request, image: Image, said: str) -> HttpResponse:
    """The panel anew for a script that asked for it; for everybody else a message, back at the picture."""
    if request.htmx:
        return _page(request, image, notice=said)
    messages.success(request, said)
    return redirect(_place(image))


def _brake(request: Request, image: Image, seconds: int, **more: Any) -> HttpResponse:
    """Nothing was done, and what was typed is still there."""
    return wait(_page(request, image, status=429, **more), seconds)


def _page(request: Request, image: Image, status: int = 200, limit: int | None = LATEST, **more: Any) -> HttpResponse:
    """The panel with `more` in place of its fresh forms: alone for a script, else on a page of its own."""
    feedback = replace(feedback_for(image, request.user, limit), **more)
    context = {"image": image, "feedback": feedback}
    if request.htmx:
        # htmx shows only what succeeds, and the sentences beside the fields are what must be shown.
        return render(request, "feedback/_panel.html", context)
    return render(request, "feedback/feedback.html", context, status=status)
