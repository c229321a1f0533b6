"""What a person may send about a picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gallery.models import Comment, Report


def new_token() -> str:
    """One per rendered form, so that a double click is one comment."""
    return uuid4().hex


class RatingForm(forms.Form):
    """Stars from 1 to 5; 0 takes them back."""

    stars = forms.IntegerField(min_value=0, max_value=5)


class EditForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What stands in a comment."""

    class Meta:
        model = Comment
        fields: tuple[str, ...] = ("text",)
        labels = {"text": _("Your comment")}
        help_texts = {"text": _("*emphasis*, **strong** and links are understood.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        error_messages = {
            "text": {
                "required": _("Write something first."),
                "max_length": _("Use at most %(limit_value)d characters; these are %(show_value)d."),
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "comment-%s", "label_suffix": ""} | kwargs)


class CommentForm(EditForm):
    token = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=new_token)

    class Meta(EditForm.Meta):
        fields = ("text", "token")
        labels = {"text": _("Add a comment")}
        help_texts: dict[str, Any] = {}
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Report
        fields = ("reason", "text")
        labels = {"reason": "What is wrong with it?", "text": "Anything staff should know"}
        widgets = {"reason": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 2})}
        error_messages = {"reason": {"required": "Choose a reason."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "report-%s", "label_suffix": ""} | kwargs)
        self.fields["reason"].choices = Report.Reason.offered()  # type: ignore[attr-defined]  # no empty choice


class ProviderFeedbackForm(forms.Form):
    """The person's own words for the prepared text; nothing is stored."""

    words = forms.CharField(
        max_length=2000,
        required=False,
        label="Your words",
        label_suffix="",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "What was good or went wrong?"}),
    )


# The fields of each form that a person fills in; what else belongs to it stands around them.
_FIELDS: dict[type[forms.BaseForm], str] = {
    CommentForm: "feedback/_comment_fields.html",
    ReportForm: "feedback/_report_fields.html",
    ProviderFeedbackForm: "feedback/_words_fields.html",
}


def fields(kind: type[forms.BaseForm], form: forms.BaseForm | None = None) -> SafeString:
    """As HTML: those of a form as somebody sent it, else of a fresh one.

    Fresh ones are remembered in this process by their kind and the language. Nothing else makes them look different,
    so nothing has to be forgotten.
    """
    if form is not None or settings.DEBUG:
        return _drawn(kind, form)
    return _fresh(kind, get_language())  # type: ignore[arg-type]  # classes can be hashed, whatever their rows can


def _drawn(kind: type[forms.BaseForm], form: forms.BaseForm | None) -> SafeString:
    return render_to_string(_FIELDS[kind], {"form": kind() if form is None else form})


@lru_cache
def _fresh(kind: type[forms.BaseForm], _language: str | None) -> SafeString:
    return _drawn(kind, None)
