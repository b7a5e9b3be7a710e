"""Which missing facts matter in a report, ranked by what they decide and the money that hangs on them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from companies.facts import Fact, Vocabulary
from matching.engine.totals import total_worth

STAKE = ("low", "high", "low_open", "high_open", "to_confirm")


def missing_facts(offers: Iterable[Mapping[str, Any]], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The missing facts across these offers, those that decide most first.

    Each: fact, label, question, section, effort, papers, `verdicts` (offers whose verdict it can still
    change), `alone` (of these, offers that miss nothing else), `amounts` (offers whose amount it makes known)
    and `stake`: what all these offers may be worth together, as `stake_of` says it.

    The order: more verdicts first; then more verdicts that this fact can settle alone; then more money at stake
    (the known high ends, then the ends that are not known: they are more than nothing); then more amounts; then
    the order of the vocabulary, which is the order of the form.
    """
    listed = {offer["id"]: offer for offer in offers}
    verdicts: dict[str, list[str]] = {}
    alone: dict[str, list[str]] = {}
    amounts: dict[str, list[str]] = {}
    for key, offer in listed.items():
        for name in offer["missing"]:
            verdicts.setdefault(name, []).append(key)
        if len(offer["missing"]) == 1:
            alone.setdefault(offer["missing"][0], []).append(key)
        for name in offer["amount"]["missing"]:
            amounts.setdefault(name, []).append(key)
    entries = []
    for name in dict.fromkeys([*verdicts, *amounts]):
        touched = dict.fromkeys([*verdicts.get(name, ()), *amounts.get(name, ())])
        entries.append(
            {
                **described(name, vocabulary.get(name)),
                "verdicts": verdicts.get(name, []),
                "alone": alone.get(name, []),
                "amounts": amounts.get(name, []),
                "stake": stake_of(listed[key]["amount"] for key in touched),
            }
        )
    order = {fact.name: place for place, fact in enumerate(vocabulary)}
    return sorted(entries, key=lambda entry: (*_weight(entry), order.get(entry["fact"], len(order))))


def stake_of(amounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The money that hangs on these offers: from the sum of the low ends to the sum of the high ends.

    An end is None where not one amount has it; `low_open` / `high_open` say that at least one more amount has no known
    end, and `to_confirm` counts the amounts that are not published: an unknown amount is never added as 0.
    """
    total = total_worth(amounts)
    return {key: total[key] for key in STAKE}


def money_weight(stake: Mapping[str, Any]) -> tuple[Decimal, int, Decimal]:
    """The sort key of a stake, the largest first."""
    return -Decimal(stake["high"] or 0), -(stake["to_confirm"] + stake["high_open"]), -Decimal(stake["low"] or 0)


def _weight(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return -len(entry["verdicts"]), -len(entry["alone"]), *money_weight(entry["stake"]), -len(entry["amounts"])


def described(name: str, fact: Fact | None) -> dict[str, Any]:
    """What a person has to see to answer: the words of the fact, where it stands in the form, what proves it."""
    if fact is None:
        return {"fact": name, "label": {"en": name, "zh": name}, "question": None, "section": None}
    return {
        "fact": name,
        "label": {"en": fact.label.en, "zh": fact.label.zh},
        "question": None if fact.question is None else {"en": fact.question.en, "zh": fact.question.zh},
        "section": fact.section,
        "effort": str(fact.effort),
        "papers": list(fact.papers),
    }
