"""Where a benefit turns: its steps, where floor and ceiling begin, the ends of taxed parts, the kinks of its formulas."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from companies.facts import Text
from policies.rules import benefits as b
from policies.rules.amounts import segments
from policies.rules.benefit_examples.companies import Companies, Measure, Values
from policies.rules.checking import check_sorts
from policies.rules.expressions import Band, Expression, Extreme, Number, walk
from policies.rules.numerals import say_number
from policies.rules.saying import say_expression

Paid = Callable[[b.Benefit], Measure]
"""What a benefit pays to a company, as a figure."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A figure that changes its course at a number: what that is called, and the facts that can be moved towards it.

    `given` are answers it needs besides; `end` is the number at which the next turn begins.
    """

    what: Text
    measure: Measure
    number: Fraction
    movers: tuple[str, ...]
    given: Values = field(default_factory=dict)
    end: Fraction | None = None


def turns_of(benefit: b.Benefit, companies: Companies, paid: Paid, given: Values | None = None) -> Iterator[Turn]:
    """Every turn of one form; of a table by level, the turns while `given` says the level."""
    answers = given or {}
    match benefit:
        case b.Banded() | b.Difference():
            yield from _steps(benefit, companies)
        case b.TaxBands():
            ends = [start for start, _end in segments((*benefit.steps, *benefit.usual)) if start > 0]
            yield from _numbers(benefit.of, ends, companies, _taxed_end)
    for one in numbers_of(benefit):
        yield from _kinks(one, companies)
    unlimited = paid(replace(benefit, limits=b.Limits()))
    movers = companies.asked(numbers_of(benefit))
    for limit, say in ((benefit.limits.floor, _floor), (benefit.limits.cap, _cap)):
        if limit and movers:
            yield Turn(say(limit), unlimited, limit, movers, answers)


def numbers_of(benefit: b.Benefit) -> list[Expression]:
    """The expressions by which the payment grows, in the order in which it uses them."""
    bases = [getattr(benefit, "of", None)]
    if isinstance(benefit, b.Banded | b.Difference):
        bases += [grant.of for _start, grant in benefit.steps]
    if isinstance(benefit, b.ByLevel):
        bases = [grant.of for _key, grant in benefit.levels]
    return list(dict.fromkeys(one for one in bases if isinstance(one, Expression)))


def _steps(benefit: b.Banded | b.Difference, companies: Companies) -> Iterator[Turn]:
    yield from _numbers(benefit.of, [start for start, _grant in benefit.steps], companies, _step)


def _numbers(
    of: Expression, numbers: list[Fraction], companies: Companies, say: Callable[[Text], Text]
) -> Iterator[Turn]:
    measure = check_sorts(of, companies.vocabulary).measure
    movers = companies.asked([of])
    for number, end in pairwise([*numbers, None]):
        assert number is not None
        yield Turn(say(say_number(number, measure)), companies.number(of), number, movers, end=end)


def _kinks(expression: Expression, companies: Companies) -> Iterator[Turn]:
    """Where a min, a max or a table inside a formula changes over."""
    for node in walk(expression):
        numbers: list[Fraction] = []
        figures: list[Expression] = []
        if isinstance(node, Extreme):
            numbers = [part.value for part in node.of if isinstance(part, Number)]
            figures = [part for part in node.of if not isinstance(part, Number)]
        elif isinstance(node, Band):
            numbers, figures = [start.value for start, _value in node.steps], [node.of]
        for figure in figures:
            said = say_expression(figure, companies.vocabulary)
            yield from _numbers(figure, numbers, companies, lambda number, said=said: _kink(said, number))  # type: ignore[misc]


def _step(number: Text) -> Text:
    return Text(f"the step from {number.en}", f"{number.zh}档")


def _taxed_end(number: Text) -> Text:
    return Text(f"the part that begins at {number.en}", f"{number.zh}分界")


def _kink(figure: Text, number: Text) -> Text:
    return Text(f"{number.en} of {figure.en}", f"{figure.zh}{number.zh}")


def _cap(limit: Fraction) -> Text:
    money = say_number(limit, "money")
    return Text(f"the ceiling of {money.en}", f"{money.zh}上限")


def _floor(limit: Fraction) -> Text:
    money = say_number(limit, "money")
    return Text(f"the end of the floor of {money.en}", f"{money.zh}下限终点")
