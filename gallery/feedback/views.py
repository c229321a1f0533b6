"""What members say about a picture: stars, comments, reports, and a text for the provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.middleware import HtmxDetails

from gallery.access import with_visible_image
from gallery.feedback.forms import CommentForm, ProviderFeedbackForm, RatingForm, ReportForm
from gallery.feedback.panel import LATEST, feedback_for
from gallery.feedback.provider_text import facts, prepared_text
from gallery.models import Comment, Rating, Report, User
from generator.models import Image

View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    htmx: HtmxDetails


def _on_image(view: View) -> View:
    """Hand the view a picture that this member may see, instead of its id.

    Public pictures too are talked about by members only. Whoever is not signed in is sent to do so and then to
    the picture: the address itself may take POSTs only.
    """
    visible = with_visible_image(view)

    @wraps(view)
    def wrapped(request: Request, pk: UUID) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(reverse("image", args=[pk]))
        return visible(request, pk)

    return wrapped


@require_POST
@_on_image
def rate(request: Request, image: Image) -> HttpResponse:
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _answer(request, image, "Choose one to five stars.")
    stars = form.cleaned_data["stars"]
    Rating.objects.all().rate(image, _member(request), stars)
    return _answer(request, image, f"You gave {stars} of 5 stars." if stars else "Your stars are taken back.")


@require_http_methods(["GET", "POST"])
@_on_image
def comment(request: Request, image: Image) -> HttpResponse:
    """All comments of a picture; a POST adds one, the same form only once."""
    form = CommentForm(request.POST or None)
    if request.method == "GET":
        return _page(request, image, limit=None)
    if not form.is_valid():
        return _page(request, image, status=422, comment_form=form)
    values = {"image": image, "text": form.cleaned_data["text"]}
    Comment.objects.get_or_create(user=_member(request), token=form.cleaned_data["token"], defaults=values)
    return _answer(request, image, "Your comment is added.")


@require_POST
def delete_comment(request: Request, pk: UUID) -> HttpResponse:
    """Its writer and staff may delete a comment, for as long as they may see its picture."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("explore"))
    comments = Comment.objects.shown_to(request.user).filter(image__in=Image.objects.visible_to(request.user))
    if not request.user.is_staff:
        comments = comments.filter(user=_member(request))
    found = get_object_or_404(comments.select_related("image__call", "image__generation", "image__user"), pk=pk)
    found.delete()
    return _answer(request, found.image, "The comment is deleted.")


@require_http_methods(["GET", "POST"])
@_on_image
def report(request: Request, image: Image) -> HttpResponse:
    """Ask staff to look at a picture; one open report per person and picture."""
    form = ReportForm(request.POST or None)
    if request.method == "GET":
        return _page(request, image)
    if not form.is_valid():
        return _page(request, image, status=422, report_form=form)
    is_new = Report.objects.get_or_create(
        image=image, user=_member(request), resolved_at=None, defaults=form.cleaned_data
    )[1]
    said = "Thank you. Staff will look at this picture." if is_new else "You have reported this already."
    return _answer(request, image, said)


@require_GET
@_on_image
def provider_feedback(request: Request, image: Image) -> HttpResponse:
    """The prepared text with the words typed so far; nothing is stored or sent."""
    form = ProviderFeedbackForm(request.GET)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    context = {"image": image, "form": form, "facts": facts(image), "text": prepared_text(image, words)}
    return render(request, "feedback/provider.html", context)


def _member(request: Request) -> User:
    """Who is signed in; the views above have made sure that somebody is."""
    return cast(User, request.user)


def _answer(request: Request, image: Image, said: str) -> HttpResponse:
    """The panel anew for a script that asked for it; for everybody else a message, back at the picture."""
    if request.htmx:
        return _page(request, image, notice=said)
    messages.success(request, said)
    return redirect(reverse("image", args=[image.pk]) + "#feedback")


def _page(request: Request, image: Image, status: int = 200, limit: int | None = LATEST, **more: Any) -> HttpResponse:
    """The panel with `more` in place of its fresh forms: alone for a script, else on a page of its own."""
    feedback = replace(feedback_for(image, request.user, limit), **more)
    context = {"image": image, "feedback": feedback}
    if request.htmx:
        # htmx shows only what succeeds, and the sentences beside the fields are what must be shown.
        return render(request, "feedback/_panel.html", context)
    return render(request, "feedback/feedback.html", context, status=status)
