"""How one company's answers become codes: each fact's value picks a state, each simple criterion has a code per state."""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from companies.facts import Answer, Fact, Kind, Profile, Vocabulary
from matching.engine.plan.codes import NO, UNKNOWN, YES, code_of
from matching.engine.plan.lines import Line, NotLined, facts_under, lines_of, samples_of
from policies.rules import Situation
from policies.rules.expressions import Expression
from policies.rules.verdicts import JUDGED, truths_of_criterion

MEMBER_CODES = (UNKNOWN, NO, YES)
"""The codes of "this member is in the set", by the state of that member: not known, no, yes."""


class NotSimple(Exception):
    """The criterion has to be asked of the reference evaluator for each company."""


@dataclass(slots=True)
class FactLookup:
    """One asked fact: where its state goes, and how a value finds it. State 0 is "not known"."""

    fact: Fact
    slot: int
    lines: list[Any] = field(default_factory=list)
    """For numbers and days: what it is compared with, ascending, and something beyond all values at the end."""
    states: dict[Any, int] = field(default_factory=dict)
    """For yes/no and one-of facts: the state of each value."""
    members: dict[str, int] = field(default_factory=dict)
    """For many-of facts and certificates: the slot of each member that a rule names; neighbours of each other."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A simple criterion on one fact, before the lines of all its fellows are known."""

    fact: str
    lines: tuple[Line, ...]
    codes: tuple[int, ...]
    """Its code where the fact is not known, and below, on and above each of its own lines (or by each choice)."""


class Lookups:
    """Collects the simple criteria of a catalogue, then makes the tables."""

    def __init__(self, vocabulary: Vocabulary, day: date) -> None:
        self.vocabulary = vocabulary
        self.day = day
        self.facts: dict[str, FactLookup] = {}
        self.slots = 1  # the first is nowhere
        self._asked: list[_Asked] = []
        self._members: dict[tuple[str, str], int] = {}

    def add(self, when: Expression) -> int:
        """Take in a criterion on one fact; its number among the tables. Raises NotSimple."""
        names = facts_under(when, self.vocabulary)
        if len(names) != 1:
            raise NotSimple(when)
        (name,) = names
        fact = self.vocabulary.get(name)
        assert fact is not None, name
        if fact.kind in (Kind.MANY, Kind.CERTIFICATES):
            raise NotSimple(when)
        lines: tuple[Line, ...] = ()
        if fact.kind not in (Kind.YES_NO, Kind.ONE):
            try:
                lines = tuple(sorted(lines_of(when, self.vocabulary, self.day)))
            except NotLined as more:
                raise NotSimple(when) from more
            if not lines:
                raise NotSimple(when)
        codes = self._codes(when, fact, lines)
        self._lookup(fact)
        self._asked.append(_Asked(name, lines, codes))
        return len(self._asked) - 1

    def member(self, fact: Fact, key: str) -> int:
        """Take in the question whether this choice or valid certificate is among the answer; its number."""
        self._lookup(fact)
        return self._members.setdefault((fact.name, key), len(self._members))

    def member_slots(self) -> list[int]:
        """For each member taken in, the slot that tells whether it is there."""
        for name, key in sorted(self._members):
            self.facts[name].members[key] = self._new_slot()
        return [self.facts[name].members[key] for name, key in self._members]

    def tables(self) -> list[tuple[int, list[int]]]:
        """For each criterion taken in, the slot it reads and its code in each state."""
        together: dict[str, set[Line]] = {}
        for asked in self._asked:
            together.setdefault(asked.fact, set()).update(asked.lines)
        for name, lines in together.items():
            lookup = self.facts[name]
            if lines:
                lookup.lines = [*(_quick(line) for line in sorted(lines)), _BEYOND]
            if lookup.fact.kind in (Kind.YES_NO, Kind.ONE):
                lookup.states = {value: at for at, value in enumerate(_choices(lookup.fact), start=1)}
        return [self._table(asked, sorted(together[asked.fact])) for asked in self._asked]

    def _table(self, asked: _Asked, lines: list[Line]) -> tuple[int, list[int]]:
        lookup, own, codes = self.facts[asked.fact], asked.lines, asked.codes
        if not own:
            return lookup.slot, list(codes)
        # Its own few states, spread over the states that all criteria of the fact need together.
        spread = [codes[0]]
        for sample in samples_of(lines):
            at = bisect_left(own, sample)
            spread.append(codes[1 + 2 * at + (at < len(own) and own[at] == sample)])
        return lookup.slot, spread

    def _codes(self, when: Expression, fact: Fact, lines: tuple[Line, ...]) -> tuple[int, ...]:
        profiles = [Profile({}), *(Profile({fact.name: Answer(value)}) for value in _values(fact, lines))]
        situations = (Situation(self.vocabulary, profile, self.day) for profile in profiles)
        return tuple(code_of(truths_of_criterion(when, situation)[0]) for situation in situations)

    def never_stuck(self, number: int) -> bool:
        """Whether the criterion is open only where its fact is not known: then it can stand inside `and`, `or`, `not`."""
        return code_of(JUDGED) not in self._asked[number].codes

    def _lookup(self, fact: Fact) -> FactLookup:
        if fact.name not in self.facts:
            self.facts[fact.name] = FactLookup(fact, self._new_slot())
        return self.facts[fact.name]

    def _new_slot(self) -> int:
        self.slots += 1
        return self.slots - 1


def _choices(fact: Fact) -> list[Any]:
    return [True, False] if fact.kind is Kind.YES_NO else [choice.key for choice in fact.choices]


def _values(fact: Fact, lines: tuple[Line, ...]) -> list[Any]:
    """A value for each state after "not known"."""
    if fact.kind is Kind.YES_NO:
        return _choices(fact)
    # The last state is a key that is no choice (any more).
    return [*_choices(fact), ""] if fact.kind is Kind.ONE else samples_of(list(lines))


def _quick(line: Line) -> Any:
    """The line as what answers are: comparing a Decimal with a Decimal, or whole numbers, is far quicker than fractions."""
    if isinstance(line, date):
        return line
    shorter = Decimal(line.numerator) / Decimal(line.denominator)
    return shorter if Fraction(shorter) == line else line


class _Beyond:
    """More than any value, and equal to none."""

    def __lt__(self, other: object) -> bool:
        return False


_BEYOND = _Beyond()
