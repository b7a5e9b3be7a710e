"""zen-engine: one compiled list expression with a number per rule; company by company, so timed on a sample."""

from typing import Any

import numpy as np
import zen
from numpy.typing import NDArray

from matching.bench.workload import MEMBERS, Companies, Denied, Every, Node, Test, facts


def compile_rules(rules: list[Node]) -> Any:
    """All rules as one expression, compiled once. Most answers are no, so `possible` is asked first."""
    parts = [f"(({_possible(rule)}) ? (({_sure(rule)}) ? 2 : 1) : 0)" for rule in rules]
    return zen.compile_expression("[" + ", ".join(parts) + "]")


def contexts_of(companies: Companies, rows: int) -> list[dict[str, Any]]:
    """The first so many companies as the dictionaries it reads; unknown facts are left out."""
    return [_context(companies, row) for row in range(rows)]


def _context(companies: Companies, row: int) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for name, kind in facts().items():
        if not companies.known[name][row]:
            continue
        value = int(companies.values[name][row])
        if kind == "yes_no":
            context[name] = bool(value)
        elif kind == "one_of":
            context[name] = MEMBERS[value]
        elif kind == "many_of":
            context[name] = [key for at, key in enumerate(MEMBERS) if value >> at & 1]
        else:
            context[name] = value
    return context


def answers_of(compiled: Any, contexts: list[dict[str, Any]]) -> NDArray[np.int8]:
    """The answers, rules × companies."""
    return np.array([compiled.evaluate(context) for context in contexts], dtype=np.int8).T


def _sure(node: Node) -> str:
    match node:
        case Every(of):
            return " and ".join(f"({_sure(part)})" for part in of)
        case Denied(of):
            return f"not ({_possible(of)})"
        case Test():
            return _both(node)[0]
    return " or ".join(f"({_sure(part)})" for part in node.of)


def _possible(node: Node) -> str:
    match node:
        case Every(of):
            return " and ".join(f"({_possible(part)})" for part in of)
        case Denied(of):
            return f"not ({_sure(of)})"
        case Test():
            return _both(node)[1]
    return " or ".join(f"({_possible(part)})" for part in node.of)


def _both(test: Test) -> tuple[str, str]:
    """Whether it surely holds, and whether it can; a fact that is left out is null."""
    name = test.fact
    keys = (
        ", ".join(f"'{MEMBERS[at]}'" for at in test.values)
        if test.sign in ("in", "not_in", "has_any", "has_none")
        else ""
    )
    match test.sign:
        case "yes":
            return f"{name} == true", f"{name} != false"
        case "no":
            return f"{name} == false", f"{name} != true"
        case ">=" | "<":
            plain = f"{name} {test.sign} {test.values[0]}"
        case "between":
            plain = f"{name} >= {test.values[0]} and {name} < {test.values[1]}"
        case "in":
            return f"{name} in [{keys}]", f"{name} == null or {name} in [{keys}]"
        case "not_in":
            return f"{name} != null and not ({name} in [{keys}])", f"not ({name} in [{keys}])"
        case "has_any":
            plain = f"some({name}, # in [{keys}])"
        case _:
            plain = f"not some({name}, # in [{keys}])"
    return f"{name} != null and ({plain})", f"{name} == null or ({plain})"
