"""One company's report on the whole catalogue of the product, and where its time goes."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import median_seconds
from matching.engine.bundles import combine_offers
from matching.engine.canonical import canonical_text
from matching.engine.comparison import compare_variants, standard_variants
from matching.engine.questions import missing_facts
from matching.engine.report import POSSIBLE, WITH_ROUTE, make_report
from matching.engine.routes import RouteFinder
from matching.profiles import read_profile_file
from matching.rulebooks import rulebook_of_files
from policies.rules import Situation, Verdict, evaluate_offer

DEMO = Path(__file__).resolve().parents[2] / "demo" / "profile.yaml"
DAY = date(2026, 11, 24)


def measure(run: BenchRun) -> None:
    """Milliseconds of a complete report for the demo company, and of each of its parts alone."""
    rulebook = rulebook_of_files()
    file, _faults = read_profile_file(DEMO)
    assert file is not None, "the demo profile ships with the product and reads"
    profile, _answer_faults = file.profile(rulebook.vocabulary)
    model = make_report(rulebook, profile, DAY, {"name": file.name})
    entries = {entry["id"]: entry for entry in model["offers"]}
    open_entries = [entry for entry in model["offers"] if entry["group"] in ("eligible", *POSSIBLE)]

    def situation() -> Situation:
        return Situation(rulebook.vocabulary, profile, DAY)

    def evaluate() -> None:
        fresh = situation()
        for offer in rulebook.offers:
            evaluate_offer(offer, fresh)

    def routes() -> None:
        finder = RouteFinder(situation(), rulebook.lists)
        for offer in rulebook.offers:
            if entries[offer.id]["group"] in WITH_ROUTE:
                finder.routes(offer, Verdict(entries[offer.id]["verdict"]))

    parts: dict[str, Callable[[], Any]] = {
        "evaluation": evaluate,
        "routes": routes,
        "comparison": lambda: compare_variants(rulebook, profile, standard_variants(rulebook, profile, DAY), day=DAY),
        "combination": lambda: combine_offers(model["offers"], rulebook.policies, situation()),
        "questions": lambda: missing_facts(open_entries, rulebook.vocabulary),
        "writing": lambda: canonical_text(model),
    }
    sheet, rounds, more = run.sheet, max(run.rounds, 5), {"offers": len(rulebook.offers)}
    subject = {"name": file.name}
    for what, compare, goal in (("complete report", False, "<= 150"), ("with the comparison of variants", True, None)):
        work = partial(make_report, rulebook, profile, DAY, subject, compare=compare)
        sheet.say("report", what, median_seconds(work, rounds) * 1000, "ms", goal=goal, **more)
    for name, work in parts.items():
        sheet.say("report", name, median_seconds(work, rounds) * 1000, "ms", **more)
    sheet.say("report", "size", len(canonical_text(model).encode()) / 1024, "KiB", **more)
