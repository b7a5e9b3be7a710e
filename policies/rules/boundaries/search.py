"""A company for which one criterion decides: the other branches are set so that the offer stands or falls with it."""

from collections.abc import Iterator, Mapping
from itertools import combinations, islice, product

from companies.facts import Profile, Value, Vocabulary
from policies.rules.boundaries.candidates import candidates
from policies.rules.evaluation import evaluate_expression
from policies.rules.expressions import Expression, expression_facts
from policies.rules.requirements import All, AnyOf, AtLeast, Criterion, Not, Requirement
from policies.rules.situation import Situation, asked_facts, derived_expression
from policies.rules.truth import Truth

Values = Mapping[str, Value]
Goal = tuple[Requirement, bool]
_MOST_TRIES = 4_000
_MOST_IN_ALL = 200_000
"""For one offer: six times what the longest of the shipped catalogue takes, and still a matter of seconds."""
_MOST_ALTERNATIVES = 12
_MOST_PER_LEAF = 300


class GaveUp(Exception):
    """The search has used up its tries."""


class Search:
    """Looks for answers under which goals (a node and whether it should hold) are met."""

    def __init__(self, vocabulary: Vocabulary, situation: Situation, expressions: tuple[Expression, ...]) -> None:
        self.vocabulary, self.day = vocabulary, situation.day
        self.tries = self.in_all = 0
        # The search comes back to the same leaves with the same answers again and again. By identity, because to
        # hash an expression is to walk it; the expression is kept, so that its id is not given to another.
        self._asked: dict[int, tuple[Expression, list[str]]] = {}
        self._truths: dict[tuple[int, tuple[Value | None, ...]], Truth] = {}
        names = {name for expression in expressions for name in self.asked(expression)}
        every = list(expressions)
        seen: set[str] = set()
        for expression in every:  # grows while it is walked: derived facts have facts behind them
            for name in sorted(expression_facts(expression) - seen):
                seen.add(name)
                every.extend(self._behind(name))
        self.values = {
            name: candidates(fact, every, situation)
            for name in sorted(names)
            if (fact := vocabulary.get(name)) is not None
        }

    def _behind(self, name: str) -> list[Expression]:
        fact = self.vocabulary.get(name)
        return [] if fact is None or fact.derived is None else [derived_expression(fact, self.vocabulary)]

    def asked(self, expression: Expression) -> list[str]:
        """The facts that are asked behind the expression, in order of name."""
        known = self._asked.get(id(expression))
        if known is None:
            names = sorted(asked_facts(expression_facts(expression), self.vocabulary))
            known = self._asked[id(expression)] = (expression, names)
        return known[1]

    def truth(self, expression: Expression, values: Values) -> Truth:
        """Whether the expression holds for a company with these answers."""
        self.tries += 1
        self.in_all += 1
        if self.tries > _MOST_TRIES:
            raise GaveUp
        names = self.asked(expression)
        key = (id(expression), tuple([values.get(name) for name in names]))
        known = self._truths.get(key)
        if known is None:
            profile = Profile({}).with_values(**{name: values[name] for name in names if name in values})
            known = evaluate_expression(expression, Situation(self.vocabulary, profile, self.day))
            self._truths[key] = known
        return known

    def deciding(self, root: Requirement, leaf: Criterion, holds: bool, begin: Values) -> Values | None:
        """Answers under which the leaf is as wanted, and the whole tree is what the leaf is, as far as it is computed."""
        self.tries = 0
        if self.in_all > _MOST_IN_ALL:
            return None
        try:
            goals = [(leaf, holds), *_around(root, leaf, True)]
            for given in (begin, {}):
                for found in self.meet(goals, given, frozenset()):
                    return found
        except GaveUp:
            return None
        return None

    def meet(self, goals: list[Goal], values: Values, fixed: frozenset[str]) -> Iterator[Values]:
        """Answers that meet all goals; facts that an earlier goal settled stay as they are."""
        if not goals:
            yield values
            return
        (node, holds), *rest = goals
        if isinstance(node, Criterion):
            for found, settled in self._leaf(node, holds, values, fixed):
                yield from self.meet(rest, found, settled)
            return
        for parts in islice(_alternatives(node, holds), _MOST_ALTERNATIVES):
            yield from self.meet([*parts, *rest], values, fixed)

    def _leaf(
        self, leaf: Criterion, holds: bool, values: Values, fixed: frozenset[str]
    ) -> Iterator[tuple[Values, frozenset[str]]]:
        names = self.asked(leaf.when)
        settled = fixed | frozenset(names)
        wanted = Truth.of(holds)
        if self.truth(leaf.when, values) is wanted:
            yield {**values}, settled
        free = [name for name in names if name not in fixed]
        for chosen in islice(self._answers(free), _MOST_PER_LEAF):
            found = {**values, **chosen}
            if self.truth(leaf.when, found) is wanted:
                yield found, settled

    def _answers(self, names: list[str]) -> Iterator[Values]:
        """Answers to these facts: one at a time first, then all together."""
        choices = [self.values.get(name, []) for name in names]
        for name, some in zip(names, choices, strict=True):
            yield from ({name: value} for value in some)
        if len(names) > 1:
            yield from (dict(zip(names, chosen, strict=True)) for chosen in product(*choices))


def _around(node: Requirement, leaf: Criterion, positive: bool) -> list[Goal]:
    """What the rest of the tree must be for the leaf to decide it."""
    for part in node.parts():
        if not _contains(part, leaf):
            continue
        others = [other for other in node.parts() if other is not part]
        inner = _around(part, leaf, positive)
        match node:
            case All():
                return [*((other, True) for other in others), *inner]
            case AnyOf():
                return [*((other, False) for other in others), *inner]
            case AtLeast(count):
                holding = others[: count - 1]
                return [
                    *((other, True) for other in holding),
                    *((other, False) for other in others[count - 1 :]),
                    *inner,
                ]
            case _:
                return inner
    return []


def _contains(node: Requirement, leaf: Criterion) -> bool:
    # By identity: the same words may stand in two places.
    return node is leaf or any(_contains(part, leaf) for part in node.parts())


def _alternatives(node: Requirement, holds: bool) -> Iterator[list[Goal]]:
    """Ways in which a node comes to hold or to fail; what people judge is left open either way."""
    parts = node.parts()
    match node, holds:
        case (All(), True) | (AnyOf(), False):
            yield [(part, holds) for part in parts]
        case (All(), False) | (AnyOf(), True):
            yield from ([(part, holds)] for part in sorted(parts, key=lambda part: not isinstance(part, Criterion)))
        case AtLeast(count), True:
            yield from ([(part, True) for part in some] for some in combinations(parts, count))
        case AtLeast(count), False:
            yield from ([(part, False) for part in some] for some in combinations(parts, len(parts) - count + 1))
        case Not(), _:
            yield [(parts[0], not holds)]
        case _:
            yield []
