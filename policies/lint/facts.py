"""One fact of the vocabulary, checked as it would stand among the others, and against the policies in force. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from companies.facts import Fact, Text, Vocabulary, VocabularyFault, read_vocabulary
from policies.lint.drafts import new_faults_in_force
from policies.rules.expressions import expression_facts
from policies.rules.facts_read import facts_named
from policies.rules.faults import Fault, RuleFault
from policies.rules.situation import derived_expression

Sheets = Mapping[str, Mapping[str, Any]]


def with_fact(sheets: Sheets, stem: str, section: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """The vocabulary as files with this fact in this section: in place of itself, or as the last one."""
    name = plain["fact"]
    sheet = sheets.get(stem, {"section": section, "facts": []})
    facts = [plain if one["fact"] == name else one for one in sheet["facts"]]
    if all(one["fact"] != name for one in facts):
        facts.append(plain)
    others = {
        other: {**sheet, "facts": [one for one in sheet["facts"] if one["fact"] != name]}
        for other, sheet in sheets.items()
        if other != stem
    }
    return {**others, stem: {"section": sheet["section"], "facts": facts}}


def check_fact(
    sheets: Sheets, lists: Mapping[str, Any], stem: str, name: str
) -> tuple[Vocabulary, Fact | None, list[Fault]]:
    """The vocabulary of these files, this fact in it, and what is wrong with the fact; paths lead into the fact."""
    vocabulary, found = read_vocabulary(sheets, lists)
    at = next(at for at, plain in enumerate(sheets[stem]["facts"]) if plain["fact"] == name)
    faults = [_of_fact(fault, stem, at) for fault in found]
    fact = vocabulary.get(name)
    if fact is not None and fact.derived is not None:
        faults += check_derived(fact, vocabulary)
    return vocabulary, fact, faults


def _of_fact(fault: VocabularyFault, stem: str, at: int) -> Fault:
    # A word said twice may be noted at the other fact.
    own = fault.path[:3] == (stem, "facts", at)
    return Fault(fault.path[3:] if own else (), fault.message, fault.code, fault.suggestion)


def check_derived(fact: Fact, vocabulary: Vocabulary) -> list[Fault]:
    """What is wrong with how the fact is computed: it cannot be read, or comes down to itself."""
    try:
        waiting = list(expression_facts(derived_expression(fact, vocabulary)))
    except RuleFault as fault:
        return [Fault(("derived",), fault.message, fault.code, fault.suggestion)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name == fact.name:
            said = Text(f"“{name}” is computed from itself", f"“{name}”由自身计算得出")
            return [Fault(("derived",), said, "derived-cycle")]
        other = vocabulary.get(name)
        if name not in seen and other is not None and other.derived is not None:
            seen.add(name)
            try:
                waiting += expression_facts(derived_expression(other, vocabulary))
            except RuleFault:
                continue  # its own fault is shown where it is defined
    return []


def faults_in_force(
    snapshot: Mapping[str, Any], before: Vocabulary, sheets: Sheets, after: Vocabulary, name: str, day: date
) -> list[Fault]:
    """What the policies in force that use this fact would no longer be right about, with the fact as it is to be."""
    return new_faults_in_force(
        snapshot,
        before,
        {**snapshot, "vocabulary": sheets},
        after,
        day,
        lambda _plain, policy: any(name in facts_named(offer, before) for offer in policy.offers),
    )
