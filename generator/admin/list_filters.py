"""What the ledger's lists in the admin can be narrowed down by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from generator.models import Call, Generation, Image
from generator.models.model_names import model_name
from generator.progress.tiles import TITLES


class PersonFilter(admin.SimpleListFilter):
    """A field that completes usernames; the list itself would be too long in a large group."""

    title = "person"
    parameter_name = "person"
    template = "admin/filter_person.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        users = get_user_model()._default_manager.order_by("username")
        return [(name, name) for name in users.values_list("username", flat=True)[:500]]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        others = changelist.get_filters_params().items()
        kept = [(name, value) for name, values in others for value in values if name != self.parameter_name]
        yield {
            "value": self.value() or "",
            "names": [name for name, _ in self.lookup_choices],
            "kept": kept,
            "without": changelist.get_query_string(remove=[self.parameter_name]),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = (self.value() or "").strip()
        if not name:
            return queryset
        # Compared with one number, so that the rows come in order from the index of each person's.
        users = get_user_model()._default_manager.filter(username__iexact=name)
        return queryset.filter(user=users.values_list("pk", flat=True).first() or 0)


class ModelFilter(admin.SimpleListFilter):
    """The models that were asked for lately; reading all that ever were would mean to read every row."""

    title = "model asked for"
    parameter_name = "model"
    path = "model"
    lately = 1000

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Generation.objects.order_by("-pk").values_list("model", flat=True)[: self.lately]
        return [(name, model_name(name)) for name in sorted({*rows, self.value() or ""} - {""})]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class CallModelFilter(ModelFilter):
    parameter_name = "generation__model"
    path = "generation__model"


class ErrorFilter(admin.SimpleListFilter):
    """The kinds of error that there are."""

    title = "error"
    parameter_name = "error_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in sorted(TITLES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(error_kind=self.value()) if self.value() else queryset


class TrashFilter(admin.SimpleListFilter):
    title = "trash"
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Kept"), ("yes", "In the trash")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.filter(trashed_at__isnull=self.value() == "no") if self.value() else queryset
