"""`manage.py limits`: every limit in force, as text or as the page of the manual."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from changping import limits, retention


class Command(BaseCommand):
    help = "Print every limit in force: value, unit, the variable that changes it, where it is defined; and what is kept for how long."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["text", "markdown"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["format"] == "markdown":
            self.stdout.write("\n".join(limits.table()))
            return
        part = ""
        for limit in limits.LIMITS:
            if limit.part != part:
                part = limit.part
                self.stdout.write(f"\n{part}")
            self.stdout.write(f"  {limit.what:<64} {limit.said:<28} {limit.changed_by or '-':<22} {limit.source}")
        self.stdout.write("\nKept for how long")
        for rule in retention.RULES:
            self.stdout.write(f"  {rule.what:<72} {rule.said:<20} {rule.setting or '-':<22} {rule.name}")
