"""What the buttons of rows do to a part that is not saved yet: add a row or a level, drop, up, down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.desk.inputs.kinds import MOST_ROWS


def moved(part: Any, button: str) -> Any:
    """The part after `add:<address>`, `level:`, `drop:`, `up:` or `down:`; unchanged for anything else.

    `add` adds a row to a list, `level` a level without a key to a table, also where neither is there yet.

    The address leads through the part, “steps/2”; levels of a table are counted as rows are.
    """
    verb, _colon, address = button.partition(":")
    if verb not in (*_ADDS, "drop", "up", "down"):
        return part
    return _moved(part, [step for step in address.split("/") if step], verb)


def _moved(part: Any, steps: list[str], verb: str) -> Any:
    if verb in _ADDS and not steps:
        return _ADDS[verb](part)
    if not steps:
        return part
    step, rest = steps[0], steps[1:]
    if isinstance(part, list):
        if not step.isdigit() or int(step) >= len(part):
            return part
        at = int(step)
        if rest or verb in _ADDS:
            return [*part[:at], _moved(part[at], rest, verb), *part[at + 1 :]]
        return _reordered(part, at, verb)
    if not isinstance(part, Mapping):
        return part
    if step not in part and step.isdigit() and int(step) < len(part):
        pairs = list(part.items())
        if not rest and verb not in _ADDS:
            return dict(_reordered(pairs, int(step), verb))
        key = pairs[int(step)][0]
        return {**part, key: _moved(part[key], rest, verb)}
    if verb in _ADDS and not rest and step not in part:
        return {**part, step: _ADDS[verb](None)}
    return {**part, step: _moved(part[step], rest, verb)} if step in part else dict(part)


def _with_row(part: Any) -> Any:
    if part is not None and not isinstance(part, list):
        return part
    rows = part or []
    return rows if len(rows) >= MOST_ROWS else [*rows, {}]


def _with_level(part: Any) -> Any:
    if part is not None and not isinstance(part, Mapping):
        return part
    levels = part or {}
    return levels if "" in levels or len(levels) >= MOST_ROWS else {**levels, "": {}}


_ADDS = {"add": _with_row, "level": _with_level}


def _reordered(rows: list[Any], at: int, verb: str) -> list[Any]:
    made = list(rows)
    to = at - 1 if verb == "up" else at + 1
    if verb == "drop":
        del made[at]
    elif 0 <= to < len(made):
        made[at], made[to] = made[to], made[at]
    return made
