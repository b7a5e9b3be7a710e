"""Reach counted the slow way: company by company, each criterion flipped in turn, by the reference evaluator alone."""

from __future__ import annotations

from collections import Counter

from policies.rules import Situation, Truth, Verdict, amount_of, evaluate_expression, verdict_of
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, leaves
from policies.rules.verdicts import (
    JUDGED,
    UNSEEN,
    Sides,
    Truths,
    combine,
    name_verdict,
    needed_of,
    truths_of_criterion,
)

GOOD = {Verdict.ELIGIBLE, Verdict.NEEDS_REVIEW, Verdict.NOT_MODELLED}


def flipped_verdict(offer, situation, flipped):
    """The verdict if one criterion came out the other way; None where it has not come out at all."""

    def sides(node):
        match node:
            case Criterion(when=when):
                found = truths_of_criterion(when, situation)[0]
                return Sides(found.fails, found.holds) if when == flipped else found
            case Judged():
                return JUDGED
            case NotModelled():
                return UNSEEN
            case Not(of=of):
                inner = sides(of)
                return Sides(inner.fails, inner.holds)
        return combine(needed_of(node), [sides(part) for part in node.parts()])

    settled = truths_of_criterion(flipped, situation)[0].holds
    if settled not in (Truths(Truth.YES, Truth.YES, Truth.YES), Truths(Truth.NO, Truth.NO, Truth.NO)):
        return None
    return name_verdict(sides(offer.requires).holds, has_criterion=True)


def keeps_out(offer, situation):
    """The criteria that alone keep the company out."""
    if verdict_of(offer, situation) is not Verdict.INELIGIBLE:
        return set()
    criteria = {leaf.when for leaf in leaves(offer.requires) if isinstance(leaf, Criterion)}
    return {when for when in criteria if flipped_verdict(offer, situation, when) in GOOD}


def slow_counts(after, before, vocabulary, groupings, profiles, day):
    """{(offer, line, measure): companies}, {(offer, whose money, end): fen or unknown}, and {(offer, criterion): near}."""
    counts, money, near_by = Counter(), Counter(), Counter()
    for profile in profiles:
        situation = Situation(vocabulary, profile, day)
        lines = [("", "")] + [line for grouping in groupings for line in lines_of(grouping, situation)]
        for line in lines:
            counts["", line, "companies"] += 1
        eligible = [False, False]
        for key in {offer.key for offer in (*after, *before)}:
            new, old = (next((one for one in side if one.key == key), None) for side in (after, before))
            now, then = (None if one is None else verdict_of(one, situation) for one in (new, old))
            kept_out_by = keeps_out(new, situation) if new else set()
            gets, got = now is Verdict.ELIGIBLE, then is Verdict.ELIGIBLE
            eligible = [eligible[0] or gets, eligible[1] or got]
            said = {
                now.value if now else "": True, "near": bool(kept_out_by), "before": got, "gained": gets and not got,
                "lost": got and not gets,
            }  # fmt: skip
            for line in lines:
                counts.update((key, line, measure) for measure, holds in said.items() if holds and measure)
            near_by.update((key, when) for when in kept_out_by)
            is_open = now in (Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED, Verdict.NOT_MODELLED)
            whose = {
                ("eligible", new): gets, ("open", new): is_open, ("gained", new): said["gained"], ("kept", new): gets and got,
                ("before", old): got, ("lost", old): said["lost"], ("kept_before", old): gets and got,
            }  # fmt: skip
            for (name, offer), holds in whose.items():
                if holds:
                    amount = amount_of(offer.benefit, situation, offer.kind)
                    for end in ("low", "high"):
                        value = getattr(amount, end)
                        money[key, name, f"{end}_unknown" if value is None else end] += (
                            1 if value is None else int(value * 100)
                        )
            if gets and got:
                counts[key, "revalued"] += amount_of(new.benefit, situation, new.kind) != amount_of(
                    old.benefit, situation, old.kind
                )
            counts[key, "move", then, now] += 1
        for line in lines:
            said = {
                "eligible": eligible[0], "before": eligible[1], "gained": eligible[0] and not eligible[1],
                "lost": eligible[1] and not eligible[0],
            }  # fmt: skip
            counts.update(("", line, measure) for measure, holds in said.items() if holds)
    return counts, money, near_by


def lines_of(grouping, situation):
    """The lines of a grouping in which the company is."""
    truths = {group.key: evaluate_expression(group.when, situation) for group in grouping.groups}
    inside = [(grouping.key, key) for key, truth in truths.items() if truth is Truth.YES]
    if inside:
        return inside
    return [(grouping.key, "?" if Truth.UNKNOWN in truths.values() else "")]
