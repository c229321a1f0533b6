"""Pages of a list in the admin that do not count a million rows to say how many pages there are."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts up to `MOST` rows and no further: whoever looks for more uses a filter.

    `is_capped` says that there are more rows than are counted.
    """

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST)

    @property
    def is_capped(self) -> bool:
        return self._found > MOST

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        # Without an order the database may stop as soon as it has seen enough.
        return int(rows.order_by()[: MOST + 1].count())
