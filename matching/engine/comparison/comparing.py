"""Variants of one company side by side: what each would get, and the offers in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from companies.facts import Answer, Profile, Text, Vocabulary, show_value, write_value
from matching.engine.because import criteria_changed, facts_changed
from matching.engine.bundles import combine_offers
from matching.engine.comparison.verdicts import SharedVerdicts, VariantVerdicts
from matching.engine.totals import worth_by_nature
from policies.rules import (
    OfferText,
    PolicyText,
    Situation,
    Verdict,
    amount_of,
    amount_to_plain,
    evaluate_offer,
    say_clause,
    standing_on,
    window_on,
)
from policies.rules.book import Rulebook

POSSIBLE = (Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED, Verdict.NOT_MODELLED)
GOOD = (Verdict.ELIGIBLE, *POSSIBLE)


@dataclass(frozen=True, slots=True)
class Variant:
    """The company with some answers otherwise (None: not known), or on another day."""

    key: str
    name: Text
    answers: Mapping[str, Answer | None] = field(default_factory=dict)
    day: date | None = None

    def apply(self, profile: Profile) -> Profile:
        """The profile of this variant."""
        given = {name: answer for name, answer in self.answers.items() if answer is not None}
        forgotten = [name for name, answer in self.answers.items() if answer is None]
        return profile.with_answers(given).without(*forgotten)


def compare_variants(rulebook: Rulebook, profile: Profile, variants: Sequence[Variant], *, day: date) -> dict[str, Any]:
    """Each variant with its verdicts counted, its sums and best combination, and the offers that tell them apart.

    Plain JSON: {"day", "variants": [{"key", "name", "day", "changes", "counts", "worth", "combination"}],
    "differences": [{"id", "policy", "title", "cells": {variant key: {"group", "verdict", "amount"}}}], "alike": n}.
    `worth` and `combination` are as in a report, a combination without its reasons. An amount is None where the
    company cannot get the offer. Raises ValueError where two variants have the same key.
    """
    listed, columns = _columns(rulebook, profile, variants, day)
    differences, alike = [], 0
    for at, (policy, offer) in enumerate(listed):
        cells = [column.cells[at] for column in columns]
        if all(cell == cells[0] for cell in cells):
            alike += 1
            continue
        differences.append(_row(policy, offer, columns, at))
    return {
        "day": day.isoformat(),
        "variants": [column.plain for column in columns],
        "differences": differences,
        "alike": alike,
    }


def side_by_side(rulebook: Rulebook, profile: Profile, variants: Sequence[Variant], *, day: date) -> dict[str, Any]:
    """Each variant as in `compare_variants`, and every offer with why it comes out otherwise than in the first variant.

    Plain JSON: {"day", "variants", "offers": [{"id", "policy", "title", "clause", "cells", "windows": {variant key: words},
    "because": {variant key: {"criteria", "facts"}}}]}; `because` has the variants whose cell is another one than the first's,
    `criteria` are as in `criteria_changed`. Raises ValueError where two variants have the same key.
    """
    listed, columns = _columns(rulebook, profile, variants, day)
    offers = []
    for at, (policy, offer) in enumerate(listed):
        first = columns[0]
        because = {
            column.plain["key"]: {
                "criteria": _criteria_changed(offer, first, column),
                "facts": [
                    _labelled(rulebook.vocabulary, name)
                    for name in facts_changed(offer, rulebook.vocabulary, first.profile, column.profile)
                ],
            }
            for column in columns[1:]
            if column.cells[at] != first.cells[at]
        }
        windows = {column.plain["key"]: _window(offer, column) for column in columns}
        clause = say_clause(offer.clause)
        seen = {"clause": None if clause is None else clause.to_plain(), "windows": windows, "because": because}
        offers.append({**_row(policy, offer, columns, at), **seen})
    return {"day": day.isoformat(), "variants": [column.plain for column in columns], "offers": offers}


def _columns(
    rulebook: Rulebook, profile: Profile, variants: Sequence[Variant], day: date
) -> tuple[list[tuple[PolicyText, OfferText]], list[_Column]]:
    if len({variant.key for variant in variants}) < len(variants):
        raise ValueError("two variants have the same key")
    shared = SharedVerdicts(Situation(rulebook.vocabulary, profile, day))
    listed = [(policy, offer) for policy in rulebook.policies for offer in policy.offers]
    return listed, [_column(variant, shared, listed, rulebook, day) for variant in variants]


def _row(policy: PolicyText, offer: OfferText, columns: Sequence[_Column], at: int) -> dict[str, Any]:
    return {
        "id": offer.id,
        "policy": policy.key,
        "title": offer.title.to_plain(),
        "cells": {column.plain["key"]: column.cells[at] for column in columns},
    }


def _criteria_changed(offer: OfferText, first: _Column, column: _Column) -> list[dict[str, Any]]:
    """No criteria where the engine fails on the offer: its cell says so already."""
    try:
        return criteria_changed(evaluate_offer(offer, first.situation), evaluate_offer(offer, column.situation))
    except MemoryError:
        raise
    except Exception:
        return []


def _window(offer: OfferText, column: _Column) -> dict[str, str]:
    return window_on(offer.window, column.situation.day).said.to_plain()


def _labelled(vocabulary: Vocabulary, name: str) -> dict[str, Any]:
    fact = vocabulary.get(name)
    return {"fact": name, "label": {"en": name, "zh": name} if fact is None else fact.label.to_plain()}


@dataclass(frozen=True, slots=True)
class _Column:
    plain: dict[str, Any]
    cells: list[dict[str, Any]]
    situation: Situation

    @property
    def profile(self) -> Profile:
        return self.situation.profile


def _column(
    variant: Variant,
    shared: SharedVerdicts,
    listed: Sequence[tuple[PolicyText, OfferText]],
    rulebook: Rulebook,
    day: date,
) -> _Column:
    now = shared.situation.profile
    verdicts = shared.variant(variant.apply(now), frozenset(variant.answers), variant.day or day)
    cells = []
    for _, offer in listed:
        key = verdicts.key(offer)
        if key not in shared.cells:
            shared.cells[key] = _cell(offer, verdicts)
        cells.append(shared.cells[key])
    entries = [{"id": offer.id, **cell} for (_, offer), cell in zip(listed, cells, strict=True) if cell["amount"]]
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell["group"]] = counts.get(cell["group"], 0) + 1
    worth = {
        "eligible": worth_by_nature(entry["amount"] for entry in entries if entry["group"] == "eligible"),
        "possible": worth_by_nature(entry["amount"] for entry in entries if entry["group"] in POSSIBLE),
    }
    combination = combine_offers(entries, rulebook.policies, verdicts.situation)
    plain = {
        "key": variant.key,
        "name": variant.name.to_plain(),
        "day": verdicts.situation.day.isoformat(),
        "changes": _changes(variant, now, rulebook.vocabulary),
        "counts": counts,
        "worth": worth,
        "combination": {scope: _short(found) for scope, found in combination.items()},
    }
    return _Column(plain, cells, verdicts.situation)


def _cell(offer: OfferText, verdicts: VariantVerdicts) -> dict[str, Any]:
    verdict, edition, situation = verdicts.of(offer), offer.edition, verdicts.situation
    standing = standing_on(
        edition.status,
        edition.effective_from,
        edition.effective_to,
        edition.superseded_on,
        edition.issued,
        situation.day,
    )
    amount = None
    if standing not in ("ended", "not_yet") and verdict in GOOD:
        try:
            amount = amount_to_plain(amount_of(offer.benefit, situation, offer.kind))
        except MemoryError:
            raise
        except Exception:
            # As in a report: a fault of the engine is the verdict on this offer, and leaves the others as they are.
            verdict = Verdict.ERROR
    group = standing if standing in ("ended", "not_yet") else verdict.value
    return {"verdict": verdict.value, "group": group, "amount": amount}


def _short(found: Mapping[str, Any]) -> dict[str, Any]:
    """A combination as far as a column needs it."""
    ends = {
        end: {
            "offers": [offer["id"] for offer in found[end]["offers"]],
            "total": found[end]["total"],
            "by_nature": found[end]["by_nature"],
        }
        for end in ("low", "high")
    }
    return {"candidates": found["candidates"], "same": found["same"], "proven": found["proven"], **ends}


def _changes(variant: Variant, now: Profile, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """What the variant says otherwise, in the order of the form; answers that are the company's own are left out."""
    changes = []
    for fact in vocabulary.asked:
        if fact.name not in variant.answers:
            continue
        before, answer = now.value(fact.name), variant.answers[fact.name]
        after = Profile({} if answer is None else {fact.name: answer}).value(fact.name)
        if before != after:
            changes.append(
                {
                    "fact": fact.name,
                    "label": fact.label.to_plain(),
                    "from": write_value(fact, before),
                    "to": write_value(fact, after),
                    "shown": {
                        "from": show_value(fact, before).to_plain(),
                        "to": show_value(fact, after).to_plain(),
                    },
                }
            )
    return changes
