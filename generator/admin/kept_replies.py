"""Replies that brought their workers down: staff have them stored again, on the ledger or on the call's page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from generator.audit import record
from generator.models import Call
from generator.models.failure_words import KEPT
from generator.worker import tasks

NOTHING = "There is no reply to store again: it is no longer kept, or somebody was faster."


class KeptReplies(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """What may be done about the one kind of failure that is worth another try at no cost."""

    actions = ("store_again",)
    change_form_template = "admin/generator/call/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.store_one_again)
        return [path("<uuid:object_id>/store-again/", view, name="generator_call_store_again"), *super().get_urls()]

    @admin.action(description="Store kept replies again", permissions=["view"])
    def store_again(self, request: HttpRequest, calls: QuerySet[Call]) -> None:
        kept = calls.filter(error_kind=KEPT).select_related("generation")
        self._report(request, sum(_store_again(call) for call in kept))

    def store_one_again(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """POST only."""
        call = get_object_or_404(Call.objects.select_related("generation"), pk=object_id)
        if request.method == "POST":
            self._report(request, int(_store_again(call)))
        return redirect("admin:generator_call_change", call.pk)

    def _report(self, request: HttpRequest, number: int) -> None:
        if number:
            self.message_user(request, f"To be stored again: {number}.", messages.SUCCESS)
        else:
            self.message_user(request, NOTHING, messages.WARNING)


def _store_again(call: Call) -> bool:
    with transaction.atomic():
        begun = tasks.store_again(call)
        if begun:
            record("stored again", call, changed=True, writer=call.user_id)
    return begun
