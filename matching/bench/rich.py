"""Offers that use the whole rule language, for agreement: arithmetic, bands, growth, certificates, judged and unseen text.

No peer has to read these, so they are drawn as catalogue files straight away.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

from companies.facts import Answer, Certificate, Profile, Vocabulary, read_vocabulary
from matching.bench.workload import COUNTS, DAY, THRESHOLDS, Companies, fact_rows, offers_file
from policies.rules import OfferText, Situation, Verdict, read_policy
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import (
    JUDGED,
    UNSEEN,
    Sides,
    combine,
    name_verdict,
    needed_of,
    truths_of_criterion,
)

_TITLES = ("c00", "c01", "c02", "c03")
_SAID = {"en": "Experts agree", "zh": "专家同意"}
_DERIVED = {
    "rd_share": ("ratio", "money_01 / money_00"),
    "size": ("one_of", 'band(whole_00, "m00", [20, "m01"], [100, "m02"])'),
    "growing": ("yes_no", "money_02 > money_03 and yes_no_00"),
}


@lru_cache(maxsize=1)
def rich_vocabulary() -> Vocabulary:
    """The 60 facts, certificates, and facts derived as a quotient, a band and a condition."""
    rows = fact_rows()
    words = {"en": "Certificates", "zh": "资质"}
    rows.append(
        {"fact": "certificates", "kind": "certificates", "label": words, "question": words, "choices": {"from": "certificates"}}
    )  # fmt: skip
    for name, (kind, derived) in _DERIVED.items():
        choices = (
            {"choices": next(row["choices"] for row in rows if row["kind"] == "one_of")} if kind == "one_of" else {}
        )
        rows.append({"fact": name, "kind": kind, "label": {"en": name, "zh": name}, "derived": derived, **choices})
    titles = [{"key": key, "label": {"en": key, "zh": key}, "validity_years": 3} for key in _TITLES[:-1]]
    # The last one never ends.
    titles.append({"key": _TITLES[-1], "label": {"en": _TITLES[-1], "zh": _TITLES[-1]}})
    section = {"key": "all", "title": {"en": "All", "zh": "全部"}}
    read, faults = read_vocabulary({"10-all": {"section": section, "facts": rows}}, {"certificates": titles})
    assert not faults, faults[:3]
    return read


def rich_offers(count: int, seed: int = 17) -> list[OfferText]:
    """So many offers of up to a dozen leaves."""
    trees = []
    for at in range(count):
        chance = random.Random(seed * 1_000_003 + at)
        trees.append({"all": [_node(chance, 3) for _ in range(chance.randint(2, 4))]})
    policy, faults = read_policy(offers_file("rich", trees), rich_vocabulary())
    assert policy is not None, faults[:3]
    return list(policy.offers)


def _node(chance: random.Random, deep: int) -> dict[str, Any]:
    kind = chance.random()
    if deep == 0 or kind < 0.55:
        return _leaf(chance)
    if kind < 0.65:
        return {"not": _node(chance, deep - 1)}
    parts = [_node(chance, deep - 1) for _ in range(chance.randint(2, 3))]
    if kind < 0.75:
        return {"at_least": 2, "of": parts}
    return {"any" if kind < 0.92 else "all": parts}


def _leaf(chance: random.Random) -> dict[str, Any]:
    kind = chance.random()
    if kind < 0.06:
        return {"judged": _SAID}
    if kind < 0.1:
        return {"not_modelled": _SAID}
    return {"when": chance.choice(_TEMPLATES).format(**_words(chance))}


_TEMPLATES = (
    "{money} / {money2} >= {share}", "{money} + {money2} >= {sum}", "{money} - {money2} > 0", "max({money}, {money2}) < {sum}",
    "min({money}, {money2}) * 3 >= {money3}", "{money} >= {money2}", "{whole} >= {count} and {money} >= {sum}",
    "{count} <= {whole} < {count2}", "band({whole}, 1, [20, 2], [100, 3]) >= 2",
    "{ratio} >= band({money}, [0, 6%], [500万, 5%], [5000万, 3%])", "yearly_growth({money}, {money2}, 2) >= {share}",
    "rd_share >= {share}", 'size in ["m01", "m02"]', 'size == "m00" or growing', "growing", "not growing",
    'holds("c00", "c03")', 'holds("c01")', 'not holds("c02")', "years_since({day}) >= 3", "months_since({day}) < 18",
    "({ratio} if {yes} else {ratio2}) >= {share}", "{yes} != {yes2}", "{yes} or {whole} >= {count}", "not ({yes} and {yes2})",
    '{one} not in ["m00", "m03"]', '{many} in ["m00", "m01"]', '"m02" not in {many}', "{ratio} >= {share}", "{money} >= {sum}",
)  # fmt: skip


def _words(chance: random.Random) -> dict[str, str]:
    def fact(kind: str) -> str:
        return f"{kind}_{chance.randrange(min(COUNTS[kind], 4)):02d}"

    counts = sorted(chance.sample(THRESHOLDS["whole"], 2))
    return {
        "money": fact("money"), "money2": fact("money"), "money3": fact("money"), "whole": fact("whole"),
        "ratio": fact("ratio"), "ratio2": fact("ratio"), "day": fact("day"), "yes": fact("yes_no"), "yes2": fact("yes_no"),
        "one": fact("one_of"), "many": fact("many_of"), "sum": str(chance.choice(THRESHOLDS["money"])),
        "share": f"{chance.choice(THRESHOLDS['ratio']) / 100:g}%", "count": str(counts[0]), "count2": str(counts[1]),
    }  # fmt: skip


def rich_profiles(companies: Companies, seed: int = 23) -> Iterator[Profile]:
    """The companies with certificates: none, some that end on the day, the day before or later, some without days."""
    chance = random.Random(seed)
    days = (DAY - timedelta(1), DAY, DAY + timedelta(1), DAY + timedelta(400), None)
    for row in range(companies.rows):
        profile = companies.profile(row)
        if chance.random() < 0.85:
            held = frozenset(
                Certificate(
                    key, chance.choice((None, DAY - timedelta(600), DAY, DAY + timedelta(1))), chance.choice(days)
                )
                for key in chance.sample(_TITLES, chance.choice((0, 1, 1, 2)))
            )
            profile = profile.with_answers({"certificates": Answer(held)})
        yield profile


def reference_verdicts(offers: list[OfferText], situation: Situation) -> list[Verdict]:
    """The verdicts by the reference's own tables, each distinct criterion of the company judged once."""
    remembered: dict[Any, Sides] = {}

    def sides(requirement: Requirement) -> Sides:
        match requirement:
            case Criterion(when=when):
                if when not in remembered:
                    remembered[when] = truths_of_criterion(when, situation)[0]
                return remembered[when]
            case Judged():
                return JUDGED
            case NotModelled():
                return UNSEEN
            case Not(of=of):
                part = sides(of)
                return Sides(part.fails, part.holds)
        return combine(needed_of(requirement), [sides(part) for part in requirement.parts()])

    return [name_verdict(sides(offer.requires).holds, has_criterion=bool(offer.expressions)) for offer in offers]
