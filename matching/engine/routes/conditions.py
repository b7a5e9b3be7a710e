"""Requirements taken apart into the conditions that a change can meet, in negation normal form.

Nothing here depends on a company. Derived facts, `and`, `or`, chains, `min` and `max` are taken apart; what is left
at the bottom is one comparison, one choice, one certificate. A condition that is made of others keeps its own
expression too: it is the judge of whether it holds, its parts only say where to begin.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from companies.facts import Kind, Vocabulary
from policies.rules import Expression, OfferText
from policies.rules.benefits import expressions_of
from policies.rules.evaluation import pairs
from policies.rules.expressions import (
    Among,
    Arithmetic,
    Both,
    Compare,
    Either,
    Extreme,
    FactNamed,
    Growth,
    Holds,
    Key,
    Negated,
    Number,
    Otherwise,
    Since,
    YesNo,
    walk,
)
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.situation import derived_expression
from policies.rules.verdicts import needed_of

_MOST_VOCABULARIES = 4
_MOST_REMEMBERED = 20_000
_NOT = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """An expression that has to hold (or to fail, when denied), and the conditions that it is made of."""

    expression: Expression
    denied: bool
    facts: tuple[str, ...]
    """The asked facts that it comes down to, in the order in which it mentions them."""
    lines: tuple[Fraction, ...]
    """Every number that it mentions."""
    timely: bool
    """Whether the day matters to it."""
    below: Node | None
    """None where it cannot be taken further apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """At least `needed` of these must hold."""

    needed: int
    parts: tuple[Node, ...]


Node = Condition | Group

MET = Group(0, ())
"""What always counts as met: a person will judge it, or the text is not modelled."""
NEVER = Group(1, ())


class Conditions:
    """The conditions of one vocabulary, each made once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._made: dict[tuple[Expression, bool], Node] = {}
        self._planted: dict[str, tuple[OfferText, Node]] = {}
        self._reached: dict[str, tuple[OfferText, tuple[str, ...]]] = {}
        self._bottoms: dict[str, tuple[OfferText, tuple[Condition, ...]]] = {}
        self.remembered: OrderedDict[Hashable, Any] = OrderedDict()
        """What was found about conditions for any company that answers the same; `remember` keeps it small."""

    def remember(self, key: Hashable, found: Any) -> None:
        """Keep what was found under this key."""
        self.remembered[key] = found
        if len(self.remembered) > _MOST_REMEMBERED:
            self.remembered.popitem(last=False)

    def of_offer(self, offer: OfferText) -> Node:
        """What an offer asks, made ready once."""
        known = self._planted.get(offer.id)
        if known is None or known[0] is not offer:
            known = self._planted[offer.id] = (offer, self._plant(offer.requires, denied=False))
        return known[1]

    def reach_of(self, offer: OfferText) -> tuple[str, ...]:
        """The asked facts that its verdict and its amount come down to."""
        known = self._reached.get(offer.id)
        if known is None or known[0] is not offer:
            used = (*offer.expressions, *expressions_of(offer.benefit))
            facts, _ = self._reach([node for one in used for node in self._walk_through(one)])
            known = self._reached[offer.id] = (offer, facts)
        return known[1]

    def bottom_of(self, offer: OfferText) -> tuple[Condition, ...]:
        """The conditions of an offer that cannot be taken further apart."""
        known = self._bottoms.get(offer.id)
        if known is None or known[0] is not offer:
            known = self._bottoms[offer.id] = (offer, tuple(_bottom(self.of_offer(offer))))
        return known[1]

    def _plant(self, requirement: Requirement, *, denied: bool) -> Node:
        if isinstance(requirement, Criterion):
            return self.of_expression(requirement.when, denied=denied)
        if isinstance(requirement, Not):
            return self._plant(requirement.of, denied=not denied)
        if isinstance(requirement, Judged | NotModelled):
            return MET
        parts = requirement.parts()
        needed = needed_of(requirement)
        return _group(
            len(parts) - needed + 1 if denied else needed, [self._plant(part, denied=denied) for part in parts]
        )

    def of_expression(self, expression: Expression, *, denied: bool) -> Node:
        """The condition that the expression holds, or that it fails."""
        key = (expression, denied)
        if key not in self._made:
            self._made[key] = self._make(expression, denied)
        return self._made[key]

    def _make(self, expression: Expression, denied: bool) -> Node:
        nodes = self._walk_through(expression)
        lines = tuple(dict.fromkeys(node.value for node in nodes if isinstance(node, Number)))
        facts, timely = self._reach(nodes)
        return Condition(expression, denied, facts, lines, timely, self._below(expression, denied))

    def _reach(self, nodes: list[Expression]) -> tuple[tuple[str, ...], bool]:
        names = dict.fromkeys(node.name for node in nodes if isinstance(node, FactNamed))
        asked = [name for name in names if (fact := self.vocabulary.get(name)) is None or fact.derived is None]
        timely = any(isinstance(node, Since | Holds) for node in nodes) or any(map(self._is_day, asked))
        return tuple(asked), timely

    def _is_day(self, name: str) -> bool:
        fact = self.vocabulary.get(name)
        return fact is not None and fact.kind is Kind.DAY

    def _walk_through(self, expression: Expression) -> list[Expression]:
        """Every node of the expression and of the derived facts behind it."""
        found: list[Expression] = []
        waiting, seen = [expression], set[str]()
        while waiting:
            for node in walk(waiting.pop()):
                found.append(node)
                if isinstance(node, FactNamed) and node.name not in seen:
                    seen.add(node.name)
                    fact = self.vocabulary.get(node.name)
                    if fact is not None and fact.derived is not None:
                        waiting.append(derived_expression(fact, self.vocabulary))
        return found

    def _below(self, expression: Expression, denied: bool) -> Node | None:
        match expression:
            case Both(of):
                return _group(1 if denied else len(of), [self.of_expression(part, denied=denied) for part in of])
            case Either(of):
                return _group(len(of) if denied else 1, [self.of_expression(part, denied=denied) for part in of])
            case Negated(operand):
                return self.of_expression(operand, denied=not denied)
            case Otherwise(cases, last):
                return self._cases(cases, last, denied)
            case FactNamed(name):
                fact = self.vocabulary.get(name)
                if fact is not None and fact.derived is not None and fact.kind is Kind.YES_NO:
                    return self.of_expression(derived_expression(fact, self.vocabulary), denied=denied)
            case Compare():
                return self._compared(expression, denied)
            case Among(fact, keys, negated):
                return self._chosen(fact, frozenset(keys), denied is not negated)
        return None

    def _cases(self, cases: tuple[tuple[Expression, Expression], ...], last: Expression, denied: bool) -> Node:
        """The first case that holds must give yes (or no, when denied)."""
        rest = self.of_expression(last, denied=denied)
        for condition, value in reversed(cases):
            rest = self._case(condition, self.of_expression(value, denied=denied), rest)
        return rest

    def _case(self, condition: Expression, then: Node, otherwise: Node) -> Node:
        if then is otherwise:
            return then
        holds, fails = self.of_expression(condition, denied=False), self.of_expression(condition, denied=True)
        return _group(1, [_both([holds, then]), _both([fails, otherwise])])

    def _compared(self, compare: Compare, denied: bool) -> Node | None:
        singles = pairs(compare)
        if len(singles) > 1:
            parts = [
                self.of_expression(Compare(left, ((sign, right),)), denied=denied) for left, sign, right in singles
            ]
            return _group(1 if denied else len(parts), parts)
        ((left, sign, right),) = singles
        if isinstance(right, Key) and isinstance(left, FactNamed):
            return self._chosen(left, frozenset({right.key}), denied is not (sign == "!="))
        if isinstance(right, YesNo) and sign in ("==", "!="):
            return self.of_expression(left, denied=denied is not (right.value is (sign == "!=")))
        if isinstance(left, Extreme):
            return self._extreme(left, sign, right, denied)
        if isinstance(left, FactNamed):
            fact = self.vocabulary.get(left.name)
            if fact is not None and fact.derived is not None:
                inside = derived_expression(fact, self.vocabulary)
                if isinstance(inside, Extreme):
                    return self._extreme(inside, sign, right, denied)
        return None

    def _extreme(self, extreme: Extreme, sign: str, right: Expression, denied: bool) -> Node | None:
        """The largest is at least so much when any of them is; the smallest, when all are."""
        asked = _NOT[sign] if denied else sign
        if asked in ("==", "!="):
            return None
        any_will_do = (extreme.which == "max") is (asked in (">", ">="))
        parts = [self.of_expression(Compare(part, ((sign, right),)), denied=denied) for part in extreme.of]
        return _group(1 if any_will_do else len(parts), parts)

    def _chosen(self, named: FactNamed, keys: frozenset[str], denied: bool) -> Node | None:
        """A derived choice is among the keys when one of the cases that give them comes first."""
        fact = self.vocabulary.get(named.name)
        if fact is None or fact.derived is None:
            return None
        return self._gives(derived_expression(fact, self.vocabulary), keys, denied)

    def _gives(self, value: Expression, keys: frozenset[str], denied: bool) -> Node | None:
        match value:
            case Key(key):
                return MET if (key in keys) is not denied else NEVER
            case FactNamed():
                return self.of_expression(Among(value, tuple(sorted(keys)), denied), denied=False)
            case Otherwise(cases, last):
                rest = self._gives(last, keys, denied)
                for condition, then in reversed(cases):
                    given = self._gives(then, keys, denied)
                    if rest is None or given is None:
                        return None
                    rest = self._case(condition, given, rest)
                return rest
        return None


def _group(needed: int, parts: Iterable[Node]) -> Node:
    """The group without what is met or can never be."""
    listed = [part for part in parts if part is not NEVER]
    needed -= sum(1 for part in listed if part is MET)
    left = tuple(part for part in listed if part is not MET)
    if needed <= 0:
        return MET
    if needed > len(left):
        return NEVER
    return left[0] if len(left) == 1 else Group(needed, left)


def _bottom(node: Node) -> Iterator[Condition]:
    if isinstance(node, Group):
        for part in node.parts:
            yield from _bottom(part)
    elif node.below is None:
        yield node
    else:
        yield from _bottom(node.below)


def _both(parts: list[Node]) -> Node:
    return _group(len(parts), parts)


def balance_of(expression: Expression) -> tuple[Expression, Expression] | None:
    """The two sides of one comparison of numbers, growth written as the quotient that it is the root of."""
    if not isinstance(expression, Compare) or len(expression.rest) != 1:
        return None
    left, right = expression.first, expression.rest[0][1]
    if isinstance(left, Growth) and isinstance(right, Number) and right.value > -1:
        return Arithmetic("/", left.now, left.before), Number((1 + right.value) ** left.years)
    return left, right


_known: OrderedDict[int, Conditions] = OrderedDict()


def conditions_of(vocabulary: Vocabulary) -> Conditions:
    """The conditions of a vocabulary, kept: they are the same for every company."""
    key = id(vocabulary)
    found = _known.get(key)
    if found is None or found.vocabulary is not vocabulary:
        found = _known[key] = Conditions(vocabulary)
        while len(_known) > _MOST_VOCABULARIES:
            _known.popitem(last=False)
    return found
