"""Who used what: for staff about everybody, for everyone about themselves."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gallery import exports
from gallery.access import View, members_only, staff_only
from gallery.models import User
from gallery.usage.filters import CHARTS, TABLES, QuestionForm, UsageFilter
from gallery.usage.period import presets
from gallery.usage.review import Review
from generator.create import meters
from generator.create.choices import offered_models
from generator.models.accounting.figures import ACCURACY
from generator.models.accounting.periods import local_day

NAMES = 300


def for_staff(view: View) -> View:
    """The view is told that it is about nobody in particular."""

    @require_safe
    @staff_only
    @wraps(view)
    def wrapped(request: HttpRequest, **more: Any) -> HttpResponseBase:
        return view(request, None, **more)

    return wrapped


def for_oneself(view: View) -> View:
    """The view is told that it is about whoever asks."""

    @require_safe
    @members_only
    @wraps(view)
    def wrapped(request: HttpRequest, **more: Any) -> HttpResponseBase:
        return view(request, request.user, **more)

    return wrapped


def review(request: HttpRequest, person: User | None) -> HttpResponse:
    """Totals, charts and tables over the time in the address, such as `?range=30-days&model=flux`."""
    form = QuestionForm(request.GET, person)
    usage_filter = form.usage_filter() if form.is_valid() else None
    context = frame(form, usage_filter, person) | {
        "accuracy": f"{ACCURACY:.1%}".replace("%", " %"),
        "meters": meters.meters(person) if person else None,
        "review": Review(usage_filter) if usage_filter else None,
        "charts": CHARTS,
        "tables": {word: name for word, name in TABLES.items() if not person or word in ("models", "taste")},
    }
    return render(request, "usage/usage.html", context, status=200 if usage_filter else 422)


def table(request: HttpRequest, person: User | None, form: str) -> HttpResponseBase:
    """The table of the page as a file, in the same order."""
    asked = QuestionForm(request.GET, person)
    if not asked.is_valid():
        raise Http404("no such question")
    tables = Review(asked.usage_filter()).tables
    heads = [each.label.lower() for each in tables]
    return exports.file(f"usage-{tables[0].name}", form, (line for each in tables for line in each.plain(heads)))


def frame(form: QuestionForm, usage_filter: UsageFilter | None, person: User | None) -> dict[str, Any]:
    """What the page and the ledger have in common: the form, and what it offers."""
    return {
        "form": form,
        "usage_filter": usage_filter,
        "person": person,
        "urls": _urls("my_usage" if person else "usage"),
        "presets": {word: name for word, (name, _) in presets(local_day(timezone.now())).items()},
        "models": offered_models(),
        "members": [] if person else User.objects.order_by("username").values_list("username", flat=True)[:NAMES],
        "zone": timezone.get_default_timezone_name(),
    }


def _urls(name: str) -> dict[str, str]:
    files = {
        f"{what}_{form}": reverse(f"{name}_{address}", args=[form])
        for what, address in (("table", "table"), ("ledger", "ledger_file"))
        for form in ("csv", "json")
    }
    return {"page": reverse(name), "ledger": reverse(f"{name}_ledger"), **files}


usage, my_usage = for_staff(review), for_oneself(review)
usage_table, my_usage_table = for_staff(table), for_oneself(table)
