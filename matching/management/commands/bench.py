"""`manage.py bench`: how long one company's report takes on the whole catalogue. Prints figures, judges nothing."""

import json
import statistics
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from matching.engine.canonical import canonical_text
from matching.engine.report import make_report
from matching.profiles import read_profile_file
from matching.rulebooks import find_rulebook
from policies.rules import Situation, evaluate_offer

DEMO = Path(__file__).resolve().parents[2] / "demo" / "profile.yaml"
DAY = date(2026, 11, 24)


class Command(BaseCommand):
    """One JSON line a figure, milliseconds, medians."""

    help = "Measure one company × the whole catalogue: evaluation, report, bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=15)

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        rulebook = find_rulebook()
        self._say("rulebook_read", (time.perf_counter() - began) * 1000)
        file, _faults = read_profile_file(DEMO)
        assert file is not None, "the demo profile ships with the product and reads"
        profile, _answer_faults = file.profile(rulebook.vocabulary)
        offers = [offer for policy in rulebook.policies for offer in policy.offers]

        def evaluate() -> None:
            situation = Situation(rulebook.vocabulary, profile, DAY)
            for offer in offers:
                evaluate_offer(offer, situation)

        def report() -> dict[str, Any]:
            return make_report(rulebook, profile, DAY, {"name": file.name})

        rounds = options["rounds"]
        self._say("evaluation", _median_ms(evaluate, rounds), offers=len(offers))
        self._say("report", _median_ms(report, rounds), offers=len(offers))
        model = report()
        self._say(
            "canonical_text",
            _median_ms(lambda: canonical_text(model), rounds),
            bytes=len(canonical_text(model).encode()),
        )

    def _say(self, what: str, milliseconds: float, **more: int) -> None:
        self.stdout.write(json.dumps({"bench": what, "ms": round(milliseconds, 2), **more}))


def _median_ms(work: Any, rounds: int) -> float:
    times = []
    for _round in range(rounds):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
