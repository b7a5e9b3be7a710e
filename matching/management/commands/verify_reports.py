"""`manage.py verify_reports [ID...]`: recompute stored reports and say whether the bytes are the same."""

import json
from argparse import ArgumentParser
from difflib import unified_diff
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from matching import jobs
from matching.engine.canonical import canonical_text
from matching.engine.report import ENGINE_VERSION
from matching.models import MatchReport

LINES_SHOWN = 40


class Command(BaseCommand):
    """Exit codes: 0 all identical; 1 one differs or could not be recomputed; 2 wrong use."""

    help = "Recompute stored reports (all, or those named) and say: identical, or show the difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=UUID, metavar="ID", help="a report's id, as in its address")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = MatchReport.objects.select_related("request__release", "request__profile_version").order_by("pk")
        reports = reports.defer("request__release__snapshot", "request__release__changes")
        if options["ids"]:
            reports = reports.filter(public_id__in=options["ids"])
            unknown = set(options["ids"]) - set(reports.values_list("public_id", flat=True))
            if unknown:
                raise CommandError(f"no such report: {', '.join(map(str, sorted(unknown)))}", returncode=2)
        checked = bad = 0
        for report in reports.iterator(chunk_size=50):
            checked += 1
            trouble = _trouble_with(report)
            bad += bool(trouble)
            self.stdout.write(f"{report.public_id} {trouble[0] if trouble else 'identical'}")
            for line in trouble[1:]:
                self.stdout.write(f"  {line}")
        self.stdout.write(f"reports: {checked}, identical: {checked - bad}, not: {bad}")
        if bad:
            raise CommandError("Not every report could be recomputed to the same bytes.", returncode=1)


def _trouble_with(report: MatchReport) -> list[str]:
    """Nothing when the report recomputes to the same bytes; else what is wrong, and where it differs."""
    if not report.is_intact():
        return ["changed after it was stored: the text does not have its digest"]
    if report.engine_version != ENGINE_VERSION:
        return [
            f"made by engine {report.engine_version}, and this is engine {ENGINE_VERSION}: cannot be recomputed here"
        ]
    try:
        again = canonical_text(jobs.evaluate(report.request))
    except Exception as fault:
        return [f"could not be recomputed: {type(fault).__name__}: {fault}"]
    if again == report.content:
        return []
    return [
        "differs",
        *islice(unified_diff(_lines(report.content), _lines(again), "stored", "again", "", "", 1), LINES_SHOWN),
    ]


def _lines(text: str) -> list[str]:
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, indent=1).splitlines()
