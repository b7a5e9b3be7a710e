"""By what a population is told apart: sector, size and zone, each group a condition over the facts of a company."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from companies.facts import Fact, Kind, Profile, Text, Vocabulary, read_profile
from matching.engine.plan import PlanResult
from matching.engine.plan.bits import Words
from policies.rules import Expression
from policies.rules.expressions import Both, Compare, FactNamed, Has, Key, Negated

SECTORS, SIZE = "sectors", "size_class"
"""The facts that say in which sectors a company works, and how large it is; a vocabulary may be without them."""

EVERYBODY = Text("all companies", "全部企业")
NONE = Text("none of these", "均不属于")
NOT_KNOWN = Text("not known", "未知")


@dataclass(frozen=True, slots=True)
class Group:
    """Some companies: those for which the condition surely holds."""

    key: str
    label: Text
    when: Expression


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of one sort; besides them there are always those in none, and those of whom it is not known."""

    key: str
    label: Text
    groups: tuple[Group, ...]
    is_exclusive: bool
    """A company is in one group at most, so that the groups add up to all."""

    def lines(self) -> list[tuple[str, Text]]:
        """What is counted: each group, then none and not known."""
        return [*((group.key, group.label) for group in self.groups), ("", NONE), ("?", NOT_KNOWN)]


def lines_of(groupings: Iterable[Grouping]) -> list[tuple[str, str, Text]]:
    """What each line of counts is of: grouping, group, label; all companies come first."""
    return [("", "", EVERYBODY), *((one.key, key, label) for one in groupings for key, label in one.lines())]


def conditions_of(groupings: Iterable[Grouping]) -> list[Expression]:
    """The conditions of all groups, in order."""
    return [group.when for grouping in groupings for group in grouping.groups]


def bits_of_lines(groupings: Iterable[Grouping], result: PlanResult, first: int, everybody: Words) -> list[Words]:
    """The companies of each line: everybody, then those of each grouping, none and not known included.

    `first` is the number of the first condition in the evaluated plan.
    """
    lines, at = [everybody], first
    for grouping in groupings:
        inside, perhaps = np.zeros_like(everybody), np.zeros_like(everybody)
        for _group in grouping.groups:
            lines.append(result.sure[at] & everybody)
            inside |= result.sure[at]
            perhaps |= result.possible[at]
            at += 1
        lines += [~perhaps & everybody, perhaps & ~inside & everybody]
    return lines


def groupings_of(vocabulary: Vocabulary, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Grouping, ...]:
    """Sector, size and zone, as far as the vocabulary and the lists can tell them."""
    found = [
        _by_choice("sector", Text("Sector", "产业方向"), vocabulary.get(SECTORS)),
        _by_choice("size", Text("Size", "企业规模"), vocabulary.get(SIZE)),
        _by_zone(vocabulary, lists.get("zones", ())),
    ]
    return tuple(grouping for grouping in found if grouping is not None and grouping.groups)


def _by_choice(key: str, label: Text, fact: Fact | None) -> Grouping | None:
    if fact is None or fact.kind not in (Kind.ONE, Kind.MANY):
        return None
    groups = tuple(Group(choice.key, choice.label, _is(fact, choice.key)) for choice in fact.choices)
    return Grouping(key, label, groups, fact.kind is Kind.ONE)


def _by_zone(vocabulary: Vocabulary, zones: Iterable[Mapping[str, Any]]) -> Grouping:
    """The zones of the reference list that say by which facts a company is in them; the others cannot be told."""
    found = ((zone, _all_of(zone.get("facts"), vocabulary)) for zone in zones)
    groups = (
        Group(str(zone["key"]), Text(zone["label"]["en"], zone["label"]["zh"]), when)
        for zone, when in found
        if when is not None
    )
    return Grouping("zone", Text("Zone", "四区"), tuple(groups), is_exclusive=False)


def _all_of(facts: Any, vocabulary: Vocabulary) -> Expression | None:
    """The condition that a company has these answers; None where there are none, or not only such as can be compared."""
    profile, faults = read_profile(vocabulary, facts) if isinstance(facts, Mapping) else (Profile({}), [])
    parts: list[Expression] = []
    for name, answer in profile.answers.items():
        fact = vocabulary.get(name)
        match answer.value:
            case bool(yes):
                parts.append(FactNamed(name) if yes else Negated(FactNamed(name)))
            case str(key) if fact is not None and fact.kind is Kind.ONE:
                parts.append(_is(fact, key))
            case frozenset(keys) if fact is not None and fact.kind is Kind.MANY and keys:
                parts += [_is(fact, key) for key in sorted(map(str, keys))]
            case _:
                return None
    if faults or not parts:
        return None
    return parts[0] if len(parts) == 1 else Both(tuple(parts))


def _is(fact: Fact, key: str) -> Expression:
    named = FactNamed(fact.name)
    return Has(key, named) if fact.kind is Kind.MANY else Compare(named, (("==", Key(key)),))
