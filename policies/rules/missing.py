"""Which asked facts can still change an answer: settled parts are left out."""

from companies.facts import UNKNOWN
from policies.rules.evaluation import (
    compare_pair,
    evaluate_expression,
    evaluate_number,
    pairs,
    possible_value,
    reachable_steps,
)
from policies.rules.expressions import (
    Among,
    Band,
    Both,
    Compare,
    Either,
    Expression,
    Extreme,
    FactNamed,
    Has,
    Holds,
    Otherwise,
)
from policies.rules.intervals import Interval
from policies.rules.situation import DayRange, Keys, Many, Possible, Situation, derived_expression
from policies.rules.truth import Truth


def missing_facts(expression: Expression, situation: Situation) -> tuple[str, ...]:
    """The names of the asked facts that can still change the expression, in the order in which it mentions them."""
    found: dict[str, None] = {}
    _collect(expression, situation, found)
    return tuple(found)


def is_settled(possible: Possible) -> bool:
    """Whether only one thing is possible."""
    match possible:
        case Truth():
            return possible is not Truth.UNKNOWN
        case Interval():
            return possible.settled
        case DayRange(low, high):
            return low == high
        case Keys(keys):
            return len(keys) == 1
        case Many(held):
            return held is not None


def _collect(expression: Expression, situation: Situation, found: dict[str, None]) -> None:
    if isinstance(expression, Holds):
        # Answered, but without the last day of a certificate: the same fact can still change the answer.
        if evaluate_expression(expression, situation) is Truth.UNKNOWN:
            found.setdefault(expression.fact.name)
        return
    if isinstance(expression, FactNamed):
        _collect_fact(expression.name, situation, found)
        return
    if is_settled(possible_value(expression, situation)):
        return
    for part in _open_parts(expression, situation):
        _collect(part, situation, found)


def _collect_fact(name: str, situation: Situation, found: dict[str, None]) -> None:
    fact = situation.vocabulary.get(name)
    if fact is None:
        return
    if fact.derived is not None:
        if name not in situation.gaps:
            gaps: dict[str, None] = {}
            if not is_settled(situation.possible(name)):
                _collect(derived_expression(fact, situation.vocabulary), situation, gaps)
            situation.gaps[name] = tuple(gaps)
        for gap in situation.gaps[name]:
            found.setdefault(gap)
    elif situation.profile.value(name) is UNKNOWN:
        found.setdefault(name)


def _open_parts(expression: Expression, situation: Situation) -> list[Expression]:
    match expression:
        case Both(of) | Either(of):
            return [part for part in of if evaluate_expression(part, situation) is Truth.UNKNOWN]
        case Compare():
            unsettled = [pair for pair in pairs(expression) if compare_pair(*pair, situation) is Truth.UNKNOWN]
            return [side for left, _, right in unsettled for side in (left, right)]
        case Extreme(which, of):
            return [part for part in of if not _beaten(evaluate_number(part, situation), which, expression, situation)]
        case Otherwise(cases, last):
            return _open_cases(cases, last, situation)
        case Band(of, _, _):
            return [of, *reachable_steps(expression, situation)[0]]
        case Has(_, fact, _) | Among(fact, _, _):
            return [fact]
    return list(expression.parts())


def _open_cases(
    cases: tuple[tuple[Expression, Expression], ...], last: Expression, situation: Situation
) -> list[Expression]:
    parts: list[Expression] = []
    for condition, value in cases:
        truth = evaluate_expression(condition, situation)
        if truth is not Truth.NO:
            parts += [condition, value]
        if truth is Truth.YES:
            return parts
    return [*parts, last]


def _beaten(part: Interval, which: str, extreme: Extreme, situation: Situation) -> bool:
    """Whether this part can never be the smallest (largest): it lies wholly beyond the worst the result can be."""
    result = evaluate_number(extreme, situation)
    if part.defined is not Truth.YES:
        return False
    if which == "min":
        return part.low is not None and result.high is not None and part.low > result.high
    return part.high is not None and result.low is not None and part.high < result.low
