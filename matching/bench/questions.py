"""How many questions the guided interview needs, beside the full form, over the example companies."""

import time
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from statistics import mean, median
from typing import Any

from companies.facts import Profile
from matching.engine.questions import Asking, Question, interview, next_question
from matching.examples import Example, read_examples
from policies.rules import Amount, Situation, Verdict, amount_of, standing_on, verdict_of
from policies.rules.book import Rulebook

GOAL = 0.4


def interview_figures(
    rulebook: Rulebook, day: date, examples: Iterable[Example] | None = None
) -> Iterator[dict[str, Any]]:
    """A row for each example company (those that ship with the product), and one over all of them.

    Each interview starts with nothing and is answered from the company's full profile. `asked` counts the questions,
    `declined` those of them that the company cannot answer, `form` the questions of the full form. `needed` is how
    many of its answers are left when every one that the verdicts and amounts do not need is taken away: no order of
    questions can do with fewer from these. `same` says that verdicts and amounts are those of the full profile.
    """
    form = len(rulebook.vocabulary.asked)
    rows = []
    for example in read_examples(rulebook.vocabulary) if examples is None else examples:
        seconds: list[float] = []
        held = interview(rulebook, example.profile, day, ask=_timed(seconds))
        asked = len(held.asked)
        wanted = _outcome(rulebook, example.profile, day)
        row = {
            "company": example.key,
            "form": form,
            "answers": len(example.profile),
            "asked": asked,
            "declined": len(held.declined),
            "needed": _needed(rulebook, held.profile, day),
            "share": round(asked / form, 3),
            "same": _outcome(rulebook, held.profile, day) == wanted,
            "median_ms": round(median(seconds) * 1000, 1),
            "slowest_ms": round(max(seconds) * 1000, 1),
        }
        rows.append(row)
        yield row
    yield {
        "company": "all",
        "companies": len(rows),
        "form": form,
        "asked": round(mean(row["asked"] for row in rows), 1),
        "share": round(mean(row["asked"] for row in rows) / form, 3),
        "largest_share": max(row["share"] for row in rows),
        "within_goal": sum(row["share"] <= GOAL for row in rows),
        "same": all(row["same"] for row in rows),
        "median_ms": round(median(row["median_ms"] for row in rows), 1),
        "slowest_ms": max(row["slowest_ms"] for row in rows),
    }


def _timed(seconds: list[float]) -> Asking:
    """Asking that notes the processor time of each step: neighbours on a busy machine do not distort it."""

    def ask(rulebook: Rulebook, profile: Profile, day: date, declined: Collection[str]) -> Question | None:
        began = time.process_time()
        question = next_question(rulebook, profile, day, declined)
        seconds.append(time.process_time() - began)
        return question

    return ask


def _needed(rulebook: Rulebook, known: Profile, day: date) -> int:
    wanted = _outcome(rulebook, known, day)
    for name in list(known.answers):
        fewer = known.without(name)
        if _outcome(rulebook, fewer, day) == wanted:
            known = fewer
    return len(known)


def _outcome(rulebook: Rulebook, profile: Profile, day: date) -> dict[str, tuple[Verdict, Any]]:
    """The verdict of every offer that counts on the day, and the amount of those that are not ruled out."""
    situation = Situation(rulebook.vocabulary, profile, day)
    payable = situation.with_open_ends()
    found: dict[str, tuple[Verdict, Any]] = {}
    for offer in rulebook.offers:
        edition = offer.edition
        begins, ends = edition.effective_from, edition.effective_to
        if standing_on(edition.status, begins, ends, edition.superseded_on, edition.issued, day) in (
            "ended",
            "not_yet",
        ):
            continue
        verdict = verdict_of(offer, situation)
        ruled_out = verdict in (Verdict.INELIGIBLE, Verdict.ERROR)
        found[offer.id] = verdict, None if ruled_out else _ends(amount_of(offer.benefit, payable, offer.kind))
    return found


def _ends(amount: Amount) -> tuple[Any, ...]:
    return amount.status, amount.low, amount.high
