"""Reference lists and vocabulary: unique keys, known keys, facts that a form asks, no circles."""

from __future__ import annotations

from companies.facts import Fact, Text
from policies.lint.reading import Path, Reading, entries
from policies.rules.expressions import expression_facts
from policies.rules.faults import RuleFault
from policies.rules.situation import derived_expression

_ENTRY_KEYS = {
    "key",
    "label",
    "aliases",
    "basis",
    "confidence",
    "note",
    "sources",
    "type",
    "role",
    "code_hints",
    "validity_years",
    "members",
    "needs",
}


def check_references(reading: Reading) -> None:
    """Each reference list by itself."""
    for name in reading.lists:
        sheet = reading.sheets.get(f"reference/{name}.yaml")
        if sheet is None:
            continue
        seen: set[str] = set()
        for at, entry in enumerate(sheet.plain if isinstance(sheet.plain, list) else []):
            if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
                reading.add(
                    sheet,
                    (at,),
                    "wrong-shape",
                    "an entry is {key, label: {en, zh}, ...}",
                    "条目应为 {key, label: {en, zh}, ...}",
                )
                continue
            if entry["key"] in seen:
                reading.add(
                    sheet, (at, "key"), "duplicate-id", f"“{entry['key']}” is listed twice", f"“{entry['key']}”重复"
                )
            seen.add(entry["key"])
            if not isinstance(entry.get("label"), dict):
                reading.add(sheet, (at,), "missing-language", "no label in both languages", "缺少双语名称")


def check_vocabulary(reading: Reading) -> None:
    """The vocabulary: what its reader refuses, circles, papers, facts used by nothing."""
    for fault in reading.vocabulary_faults:
        stem, *rest = fault.path
        sheet = reading.sheets.get(f"vocabulary/{stem}.yaml")
        if sheet is not None:
            code = _CODES.get(fault.code, fault.code.replace("_", "-"))
            reading.faults.append(
                sheet.fault(rest, code, fault.message, fault.suggestion, on_key=code == "unknown-key")
            )
    papers = reading.keys("papers")
    for stem, sheet in reading.folder.of_kind("vocabulary"):
        for path, plain in entries(sheet.plain, "facts"):
            for at, paper in enumerate(plain.get("papers") or []):
                reading.need_key(sheet, (*path, "papers", at), paper, papers, Text("paper", "材料"), "unknown-paper")
            fact = reading.vocabulary.get(str(plain.get("fact")))
            if fact is not None and fact.derived is not None:
                _check_derived(reading, stem, path, fact)


_CODES = {
    "duplicate_fact": "duplicate-id", "duplicate_section": "duplicate-id", "duplicate_choice": "duplicate-id",
    "no_section": "section-missing", "missing_language": "missing-language", "unknown_confidence": "confidence-word",
}  # fmt: skip


def _check_derived(reading: Reading, stem: str, path: Path, fact: Fact) -> None:
    sheet = reading.sheets[f"vocabulary/{stem}.yaml"]
    try:
        expression = derived_expression(fact, reading.vocabulary)
    except RuleFault as fault:
        code = fault.code.replace("_", "-")
        reading.faults.append(sheet.fault((*path, "derived"), code, fault.message, fault.suggestion))
        return
    name = fact.name
    if name in _reached(reading, expression_facts(expression)):
        reading.add(
            sheet, (*path, "derived"), "derived-cycle", f"“{name}” is computed from itself", f"“{name}”由自身计算得出"
        )


def _reached(reading: Reading, names: frozenset[str]) -> set[str]:
    """All facts that these are computed from."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        fact = reading.vocabulary.get(name)
        if fact is not None and fact.derived is not None:
            try:
                waiting.extend(expression_facts(derived_expression(fact, reading.vocabulary)))
            except RuleFault:
                continue
    return found


def check_use(reading: Reading, used: set[str]) -> None:
    """Facts that no rule, benefit or other fact uses; worth knowing, not a fault."""
    reached = _reached(reading, frozenset(used))
    for _stem, sheet in reading.folder.of_kind("vocabulary"):
        for path, plain in entries(sheet.plain, "facts"):
            name = plain.get("fact")
            if isinstance(name, str) and name in reading.vocabulary and name not in reached:
                reading.add(
                    sheet, (*path, "fact"), "fact-unused", f"nothing uses “{name}”", f"没有规则使用“{name}”", info=True
                )
