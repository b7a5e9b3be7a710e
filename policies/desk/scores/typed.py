"""A table of points as it was sent by the form, and what its buttons do to it. Nothing typed is ever dropped. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from policies.rules.scores import MOST_ITEMS, MOST_LINES, Item, ItemKind, Line, Score

KINDS: tuple[ItemKind, ...] = ("steps", "cases", "each", "typed")
_EMPTY = Line("", "")


def new_item(kind: ItemKind) -> Item:
    """An item with nothing written yet, and room for two lines where it has lines."""
    return Item(kind, lines=(_EMPTY, _EMPTY) if kind in ("steps", "cases") else ())


def sent_score(sent: Mapping[str, str]) -> Score:
    """The table in the fields `item-0-kind`, `item-0-line-0-at`, …; more than may be stored is read too, and refused later."""
    items = []
    for at in range(MOST_ITEMS + 1):
        kind = sent.get(f"item-{at}-kind")
        if kind not in KINDS:
            break
        items.append(_sent_item(sent, f"item-{at}-", kind))
    return Score(tuple(items), sent.get("cap", ""))


def _sent_item(sent: Mapping[str, str], name: str, kind: ItemKind) -> Item:
    lines = []
    for row in range(MOST_LINES + 1):
        if f"{name}line-{row}-at" not in sent:
            break
        lines.append(Line(sent[f"{name}line-{row}-at"], sent.get(f"{name}line-{row}-points", "")))
    of, otherwise, points, cap = (sent.get(name + field, "") for field in ("of", "otherwise", "points", "cap"))
    return Item(kind, of=of, lines=tuple(lines), otherwise=otherwise, points=points, cap=cap)


def without_empty_lines(score: Score) -> Score:
    """The table without the lines in which nothing is written: they were room to write, not part of it."""
    return replace(score, items=tuple(replace(item, lines=_written(item)) for item in score.items))


def _written(item: Item) -> tuple[Line, ...]:
    return tuple(line for line in item.lines if line.at.strip() or line.points.strip())


_BUTTON = re.compile(r"(add|line|drop|up|down)-(\w+)(?:-(\d{1,2}))?")


def after_button(score: Score, pressed: str) -> tuple[Score, str]:
    """The table after a button (`add-steps`, `line-2`, `drop-2`, `drop-2-0`, `up-2`, `down-2`), and the id of the field to go to."""
    match = _BUTTON.fullmatch(pressed)
    if match is None:
        return score, ""
    verb, where, row = match[1], match[2], match[3]
    items = list(score.items)
    if verb == "add":
        if where not in KINDS or len(items) >= MOST_ITEMS:
            return score, ""
        first = "line-0-at" if where == "cases" else "of"
        return replace(score, items=(*items, new_item(where))), f"item-{len(items)}-{first}"
    if not where.isdigit() or int(where) >= len(items):
        return score, ""
    at = int(where)
    to = at
    match verb:
        case "line" if len(items[at].lines) < MOST_LINES:
            items[at] = replace(items[at], lines=(*items[at].lines, _EMPTY))
            return replace(score, items=tuple(items)), f"item-{at}-line-{len(items[at].lines) - 1}-at"
        case "drop" if row is not None:
            items[at] = replace(items[at], lines=tuple(one for n, one in enumerate(items[at].lines) if n != int(row)))
        case "drop":
            del items[at]
            to = min(at, len(items) - 1)
        case "up" if at > 0:
            to = at - 1
            items[to], items[at] = items[at], items[to]
        case "down" if at + 1 < len(items):
            to = at + 1
            items[to], items[at] = items[at], items[to]
    return replace(score, items=tuple(items)), f"item-{to}-title" if items else "add"
