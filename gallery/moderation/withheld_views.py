"""Hiding a picture and giving it back on its own page, and what its owner asks about that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gallery.access import with_moderated_image, with_withheld_image
from gallery.models import Report
from gallery.moderation import withheld
from gallery.moderation.decide import WITHHOLDING
from generator.models import Image


class WithholdForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[(action.value, action.label) for action in WITHHOLDING],
        error_messages={"required": gettext_lazy("Choose what to do.")},
    )
    reason = forms.ChoiceField(choices=Report.Reason.offered, initial=Report.Reason.OTHER)


class AppealForm(forms.Form):
    text = forms.CharField(max_length=1000, label=gettext_lazy("What you want to tell staff"))


@require_POST
@with_moderated_image
def withhold(request: HttpRequest, image: Image) -> HttpResponse:
    """Staff hide a picture of somebody else or move it to the trash; whether it was open to them decides the door."""
    form = WithholdForm(request.POST)
    moderator: Any = request.user
    if image.user_id == moderator.pk:
        messages.error(request, _("This is your own picture: choose who sees it, or delete it."))
    elif not form.is_valid():
        messages.error(request, _("Choose what to do, and why."))
    elif made := withheld.withhold(moderator, image, form.cleaned_data["decision"], form.cleaned_data["reason"]):
        said = {"hide": _("Hidden. Its owner is told why."), "trash": _("Moved to the trash. Its owner is told why.")}
        messages.success(request, said[made.action], extra_tags=reverse("undo_decision", args=[made.pk]))
    else:
        messages.warning(request, _("Somebody was faster: look at it in the inbox."))
    image.refresh_from_db()
    return redirect("inbox" if image.trashed_at else image.get_absolute_url())


@require_POST
@with_moderated_image
def give_back(request: HttpRequest, image: Image) -> HttpResponse:
    """Show again what staff have hidden, as widely as its owner wants it now."""
    moderator: Any = request.user
    if withheld.give_back(moderator, image):
        messages.success(request, _("Given back: those see it whom its owner lets see it."))
    else:
        messages.warning(request, _("Nobody withholds this picture any more."))
    return redirect("inbox")


@require_POST
@with_withheld_image
def appeal(request: HttpRequest, image: Image) -> HttpResponse:
    """Its owner asks staff to look again at what they have hidden."""
    form = AppealForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write what you want to tell staff, in up to 1000 characters."))
    elif withheld.ask(image, form.cleaned_data["text"]):
        messages.success(request, _("Staff will look at it again, and you will be told."))
    else:
        messages.warning(request, _("You have asked already: staff have not answered yet."))
    return redirect("trash" if image.trashed_at else image.get_absolute_url())
