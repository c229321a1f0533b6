"""`manage.py doctor`: is this installation well, and what to do if it is not."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gallery import doctor
from gallery.doctor.repair import repair


class Command(BaseCommand):
    help = "Say what is wrong with this installation and what to do; leaves with 1 if somebody has to act."
    # They are among the findings.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--deep", action="store_true", help="read every picture and compare its checksum")
        parser.add_argument("--repair", action="store_true", help="put right what is safe to, and say what was done")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_args: Any, deep: bool, **options: Any) -> None:
        repaired = list(repair(deep=deep)) if options["repair"] else []
        # A database that does not answer is found by both, and said once.
        looks = [doctor.examine(), doctor.examine_servers(), doctor.examine_cell(), doctor.examine_files(deep=deep)]
        seen = chain.from_iterable(looks)
        findings = list(dict.fromkeys(seen))
        if options["json"]:
            self._print_json(repaired, findings)
        else:
            self._print(repaired, findings)
        if any(finding.is_trouble for finding in findings):
            sys.exit(1)

    def _print_json(self, repaired: list[str], findings: list[doctor.Finding]) -> None:
        answer = {
            "healthy": not any(finding.is_trouble for finding in findings),
            "repaired": repaired,
            "findings": [asdict(finding) for finding in findings],
        }
        self.stdout.write(json.dumps(answer, indent=2))

    def _print(self, repaired: list[str], findings: list[doctor.Finding]) -> None:
        for sentence in repaired:
            self.stdout.write(f"Repaired: {sentence}")
        for finding in findings:
            self.stdout.write(f"{finding.level.upper()} {finding.area}: {finding.sentence}\n    {finding.advice}")
        if not findings:
            self.stdout.write("All is well.")
