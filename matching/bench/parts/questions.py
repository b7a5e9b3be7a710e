"""The guided interview over the example companies: questions asked beside the full form, and the time of a step."""

from datetime import date

from matching.bench.bench_run import BenchRun
from matching.bench.questions import GOAL, interview_figures
from matching.examples import read_examples
from matching.rulebooks import rulebook_of_files

DAY = date(2026, 11, 24)


def measure(run: BenchRun) -> None:
    """The share of the form that each example company is asked, and the mean: the same verdicts in each, or it is said."""
    rulebook = rulebook_of_files()
    examples = list(read_examples(rulebook.vocabulary))
    *rows, over_all = interview_figures(rulebook, DAY, examples[:: run.sized(4, 1, 1)])
    for row in rows:
        more = {key: row[key] for key in ("asked", "declined", "needed", "form", "same")}
        run.sheet.say("questions", row["company"], row["share"] * 100, "% of the form", **more)
    mean = {key: over_all[key] for key in ("companies", "asked", "form", "within_goal", "same")}
    run.sheet.say("questions", "mean", over_all["share"] * 100, "% of the form", goal=f"<= {GOAL * 100:g}", **mean)
    run.sheet.say("questions", "a step, median", over_all["median_ms"], "ms")
    run.sheet.say("questions", "a step, slowest", over_all["slowest_ms"], "ms", goal="<= 150")
