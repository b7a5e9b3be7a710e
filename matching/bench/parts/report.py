"""One company's report on the whole catalogue of the product, and where its time goes."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import median_seconds
from matching.engine.canonical import canonical_text
from matching.engine.report import make_report
from matching.profiles import read_profile_file
from matching.rulebooks import rulebook_of_files
from policies.rules import Situation, evaluate_offer

DEMO = Path(__file__).resolve().parents[2] / "demo" / "profile.yaml"
DAY = date(2026, 11, 24)


def measure(run: BenchRun) -> None:
    """Milliseconds of a complete report for the demo company, and of its evaluation and writing alone."""
    rulebook = rulebook_of_files()
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

    rounds = max(run.rounds, 5)
    sheet = run.sheet
    sheet.say("report", "evaluation", median_seconds(evaluate, rounds) * 1000, "ms", offers=len(offers))
    sheet.say(
        "report", "complete report", median_seconds(report, rounds) * 1000, "ms", goal="<= 150", offers=len(offers)
    )
    model = report()
    written = canonical_text(model)
    sheet.say(
        "report",
        "writing",
        median_seconds(partial(canonical_text, model), rounds) * 1000,
        "ms",
        bytes=len(written.encode()),
    )
