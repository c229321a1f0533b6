"""Look at the limits, set one, remove one."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from generator.admin.overview import Line, overview
from generator.create.meters import meters
from generator.models import Limit

ORDER = ("what", "group__name", "user__username", "each")
HEADINGS = ("LIMIT ON", "OF", "AT MOST", "USED", "RESERVED", "LEFT", "RESETS")


class Command(BaseCommand):
    help = "Shows the limits with what is used of them; `set` and `remove` change them."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--of", metavar="NAME", help="what applies to this member, the tightest limit first")
        actions = parser.add_subparsers(dest="action", title="actions")
        setting = actions.add_parser("set", help="set a limit: limits set pictures/day 10 --group class-3b --each")
        removing = actions.add_parser("remove", help="remove a limit: limits remove pictures/day --member anna")
        for action in (setting, removing):
            action.add_argument("what", help=", ".join(Limit.What.values))
            if action is setting:
                action.add_argument("amount", help="at most; only money has fractions")
            action.add_argument("--member", metavar="NAME", help="for this member")
            action.add_argument("--group", metavar="NAME", help="for the members of this group together")
            action.add_argument("--each", action="store_true", help="for each member (of the group) on their own")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "set":
            self._set(options)
        elif options["action"] == "remove":
            self._remove(options)
        elif options["of"]:
            self._show_member(options["of"])
        else:
            self._show()

    def _show(self) -> None:
        lines = overview(Limit.objects.select_related("user", "group").order_by(*ORDER))
        if not lines:
            self.stdout.write("There are no limits.")
            return
        self.stdout.write(table([HEADINGS, *(_cells(line) for line in lines)]))

    def _show_member(self, name: str) -> None:
        found = meters(_member(name))
        lines = [f"{meter.sentence}  [{meter.limit.scope}]" for meter in found]
        self.stdout.write("\n".join(lines) or f"No limit applies to {name}.")

    def _set(self, options: dict[str, Any]) -> None:
        scope = _scope(options)
        limit = Limit.objects.filter(**scope).first() or Limit(**scope)
        limit.amount = _amount(options["amount"])
        try:
            limit.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        limit.save()
        self.stdout.write(f"Set: {limit}.")

    def _remove(self, options: dict[str, Any]) -> None:
        limit = Limit.objects.filter(**_scope(options)).first()
        if limit is None:
            raise CommandError("There is no such limit. `limits` lists those that there are.")
        said = str(limit)
        limit.delete()
        self.stdout.write(f"Removed: {said}.")


def _scope(options: dict[str, Any]) -> dict[str, Any]:
    """The columns that tell one limit from the others."""
    what = options["what"].replace("-", " ").lower()
    if what not in Limit.What.values:
        raise CommandError(f"“{options['what']}” cannot be limited. Choose from: {', '.join(Limit.What.values)}.")
    if options["member"] and options["group"]:
        raise CommandError("A limit is for a member or for a group, not for both.")
    if options["member"] and options["each"]:
        raise CommandError("--each is for groups and for everyone; a member is one already.")
    user = _member(options["member"]) if options["member"] else None
    group = _group(options["group"]) if options["group"] else None
    return {"what": what, "user": user, "group": group, "each": options["each"]}


def _member(name: str) -> Any:
    user = get_user_model()._default_manager.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no member called {name}.")
    return user


def _group(name: str) -> Group:
    group = Group.objects.filter(name=name).first()
    if group is None:
        raise CommandError(f"There is no group called {name}. Groups are made in the administration.")
    return group


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise CommandError(f"“{text}” is no number.")
    return amount


def _cells(line: Line) -> tuple[str, ...]:
    meter = line.meter
    who = f"{line.limit.scope} (most: {line.who})" if line.who else line.limit.scope
    figures = (meter.amount_said, meter.used_said, meter.reserved_said, meter.left_said)
    return (line.limit.what, who, *figures, meter.resets)


def table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell; figures to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    figures = range(2, 6)
    cells = [
        [cell.rjust(width) if place in figures else cell.ljust(width) for place, (cell, width) in
         enumerate(zip(row, widths, strict=True))]
        for row in rows
    ]  # fmt: skip
    return "\n".join("  ".join(row).rstrip() for row in cells)
