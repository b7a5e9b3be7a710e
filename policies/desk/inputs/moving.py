"""What the buttons of rows do to a part that is not saved yet: add, drop, up, down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.desk.inputs.kinds import MOST_ROWS


def moved(part: Any, button: str) -> Any:
    """The part after `add:<address>`, `drop:<address>`, `up:<address>` or `down:<address>`; unchanged for anything else.

    The address leads through the part, “steps/2”; levels of a table are counted as rows are.
    """
    verb, _colon, address = button.partition(":")
    if verb not in ("add", "drop", "up", "down"):
        return part
    return _moved(part, [step for step in address.split("/") if step], verb)


def _moved(part: Any, steps: list[str], verb: str) -> Any:
    if verb == "add" and not steps:
        return _added(part)
    if not steps:
        return part
    step, rest = steps[0], steps[1:]
    if isinstance(part, list):
        if not step.isdigit() or int(step) >= len(part):
            return part
        at = int(step)
        if rest or verb == "add":
            return [*part[:at], _moved(part[at], rest, verb), *part[at + 1 :]]
        return _reordered(part, at, verb)
    if not isinstance(part, Mapping):
        return part
    if step not in part and step.isdigit() and int(step) < len(part):
        pairs = list(part.items())
        if not rest and verb != "add":
            return dict(_reordered(pairs, int(step), verb))
        key = pairs[int(step)][0]
        return {**part, key: _moved(part[key], rest, verb)}
    if verb == "add" and not rest and step not in part:
        return {**part, step: _added(None)}
    return {**part, step: _moved(part[step], rest, verb)} if step in part else dict(part)


def _added(part: Any) -> Any:
    """One more row; a table by level gets a level without a name."""
    if isinstance(part, Mapping):
        return part if "" in part or len(part) >= MOST_ROWS else {**part, "": {}}
    rows = part if isinstance(part, list) else []
    return rows if len(rows) >= MOST_ROWS else [*rows, {}]


def _reordered(rows: list[Any], at: int, verb: str) -> list[Any]:
    made = list(rows)
    to = at - 1 if verb == "up" else at + 1
    if verb == "drop":
        del made[at]
    elif 0 <= to < len(made):
        made[at], made[to] = made[to], made[at]
    return made
