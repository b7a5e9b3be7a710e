"""Expressions: each one reads, fits its facts, can hold and can fail, and does not contradict its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from companies.facts import Profile
from policies.catalogue_files import Sheet
from policies.lint.reading import Path, Reading, entries, requirement_nodes, trees, walk
from policies.rules.checking import expression_warnings
from policies.rules.evaluation import evaluate_expression
from policies.rules.expressions import (
    Among,
    Band,
    Both,
    Compare,
    Expression,
    FactNamed,
    Key,
    Negated,
    Number,
    expression_facts,
)
from policies.rules.expressions import walk as expression_nodes
from policies.rules.faults import RuleFault
from policies.rules.parsing import parse_expression
from policies.rules.situation import Situation
from policies.rules.truth import Truth

# Where a benefit or a stacking form holds a numeric expression.
_NUMERIC = {"of", "less", "usual", "matching"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def check_rules(reading: Reading) -> set[str]:
    """Every expression of every policy; gives the names of the facts they use."""
    used: set[str] = set()
    nothing_known = Situation(reading.vocabulary, Profile({}), reading.day)
    for sheet in reading.checked_policies:
        for path, tree in trees(sheet.plain):
            for at, node in requirement_nodes(tree, path):
                if isinstance(node.get("when"), str):
                    expression = _parsed(reading, sheet, (*at, "when"), node["when"], used)
                    if expression is not None:
                        _check_can_change(reading, sheet, (*at, "when"), expression, nothing_known)
                if isinstance(node.get("all"), list):
                    _check_together(reading, sheet, at, node)
        for path, offer in entries(sheet.plain, "offers"):
            for name in ("benefit", "stacking"):
                for at, value in walk(offer.get(name), (*path, name)):
                    if at[-1] in _NUMERIC and isinstance(value, str):
                        _parsed(reading, sheet, at, value, used)
                    if at[-1] == "fact" and isinstance(value, str):
                        _parsed(reading, sheet, at, value, used)
    return used


def _parsed(reading: Reading, sheet: Sheet, path: Path, text: str, used: set[str]) -> Expression | None:
    try:
        expression = parse_expression(text, reading.vocabulary)
    except RuleFault as fault:
        mark = sheet.where(path)
        found = sheet.fault(path, fault.code.replace("_", "-"), fault.message, fault.suggestion)
        # Of a plain value that was not read from a file there is no text to point into.
        line = sheet.text.splitlines()[mark.line - 1] if sheet.text else "'"
        if fault.line == 1 and line[mark.column - 1 : mark.column] not in ("'", '"'):
            found = replace(found, line=mark.line, column=mark.column + fault.column - 1)
        reading.faults.append(found)
        return None
    used |= expression_facts(expression)
    for warning in expression_warnings(expression, reading.vocabulary):
        reading.faults.append(sheet.fault(path, warning.code.replace("_", "-"), warning.message, warning.suggestion))
    for node in expression_nodes(expression):
        if isinstance(node, Band) and any(
            a[0].value >= b[0].value for a, b in zip(node.steps, node.steps[1:], strict=False)
        ):
            reading.add(sheet, path, "bands-overlap", "the lines of a band must rise", "分档必须递增")
    return expression


def _check_can_change(
    reading: Reading, sheet: Sheet, path: Path, expression: Expression, nothing_known: Situation
) -> None:
    for node in expression_nodes(expression):
        for fact_name, _operator, value in _limits(node):
            fact = reading.vocabulary.get(fact_name)
            if fact is None or not isinstance(value, Fraction):
                continue
            low, high = fact.minimum, fact.maximum
            if (low is not None and value < low) or (high is not None and value > high):  # type: ignore[operator]
                reading.add(
                    sheet,
                    path,
                    "threshold-out-of-bounds",
                    f"the threshold lies outside the bounds of {fact_name} ({low} to {high})",
                    f"阈值超出 {fact_name} 的范围（{low} 至 {high}）",
                )
                return
    try:
        truth = evaluate_expression(expression, nothing_known)
    except RuleFault:
        return  # a derived fact that cannot be read or runs in a circle: said where it is defined
    if truth is Truth.YES:
        reading.add(sheet, path, "always-holds", "the criterion holds whatever is answered", "无论如何回答该条件都成立")
    elif truth is Truth.NO:
        reading.add(
            sheet, path, "never-holds", "the criterion cannot hold, whatever is answered", "无论如何回答该条件都不成立"
        )
    elif isinstance(expression, Both):
        _note_contradiction(reading, sheet, [(path, part) for part in expression.of])


def _check_together(reading: Reading, sheet: Sheet, path: Path, node: Mapping[str, Any]) -> None:
    parts: list[tuple[Path, Expression]] = []
    if "offers" in path and path[-1] == "requires" and isinstance(sheet.plain.get("requires"), dict):
        parts.extend(_plain_parts(reading, sheet.plain["requires"], ("requires",)))
    parts.extend(_plain_parts(reading, node, path))
    _note_contradiction(reading, sheet, parts)


def _plain_parts(reading: Reading, node: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Expression]]:
    for at, child in enumerate(node.get("all") or []):
        if isinstance(child, dict) and isinstance(child.get("when"), str):
            try:
                expression = parse_expression(child["when"], reading.vocabulary)
            except RuleFault:
                continue
            for part in expression.of if isinstance(expression, Both) else (expression,):
                yield (*path, "all", at, "when"), part


def _note_contradiction(reading: Reading, sheet: Sheet, parts: list[tuple[Path, Expression]]) -> None:
    limits: dict[str, list[tuple[str, Any]]] = {}
    said: set[str] = set()
    for path, part in parts:
        for name, operator, value in _limits(part):
            limits.setdefault(name, []).append((operator, value))
            if name not in said and _is_empty(limits[name]):
                said.add(name)
                reading.add(
                    sheet,
                    path,
                    "never-holds",
                    f"contradicts another criterion on {name}",
                    f"与另一条关于 {name} 的条件矛盾",
                )


def _limits(node: Expression) -> Iterator[tuple[str, str, Any]]:
    """(fact, operator, number or set of keys or truth) for the plain comparisons in this one node."""
    match node:
        case Compare():
            sides = node.parts()
            operators = [operator for operator, _ in node.rest]
            for left, operator, right in zip(sides, operators, sides[1:], strict=False):
                match left, right:
                    case FactNamed(name), Number(value):
                        yield name, operator, value
                    case Number(value), FactNamed(name):
                        yield name, _MIRRORED[operator], value
                    case FactNamed(name), Key(key) if operator == "==":
                        yield name, "in", frozenset({key})
        case Among(FactNamed(name), keys, False):
            yield name, "among", frozenset(keys)
        case FactNamed(name):
            yield name, "in", frozenset({True})
        case Negated(FactNamed(name)):
            yield name, "in", frozenset({False})


def _is_empty(limits: list[tuple[str, Any]]) -> bool:
    sets = [value for operator, value in limits if operator == "in"]
    if len(sets) > 1 and not frozenset.intersection(*sets):
        return True
    low = max((value for operator, value in limits if operator in (">", ">=", "==")), default=None)
    high = min((value for operator, value in limits if operator in ("<", "<=", "==")), default=None)
    if low is None or high is None:
        return False
    strict = (">", low) in limits or ("<", high) in limits
    return bool(low > high or (low == high and strict))
