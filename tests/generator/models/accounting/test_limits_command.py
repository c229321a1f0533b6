"""`manage.py limits`."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generator.admin.overview import overview
from generator.create.meters import meters
from generator.models import Generation, Limit
from tests.conftest import Cast

Make = Callable[..., Generation]


@pytest.fixture
def school(cast: Cast) -> Group:
    group = Group.objects.create(name="class-3b")
    group.user_set.set([cast.owner, cast.member])  # type: ignore[attr-defined]
    return group


def limits(*arguments: str) -> str:
    said = StringIO()
    call_command("limits", *arguments, stdout=said)
    return said.getvalue()


def test_limits_are_set_changed_shown_and_removed(cast: Cast, school: Group, make_generation: Make) -> None:
    assert limits() == "There are no limits.\n"
    assert limits("set", "pictures/day", "10") == "Set: Pictures a day: 10, everyone together.\n"
    limits("set", "pictures/day", "20")
    limits("set", "money/month", "2.50", "--member", "olga")
    limits("set", "in-flight", "3", "--group", "class-3b", "--each")
    limits("set", "units/month", "1000", "--each")
    make_generation(cast.member, count=2)
    make_generation(cast.owner)
    rows = [line.split("  ") for line in limits().splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells[0] == ["LIMIT ON", "OF", "AT MOST", "USED", "RESERVED", "LEFT", "RESETS"]
    assert ["pictures/day", "everyone together", "20", "0", "3", "17", "resets at midnight"] in cells
    assert [
        "in flight",
        "each member of class-3b (most: max)",
        "3",
        "2",
        "0",
        "1",
        "frees up when a call ends",
    ] in cells
    assert [row[:4] for row in cells if row[0] == "money/month"] == [["money/month", "olga", "2.50 EUR", "0.00 EUR"]]
    assert limits("remove", "pictures/day") == "Removed: Pictures a day: 20, everyone together.\n"
    assert Limit.objects.count() == 3


def test_it_says_what_applies_to_a_member(cast: Cast, school: Group, make_generation: Make) -> None:
    assert limits("--of", "olga") == "No limit applies to olga.\n"
    limits("set", "pictures/day", "10", "--each")
    limits("set", "pictures/month", "2", "--group", "class-3b")
    make_generation(cast.owner)
    first, second = limits("--of", "olga").splitlines()
    assert first.startswith("Pictures of class-3b this month: 1 of 2 (1 under way)")
    assert first.endswith("[all of class-3b together]")
    assert second.endswith("[each member]")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("set cakes/day 3", "“cakes/day” cannot be limited. Choose from: pictures/day,"),
        ("set pictures/day many", "“many” is no number."),
        ("set pictures/day nan", "“nan” is no number."),
        ("set pictures/day 1e99", "no more than"),
        ("set pictures/day -- -1", "greater than or equal to 0"),
        ("set pictures/day 1.5", "Only money has fractions."),
        ("set pictures/day 1 --member nobody", "There is no member called nobody."),
        ("set pictures/day 1 --group nowhere", "There is no group called nowhere."),
        ("set pictures/day 1 --member olga --group class-3b", "not for both"),
        ("set pictures/day 1 --member olga --each", "a member is one already"),
        ("remove pictures/day", "There is no such limit."),
        ("--of nobody", "There is no member called nobody."),
        ("set pictures/day", "the following arguments are required: amount"),
    ],
)
def test_nonsense_is_a_sentence_and_a_failure(cast: Cast, school: Group, arguments: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        limits(*arguments.split())
    assert not Limit.objects.exists()


def test_the_overview_agrees_with_each_persons_own_meters(cast: Cast, school: Group, make_generation: Make) -> None:
    for what in Limit.What:
        for scope in ({"user": cast.owner}, {"group": school}, {"group": school, "each": True}, {}, {"each": True}):
            Limit.objects.create(what=what, amount=50, **scope)
    for user, count in ((cast.owner, 1), (cast.member, 2), (cast.stranger, 4)):
        make_generation(user, count=count)
    people = {person.username: {m.limit.pk: m for m in meters(person)} for person in vars(cast).values()}
    for line in overview(Limit.objects.exclude(what="money/month")):
        own = people[line.who or "olga"][line.limit.pk]
        assert (own.used, own.reserved, own.resets_at) == (line.meter.used, line.meter.reserved, line.meter.resets_at)
        is_named = line.limit.each and line.meter.taken
        assert line.who == (("max" if line.limit.group_id else "sam") if is_named else "")


def test_the_overview_takes_four_queries(cast: Cast, school: Group, make_generation: Make) -> None:
    for what in Limit.What:
        Limit.objects.create(what=what, amount=50, group=school)
        Limit.objects.create(what=what, amount=50, each=True)
    make_generation(cast.owner)
    found = list(Limit.objects.select_related("user", "group"))
    with CaptureQueriesContext(connection) as queries:
        overview(found)
    assert len(queries) == 4


def test_what_is_set_changed_and_removed_is_in_the_audit_log(cast: Cast) -> None:
    for arguments in (("set", "pictures/day", "10"), ("set", "pictures/day", "20"), ("remove", "pictures/day")):
        limits(*arguments)
    lines = LogEntry.objects.filter(content_type__model="limit").order_by("pk")
    assert [(line.actor, line.changes["amount"]) for line in lines] == [
        (None, ["None", "10"]), (None, ["10.00", "20"]), (None, ["20.00", "None"]),
    ]  # fmt: skip
