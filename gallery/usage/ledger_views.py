"""The ledger, line by line: for staff everybody's, for everyone their own."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from gallery import exports
from gallery.middleware.addresses import absolute
from gallery.models import User
from gallery.usage.filters import QuestionForm
from gallery.usage.ledger import calls_of, newest_calls, plain
from gallery.usage.tables import money_label
from gallery.usage.views import for_oneself, for_staff, frame
from generator.models import Call, Price


def ledger(request: HttpRequest, person: User | None) -> HttpResponse:
    """A page of calls, newest first; `before` is the cursor of the next."""
    form = QuestionForm(request.GET, person)
    usage_filter = form.usage_filter() if form.is_valid() else None
    page = newest_calls(usage_filter, request.GET.get("before", "")) if usage_filter else None
    context = frame(form, usage_filter, person) | {
        "page": page,
        "money": money_label() if Price.objects.exists() else "",
    }
    return render(request, "usage/ledger.html", context, status=200 if usage_filter else 422)


def file(request: HttpRequest, person: User | None, form: str) -> HttpResponseBase:
    """All calls of the question as a file."""
    asked = QuestionForm(request.GET, person)
    if not asked.is_valid():
        raise Http404("no such question")

    def link(call: Call) -> str:
        return absolute(request, reverse("generator:generation", args=[call.generation_id]))

    lines = plain(calls_of(asked.usage_filter()), link, money=Price.objects.exists())
    return exports.file("ledger", form, lines)


usage_ledger, my_usage_ledger = for_staff(ledger), for_oneself(ledger)
usage_ledger_file, my_usage_ledger_file = for_staff(file), for_oneself(file)
