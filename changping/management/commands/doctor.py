"""`manage.py doctor`: what this installation needs, what is wrong with it, and what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from changping import doctor


class Command(BaseCommand):
    """Exit codes: 0 all well; 1 something is not."""

    help = "Look at settings, disk, database, clock, broker, release, worker, queues and fonts, and say what to do."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        ill = 0
        for finding in doctor.examine():
            ill += not finding.well
            self.stdout.write(f"{'ok  ' if finding.well else 'ILL '} {finding.part:<11} {finding.said}")
            if not finding.well:
                self.stdout.write(f"{'':<17}-> {finding.advice}")
        if ill:
            raise CommandError(f"{ill} of {len(doctor.PARTS)} parts are not well", returncode=1)
