"""What the pages of staff cost the server as the site grows: lists of the admin, inbox, audit log, feedback.

Run `.venv/bin/python benchmarks/admin.py [rows …]`; by default 1,000 and 1,000,000 calls, each with a picture, a new
comment and a line of the audit log, and a report for every tenth. On SQLite, or on the PostgreSQL server that
DATABASE_URL names. Beside each list of the admin: the same list with Django's own paginator, which counts all rows.
Ends with an error if any page needs more queries with more rows.
"""

import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import _table
from benchmarks.browse import Page, sign_in

# isort: split
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db import connection
from django.utils import timezone

from benchmarks import _ledger
from gallery.models import Comment, Report, User
from gallery.server.deep_calls import with_room
from generator.models import Call, Generation, Image

SIZES = (1_000, 1_000_000)
ROUNDS = 9
LISTS = (Generation, Call, Image, Comment, Report)


def fill(people: list[User], total: int) -> None:
    """So many calls anew and all that hangs on them; ids are those of the calls, so one statement each copies them."""
    for model in (Comment, Report, Image, Call, Generation):
        model._base_manager.all()._raw_delete(connection.alias)
    _ledger.fill(people, total, timezone.now())
    hexadecimal = "id" if connection.vendor == "sqlite" else "replace(id::text, '-', '')"
    copy(
        Image,
        call_id="id",
        generation_id="generation_id",
        link=f"{hexadecimal} || 'aaaaaaaaaaa'",
        file="'x.png'",
        format="'png'",
        width="64",
        height="64",
        bytes="100",
        index="0",
        placeholder="'data:image/webp;base64,UklGRg=='",
    )
    copy(Comment, image_id="id", text="'Lovely.'", token=hexadecimal)
    copy(Report, image_id="id", reason="'other'", where="usage % 10 = 0")
    members = ContentType.objects.get_for_model(User).pk
    copy(
        LogEntry,
        id=None,
        content_type_id=str(members),
        object_pk="'1'",
        object_id="user_id",
        action="3",
        actor_id="user_id",
        timestamp="created_at",
        object_repr="'user'",
        additional_data='\'{"event": "signed in"}\'',
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def copy(model: Any, where: str = "1 = 1", **own: str | None) -> None:
    """A row for each call, made of these expressions over its columns and of the defaults of all the others."""
    told = {"id": "id", "user_id": "user_id", "created_at": "created_at"} | own
    fields = [field for field in model._meta.concrete_fields if told.get(field.attname, "") is not None]
    chosen = [field for field in fields if field.attname in told]
    others = [field for field in fields if field.attname not in told]
    columns = ", ".join(f'"{field.column}"' for field in (*chosen, *others))
    values = ", ".join([*(str(told[field.attname]).replace("%", "%%") for field in chosen), *["%s"] * len(others)])
    source = f"FROM generator_call WHERE {where.replace('%', '%%')}"
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {values} {source}',
            [field.get_db_prep_save(field.get_default(), connection) for field in others],
        )


def pages(staff: User) -> list[Page]:
    desk = sign_in(staff)
    lists = [Page(f"admin, {model._meta.verbose_name_plural}", desk, _address(model)) for model in LISTS]
    return [
        *lists,
        Page("admin, calls of a member", desk, f"{_address(Call)}?person=member-07"),
        Page("admin, pictures, page 20", desk, f"{_address(Image)}?p=20"),
        Page("inbox", desk, "/inbox/"),
        Page("inbox, done", desk, "/inbox/?state=done"),
        Page("audit log", desk, "/audit/"),
        Page("audit log of a member", desk, "/audit/?who=member-07"),
        Page("feedback for the provider", desk, "/inbox/provider-feedback/"),
    ]


def _address(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def naive(page: Page) -> float | str:
    """The median with a paginator that counts everything, as Django's own does."""
    model = next((one for one in LISTS if _address(one) == page.address), None)
    if model is None:
        return ""
    desk: Any = admin.site._registry[model]
    ours, desk.paginator = desk.paginator, Paginator
    times = [page.fetch() for _ in range(ROUNDS)]
    desk.paginator = ours
    return _table.median(times)


def measure(rows: int, visited: list[Page], queries: dict[str, set[int]]) -> None:
    for page in visited:
        count = [page.queries(), page.queries()][-1]  # the first one warms up
        queries[page.name].add(count)
        times = [page.fetch() for _ in range(ROUNDS)]
        _table.line(f"{rows:,}", page.name, _table.median(times), _table.p95(times), naive(page), count)


def main(sizes: list[int]) -> int:
    random.seed(1)
    queries: dict[str, set[int]] = defaultdict(set)
    people, staff = _ledger.add_people(50), User.objects.get(is_superuser=True)
    print(_table.conditions())
    _table.head("calls", "page", "median, ms", "p95, ms", "counting all, ms", "queries")
    for rows in sizes:
        fill(people, rows)
        measure(rows, pages(staff), queries)
    growing = [name for name, counts in queries.items() if len(counts) > 1]
    print("\nQueries per page are the same at every size." if not growing else f"\nQUERIES DIFFER: {growing}")
    return int(bool(growing))


if __name__ == "__main__":
    # With the room that the web server's threads have: how long a page takes would go by how deep it is called.
    sys.exit(with_room(main, [int(size) for size in sys.argv[1:]] or list(SIZES)))
