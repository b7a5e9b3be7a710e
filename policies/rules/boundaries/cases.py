"""The boundary cases of an offer, as example cases in the form of the files, for a curator to confirm."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from companies.facts import Kind, Profile, Text, Value, Vocabulary, write_value
from policies.rules.boundaries.candidates import STEPS, beside, is_within, number_value
from policies.rules.boundaries.search import Search, Values
from policies.rules.documents import OfferText
from policies.rules.evaluation import evaluate_number, pairs, possible_value
from policies.rules.expressions import Arithmetic, Compare, Day, Expression, FactNamed, Number, Since, walk
from policies.rules.faults import RuleFault
from policies.rules.intervals import Interval
from policies.rules.requirements import Criterion, leaves
from policies.rules.saying import say_expression
from policies.rules.situation import DayRange, Situation
from policies.rules.truth import Truth
from policies.rules.verdicts import Verdict, verdict_of

Place = Literal["below", "at", "above", "holds", "fails", "unknown"]
_PLACES: dict[Place, Text] = {
    "below": Text("just below", "略低于"), "at": Text("exactly at", "恰好等于"), "above": Text("just above", "略高于"),
    "holds": Text("holds", "满足"), "fails": Text("fails", "不满足"), "unknown": Text("unknown", "未知"),
}  # fmt: skip

_SIDES: dict[int, Place] = {-1: "below", 0: "at", 1: "above"}


@dataclass(frozen=True, slots=True)
class Boundary:
    """One case: the criterion it is about and where it stands to it, what came of both, and the case itself."""

    criterion: Text
    place: Place
    truth: Truth
    verdict: Verdict
    case: Mapping[str, Any]
    """The example case in the form of a catalogue file; what it expects is what came out: is that right?"""

    @property
    def said(self) -> Text:
        """ "Employees is at least 20: just below"."""
        place = self.where
        return Text(f"{self.criterion.en}: {place.en}", f"{self.criterion.zh}：{place.zh}")

    @property
    def where(self) -> Text:
        """ "just below"."""
        return _PLACES[self.place]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The cases of an offer, and the criteria for which no company was found that they alone decide."""

    found: tuple[Boundary, ...]
    not_found: tuple[Text, ...]


def boundary_cases(
    offer: OfferText, vocabulary: Vocabulary, day: date, begin: Sequence[Mapping[str, Value]] = ()
) -> Boundaries:
    """A case below, at and above every threshold of the offer, and one with the fact unknown.

    A criterion without a threshold gets one case in which it holds and one in which it fails. The other facts are set
    so that this criterion decides; `begin` are answers to begin from, such as those of the cases that are there.
    """
    search = Search(vocabulary, Situation(vocabulary, Profile({}), day), offer.expressions)
    found: list[Boundary] = []
    not_found: list[Text] = []
    names: set[str] = set()
    for leaf in leaves(offer.requires):
        if not isinstance(leaf, Criterion):
            continue
        said = leaf.says or say_expression(leaf.when, vocabulary)
        try:
            placed = _placed(search, offer, leaf, begin)
        except RuleFault:  # a derived fact that cannot be read: its own fault is shown where it is defined
            placed = []
        if not placed:
            not_found.append(said)
        found += [_boundary(offer, leaf, said, place, values, search, names) for place, values in placed]
    return Boundaries(tuple(found), tuple(not_found))


def _placed(search: Search, offer: OfferText, leaf: Criterion, begin: Sequence[Values]) -> list[tuple[Place, Values]]:
    """The company on each side of the criterion; none where no company was found that it decides."""
    first: list[tuple[Place, Values]] = []
    for given in (*begin[:3], {}):
        base = search.deciding(offer.requires, leaf, True, given)
        if base is None:
            continue
        placed = list(_places(search, offer, leaf, base))
        if _turns_once(offer, placed, search):
            return placed
        first = first or placed
    return first


def _turns_once(offer: OfferText, placed: Sequence[tuple[Place, Values]], search: Search) -> bool:
    """Whether the verdict changes at the threshold and nowhere else.

    A company that lies exactly at every line falls below another one as soon as one of its numbers moves.
    """
    sides = [_verdict(offer, values, search) for place, values in placed if place in ("below", "at", "above")]
    return not sides or sum(one is not other for one, other in itertools.pairwise(sides)) == 1


def _places(search: Search, offer: OfferText, leaf: Criterion, base: Values) -> Iterator[tuple[Place, Values]]:
    search.tries = 0
    has_threshold = False
    for node in walk(leaf.when):
        if isinstance(node, Compare):
            for left, _operator, right in pairs(node):
                for place, values in _around_threshold(search, offer, left, right, base):
                    has_threshold = True
                    yield place, values
    names = search.asked(leaf.when)
    if not has_threshold:
        yield "holds", base
        fixed = frozenset(search.values) - frozenset(names)
        failing = next(iter(search.meet([(leaf, False)], base, fixed)), None)
        if failing is not None:
            yield "fails", failing
    yield "unknown", {name: value for name, value in base.items() if name not in names}


def _around_threshold(
    search: Search, offer: OfferText, left: Expression, right: Expression, base: Values
) -> list[tuple[Place, Values]]:
    """The same company with one fact moved to where both sides are equal, and a step to each side of it.

    Of several facts that could be moved, one with which the verdict changes is taken: the others play a part elsewhere.
    """
    if isinstance(left, Number | Day):
        left, right = right, left  # below and above are said of what is measured
    first: list[tuple[Place, Values]] = []
    for name in search.asked(Arithmetic("-", left, right)):
        once: dict[int, Values] = {}
        for values in _moved(search, left, right, base, name):
            sign = _sign(search, left, right, values)
            if sign is not None:
                once.setdefault(sign, values)
        if len(once) < 2:
            continue
        placed: list[tuple[Place, Values]] = [(_SIDES[sign], once[sign]) for sign in sorted(once)]
        if len({_verdict(offer, values, search) for _place, values in placed}) > 1:
            return placed
        first = first or placed
    return first


def _moved(search: Search, left: Expression, right: Expression, base: Values, name: str) -> list[Values]:
    fact = search.vocabulary.get(name)
    if fact is None:
        return []
    if fact.kind is Kind.DAY:
        days = [day for day in _threshold_days(left, right, search.day) if is_within(fact, day)]
        return [{**base, name: day} for day in days]
    if fact.kind not in STEPS:
        return []
    root = _root(search, left, right, base, name)
    numbers = [] if root is None else _beside_root(root, STEPS[fact.kind])
    return [{**base, name: value} for one in numbers if (value := number_value(fact, one)) is not None]


def _threshold_days(left: Expression, right: Expression, today: date) -> list[date]:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Since) and isinstance(other, Number):
            return beside(one, other.value, today)
        if isinstance(one, FactNamed) and isinstance(other, Day):
            return [other.day, other.day - timedelta(1), other.day + timedelta(1)]
    return []


def _root(search: Search, left: Expression, right: Expression, base: Values, name: str) -> Fraction | None:
    """Where the difference of both sides is zero, if it is a straight line in this fact."""
    fact = search.vocabulary.get(name)
    assert fact is not None
    at: list[tuple[Fraction, Fraction]] = []
    for number in map(Fraction, (0, 1)):
        value = number_value(fact, number)
        gap = None if value is None else _gap(search, left, right, {**base, name: value})
        if gap is not None:
            at.append((number, gap))
    if len(at) < 2 or at[0][1] == at[1][1]:
        return None
    return -at[0][1] / (at[1][1] - at[0][1])


def _beside_root(root: Fraction, step: Fraction) -> list[Fraction]:
    """The root and a step to each side; where the root is no value of the fact, the values on both sides of it."""
    below = root // step * step
    return [root, root - step, root + step] if below == root else [below, below + step]


def _gap(search: Search, left: Expression, right: Expression, values: Values) -> Fraction | None:
    situation = Situation(search.vocabulary, Profile({}).with_values(**values), search.day)
    try:
        gap = evaluate_number(Arithmetic("-", left, right), situation)
    except (AssertionError, TypeError, AttributeError):  # the sides are days or keys
        return None
    return _point(gap)


def _sign(search: Search, left: Expression, right: Expression, values: Values) -> int | None:
    if any(isinstance(side, Day) for side in (left, right)):
        situation = Situation(search.vocabulary, Profile({}).with_values(**values), search.day)
        a, b = possible_value(left, situation), possible_value(right, situation)
        if not (isinstance(a, DayRange) and isinstance(b, DayRange)):
            return None
        return (a.low > b.low) - (a.low < b.low)
    gap = _gap(search, left, right, values)
    return None if gap is None else (gap > 0) - (gap < 0)


def _point(interval: Interval) -> Fraction | None:
    return interval.low if interval.low is not None and interval.low == interval.high else None


def _boundary(
    offer: OfferText, leaf: Criterion, said: Text, place: Place, values: Values, search: Search, names: set[str]
) -> Boundary:
    verdict = _verdict(offer, values, search)
    search.tries = 0
    name = _free_name(f"{offer.key}: {_said_short(said, _PLACES[place])}", names)
    facts = {
        key: write_value(fact, value)
        for key, value in sorted(values.items())
        if (fact := search.vocabulary.get(key)) is not None
    }
    case = {"case": name, "day": search.day.isoformat(), "facts": facts, "expect": {offer.key: verdict.value}}
    return Boundary(said, place, search.truth(leaf.when, values), verdict, case)


def _said_short(said: Text, place: Text) -> str:
    """A name that everybody at the desk can read, whatever their language."""
    return f"{_cut(said.en, 60)}: {place.en} / {_cut(said.zh, 30)}：{place.zh}"


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _verdict(offer: OfferText, values: Values, search: Search) -> Verdict:
    profile = Profile({}).with_values(**values)
    return verdict_of(offer, Situation(search.vocabulary, profile, search.day))


def _free_name(name: str, names: set[str]) -> str:
    free, number = name, 1
    while free in names:
        number += 1
        free = f"{name} ({number})"
    names.add(free)
    return free
