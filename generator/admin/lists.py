"""What every list of the administration has that nobody changes by hand: who may look, and pages of a large table."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property


class LookOnly:
    """Rows that staff may look at; nobody adds, changes or deletes one by hand.

    Staff need no further permission, as everywhere else on the site.
    """

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Does not count a million rows to say how many pages there are: whoever looks for more than `most` uses a filter.

    `is_capped` says that there are more rows than are counted.
    """

    most = 10_000

    @cached_property
    def count(self) -> int:
        return min(self._found, self.most)

    @property
    def is_capped(self) -> bool:
        return self._found > self.most

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        # Without an order the database may stop as soon as it has seen enough.
        return int(rows.order_by()[: self.most + 1].count())


class Ledger(LookOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A list that can be searched. Only actions change its rows."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a count of the whole table for each choice
    paginator = CappedPaginator
    list_per_page = 50

    # Ids sort by time, and they are indexed.
    @admin.display(description="when", ordering="pk")
    def when(self, row: Any) -> str:
        """Short enough for a column; the row's own page gives the full time."""
        return date_format(timezone.localtime(row.created_at), "j M Y H:i")
