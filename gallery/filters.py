"""What lists are asked for in an address: the words that stand there, and the fields that several lists share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models import User

_OUTSIDE = _("Choose days between 2000 and 2099.")


def query(words: Mapping[str, Any]) -> str:
    """The query string that says these words; what is empty is left out."""
    return urlencode({name: value for name, value in words.items() if value})


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list: its words as they stand there, and which of them leave something out."""

    said: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    narrowing: tuple[str, ...] = field(default=(), kw_only=True)

    def address(self, **changes: str) -> str:
        """The query string that asks this, changed in these words; an empty word is left out."""
        return query({**self.said, **changes})

    def cleared(self) -> str:
        """The query string that leaves nothing out."""
        return self.address(**dict.fromkeys(self.narrowing, ""))

    @property
    def is_narrowed(self) -> bool:
        return any(self.said.get(name) for name in self.narrowing)


class FilterForm(forms.Form):
    """Words of an address, none of them needed. `narrowing` names the fields that leave something out."""

    narrowing: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any, **options: Any) -> None:
        super().__init__(data, **{"label_suffix": ""} | options)

    @property
    def asked(self) -> Asked:
        return Asked(said=self.said, narrowing=self.narrowing)

    @property
    def said(self) -> dict[str, str]:
        """What was typed in these fields, right or wrong."""
        return {name: str(self.data[name]) for name in self.fields if self.data.get(name)}


class DayField(forms.DateField):
    """A day that calendars can reckon with, and that nobody typed by mistake."""

    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    default_validators = [
        MinValueValidator(date(2000, 1, 1), _OUTSIDE),
        MaxValueValidator(date(2099, 12, 31), _OUTSIDE),
    ]


class MemberField(forms.CharField):
    """A person by username, in capitals or not: the key of their row, or None if nobody is named.

    A name that nobody has is an error if `must_exist`, else the key 0, which finds nothing.
    """

    default_error_messages = {"unknown": _("There is no member of this name.")}

    def __init__(self, *, must_exist: bool = False, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 150} | options)
        self._must_exist = must_exist

    def clean(self, value: Any) -> int | None:
        name = super().clean(value)
        if not name:
            return None
        key = member_key(name)
        if not key and self._must_exist:
            raise forms.ValidationError(self.error_messages["unknown"], "unknown")
        return key


class FallbackChoiceField(forms.ChoiceField):
    """One of its choices; anything else counts as nothing said."""

    def clean(self, value: Any) -> str:
        try:
            return str(super().clean(value))
        except forms.ValidationError:
            return ""


def member_key(name: str) -> int:
    """Of the member with this username, written so or else in other capitals; 0, which nobody has, if there is none.

    One number, so that an index gives their rows in order.
    """
    found = dict(User.objects.filter(username__iexact=name.strip()).values_list("username", "pk"))
    return found.get(name) or next(iter(found.values()), 0)


def on_days(column: str, since: date | None, until: date | None) -> Q:
    """Rows whose moment lies on one of these days, the first and the last included; None sets no bound."""
    wanted = Q()
    if since:
        wanted &= Q(**{f"{column}__gte": midnight(since)})
    if until:
        wanted &= Q(**{f"{column}__lt": midnight(until + timedelta(days=1))})
    return wanted


def midnight(day: date) -> datetime:
    """The moment at which a day begins here."""
    return timezone.make_aware(datetime.combine(day, time.min))
