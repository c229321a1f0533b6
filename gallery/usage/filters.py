"""What is asked of the ledger, as it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone

from gallery.filters import Asked, DayField, FilterForm, MemberField
from gallery.models import User
from gallery.usage.period import Period, compared, presets
from generator.models import Call
from generator.models.accounting.periods import local_day
from generator.models.model_names import model_name

DEFAULT_RANGE = "30-days"
TABLES = {"models": "Models", "members": "Members", "groups": "Groups", "taste": "Taste"}
NOBODYS = "~none"  # said for a group: those who are in none
CHARTS = {"model": "Model", "member": "Member"}
_NARROWING = ("member", "group", "model", "state")
_TIME = ("range", "since", "until")


@dataclass(frozen=True)
class UsageFilter(Asked):
    """Which calls, and how to show them. `users` are the keys of those whose calls count; None is everybody."""

    period: Period
    before: Period
    users: frozenset[int] | None = None
    model: str = ""
    state: str = ""
    chart: str = "model"
    table: str = "models"
    sort: str = ""

    @property
    def narrowed_to(self) -> str:
        """What it asks for beyond a time, in words; the days of one's own choice are said elsewhere."""
        words = {NOBODYS: "in no group", **dict(Call.State.choices), self.model: model_name(self.model)}
        return ", ".join(words.get(said, said) for name in _NARROWING if (said := self.said.get(name)))

    def within(self, period: Period) -> UsageFilter:
        return replace(self, period=period)


class QuestionForm(FilterForm):
    """Words of the address. `person` limits everything to themselves."""

    range = forms.ChoiceField(required=False, choices=lambda: [*_range_choices(), ("days", "Days of your choice")])
    since = DayField(required=False, label="From")
    until = DayField(required=False, label="To")
    member = MemberField(must_exist=True)
    group = forms.ChoiceField(required=False, choices=lambda: [("", "All groups"), *_group_choices()])
    model = forms.CharField(required=False, max_length=100)
    state = forms.ChoiceField(required=False, choices=[("", "All states"), *Call.State.choices])
    chart = forms.ChoiceField(required=False, choices=list(CHARTS.items()))
    table = forms.ChoiceField(required=False, choices=list(TABLES.items()))
    sort = forms.RegexField(r"^-?[a-z_]{1,20}$", required=False)

    def __init__(self, data: Any, person: User | None = None) -> None:
        super().__init__(data, auto_id="usage-%s")
        self._person = person
        if person:
            del self.fields["member"], self.fields["group"]

    def clean(self) -> dict[str, Any]:
        """The range, if days were typed, is what was typed."""
        given = super().clean() or {}
        if self.errors:
            return given
        today = local_day(timezone.now())
        is_typed = given.get("since") or given.get("until")
        word = "days" if is_typed else given.get("range") or DEFAULT_RANGE
        if word == "days":
            period = Period(given.get("since") or given.get("until") or today, given.get("until") or today)
        else:
            period = presets(today)[word][1]
        if period.first > period.last:
            raise forms.ValidationError("The first day must not be after the last.")
        return {**given, "range": word, "period": period, "before": compared(word, period)}

    def usage_filter(self) -> UsageFilter:
        """Of a valid form."""
        given = self.cleaned_data
        # One of the usual times leaves nothing out: only days that were typed do.
        narrowing = (*_NARROWING, *_TIME) if given["range"] == "days" else _NARROWING
        return UsageFilter(
            given["period"], given["before"], self._users(), given["model"], given["state"],
            given["chart"] or "model", given["table"] or "models", given["sort"],
            said=self.said | {"range": given["range"]}, narrowing=narrowing,
        )  # fmt: skip

    def _users(self) -> frozenset[int] | None:
        if self._person:
            return frozenset([self._person.pk])
        member, group = self.cleaned_data["member"], self.cleaned_data["group"]
        if not group:
            return None if member is None else frozenset([member])
        people = User.objects.filter(groups=None) if group == NOBODYS else User.objects.filter(groups__name=group)
        if member is not None:
            people = people.filter(pk=member)
        return frozenset(people.values_list("pk", flat=True))


def _range_choices() -> list[tuple[str, str]]:
    return [(word, name) for word, (name, _) in presets(local_day(timezone.now())).items()]


def _group_choices() -> list[tuple[str, str]]:
    names = list(Group.objects.order_by("name").values_list("name", flat=True))
    return [*((name, name) for name in names), *([(NOBODYS, "In no group")] if names else [])]
