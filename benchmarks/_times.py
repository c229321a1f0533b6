"""What the timeline of a listing costs, and a jump to any of its months, beside the first page."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from benchmarks import _table
from gallery.browse.listing import Listing
from gallery.browse.timeline import counts
from gallery.browse.wanted import ALL, EXPLORE, MINE
from gallery.models import User

TIMELINES = {"Explore": EXPLORE, "my pictures": MINE, "a member": "u/member-1", "look at all": ALL}
ORDERS = {"any month": "", "any month, oldest first": "oldest"}


def measure(member: User, milliseconds: Callable[[Any], tuple[float, float]]) -> None:
    """Two tables: of the counts by scope, and of pages of rows that begin in one month after another."""
    staff = User(pk=member.pk, username=member.username, is_staff=True)
    print()
    _table.head("timeline", "months", "pictures", "median, ms", "p95, ms")
    for name, scope in TIMELINES.items():
        here, who = Listing(scope), staff if scope == ALL else member
        found = counts(here, who)
        median, slowest = milliseconds(lambda here=here, who=who: counts(here, who))
        _table.line(name, len(found), sum(number for _, number in found), median, slowest)
    base, _ = milliseconds(lambda: Listing().page(member))
    months = [f"{number // 100}-{number % 100:02}" for number, _ in counts(Listing(), member)]
    print()
    _table.head("page", "median, ms", "p95, ms", "ratio")
    for name, order in ORDERS.items():
        each = cycle(Listing.from_address({"at": month, "order": order}) for month in months)
        median, slowest = milliseconds(lambda each=each: next(each).page(member))
        _table.line(name, median, slowest, median / base)
