"""The real catalogue, and seeded companies whose answers lie on and beside the lines that its rules draw."""

import random
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from companies.facts import Answer, Certificate, Kind, Profile
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.rules import RuleFault, parse_expression
from policies.rules.book import canonical_snapshot, read_rulebook
from policies.rules.expressions import Compare, FactNamed, Number, walk

_USUAL = {
    Kind.WHOLE: [0, 1, 10, 100, 300, 1000],
    Kind.MONEY: [0, 10**6, 5 * 10**6, 2 * 10**7, 5 * 10**7, 10**8, 10**9],
    Kind.RATIO: [0, "0.03", "0.05", "0.1", "0.3", "0.6", 1],
    Kind.NUMBER: [0, 1, "2.5", 10],
}
_STEP = {Kind.WHOLE: 1, Kind.MONEY: Decimal("0.01"), Kind.RATIO: Decimal("0.000001"), Kind.NUMBER: Decimal("0.000001")}


@cache
def real_rulebook():
    """The catalogue's files as a rulebook."""
    folder = read_catalogue_folder(CATALOGUE_DIR)
    assert not folder.faults
    return read_rulebook(canonical_snapshot(folder.to_snapshot()))


def _lines(rulebook):
    """The numbers that rules and derived facts compare with each fact."""
    found = {}
    expressions = [when for offer in rulebook.offers for when in offer.expressions]
    for fact in rulebook.vocabulary.derived:
        try:
            expressions.append(parse_expression(fact.derived, rulebook.vocabulary, derived=True))
        except RuleFault:
            continue
    for node in (node for expression in expressions for node in walk(expression) if isinstance(node, Compare)):
        named = [side.name for side in node.parts() if isinstance(side, FactNamed)]
        numbers = [side.value for side in node.parts() if isinstance(side, Number)]
        for name in named:
            found.setdefault(name, set()).update(numbers)
    return found


def seeded_profiles(rulebook, count, *, seed=1, day=date(2026, 11, 24), missing=0.15):
    """So many companies, the same for the same seed."""
    chosen = random.Random(seed)
    lines = _lines(rulebook)
    numbers = {
        fact.name: _numbers(fact, lines.get(fact.name, ())) for fact in rulebook.vocabulary.asked if fact.kind in _STEP
    }
    for _ in range(count):
        share = chosen.choice([0.0, missing, missing, 0.5])
        yield Profile(
            {
                fact.name: Answer(_value(fact, numbers, chosen, day))
                for fact in rulebook.vocabulary.asked
                if chosen.random() >= share
            }
        )


def _numbers(fact, lines):
    step = _STEP[fact.kind]
    exact = [Decimal(value) for value in _USUAL[fact.kind]]
    exact += [Decimal(line.numerator) / Decimal(line.denominator) for line in sorted(lines)]
    values = [value + step * move for value in exact for move in (-1, 0, 0, 0, 1)]
    low, high = fact.minimum, fact.maximum
    kept = [value for value in values if (low is None or value >= low) and (high is None or value <= high)]
    kept = kept or [low if low is not None else high]
    return [int(value) for value in kept] if fact.kind is Kind.WHOLE else kept


def _value(fact, numbers, chosen, day):
    match fact.kind:
        case Kind.YES_NO:
            return chosen.random() < 0.5
        case Kind.DAY:
            return day - timedelta(days=chosen.choice([0, 1, 364, 365, 366, 1095, 1096, 3653, 7000]))
        case Kind.ONE:
            return chosen.choice(fact.choices).key
        case Kind.MANY:
            keys = [choice.key for choice in fact.choices]
            return frozenset(chosen.sample(keys, chosen.randint(0, min(3, len(keys)))))
        case Kind.CERTIFICATES:
            kinds = chosen.sample([choice.key for choice in fact.choices], chosen.randint(0, min(6, len(fact.choices))))
            return frozenset(_certificate(kind, chosen, day) for kind in kinds)
    return chosen.choice(numbers[fact.name])


def _certificate(kind, chosen, day):
    issued = chosen.choice([None, day, day + timedelta(days=1), day - timedelta(days=400)])
    expires = chosen.choice([None, day, day - timedelta(days=1), day + timedelta(days=700)])
    return Certificate(kind, issued, expires)
