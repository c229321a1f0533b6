"""`manage.py removefactors NAME`: lets somebody in who has lost their second factor, and whom no admin can help."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from gallery.audit.administration import tell_of_take_over
from gallery.models import User
from generator.audit import record


class Command(BaseCommand):
    help = "Remove a member's authenticator app, passkeys and recovery codes; the audit log and the member are told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    @transaction.atomic
    def handle(self, *_args: Any, name: str, **_options: Any) -> None:
        member = User.objects.filter(username__iexact=name, left_at=None).first()
        if member is None:
            raise CommandError(f"There is nobody named {name}.")
        factors = list(Authenticator.objects.filter(user=member))
        for factor in factors:
            record("row removed", factor, changed=True, writer=member.pk)
            factor.delete()
        if factors:
            tell_of_take_over(member.pk, "factor removed")
        self.stdout.write(f"{member} signs in with the password alone: {len(factors)} removed.")
