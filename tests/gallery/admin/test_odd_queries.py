"""Whatever a person types after an address of the administration, they get an answer, and our faults stay faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from generator.models import Call, Provider
from tests.conftest import Cast

DESKS = sorted(admin.site._registry, key=lambda model: model._meta.label)
HUGE = "99999999999999999999"
ANY_LIST = [
    "p=-1", "p=x", f"p={HUGE}", "o=999", "o=x.-.1", "o=-", f"o={HUGE}", "q=%FF%FE", "q=%22%27%25_%5C", "all=x", "e=x",
    "_popup=x", "_to_field=nothing", "_facets=x", "nothing=1", "=1", "__=1", "pk=x", f"pk__in={HUGE}", "pk__in=x",
    "pk__isnull=x", "pk__nothing=1", "pk__range=1", "e=1&pk__range=1", "person=%F0%9F%8E%A8&person=", "q=%00", "pk=%00",
]  # fmt: skip
ODD = {
    models.DateField: ["__year=-1", "__year=0", f"__year={HUGE}", "__iso_year=0", "__gte=x", "__lt=2026-13-45"],
    models.CharField: ["__range=x", "__range=", "__regex=[", "__in=", "__year=1", "__isnull=maybe"],
    models.IntegerField: ["=x", f"__gte={HUGE}", "__exact=1e999", f"__in={HUGE},x", "__range=1,2,3"],
    models.BooleanField: ["__exact=x", "__range=1"],
    models.UUIDField: ["=x", "__in=x", f"__gte={HUGE}"],
    models.ForeignKey: ["__id__exact=x", f"__exact={HUGE}", "__nothing=1", "__in=x"],
    models.JSONField: ["__contains=x", "__has_key=x", "=x"],
    models.DecimalField: ["=x", "=NaN", "__gte=1e999999"],
}  # fmt: skip


def odd_queries(model: Any) -> Iterator[str]:
    """What any list may be asked, and for each kind of column that a row of this one has, one of them."""
    yield from ANY_LIST
    for kind, lookups in ODD.items():
        if column := next((field.name for field in model._meta.fields if isinstance(field, kind)), ""):
            yield from (f"{column}{lookup}" for lookup in lookups)


def list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", DESKS, ids=lambda model: model._meta.label_lower)
def test_no_question_brings_a_list_down(client: Client, cast: Cast, make_image: Any, model: Any) -> None:
    make_image(cast.owner)
    Provider.objects.all().delete()  # as after a test that empties every table: a page makes the row anew
    client.force_login(cast.admin)
    client.raise_request_exception = False
    with connection.execute_wrapper(on_its_own):
        statuses = {query: client.get(f"{list_of(model)}?{query}").status_code for query in odd_queries(model)}
    assert {query: status for query, status in statuses.items() if status not in (200, 302, 400)} == {}


def on_its_own(execute: Any, sql: str, *more: Any) -> Any:
    """A question as outside the transaction of a test, in which PostgreSQL answers nothing after an error.

    Of what is no question nothing is odd; a row whose values are still to be read could not end its savepoint.
    """
    if not sql.startswith("SELECT"):
        return execute(sql, *more)
    with transaction.atomic():
        return execute(sql, *more)


@pytest.mark.parametrize(
    "query",
    [
        "created_at__year=-1",
        "e=1&created_at__year=-1",
        "e=1&nothing=1",
        "number__range=1",
        "error__regex=%5B",
    ],
)
def test_a_question_that_cannot_be_asked_is_a_bad_request(client: Client, cast: Cast, query: str) -> None:
    client.force_login(cast.moderator)
    answer = client.get(f"/admin/generator/call/?{query}")
    assert answer.status_code == 400
    assert "That request made no sense" in answer.content.decode()


@pytest.mark.parametrize("query", ["nothing=1", "user__nothing=1"])
def test_a_list_without_such_a_column_leads_to_all_its_rows(client: Client, cast: Cast, query: str) -> None:
    client.force_login(cast.moderator)
    answer = client.get(f"/admin/generator/call/?{query}", follow=True)
    assert answer.redirect_chain == [("/admin/generator/call/?e=1", 302)]
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["", "?state__exact=failed", "?created_at__year=2025", "?e=1"])
@pytest.mark.parametrize(
    ("name", "faulty"),
    [
        ("get_ordering", lambda *_: ["no_such_column"]),
        ("get_queryset", lambda *_: Call.objects.filter(no_such_column=1)),
        ("get_list_filter", lambda *_: ["no_such_column"]),
        ("get_list_display", lambda *_: int("a mistake of ours")),
    ],
)
def test_a_fault_of_ours_is_not_taken_for_a_bad_question(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, query: str, name: str, faulty: Any
) -> None:
    client.force_login(cast.moderator)
    monkeypatch.setattr(f"generator.admin.ledger.CallAdmin.{name}", faulty)
    with pytest.raises((FieldError, FieldDoesNotExist, ValueError)):
        client.get(f"/admin/generator/call/{query}")


def test_a_filter_of_ours_for_a_column_that_is_not_there_is_a_fault(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(admin.SimpleListFilter):
        title, parameter_name = "broken", "broken"

        def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
            return [("1", "One")]

        def queryset(self, request: Any, queryset: Any) -> Any:
            return queryset.filter(no_such_column=1)

    client.force_login(cast.moderator)
    monkeypatch.setattr("generator.admin.ledger.CallAdmin.list_filter", [Broken])
    with pytest.raises(FieldError):
        client.get("/admin/generator/call/?broken=1")


@pytest.mark.parametrize("value", ["x", "", "-1", HUGE, "2026-13-45", "%F0%9F%8E%A8"])
def test_a_form_leaves_out_what_its_columns_cannot_hold(client: Client, cast: Cast, value: str) -> None:
    client.force_login(cast.admin)
    for model in DESKS:
        query = "&".join(f"{field.name}={value}" for field in model._meta.get_fields())
        assert client.get(f"{list_of(model)}add/?{query}").status_code in (200, 403), model


def test_a_form_is_filled_in_by_its_address(client: Client, cast: Cast) -> None:
    client.force_login(cast.admin)
    page = client.get(f"/admin/generator/limit/add/?user={cast.owner.pk}&amount=7&each=x").content.decode()
    assert f'<option value="{cast.owner.pk}" selected' in page
    assert 'value="7"' in page


@pytest.mark.parametrize("key", ["x", HUGE, "0"])
def test_the_page_on_the_site_of_no_row_is_not_found(client: Client, cast: Cast, key: str) -> None:
    client.force_login(cast.admin)
    for kind in ContentType.objects.values_list("pk", flat=True):
        assert client.get(f"/admin/r/{kind}/{key}/").status_code == 404
    assert client.get(f"/admin/r/{key}/1/").status_code == 404


def test_a_row_leads_to_its_page_on_the_site(client: Client, cast: Cast, make_image: Any) -> None:
    image = make_image(cast.owner)
    client.force_login(cast.admin)
    kind = ContentType.objects.get_for_model(image).pk
    assert client.get(f"/admin/r/{kind}/{image.pk}/")["Location"].endswith(image.get_absolute_url())
