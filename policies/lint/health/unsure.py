"""What the catalogue does not know well: money on weak sources, facts asked in vain, cases that time has overtaken."""

from __future__ import annotations

from policies.lint.health.catalogue import Catalogue, OfferPlace
from policies.lint.reading import entries
from policies.rules import Situation
from policies.rules.amounts import amount_of
from policies.rules.example_cases import named_cases, outcomes_of, read_case
from policies.rules.facts_read import facts_read
from policies.rules.requirements import Requirement, leaves

_MOST_NAMED = 3


def check_unsure(catalogue: Catalogue) -> None:
    """Confidence where money hangs on it, amounts nobody has published, facts, and example cases as of today."""
    for place in catalogue.in_force.values():
        _check_money(catalogue, place)
    _check_facts(catalogue)
    _check_cases(catalogue)


def _check_money(catalogue: Catalogue, place: OfferPlace) -> None:
    amount = amount_of(place.offer.benefit, catalogue.nobody, place.offer.kind)
    if amount.nature == "in_kind":
        return
    if amount.status == "to_confirm" and not amount.missing:
        en, zh = "the amount is still to be confirmed", "金额仍待确认"
        catalogue.add(place.sheet, (*place.path, "benefit"), "amount-to-confirm", en, zh)
    elif place.offer.confidence == "low":
        en, zh = "it pays money, and its source is of low confidence", "涉及资金，但来源可信度低"
        catalogue.add(place.sheet, (*place.path, "confidence"), "money-unsure", en, zh)
    else:
        weak = [leaf for leaf in leaves(place.offer.requires) if _confidence(leaf) == "low"]
        if weak:
            en = f"it pays money, and {len(weak)} of its criteria are of low confidence"
            zh = f"涉及资金，其中 {len(weak)} 项条件可信度低"
            catalogue.add(place.sheet, (*place.path, "requires"), "money-unsure", en, zh)


def _confidence(leaf: Requirement) -> str | None:
    marks = getattr(leaf, "marks", None)
    return None if marks is None else marks.confidence


def _check_facts(catalogue: Catalogue) -> None:
    """Facts that only policies that are over ask for: a form asks them in vain."""
    live: set[str] = set()
    over: set[str] = set()
    for key, place in catalogue.offers.items():
        (live if key in catalogue.in_force else over).update(facts_read(place.offer, catalogue.vocabulary))
    for _stem, sheet in catalogue.reading.folder.of_kind("vocabulary"):
        for path, plain in entries(sheet.plain, "facts"):
            name = plain.get("fact")
            if name in over - live:
                en = f"only policies that have ended use “{name}”"
                catalogue.add(sheet, (*path, "fact"), "fact-only-ended", en, f"只有已失效的政策使用“{name}”")


def _check_cases(catalogue: Catalogue) -> None:
    """Example cases that would come out otherwise if their company stood here today; said once a policy."""
    for policy, sheet in catalogue.running():
        cases = named_cases(list(policy.cases))
        names = []
        for plain in policy.cases:
            read = read_case(plain, cases, catalogue.vocabulary)
            if read.profile is None or read.day is None or read.faults or read.day >= catalogue.day:
                continue
            situation = Situation(catalogue.vocabulary, read.profile, catalogue.day)
            if not all(outcome.verdict_fits for outcome in outcomes_of(plain, policy.offers, situation)):
                names.append(str(plain.get("case")))
        if names:
            shown = [f"“{name}”" for name in names[:_MOST_NAMED]]
            more = len(names) - len(shown)
            en = f"come out otherwise today: {', '.join(shown)}{f' and {more} more' if more else ''}"
            zh = f"今天的结论不同：{'、'.join(shown)}{f'等 {len(names)} 个' if more else ''}"
            catalogue.add(sheet, ("cases",), "case-differs-today", en, zh)
