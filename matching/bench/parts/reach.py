"""Whom a changed draft reaches: many companies over the real catalogue's vocabulary, from kept columns to the counts."""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from companies.facts import Profile
from matching.batches.answers import AnswerReader
from matching.bench.bench_run import BenchRun
from matching.bench.companies import DAY, companies
from matching.bench.measuring import Timed, interleaved
from matching.engine.plan import Columns
from matching.engine.plan.joining import joined_with_gaps
from matching.engine.reach import Reach, count_reach, plan_reach
from matching.rulebooks import rulebook_of_files
from policies.rules import OfferText, Situation, amount_of, verdict_of
from policies.rules.book import Rulebook
from policies.rules.requirements import All

_PART = 4_096
_DISTINCT = 10_000
_SAMPLE = 100
"""Companies that are also judged one by one."""


def measure(run: BenchRun) -> None:
    """Seconds for the policy with the most offers, each of which the draft asks one thing less; and one by one."""
    book = rulebook_of_files()
    rows = run.sized(20_000, 100_000, 1_000_000)
    before = max((policy.offers for policy in book.policies), key=len)
    after = [_asking_less(offer) for offer in before]
    columns = _columns(book, min(rows, _DISTINCT)).take(np.arange(rows) % min(rows, _DISTINCT))
    sample = [columns.profile(row) for row in range(_SAMPLE)]
    with tempfile.TemporaryDirectory(prefix="changce-bench-") as folder:
        files = [Path(folder) / f"{start}.arrow" for start in range(0, rows, _PART)]
        for at, file in enumerate(files):
            columns.slice(at * _PART, (at + 1) * _PART).save(file)

        def ours() -> Reach:
            plan = plan_reach(after, before, book.vocabulary, book.lists, DAY)
            parts = [Columns.load(file, book.vocabulary).only(plan.facts) for file in files]
            return count_reach(plan, *joined_with_gaps(book.vocabulary, parts))

        times = {
            "ours": Timed(lambda _: ours()),
            "one by one": Timed(lambda _: _one_by_one(book, [*after, *before], sample, DAY), scale=rows / _SAMPLE),
        }
        seconds = interleaved(min(run.rounds, 5), times)
        reach = ours()
    middle = {name: sorted(each)[len(each) // 2] for name, each in seconds.items()}
    more = {"companies": rows, "offers": len(before)}
    run.sheet.say("reach", "ours", middle["ours"], "s", goal="<= 3", **more)
    run.sheet.say("reach", "one by one / ours", middle["one by one"] / middle["ours"], "x", **more)
    near = sum(one.count("near") for one in reach.offers)
    run.sheet.say("reach", "near, over all offers", near, "companies", **more)


def _asking_less(offer: OfferText) -> OfferText:
    if isinstance(offer.requires, All) and len(offer.requires.of) > 1:
        return replace(offer, requires=replace(offer.requires, of=offer.requires.of[1:]))
    return offer


def _columns(book: Rulebook, count: int) -> Columns:
    names = [fact.name for fact in book.vocabulary.asked]
    cells = list(zip(*(row[2:] for row in companies(count, book)), strict=True))
    arrays = {name: pa.array([cell or None for cell in column]) for name, column in zip(names, cells, strict=True)}
    return AnswerReader(book.vocabulary).columns(arrays, count)[0]


def _one_by_one(book: Rulebook, offers: list[OfferText], sample: list[Profile], day: date) -> int:
    """The verdicts and amounts alone, without groups and nearness."""
    count = 0
    for profile in sample:
        situation = Situation(book.vocabulary, profile, day)
        for offer in offers:
            if verdict_of(offer, situation) == "eligible":
                count += amount_of(offer.benefit, situation, offer.kind) is not None
    return count
