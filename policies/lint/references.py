"""Reference lists and vocabulary: unique keys, known keys, facts that a form asks, no circles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from companies.facts import Fact, Text, read_profile
from policies.catalogue_files import Sheet
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
    "granted_by",
    "granted_until",
    "facts",
}
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")


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
    _check_ladder(reading)
    _check_zone_facts(reading)


def _check_zone_facts(reading: Reading) -> None:
    """The answers that a company in a zone gives: facts that a form asks, with values that they can have."""
    sheet = reading.sheets.get("reference/zones.yaml")
    for at, entry in enumerate(sheet.plain if sheet is not None and isinstance(sheet.plain, list) else []):
        facts = entry.get("facts") if isinstance(entry, dict) else None
        if sheet is None or facts is None:
            continue
        if not isinstance(facts, dict):
            reading.add(sheet, (at, "facts"), "wrong-shape", "facts are {fact: value}", "facts 应为 {事实项: 值}")
            continue
        _, faults = read_profile(reading.vocabulary, facts)
        for fault in faults:
            code = "unknown-fact" if fault.code == "unknown_fact" else "bad-value"
            reading.faults.append(sheet.fault((at, "facts", fault.name), code, fault.message))


def _check_ladder(reading: Reading) -> None:
    """What the list of certificates says of getting one: titles needed first, offers that grant it, its last day."""
    sheet = reading.sheets.get("reference/certificates.yaml")
    if sheet is None:
        return
    known, offers = reading.keys("certificates"), set(reading.offers)
    needs: dict[str, list[str]] = {}
    for at, entry in enumerate(sheet.plain if isinstance(sheet.plain, list) else []):
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            continue
        for place, need in enumerate(_listed(reading, sheet, (at, "needs"), entry)):
            if reading.need_key(
                sheet, (at, "needs", place), need, known, Text("certificate", "资质"), "unknown-certificate"
            ):
                needs.setdefault(entry["key"], []).append(need)
        for place, offer in enumerate(_listed(reading, sheet, (at, "granted_by"), entry)):
            reading.need_key(
                sheet, (at, "granted_by", place), offer, offers, Text("offer", "支持事项"), "unknown-offer"
            )
        last = entry.get("granted_until")
        if last is not None and last != "past" and not (isinstance(last, str) and _DAY.match(last)):
            en, zh = "write the last day as '2026-03-31', or past", "请写成 '2026-03-31' 或 past"
            reading.add(sheet, (at, "granted_until"), "bad-day", en, zh)
    for at, entry in enumerate(sheet.plain if isinstance(sheet.plain, list) else []):
        if isinstance(entry, dict) and reaches(needs, str(entry.get("key")), str(entry.get("key"))):
            en, zh = "the certificate needs itself by way of others", "该资质经由其他资质依赖自身"
            reading.add(sheet, (at, "needs"), "needs-cycle", en, zh)


def _listed(reading: Reading, sheet: Sheet, path: Path, entry: Mapping[str, Any]) -> list[Any]:
    raw = entry.get(str(path[-1]))
    if raw is None or isinstance(raw, list):
        return raw or []
    reading.add(sheet, path, "wrong-shape", "a list is needed here", "此处应为列表")
    return []


def reaches(graph: Mapping[str, list[str]], start: str, goal: str) -> bool:
    """Whether a way along the graph leads from the start to the goal."""
    seen: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            waiting.extend(graph.get(here, ()))
    return False


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
