"""Limits and prices in the admin: administrators change them, all staff may look."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from generator.admin.overview import Line, overview
from generator.models import Limit, Price


class Policy(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """What administrators decide and the rest of the staff can look up."""

    show_full_result_count = False
    list_per_page = 100

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _decides(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._decides(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._decides(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._decides(request)


class LimitList(ChangeList):
    """Measures all limits of a page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        lines = {line.limit.pk: line for line in overview(self.result_list)}
        for limit in self.result_list:
            limit.line = lines[limit.pk]


@admin.register(Limit)
class LimitAdmin(Policy):
    list_display = ("limited", "scope", "at_most", "used", "reserved", "left", "furthest", "resets")
    list_filter = ("what", "each", ("group", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "group")
    search_fields = ("user__username", "group__name")
    search_help_text = "Member or group"
    ordering = ("what", "group__name", "user__username", "each")
    autocomplete_fields = ("user", "group")
    fieldsets = (
        (None, {"fields": ("what", "amount")}),
        ("Whose use", {
            "fields": ("user", "group", "each"),
            "description": "One member, or one group, or neither for everyone. Of all limits that apply to somebody "
            "the tightest one wins.",
        }),
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LimitList]:
        return LimitList

    @admin.display(description="limit on", ordering="what")
    def limited(self, limit: Limit) -> str:
        return limit.get_what_display()

    @admin.display(description="of")
    def scope(self, limit: Limit) -> str:
        return limit.scope

    @admin.display(description="at most", ordering="amount")
    def at_most(self, limit: Limit) -> str:
        return _line(limit).meter.amount_said

    @admin.display
    def used(self, limit: Limit) -> str:
        return _line(limit).meter.used_said

    @admin.display
    def reserved(self, limit: Limit) -> str:
        return _line(limit).meter.reserved_said

    @admin.display
    def left(self, limit: Limit) -> str:
        return _line(limit).meter.left_said

    @admin.display(description="used most by")
    def furthest(self, limit: Limit) -> str:
        return _line(limit).who

    @admin.display
    def resets(self, limit: Limit) -> str:
        moment = _line(limit).meter.resets_at
        return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "as calls end"


def _line(limit: Any) -> Line:
    line: Line = limit.line
    return line


@admin.register(Price)
class PriceAdmin(Policy):
    list_display = ("of_model", "valid_from", "per_call", "per_picture", "per_unit")
    list_filter = ("valid_from",)
    search_fields = ("model",)
    search_help_text = "Model"
    ordering = ("model", "-valid_from")
    fieldsets = (
        (None, {
            "fields": ("model", "valid_from", "per_call", "per_picture", "per_unit"),
            "description": f"In {settings.CURRENCY}. What a call costs is the sum of the three, at the price of the "
            "day on which it was made.",
        }),
    )  # fmt: skip

    @admin.display(description="model", ordering="model")
    def of_model(self, price: Price) -> str:
        return price.model or "every other model"
