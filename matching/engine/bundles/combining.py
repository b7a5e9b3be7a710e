"""The best lawful combination of a company's offers, as plain data for the report."""

from collections.abc import Iterable, Mapping
from typing import Any

from companies.facts import Text, Vocabulary
from matching.engine.bundles.accounts import describe_set, money
from matching.engine.bundles.building import Setting, build_setting
from matching.engine.bundles.choosing import Choice, choose
from matching.engine.bundles.reasons import depends_on, left_out
from matching.engine.bundles.sentences import BOTH_NATURES, INSTALMENTS, ONE_PROJECT
from policies.rules import PolicyText, Situation, say_clause

SCOPES: dict[str, tuple[str, ...]] = {
    "now": ("eligible",),
    "possible": ("eligible", "needs_review", "undetermined", "not_modelled"),
}
"""Which groups of a report are candidates in which combination. Editions that are over or not yet in force never are."""


def combine_offers(
    entries: Iterable[Mapping[str, Any]], policies: Iterable[PolicyText], situation: Situation
) -> dict[str, Any]:
    """{"now": B, "possible": B}: the best of what the company can have today, and of all that is still possible.

    `entries` are the offers of a report (id, group, amount are read), `policies` the rulebook's. Money is text in CNY
    ("123.00"), sums are over all years of an offer. B is

    - "candidates": how many offers were compared; "same": whether one combination is best at both ends of the amounts;
      "proven": whether it is proven that none pays more (else it is the best that was found);
    - "low", "high": the combination that is best when every amount comes out at its low (high) end, each with
      "offers": [{"id", "low", "high", "capped"}] (amounts before caps; None is not known, never 0),
      "total" and "by_nature" {"cash", "tax_saving"} (as `total_worth`, after caps; an offer whose high end is open counts
      at the high end with what it pays at least),
      "caps": [{"offers", "low_cut", "high_cut", "said"}] (what is not paid because of a cap),
      "by_year": [{"year", "low", "high"}] from the first year, or None where all is paid in one;
    - "runner_up": None or {"at": "low"|"high" (the end at which it is compared), "proven", "added": [ids], "dropped": [ids],
      "less": money at that end, "open": whether an amount among these is not known, and "set" like "low"};
    - "left_out": [{"offer", "at": "both"|"low"|"high", "code", "because": [ids], "clause", "confidence", "note", "said"}],
      code one of highest_only, one_per_period, excludes, needs, needs_absent, needs_clash, higher_level_first, deal;
    - "depends_on": [{"code", "offers", "facts", "more_than", "said"}], code one of
      amount (of an offer left out: better from "more_than" {"low", "high"} on), in_kind (left out for money), range (which of both combinations),
      cap (a cap that depends on facts), deal (a case-by-case deal, not known), award (needed, perhaps already held);
    - "stated": [{"offers", "clause", "confidence", "said"}]: rules in words, which nothing here computes;
    - "notes": [{"en", "zh"}]: what was assumed.
    """
    listed, known = list(entries), tuple(policies)
    result: dict[str, Any] = {}
    chosen_before: dict[tuple[str, ...], dict[str, Any]] = {}
    for scope, groups in SCOPES.items():
        members = [entry for entry in listed if entry["group"] in groups]
        names = tuple(sorted(str(entry["id"]) for entry in members))
        if names not in chosen_before:
            chosen_before[names] = _combination(build_setting(members, known, situation), situation.vocabulary)
        result[scope] = chosen_before[names]
    return result


def _combination(setting: Setting, vocabulary: Vocabulary) -> dict[str, Any]:
    choice = choose(setting.problem)
    return {
        "candidates": len(setting.problem.candidates),
        "same": choice.low_set == choice.high_set,
        "proven": choice.proven,
        "low": describe_set(choice, choice.low_set, setting, vocabulary),
        "high": describe_set(choice, choice.high_set, setting, vocabulary),
        "runner_up": _runner_up(choice, setting, vocabulary),
        "left_out": left_out(choice, setting),
        "depends_on": depends_on(choice, setting, vocabulary),
        "stated": _stated(choice, setting),
        "notes": [note.to_plain() for note in _notes(setting)],
    }


def _runner_up(choice: Choice, setting: Setting, vocabulary: Vocabulary) -> dict[str, Any] | None:
    other = choice.runner_up
    if other is None:
        return None
    best = choice.low_set if other.end == "low" else choice.high_set
    added, dropped = other.chosen & ~best, best & ~other.chosen
    structure = choice.structure
    changed = [candidate for at, candidate in enumerate(structure.candidates) if (added | dropped) >> at & 1]
    return {
        "at": other.end,
        "proven": other.proven,
        "added": list(structure.names(added)),
        "dropped": list(structure.names(dropped)),
        "less": money(other.less),
        "open": not all(candidate.known(other.end) for candidate in changed),
        "set": describe_set(choice, other.chosen, setting, vocabulary),
    }


def _stated(choice: Choice, setting: Setting) -> list[dict[str, Any]]:
    """The rules in words of the chosen offers, each once with all offers that state it."""
    found: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for name in choice.structure.names(choice.low_set | choice.high_set):
        for rule in setting.offers[name].stacking:
            if rule.said is None:
                continue
            key = (rule.said.en, rule.said.zh, rule.marks.clause)
            clause = say_clause(rule.marks.clause)
            entry = found.setdefault(
                key,
                {
                    "offers": [],
                    "clause": None if clause is None else clause.to_plain(),
                    "confidence": rule.marks.confidence,
                    "said": rule.said.to_plain(),
                },
            )
            entry["offers"].append(name)
    return list(found.values())


def _notes(setting: Setting) -> list[Text]:
    """What was assumed, as far as it matters here."""
    natures = {entry["amount"]["nature"] for entry in setting.entries.values()}
    notes = [BOTH_NATURES] if {"cash", "tax_saving"} <= natures else []
    if any(offer.benefit.terms.instalments for offer in setting.offers.values()):
        notes.append(INSTALMENTS)
    if any(cap.per == "project" for cap in setting.problem.caps):
        notes.append(ONE_PROJECT)
    return notes
