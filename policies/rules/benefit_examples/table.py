"""The table of examples: each row a made-up company, and what the reference evaluator says it gets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from companies.facts import Kind, Text, Vocabulary, show_value
from policies.rules import benefits as b
from policies.rules.amounts import Amount, amount_of
from policies.rules.benefit_examples.companies import Companies, Measure, Values
from policies.rules.benefit_examples.turns import Turn, numbers_of, turns_of
from policies.rules.checking import check_sorts
from policies.rules.example_cases import say_amount, written_amount
from policies.rules.expressions import Expression
from policies.rules.faults import RuleFault

MOST_EXAMPLES = 60
_ROUND = {"money": Fraction(1_000_000), "ratio": Fraction(1, 10)}
_PLAIN_ROUND = Fraction(10)
_WHOEVER = Text("whoever qualifies", "符合条件即可")
_FOR_EXAMPLE = Text("for example", "例如")
_TEN_TIMES = Text("ten times as much", "十倍")
_OTHER_CHOICE = Text("any other choice", "其他选项")
_NOTHING_KNOWN = Text("while nothing is known yet", "尚无任何信息时")
_PAID_BEFORE = Text("the step below was paid before", "此前已获下一档支持")


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment: when it is paid, and how much of the amount."""

    when: Text
    amount: Amount

    @property
    def said(self) -> Text:
        """How much, in words."""
        return say_amount(written_amount(self.amount))


@dataclass(frozen=True, slots=True)
class Example:
    """One made-up company: where it stands, its answers (the fact's label, the answer), and what it would get."""

    where: Text
    values: Values
    inputs: tuple[tuple[Text, Text], ...]
    amount: Amount
    parts: tuple[Part, ...]

    @property
    def said(self) -> Text:
        """How much, in words; a range or "to be confirmed" where it is not settled."""
        said = say_amount(written_amount(self.amount))
        if self.amount.per == "year" and (self.amount.low or self.amount.high):
            return Text(f"{said.en} a year", f"每年{said.zh}")
        return said


@dataclass(frozen=True, slots=True)
class Examples:
    """The rows; the turns that no made-up company reaches; and how many rows are left out because there are too many."""

    found: tuple[Example, ...]
    not_reached: tuple[Text, ...] = ()
    left_out: int = 0


def benefit_examples(benefit: b.Benefit, vocabulary: Vocabulary, day: date, kind: str = "") -> Examples:
    """What the benefit would give, for companies just below, at and above each of its turns; `kind` is the offer's.

    Empty where a derived fact that it uses cannot be read: that fault is shown where the fact is defined.
    """
    try:
        return _Table(benefit, Companies(vocabulary, day), kind).examples()
    except RuleFault:
        return Examples(())


class _Table:
    def __init__(self, benefit: b.Benefit, companies: Companies, kind: str) -> None:
        self.benefit, self.companies, self.kind = benefit, companies, kind
        self.not_reached: dict[Text, None] = {}

    def examples(self) -> Examples:
        rows = list(self._rows())
        seen: dict[frozenset[object], tuple[Text, Values]] = {}
        for where, values in rows:
            seen.setdefault(frozenset(values.items()), (where, values))
        kept = list(seen.values())
        shown = [self._example(where, values) for where, values in kept[:MOST_EXAMPLES]]
        return Examples(tuple(shown), tuple(self.not_reached), max(len(kept) - MOST_EXAMPLES, 0))

    def _rows(self) -> Iterator[tuple[Text, Values]]:
        several = isinstance(self.benefit, b.ChooseOne)
        alternatives = self.benefit.of if isinstance(self.benefit, b.ChooseOne) else (self.benefit,)
        base: Values = {}
        for one in alternatives:
            base = self._begun(one, base)
        for number, one in enumerate(alternatives, 1):
            for where, values in self._rows_of(one, base):
                yield (Text(f"choice {number}: {where.en}", f"选项{number}：{where.zh}") if several else where), values
        if base or any(isinstance(one, b.ByLevel) for one in alternatives):
            yield _NOTHING_KNOWN, {}

    def _begun(self, benefit: b.Benefit, values: Values) -> Values:
        """A company with a round figure for each number that the benefit goes by, and nothing paid before."""
        if isinstance(benefit, b.Difference):
            free = [name for name in self.companies.asked([benefit.less]) if name not in values]
            values = {**values, **self.companies.filled(free, Fraction(0))}
        for one in numbers_of(benefit):
            free = [name for name in self.companies.asked([one]) if name not in values]
            if free:
                rounded = self.companies.having(one, self._round(one), values)
                values = rounded or {**values, **self.companies.filled(free, Fraction(0))}
        return values

    def _round(self, of: Expression) -> Fraction:
        return _ROUND.get(check_sorts(of, self.companies.vocabulary).measure, _PLAIN_ROUND)

    def _paid(self, benefit: b.Benefit) -> Measure:
        def paid(values: Values) -> Fraction | None:
            amount = amount_of(benefit, self.companies.situation(values), self.kind)
            return Fraction(amount.low) if amount.status == "exact" and amount.low is not None else None

        return paid

    def _rows_of(self, benefit: b.Benefit, base: Values) -> Iterator[tuple[Text, Values]]:
        if isinstance(benefit, b.ByLevel):
            yield from self._levels(benefit, base)
            return
        if not numbers_of(benefit):
            yield _WHOEVER, {}
            return
        if not isinstance(benefit, b.Banded | b.Difference | b.TaxBands):
            yield _FOR_EXAMPLE, base
            if benefit.limits.cap is None:
                yield from self._ten_times(benefit, base)
        for turn in turns_of(benefit, self.companies, self._paid):
            yield from self._around(turn, base)
        if isinstance(benefit, b.Difference):
            yield from self._paid_before(benefit, base)

    def _ten_times(self, benefit: b.Benefit, base: Values) -> Iterator[tuple[Text, Values]]:
        of = numbers_of(benefit)[0]
        reached = self.companies.reaching(
            self.companies.number(of), 10 * self._round(of), self.companies.asked([of]), base
        )
        if reached is not None:
            yield _TEN_TIMES, reached.at

    def _levels(self, benefit: b.ByLevel, base: Values) -> Iterator[tuple[Text, Values]]:
        fact = self.companies.vocabulary.get(benefit.fact)
        if fact is None or fact.derived is not None or fact.kind is not Kind.ONE:
            self.not_reached |= dict.fromkeys([fact.label if fact else Text(benefit.fact, benefit.fact)])
            return
        levels = dict(benefit.levels)
        for choice in fact.choices:
            grant = levels.get(choice.key)
            if grant is None:
                continue
            here = {**base, fact.name: choice.key}
            yield choice.label, here
            if grant.of is not None:
                alone = replace(benefit, levels=((choice.key, grant),))
                for turn in turns_of(alone, self.companies, self._paid, {fact.name: choice.key}):
                    for where, values in self._around(turn, here):
                        yield Text(f"{choice.label.en}, {where.en}", f"{choice.label.zh}，{where.zh}"), values
        other = next((choice for choice in fact.choices if choice.key not in levels), None)
        if other is not None:
            yield _OTHER_CHOICE, {**base, fact.name: other.key}

    def _around(self, turn: Turn, base: Values) -> Iterator[tuple[Text, Values]]:
        """The company just below the turn, at it, and above it but before the next."""
        held = {**base, **turn.given}
        what, measure, movers = turn.what, turn.measure, turn.movers
        reached = self.companies.reaching(measure, turn.number, movers, held)
        if reached is None:
            self.not_reached[what] = None
            return
        if reached.below is not None:
            yield Text(f"{what.en}: just below", f"{what.zh}：略低于"), reached.below
        yield Text(f"{what.en}: reached", f"{what.zh}：刚达到"), reached.at
        number = 2 * reached.number or self._above_nothing(reached.name)
        if turn.end is not None:
            next_one = self.companies.reaching(measure, turn.end, (reached.name,), held)
            if next_one is not None and next_one.number <= number:
                number = (reached.number + next_one.number) / 2
        above = self.companies.moved(reached, number)
        if above is not None:
            yield Text(f"{what.en}: above", f"{what.zh}：高于"), above

    def _above_nothing(self, name: str) -> Fraction:
        fact = self.companies.vocabulary.get(name)
        kinds = {Kind.MONEY: _ROUND["money"], Kind.RATIO: _ROUND["ratio"]}
        return _PLAIN_ROUND if fact is None else kinds.get(fact.kind, _PLAIN_ROUND)

    def _paid_before(self, benefit: b.Difference, base: Values) -> Iterator[tuple[Text, Values]]:
        """At each step after the first, what is left when the step below was paid already."""
        whole = self._paid(b.Banded(of=benefit.of, steps=benefit.steps))
        movers, before = self.companies.asked([benefit.of]), self.companies.asked([benefit.less])
        for start, _grant in benefit.steps[1:]:
            reached = self.companies.reaching(self.companies.number(benefit.of), start, movers, base)
            paid = None if reached is None or reached.below is None else whole(reached.below)
            free = [name for name in before if name not in movers]
            if reached is None or not paid or not free:
                continue
            now = self.companies.reaching(self.companies.number(benefit.less), paid, free, reached.at)
            if now is not None:
                yield _PAID_BEFORE, now.at

    def _example(self, where: Text, values: Values) -> Example:
        facts = [fact for name in values if (fact := self.companies.vocabulary.get(name)) is not None]
        inputs = tuple((fact.label, show_value(fact, values[fact.name])) for fact in facts)
        amount = amount_of(self.benefit, self.companies.situation(values), self.kind)
        return Example(where, values, inputs, amount, _parts(amount))


def _parts(amount: Amount) -> tuple[Part, ...]:
    """The instalments of the amount, each as an amount of its own."""
    return tuple(
        Part(part.when, replace(amount, low=part.low, high=part.high, instalments=())) for part in amount.instalments
    )
