"""A seeded synthetic catalogue and companies to measure on: the same rules and the same answers for every engine.

Rules are drawn as plain trees (`Every`, `Some`, `Denied`, `Test`) in storage units. Ours are printed as rule text and
read as a catalogue file is; each peer translates the same trees in its own module.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companies.facts import Answer, Profile, Source, Vocabulary, read_vocabulary
from policies.rules import OfferText, read_policy

DAY = date(2026, 11, 24)
EPOCH = date(1970, 1, 1)
COUNTS = {"money": 14, "whole": 9, "ratio": 6, "day": 5, "yes_no": 13, "one_of": 9, "many_of": 4}
MEMBERS = tuple(f"m{at:02d}" for at in range(12))

THRESHOLDS: dict[str, tuple[int, ...]] = {
    # CNY, people, hundredths of a percent, days since 1970.
    "money": tuple(n * 10_000 for n in (50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000, 20_000, 50_000)),
    "whole": (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500),
    "ratio": (200, 300, 400, 500, 600, 1000, 1500, 2000, 3000, 5000, 6000, 7000),
    "day": tuple((date(year, 1, 1) - EPOCH).days for year in (2000, 2005, 2010, 2015, 2018, 2020, 2021, 2022, 2023, 2024)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Test:
    """One criterion: `fact sign values`, values in storage units, or as member numbers."""

    fact: str
    sign: str
    """>=, <, between (from the first, below the second), yes, no, in, not_in, has_any, has_none"""
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold."""

    of: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """At least one holds."""

    of: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Denied:
    """It does not hold."""

    of: "Node"


Node = Test | Every | Some | Denied


@lru_cache(maxsize=1)
def facts() -> dict[str, str]:
    """The kind of each of the 60 facts, by name."""
    return {f"{kind}_{at:02d}": kind for kind, count in COUNTS.items() for at in range(count)}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The 60 facts as the product reads them."""
    section = {"key": "all", "title": _both("All")}
    read, faults = read_vocabulary({"10-all": {"section": section, "facts": fact_rows()}}, {})
    assert not faults, faults[:3]
    return read


def fact_rows() -> list[dict[str, Any]]:
    """The 60 facts as a vocabulary file has them."""
    choices = [{"key": key, "label": _both(key)} for key in MEMBERS]
    rows = []
    for name, kind in facts().items():
        row: dict[str, Any] = {"fact": name, "kind": kind, "label": _both(name), "question": _both(f"{name}?")}
        rows.append({**row, "choices": choices} if kind in ("one_of", "many_of") else row)
    return rows


def draw_rules(count: int, seed: int = 11) -> list[Node]:
    """So many trees of about eight criteria: the first hundred are the same in every catalogue of one seed."""
    return [_Dice(random.Random(seed * 1_000_003 + at)).rule() for at in range(count)]


class _Dice:
    """Draws one tree."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.kinds = facts()

    def rule(self) -> Every:
        wanted = self.chance.choice((4, 5, 6, 7, 8, 8, 9, 10, 12, 13))
        # A company's usual preconditions are easy ones; the rest narrow it down.
        parts: list[Node] = []
        if self.chance.random() < 0.6:
            parts.append(Some(self.tests(self.chance.choice((2, 2, 3)))))
        if wanted >= 8 and self.chance.random() < 0.5:
            parts.append(Some((Every(self.tests(2)), Every(self.tests(2)))))
        if self.chance.random() < 0.25:
            parts.append(Denied(self.tests(1)[0]))
        parts += self.tests(max(wanted - _size(parts), 2))
        self.chance.shuffle(parts)
        return Every(tuple(parts))

    def tests(self, count: int) -> tuple[Test, ...]:
        """Tests of different facts: two of one fact would often contradict each other."""
        names: list[str] = []
        while len(names) < count:
            # The first facts of each kind are asked by most policies.
            kind = self.chance.choices(list(COUNTS), weights=(28, 18, 10, 10, 18, 12, 4))[0]
            name = f"{kind}_{int(COUNTS[kind] * self.chance.random() ** 1.5):02d}"
            if name not in names:
                names.append(name)
        return tuple(self.test(name) for name in names)

    def test(self, name: str) -> Test:
        kind, chance = self.kinds[name], self.chance
        if kind == "yes_no":
            return Test(name, "yes" if chance.random() < 0.8 else "no")
        if kind in ("one_of", "many_of"):
            members = tuple(sorted(chance.sample(range(len(MEMBERS)), chance.choice((1, 1, 2, 4)))))
            if kind == "one_of":
                return Test(name, "in" if chance.random() < 0.8 else "not_in", members)
            return Test(name, "has_any" if chance.random() < 0.8 else "has_none", members)
        steps = THRESHOLDS[kind]
        at = min(int(chance.triangular(0, len(steps), len(steps) / 2)), len(steps) - 1)
        sign = chance.choices((">=", "<", "between"), weights=(70, 20, 10))[0]
        if sign == "between" and at + 3 < len(steps):
            return Test(name, sign, (steps[at], steps[at + 3]))
        return Test(name, "<" if sign == "<" else ">=", (steps[at],))


def _size(parts: list[Node]) -> int:
    return sum(len(list(criteria_of(part))) for part in parts)


def criteria_of(node: Node) -> Iterator[Test]:
    """The criteria of a tree, in order."""
    if isinstance(node, Test):
        yield node
        return
    for part in (node.of,) if isinstance(node, Denied) else node.of:
        yield from criteria_of(part)


def read_offers(rules: list[Node]) -> list[OfferText]:
    """The rules as the product's own offers, read from rule text like any catalogue file."""
    trees = [_tree_file(rule) for rule in rules]
    offers: list[OfferText] = []
    for start in range(0, len(trees), 100):
        policy, faults = read_policy(offers_file(f"p{start:04d}", trees[start : start + 100]), vocabulary())
        assert policy is not None, faults[:3]
        offers += policy.offers
    return offers


def offers_file(key: str, trees: list[dict[str, Any]]) -> dict[str, Any]:
    """A policy file with an offer for each tree."""
    offers = [
        {
            "offer": f"o{at:04d}", "title": _both(f"{key} {at}"), "kind": "reward", "clause": "Art. 2", "confidence": "high",
            "requires": tree, "benefit": {"fixed": 500000}, "stacking": [], "window": {"kind": "rolling"}, "papers": [],
        }
        for at, tree in enumerate(trees)
    ]  # fmt: skip
    return {
        "policy": key, "title": _both(key), "issuer": _both("The district"), "level": "district", "number": None,
        "issued": "2026", "effective": {"from": None, "to": None}, "status": "in_force_presumed", "superseded_by": None,
        "superseded_on": None, "beneficiary": "company", "zones": [], "goals": [], "tags_basis": "inferred",
        "pillar": None, "pillar_basis": "unconfirmed", "text_seen": _both("whole text"), "checked": "2026-11",
        "confidence": "high", "sources": ["https://example.org/policy"], "note": _both("Synthetic."), "offers": offers,
        "cases": [],
    }  # fmt: skip


def _tree_file(node: Node) -> dict[str, Any]:
    match node:
        case Every(of):
            return {"all": [_tree_file(part) for part in of]}
        case Some(of):
            return {"any": [_tree_file(part) for part in of]}
        case Denied(of):
            return {"not": _tree_file(of)}
    return {"when": rule_text(node), "clause": "Art. 1"}


def rule_text(test: Test) -> str:
    """The criterion in the rule language."""
    name = test.fact
    chosen = test.values if test.sign in ("in", "not_in", "has_any", "has_none") else ()
    keys = ", ".join(f'"{MEMBERS[at]}"' for at in chosen)
    match test.sign:
        case "yes":
            return name
        case "no":
            return f"not {name}"
        case "in" | "has_any":
            return f"{name} in [{keys}]"
        case "not_in" | "has_none":
            return f"{name} not in [{keys}]"
    written = [_constant(name, value) for value in test.values]
    if test.sign == "between":
        return f"{written[0]} <= {name} < {written[1]}"
    return f"{name} {test.sign} {written[0]}"


def _constant(name: str, value: int) -> str:
    match facts()[name]:
        case "ratio":
            return f"{Decimal(value) / 100}%"
        case "day":
            return f'day("{(EPOCH + timedelta(value)).isoformat()}")'
    return str(value)


@dataclass(frozen=True, slots=True)
class Companies:
    """Answers of many companies: one array of storage units and one mask of what is known per fact.

    Many-of facts are bit sets of member numbers; unknown answers hold 0.
    """

    values: dict[str, NDArray[np.int64]]
    known: dict[str, NDArray[np.bool_]]

    @property
    def rows(self) -> int:
        """How many companies."""
        return len(next(iter(self.values.values())))

    def first(self, rows: int) -> "Companies":
        """The first so many of them."""
        return Companies(
            {name: array[:rows] for name, array in self.values.items()},
            {name: array[:rows] for name, array in self.known.items()},
        )

    def profile(self, row: int) -> Profile:
        """One company as the product knows it."""
        on = Source.REGISTRY
        return Profile(
            {
                name: Answer(_typed(kind, int(self.values[name][row])), on)
                for name, kind in facts().items()
                if self.known[name][row]
            }
        )


def _typed(kind: str, value: int) -> Any:
    match kind:
        case "money":
            return Decimal(value).quantize(Decimal("0.01"))
        case "ratio":
            return (Decimal(value) / 10_000).quantize(Decimal("0.000001"))
        case "day":
            return EPOCH + timedelta(value)
        case "yes_no":
            return bool(value)
        case "one_of":
            return MEMBERS[value]
        case "many_of":
            return frozenset(key for at, key in enumerate(MEMBERS) if value >> at & 1)
    return value


def draw_companies(rows: int, seed: int = 7) -> Companies:
    """So many companies: sizes log-normal, 15 % of the answers missing, 1 % of figures on or one unit beside a line."""
    chance = np.random.default_rng(seed)
    values, known = {}, {}
    for at, (name, kind) in enumerate(facts().items()):
        column = _draw(kind, at, rows, chance)
        if kind in ("money", "whole", "ratio", "day"):
            near = chance.random(rows) < (0.01 if kind in ("money", "whole") else 0.005)
            lines = chance.choice(np.array(THRESHOLDS[kind]), rows) + chance.integers(-1, 2, rows)
            column = np.where(near, lines, column)
        # What the registry knows is nearly always there; the rest is missing for 6 to 28 % of companies.
        missing = 0.02 if at % 7 == 0 else 0.06 + 0.22 * ((at * 37) % 60) / 60
        mask = chance.random(rows) >= missing
        values[name], known[name] = np.where(mask, column, 0).astype(np.int64), mask
    return Companies(values, known)


def _draw(kind: str, at: int, rows: int, chance: np.random.Generator) -> NDArray[np.int64]:
    match kind:
        case "money":
            drawn = np.exp(chance.normal(15.0 + at % 3, 1.7, rows))
            return np.minimum(drawn, 9e11).astype(np.int64)
        case "whole":
            return np.exp(chance.normal(2.0 + at % 3, 1.3, rows)).astype(np.int64)
        case "ratio":
            return (chance.beta(1.5, 6.0, rows) * 10_000).astype(np.int64)
        case "day":
            return chance.integers((date(1995, 1, 1) - EPOCH).days, (DAY - EPOCH).days, rows)
        case "yes_no":
            return (chance.random(rows) < (0.3, 0.5, 0.7)[at % 3]).astype(np.int64)
        case "one_of":
            return np.minimum(chance.geometric(0.22, rows) - 1, len(MEMBERS) - 1)
    bits = chance.random((rows, len(MEMBERS))) < 0.15
    return bits @ (1 << np.arange(len(MEMBERS)))


def _both(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}
