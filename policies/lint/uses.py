"""Where an entry of a reference list is used: as a tag, as a choice of a fact, by another entry, in a case. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from companies.facts import Fact, Kind, Text, ValueFault, Vocabulary, read_value
from policies.rules.benefits import Benefit, ByLevel, ChooseOne, expressions_of
from policies.rules.documents import OfferText, PolicyText
from policies.rules.expressions import Among, Compare, Expression, FactNamed, Has, Holds, Key, walk
from policies.rules.faults import RuleFault
from policies.rules.situation import derived_expression

Lists = Mapping[str, Sequence[Mapping[str, Any]]]

_TAGS: Mapping[str, tuple[str, Text]] = {
    "zones": ("zones", Text("its zones", "所属片区")),
    "goals": ("goals", Text("its goals", "发展目标")),
    "pillars": ("pillar", Text("its place in 1+1+N", "在“1+1+N”中的位置")),
    "levels": ("level", Text("its level", "层级")),
}
# What entries say of other entries: the name of the part, and the lists that it names entries of.
_NAMED_BY_ENTRIES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "structures": {"members": ("sectors", "places")},
    "certificates": {"needs": ("certificates",)},
}


def facts_choosing(vocabulary: Vocabulary, list_name: str) -> frozenset[str]:
    """The facts whose choices are the entries of this list."""
    return frozenset(fact.name for fact in vocabulary if fact.choices_from == list_name)


def uses_in_policy(
    plain: Mapping[str, Any], policy: PolicyText | None, vocabulary: Vocabulary, list_name: str, key: str
) -> list[Text]:
    """The parts of a policy that name the entry, as far as the policy can be read: tags, offers, cases."""
    found: list[Text] = []
    if list_name in _TAGS:
        name, said = _TAGS[list_name]
        value = plain.get(name)
        if value == key or (isinstance(value, list) and key in value):
            found.append(said)
    choosing = facts_choosing(vocabulary, list_name)
    for offer in policy.offers if policy is not None else ():
        if _offer_names(offer, choosing, list_name, key):
            found.append(offer.title)
    for case in _cases(plain):
        if _answers_name(case.get("facts"), vocabulary, choosing, key):
            name = str(case.get("case"))
            found.append(Text(f"the case “{name}”", f"案例“{name}”"))
    return found


def _offer_names(offer: OfferText, choosing: frozenset[str], list_name: str, key: str) -> bool:
    if list_name == "benefit_kinds":
        return offer.kind == key
    if list_name == "papers":
        return key in offer.papers
    if not choosing:
        return False
    written = [*offer.expressions, *expressions_of(offer.benefit)]
    written += [rule.of for rule in offer.stacking if rule.of is not None]
    levels = any(one.fact in choosing and key in dict(one.levels) for one in _tables(offer.benefit))
    return levels or any(_names(expression, choosing, key) for expression in written)


def _tables(benefit: Benefit) -> Iterator[ByLevel]:
    if isinstance(benefit, ChooseOne):
        for one in benefit.of:
            yield from _tables(one)
    elif isinstance(benefit, ByLevel):
        yield benefit


def _names(expression: Expression, choosing: frozenset[str], key: str) -> bool:
    """Whether the expression asks one of these facts for this choice."""
    for node in walk(expression):
        match node:
            case Has(key=named, fact=FactNamed(name=name)) if named == key and name in choosing:
                return True
            case Among(fact=FactNamed(name=name), keys=keys) | Holds(kinds=keys, fact=FactNamed(name=name)):
                if name in choosing and key in keys:
                    return True
            case Compare():
                parts = node.parts()
                if Key(key) in parts and any(isinstance(one, FactNamed) and one.name in choosing for one in parts):
                    return True
    return False


def _cases(plain: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = plain.get("cases")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _answers_name(answers: Any, vocabulary: Vocabulary, choosing: frozenset[str], key: str) -> bool:
    """Whether one of these answers is the choice."""
    if not isinstance(answers, Mapping):
        return False
    for word, raw in answers.items():
        fact = vocabulary.resolve(str(word))
        if fact is not None and fact.name in choosing and key in keys_answered(fact, raw):
            return True
    return False


def keys_answered(fact: Fact, raw: Any) -> frozenset[str]:
    """The keys of the choices that this answer names; none where it cannot be read."""
    try:
        value: Any = read_value(fact, raw["value"] if isinstance(raw, Mapping) and "value" in raw else raw)
    except ValueFault:
        return frozenset()
    if fact.kind is Kind.ONE:
        return frozenset({value})
    return frozenset(one if isinstance(one, str) else one.kind for one in value or ())


def uses_in_facts(vocabulary: Vocabulary, list_name: str, key: str) -> list[Fact]:
    """The facts that name the entry: as a paper that shows them, or in how they are worked out."""
    choosing = facts_choosing(vocabulary, list_name)
    found = []
    for fact in vocabulary:
        if (list_name == "papers" and key in fact.papers) or (
            choosing and _derived_names(fact, vocabulary, choosing, key)
        ):
            found.append(fact)
    return found


def _derived_names(fact: Fact, vocabulary: Vocabulary, choosing: frozenset[str], key: str) -> bool:
    if fact.derived is None:
        return False
    try:
        expression = derived_expression(fact, vocabulary)
    except RuleFault:
        return False
    if fact.name in choosing and any(node == Key(key) for node in walk(expression)):
        return True
    return _names(expression, choosing, key)


def uses_in_lists(
    lists: Lists, vocabulary: Vocabulary, list_name: str, key: str
) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries of other lists (or of this one) that name the entry, each with the name of its list."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for other, parts in _NAMED_BY_ENTRIES.items():
        for name, named in parts.items():
            if list_name in named:
                found += [
                    (other, row)
                    for row in lists.get(other, ())
                    if isinstance(row.get(name), list) and key in row[name] and (other, row["key"]) != (list_name, key)
                ]
    choosing = facts_choosing(vocabulary, list_name)
    for row in lists.get("zones", ()) if choosing else ():
        if _answers_name(row.get("facts"), vocabulary, choosing, key):
            found.append(("zones", row))
    return found
