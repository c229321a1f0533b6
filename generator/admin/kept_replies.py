"""Replies that are kept because something in them could not be stored: staff store them again, or take them along."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from generator.audit import record
from generator.models import Call
from generator.replies.scrub import without
from generator.replies.spool import Spool
from generator.worker import tasks

NOTHING = "There is no reply to store again: it is no longer kept, or somebody was faster."


class KeptReplies(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """What may be done about failures that are worth another try at no cost."""

    actions = ("store_again",)
    change_form_template = "admin/generator/call/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        again, reply = map(self.admin_site.admin_view, (self.store_one_again, self.reply))
        return [
            path("<uuid:object_id>/store-again/", again, name="generator_call_store_again"),
            path("<uuid:object_id>/reply/", reply, name="generator_call_reply"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        call = self.get_object(request, object_id)
        kept = {
            "may_be_stored_again": call is not None and tasks.is_reply_kept(call),
            "has_reply": call is not None and _spool().has(str(call.pk)),
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **kept})

    @admin.action(description="Store kept replies again", permissions=["view"])
    def store_again(self, request: HttpRequest, calls: QuerySet[Call]) -> None:
        self._report(request, sum(_store_again(call) for call in calls.select_related("generation")))

    def store_one_again(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """POST only."""
        call = get_object_or_404(Call.objects.select_related("generation"), pk=object_id)
        if request.method == "POST":
            self._report(request, int(_store_again(call)))
        return redirect("admin:generator_call_change", call.pk)

    def reply(self, request: HttpRequest, object_id: UUID) -> StreamingHttpResponse:
        """The bytes of a kept reply, without the API key; that somebody took them along is in the audit log."""
        call = get_object_or_404(Call, pk=object_id)
        if request.method != "GET" or not _spool().has(str(call.pk)):
            raise Http404
        response = StreamingHttpResponse(
            without(_spool().path(str(call.pk)), settings.ONLYSQ_API_KEY), content_type="application/octet-stream"
        )
        response["Content-Disposition"] = f'attachment; filename="{call.pk}.reply"'
        response["X-Content-Type-Options"] = "nosniff"
        record("took a reply", call, writer=call.user_id)
        return response

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


def _spool() -> Spool:
    return Spool(Path(settings.SPOOL_ROOT))
