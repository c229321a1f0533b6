"""What a moderator may ask of the inbox, and send about an item."""

from __future__ import annotations

from typing import Any

from django import forms

from gallery.filters import FallbackChoiceField, FilterForm
from gallery.models import Decision
from gallery.moderation.items import COMMENTS, REPORTS


class InboxForm(FilterForm):
    """What is open or, with `state=done`, decided; all of it or one kind. What makes no sense counts as not said."""

    state = FallbackChoiceField(required=False, choices=[("done", "Done")])
    kind = FallbackChoiceField(required=False, choices=[(REPORTS, "Reports"), (COMMENTS, "Comments")])


class DecisionForm(forms.Form):
    """One of the actions; a question needs words."""

    decision = forms.ChoiceField(choices=Decision.Action.choices, error_messages={"required": "Choose what to do."})
    note = forms.CharField(
        max_length=500,
        required=False,
        error_messages={"max_length": "Ask in at most %(limit_value)d characters; these are %(show_value)d."},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("decision") == Decision.Action.ASK:
            if not given.get("note") and not self.errors:
                raise forms.ValidationError("Write what you want to ask.")
        else:
            given["note"] = ""
        return given
