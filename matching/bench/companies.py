"""A file of made-up companies over the real vocabulary: seeded, about 15 % missing, thresholds hit exactly."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from companies.facts import Fact, Kind, Vocabulary
from policies.rules import OfferText
from policies.rules.book import Rulebook
from policies.rules.expressions import Compare, FactNamed, Number, walk

MISSING = 0.15
DAY = date(2026, 11, 24)
_POOL = 4_000
"""Distinct answers of facts that are chosen from lists: companies repeat each other there."""
_USUAL_TOP = {Kind.MONEY: 10**9, Kind.WHOLE: 3000, Kind.NUMBER: 100, Kind.RATIO: 1}


def write_companies(
    path: Path, count: int, rulebook: Rulebook, *, seed: int = 20261124, missing: float = MISSING
) -> None:
    """Write a CSV file of so many companies; the same seed gives the same bytes."""
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        facts = rulebook.vocabulary.asked
        writer.writerow(["id", "name", *(fact.name for fact in facts)])
        for row in companies(count, rulebook, seed=seed, missing=missing):
            writer.writerow(row)


def companies(count: int, rulebook: Rulebook, *, seed: int = 20261124, missing: float = MISSING) -> Iterator[list[str]]:
    """So many rows of text: number, name, and a cell for each asked fact."""
    chance = random.Random(seed)
    thresholds = _thresholds(rulebook.offers, rulebook.vocabulary)
    pools = {fact.name: _pool(fact, thresholds.get(fact.name, []), chance) for fact in rulebook.vocabulary.asked}
    for at in range(count):
        row = [f"C{at:07d}", f"示例企业{at}号"]
        for fact in rulebook.vocabulary.asked:
            if chance.random() < missing:
                row.append("")
            elif fact.name in pools and (fact.kind not in _USUAL_TOP or chance.random() < 0.02):
                row.append(chance.choice(pools[fact.name]))
            else:
                row.append(_number(fact, chance))
        yield row


def _thresholds(offers: tuple[OfferText, ...], vocabulary: Vocabulary) -> dict[str, list[Decimal]]:
    """The numbers that rules compare each fact with."""
    found: dict[str, list[Decimal]] = {}
    for offer in offers:
        for node in (node for when in offer.expressions for node in walk(when)):
            if isinstance(node, Compare) and len(node.rest) == 1:
                left, right = node.first, node.rest[0][1]
                if isinstance(left, FactNamed) and isinstance(right, Number) and vocabulary.get(left.name):
                    exact = Decimal(right.value.numerator) / right.value.denominator
                    found.setdefault(left.name, []).append(exact)
    return found


def _pool(fact: Fact, thresholds: list[Decimal], chance: random.Random) -> list[str]:
    keys = [choice.key for choice in fact.choices]
    match fact.kind:
        case Kind.YES_NO:
            return ["yes", "no", "是", "否"]
        case Kind.DAY:
            return [(date(1996, 1, 1) + timedelta(chance.randrange(11_000))).isoformat() for _ in range(_POOL)]
        case Kind.ONE:
            return keys
        case Kind.MANY:
            return [
                "none",
                *(";".join(chance.sample(keys, min(len(keys), chance.randint(1, 3)))) for _ in range(_POOL)),
            ]
        case Kind.CERTIFICATES:
            return ["none", *(_certificates(keys, chance) for _ in range(_POOL))]
    step = Decimal(1) if fact.kind is Kind.WHOLE else Decimal("0.01")
    around = [value + shift for value in thresholds for shift in (Decimal(0), step, -step)]
    return [_written(value) for value in around if _allowed(fact, value)] or [_number(fact, chance)]


def _allowed(fact: Fact, value: Decimal) -> bool:
    low, high = fact.minimum, fact.maximum
    return (low is None or isinstance(low, date) or low <= value) and (
        high is None or isinstance(high, date) or value <= high
    )


def _certificates(keys: list[str], chance: random.Random) -> str:
    held = []
    for key in chance.sample(keys, min(len(keys), chance.choice((1, 1, 2, 3)))):
        issued = DAY - timedelta(chance.randrange(1500))
        ends = DAY if chance.random() < 0.05 else issued + timedelta(3 * 365)
        held.append(f"{key}@{issued}..{ends}" if ends >= issued else key)
    return "; ".join(held)


def _number(fact: Fact, chance: random.Random) -> str:
    top = fact.maximum if isinstance(fact.maximum, Decimal) else None
    low = fact.minimum if isinstance(fact.minimum, Decimal) else Decimal(0)
    top = min(top, Decimal(_USUAL_TOP[fact.kind])) if top is not None else Decimal(_USUAL_TOP[fact.kind])
    low = max(low, -top) if low < 0 else low
    if fact.kind in (Kind.WHOLE, Kind.MONEY):
        # Small firms are many: the logarithm is what is even.
        value = Decimal(int(float(top) ** chance.random()))
        return _written(min(max(value, low), top))
    return _written((low + (top - low) * chance.randrange(10_001) / 10_000).quantize(Decimal("0.0001")))


def _written(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"
