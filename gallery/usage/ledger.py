"""Lines of the ledger: everything of each call but its prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import Concat
from django.utils.dateparse import parse_datetime

from gallery.paging import Page, page_of
from gallery.usage.filters import UsageFilter
from gallery.usage.source import BY
from generator.models import Call, Span, Tally
from generator.models.accounting.periods import days
from generator.models.model_names import model_name

PAGE = 50
# Days that are gone through in no time, and calls of a year among which a page of them is found soon.
SHORT, FREQUENT = 31, 5_000
_NEEDED = (
    "id", "number", "state", "count", "pictures", "units", "usage", "cost", "settled_at", "created_at", "finished_at",
    "elapsed_time", "tries", "lease", "http_status", "error_kind", "error_reason", "error_values", "error",
    "reply_id", "reply_model", "api_user",
    "generation__model", "user__username", "user__first_name", "user__last_name", "user__left_at",
)  # fmt: skip


def calls_of(usage_filter: UsageFilter, until: datetime | None = None) -> QuerySet[Call]:
    """The calls that a question is about, newest first; those made at `until` and before, if that is earlier."""
    span = days(usage_filter.period.first, usage_filter.period.last)
    # Of two upper bounds SQLite would take the first for its index, and read all the calls between the two.
    end = {"created_at__lte": until} if until and until < span.end else {"created_at__lt": span.end}
    calls: QuerySet[Call] = Call.objects.filter(created_at__gte=span.start, **end)
    if usage_filter.users is not None or usage_filter.model:
        calls = _of(calls, usage_filter, through_time=_is_frequent(usage_filter))
    if usage_filter.state:
        calls = calls.filter(state=usage_filter.state)
    return calls.select_related("generation", "user").only(*_NEEDED).order_by("-created_at", "-pk")


def _of(calls: QuerySet[Call], usage_filter: UsageFilter, *, through_time: bool) -> QuerySet[Call]:
    """Going through the time from the newest on, a page of frequent calls is soon full: the indexes of models and of
    members would only be in the way, so they are hidden. One member's calls have an index in the order of time.
    """
    users = usage_filter.users
    if users is not None and len(users) > 1 and through_time:
        calls = calls.annotate(asked_by=F("user_id") + 0).filter(asked_by__in=users)
    elif users is not None:
        calls = calls.filter(user__in=users)
    if usage_filter.model and (users is not None or through_time):
        return calls.annotate(asked_of=Concat("generation__model", Value(""))).filter(asked_of=usage_filter.model)
    return calls.filter(generation__model=usage_filter.model) if usage_filter.model else calls


def _is_frequent(usage_filter: UsageFilter) -> bool:
    """Whether a page of such calls is found soon by going through the time; a guess, for speed alone."""
    if usage_filter.period.days <= SHORT:
        return True
    weeks = {"span__unit": Span.Unit.WEEK, "span__start__range": (usage_filter.period.first, usage_filter.period.last)}
    tallies = Tally.objects.filter(**weeks).filter(by=BY[usage_filter.users is not None, bool(usage_filter.model)])
    if usage_filter.users is not None:
        tallies = tallies.filter(user__in=usage_filter.users)
    if usage_filter.model:
        tallies = tallies.filter(model=usage_filter.model)
    return (tallies.aggregate(calls=Sum("calls"))["calls"] or 0) > FREQUENT


def newest_calls(usage_filter: UsageFilter, before: str) -> Page[Call]:
    """The newest calls, or those older than a cursor: `<moment>~<id>`. A mangled one shows the first page."""
    moment, pk = _read_cursor(before)
    calls = calls_of(usage_filter, moment)
    if moment and pk:
        # Said so that the database takes no "or" for two searches.
        calls = calls.exclude(created_at=moment, pk__gte=pk)
    return page_of(calls, PAGE, before if moment else None, _cursor)


def _cursor(call: Call) -> str:
    return f"{call.created_at.isoformat()}~{call.pk}"


def _read_cursor(text: str) -> tuple[datetime | None, UUID | None]:
    moment, _, pk = text.partition("~")
    try:
        found = parse_datetime(moment)
        return (found.astimezone(UTC), UUID(pk)) if found and found.tzinfo else (None, None)
    except (ValueError, OverflowError):
        return None, None


def waited(call: Call) -> float | None:
    """Seconds from the wish to its end: what the member saw on a clock."""
    return (call.finished_at - call.created_at).total_seconds() if call.finished_at else None


def plain(calls: QuerySet[Call], link: Callable[[Call], str], *, money: bool) -> Iterator[dict[str, Any]]:
    """The calls as files hold them, read from the database bit by bit."""
    for call in calls.iterator(chunk_size=500):
        line = {
            "asked_at": call.created_at, "ended_at": call.finished_at, "member": str(call.user),
            "state": call.state, "asked_model": model_name(call.generation.model),
            "answering_model": model_name(call.reply_model),
            "asked_pictures": call.count, "pictures": call.pictures, "reply_id": call.reply_id,
            "api_user": call.api_user, "usage": call.usage, "counted_units": call.units,
            "settled": call.settled_at is not None, "api_seconds": call.elapsed_time, "waited_seconds": waited(call),
            "tries": call.tries, "worker": call.worker, "http_status": call.http_status,
            "error_kind": call.error_kind, "error": call.error_message, "call": call.number, "page": link(call),
        }  # fmt: skip
        yield line | ({"cost": call.cost} if money else {})
