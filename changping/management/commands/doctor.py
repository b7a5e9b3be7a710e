"""`manage.py doctor`: what this installation needs, what is wrong with it, and what to do."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from changping import doctor


class Command(BaseCommand):
    """Exit codes: 0 all well; 1 something is not."""

    help = "Look at settings, stores, clock, work, mail, certificate and fonts, part by part, and say what to do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", default="", choices=list(doctor.PARTS), metavar="PART", help="look at one part")

    def handle(self, *args: Any, **options: Any) -> None:
        ill = looked = 0
        for finding in doctor.examine(options["only"]):
            looked += 1
            ill += not finding.well
            self.stdout.write(f"{'ok  ' if finding.well else 'ILL '} {finding.part:<11} {finding.said}")
            if not finding.well:
                self.stdout.write(f"{'':<17}-> {finding.advice}")
        if ill:
            raise CommandError(f"{ill} of {looked} parts are not well", returncode=1)
