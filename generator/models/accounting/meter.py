"""How far a limit is used up, and the refusal once it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from generator.models.accounting.limit import Limit

What = Limit.What
WARNED_FROM = Decimal("0.8")
WORDS = {
    What.PICTURES_DAY: ("pictures", "today"),
    What.PICTURES_MONTH: ("pictures", "this month"),
    What.UNITS_MONTH: ("usage units", "this month"),
    What.MONEY_MONTH: ("spending", "this month"),
    What.IN_FLIGHT: ("calls", "at the same time"),
}


@dataclass(frozen=True)
class Meter:
    """One limit as it stands for one person.

    `used` is settled, `reserved` is under way or of unknown outcome; for calls in flight all are `used`. `resets_at`
    is None for those: they free up one by one.
    """

    limit: Limit
    used: Decimal
    reserved: Decimal
    resets_at: datetime | None

    @property
    def taken(self) -> Decimal:
        return self.used + self.reserved

    @property
    def left(self) -> Decimal:
        return max(self.limit.amount - self.taken, Decimal(0))

    @property
    def share(self) -> Decimal:
        """What is taken of it, 0 to 1 and beyond; what allows nothing is used up."""
        return self.taken / self.limit.amount if self.limit.amount else Decimal(1)

    @property
    def percent(self) -> int:
        return min(int(self.share * 100), 100)

    @property
    def is_close(self) -> bool:
        """Time for a warning."""
        return self.share >= WARNED_FROM

    @property
    def is_used_up(self) -> bool:
        return self.left <= 0

    def has_room_for(self, asked: Decimal | None) -> bool:
        """`asked` None is what this limit does not count. Of units nobody knows beforehand, so 0 needs room too."""
        return asked is None or (self.left > 0 and asked <= self.left)

    # In words

    @property
    def subject(self) -> str:
        """Whose and what, as the person may know it: never another member's name."""
        noun, when = WORDS[What(self.limit.what)]
        if self.limit.group and not self.limit.is_own:
            return f"{noun} of {self.limit.group} {when}"
        whose = "your" if self.limit.is_own else "everyone\u2019s"
        return f"{whose} {noun} {when}"

    @property
    def label(self) -> str:
        return self.subject[0].upper() + self.subject[1:]

    @property
    def level(self) -> str:
        """`8 of 10 (1 under way)`."""
        under_way = f" ({self.said(self.reserved)} under way)" if self.reserved else ""
        return f"{plain(self.taken, is_money=self.is_money)} of {self.said(self.limit.amount)}{under_way}"

    @property
    def resets(self) -> str:
        if self.resets_at is None:
            return "frees up when a call ends"
        if self.limit.what == What.PICTURES_DAY:
            return "resets at midnight"
        day = timezone.localtime(self.resets_at, timezone.get_default_timezone())
        return f"resets on {date_format(day, 'MONTH_DAY_FORMAT')}"

    @property
    def sentence(self) -> str:
        """`Your pictures today: 8 of 10 (1 under way), resets at midnight`."""
        return f"{self.label}: {self.level}, {self.resets}"

    @property
    def is_money(self) -> bool:
        return self.limit.what == What.MONEY_MONTH

    def said(self, figure: Decimal) -> str:
        return money(figure) if self.is_money else plain(figure)

    @property
    def used_said(self) -> str:
        return self.said(self.used)

    @property
    def reserved_said(self) -> str:
        return self.said(self.reserved)

    @property
    def left_said(self) -> str:
        return self.said(self.left)

    @property
    def amount_said(self) -> str:
        return self.said(self.limit.amount)


def plain(figure: Decimal, *, is_money: bool = False) -> str:
    """`1,234`, and of money at least two places: `0.50`, `0.0125`."""
    if not is_money:
        return f"{figure:,.0f}"
    whole, _, places = f"{figure:,.4f}".partition(".")
    return f"{whole}.{places[:2]}{places[2:].rstrip('0')}"


def money(figure: Decimal) -> str:
    return f"{plain(figure, is_money=True)} {settings.CURRENCY}"


class LimitError(Exception):
    """A limit leaves no room for what was asked: the tightest one's meter says which.

    Waiting is no help where a limit allows nothing at all, or less than was asked at once.
    """

    def __init__(self, meter: Meter, asked: Decimal) -> None:
        self.meter = meter
        self.limit = meter.limit
        self.is_beyond = not meter.limit.amount or (asked > meter.limit.amount and not meter.is_used_up)
        self.resets_at = None if self.is_beyond else meter.resets_at
        self.used, self.reserved, self.asked = meter.used, meter.reserved, asked
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """For the person whose calls they are: what is used up, when it resets, whom to ask."""
        return f"{self._refusal} For more, ask {settings.CONTACT or 'an administrator'}."

    @property
    def _refusal(self) -> str:
        meter = self.meter
        resets = meter.resets[0].upper() + meter.resets[1:]
        if self.is_beyond:
            this = f", and this would take {meter.said(self.asked)}" if self.asked else ""
            return f"The limit on {meter.subject} is {meter.amount_said}{this}."
        if meter.is_used_up:
            return f"Used up: {meter.subject}, {meter.level}. {resets}."
        return f"Not enough left for {meter.said(self.asked)}: {meter.subject}, {meter.level}. {resets}."

    @property
    def sentence_for_staff(self) -> str:
        return f"{self.sentence} This is the limit of {self.limit.scope}."
