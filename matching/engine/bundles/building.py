"""From the offers of a report to a problem: who is a candidate, what each pays in which year, which rules bind them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from matching.engine.bundles.problem import Candidate, Cap, Group, Problem
from policies.rules import OfferText, PolicyText, Situation, Truth, evaluate_number
from policies.rules.amounts import instalments_of
from policies.rules.benefits import Benefit, Fixed, UpTo
from policies.rules.documents import LEVELS
from policies.rules.faults import RuleFault
from policies.rules.intervals import ANY_NUMBER
from policies.rules.missing import missing_facts
from policies.rules.printing import print_expression
from policies.rules.stacking import StackingRule

DEAL_FACT = "case_by_case_deal"
"""The fact that says whether the company has a case-by-case deal, which shuts it out of the offers that say so."""


@dataclass(frozen=True, slots=True)
class CapSource:
    """Where a cap of the problem comes from: the rule, and the facts that are missing to know it exactly."""

    rule: StackingRule
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A problem with what is needed to talk about it: the offers, their entries, and what its caps come from."""

    problem: Problem
    entries: Mapping[str, Mapping[str, Any]]
    offers: Mapping[str, OfferText]
    caps: tuple[CapSource, ...]
    deal: Truth
    """Whether the company has a case-by-case deal."""


def build_setting(
    entries: Iterable[Mapping[str, Any]], policies: Iterable[PolicyText], situation: Situation
) -> Setting:
    """The problem of these entries of a report, all of which become candidates."""
    listed = {entry["id"]: entry for entry in sorted(entries, key=lambda entry: str(entry["id"]))}
    offers, ranks = {}, {}
    for policy in policies:
        for offer in policy.offers:
            if offer.id in listed:
                offers[offer.id] = offer
                ranks[offer.id] = LEVELS.index(policy.level) if policy.level in LEVELS else len(LEVELS)
    offers = {name: offers[name] for name in listed}
    deal = _deal(situation)
    caps = [*_joint_caps(offers), *_share_caps(offers, situation)]
    problem = Problem(
        candidates=tuple(_candidate(name, entry, offers[name], ranks[name]) for name, entry in listed.items()),
        exclusive=(*_groups(offers, "highest_only"), *_groups(offers, "one_per_period")),
        levels=_groups(offers, "higher_level_first"),
        excludes=tuple((name, other) for name, rule in _rules(offers, "excludes") for other in rule.names),
        needs=tuple((name, rule.names) for name, rule in _rules(offers, "needs")),
        caps=tuple(cap for cap, _ in caps),
        barred=frozenset(name for name, _ in _rules(offers, "deal_excludes")) if deal is Truth.YES else frozenset(),
    )
    return Setting(problem, listed, offers, tuple(source for _, source in caps), deal)


def _rules(offers: Mapping[str, OfferText], form: str) -> list[tuple[str, StackingRule]]:
    return [(name, rule) for name, offer in offers.items() for rule in offer.stacking if rule.form == form]


def _groups(offers: Mapping[str, OfferText], form: str) -> tuple[Group, ...]:
    members: dict[str, set[str]] = {}
    for name, rule in _rules(offers, form):
        members.setdefault(rule.names[0], set()).add(name)
    return tuple(Group(name, frozenset(offers)) for name, offers in sorted(members.items()))


def _deal(situation: Situation) -> Truth:
    if situation.vocabulary.get(DEAL_FACT) is None:
        return Truth.UNKNOWN
    possible = situation.possible(DEAL_FACT)
    return possible if isinstance(possible, Truth) else Truth.UNKNOWN


def _candidate(name: str, entry: Mapping[str, Any], offer: OfferText, rank: int) -> Candidate:
    amount = entry["amount"]
    low, high = _fen(amount["low"]), _fen(amount["high"])
    if offer.benefit.terms.instalments:
        return Candidate(name, _instalments(low, offer.benefit), _instalments(high, offer.benefit), rank)
    years = offer.benefit.terms.years or 1
    # "For up to three years" promises the first of them: only the high end takes all.
    first = None if low is None else (low,)
    return Candidate(name, first, None if high is None else _yearly(high, years, offer.benefit), rank)


def _fen(money: str | None) -> int | None:
    return None if money is None else int(Decimal(money) * 100)


def _instalments(amount: int | None, benefit: Benefit) -> tuple[int, ...] | None:
    """One instalment a year."""
    return None if amount is None else instalments_of(amount, benefit.terms)


def _yearly(amount: int, years: int, benefit: Benefit) -> tuple[int, ...]:
    """The amount of one year in each year, until what is the most over all years is used up."""
    limits = benefit.limits
    most: Fraction | None = None
    if limits.scope not in (None, "year"):
        most = benefit.amount if isinstance(benefit, UpTo | Fixed) else limits.cap
    left = amount * years if most is None else min(amount * years, int(most * 100 // 1))
    paid = []
    for _ in range(years):
        paid.append(min(amount, left))
        left -= paid[-1]
    return tuple(paid)


def _joint_caps(offers: Mapping[str, OfferText]) -> list[tuple[Cap, CapSource]]:
    """Every cap that a rule names, over all offers that name its group: written in one place, it holds for all."""
    members: dict[str, set[str]] = {}
    rules: dict[tuple[str, str, Fraction], StackingRule] = {}
    for name, rule in _rules(offers, "joint_cap"):
        group = rule.names[0]
        members.setdefault(group, set()).add(name)
        rules.setdefault((group, rule.per or "company", rule.amount or Fraction(0)), rule)
    found = []
    for (group, per, amount), rule in sorted(rules.items(), key=lambda item: item[0]):
        names, fen = frozenset(members[group]), int(amount * 100 // 1)
        found.append((Cap(group, names, fen, fen, per), CapSource(rule)))
    return found


def _share_caps(offers: Mapping[str, OfferText], situation: Situation) -> list[tuple[Cap, CapSource]]:
    """Caps that are a share of a fact: one cap over all offers of a policy that state the same one."""
    members: dict[tuple[str, str, str, Fraction], set[str]] = {}
    rules: dict[tuple[str, str, str, Fraction], StackingRule] = {}
    for name, rule in _rules(offers, "share_cap"):
        assert rule.of is not None
        key = (offers[name].policy, print_expression(rule.of), rule.per or "company", rule.share or Fraction(0))
        members.setdefault(key, set()).add(name)
        rules.setdefault(key, rule)
    # As for amounts, a bound that only guards against slips is no cap.
    open_ended = situation.with_open_ends()
    found = []
    for key, rule in sorted(rules.items(), key=lambda item: item[0]):
        assert rule.of is not None
        names = frozenset(members[key])
        try:
            base = evaluate_number(rule.of, open_ended)
        except RuleFault:
            base = ANY_NUMBER  # the offers that use this fact say so themselves; the cap is as good as not known
        known = base.defined is Truth.YES
        low = int(base.low * key[3] * 100 // 1) if known and base.low is not None else 0
        high = int(base.high * key[3] * 100 // 1) if known and base.high is not None else None
        missing = () if base.exact is not None or base is ANY_NUMBER else missing_facts(rule.of, open_ended)
        found.append(
            (
                Cap("/".join(key[:2]), names, max(low, 0), high if high is None else max(high, 0), key[2]),
                CapSource(rule, missing),
            )
        )
    return found
