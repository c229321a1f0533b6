"""What a moderator may send about an item."""

from __future__ import annotations

from typing import Any

from django import forms

from gallery.models import Decision


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
