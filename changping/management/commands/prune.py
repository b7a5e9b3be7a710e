"""`manage.py prune`: what has been kept long enough, rule by rule; takes it away only when told to."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from changping import retention


class Command(BaseCommand):
    """Exit codes: 0 done, or nothing to do; 1 a rule could not be applied."""

    help = "Show what has been kept long enough, by rule, with count and oldest; `--apply` takes it away, as the timetable does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="take it away; without this, nothing is changed")
        parser.add_argument(
            "--only",
            action="append",
            choices=[rule.name for rule in retention.RULES],
            metavar="RULE",
            help="only this rule; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rules = [rule for rule in retention.RULES if not options["only"] or rule.name in options["only"]]
        gone = retention.apply(rules) if options["apply"] else {}
        for rule in rules:
            count, oldest = gone.get(rule.name, 0), None
            if not options["apply"]:
                due = rule.due()
                count, oldest = due.count, due.oldest
            since = f"oldest of {timezone.localtime(oldest):%Y-%m-%d}" if oldest else ""
            self.stdout.write(
                f"{'failed' if count is None else count:>7}  {rule.name:<12} kept {rule.said:<14} {since:<21} {rule.what}"
            )
        if None in gone.values():
            raise CommandError("some rules could not be applied; the log says why, the others were")
        if not options["apply"]:
            self.stdout.write("Nothing was taken away. To do it: manage.py prune --apply")
