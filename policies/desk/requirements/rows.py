"""A requirement tree as a flat list of indented rows, and back again without losing a word. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

GROUPS = ("all", "any", "at_least", "not")
LEAVES = ("when", "judged", "not_modelled")
UNREAD = "unread"
"""The form of a row whose node is nothing that the editor knows: it is kept as it stands."""
DEEPEST_ROW = 30
MOST_ROWS = 500

_WHOLE = re.compile(r"-?[0-9]{1,20}")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the editor: how far in it stands, what it is, and every field as text.

    Fields of other forms keep what was typed while the form is changed to and fro; only those of its own form are
    written. `picked`, `fact`, `operator`, `values` and `scale` are the picked leaf, `when` is the typed one.
    """

    depth: int = 0
    form: str = "when"
    count: str = ""
    when: str = ""
    en: str = ""
    zh: str = ""
    says_en: str = ""
    says_zh: str = ""
    clause: str = ""
    confidence: str = ""
    source: str = ""
    note_en: str = ""
    note_zh: str = ""
    picked: bool = True
    fact: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()
    scale: str = ""
    other: Any = field(default=None)
    """What stands in the node and has no field: further keys, or the whole of an unread one."""

    @property
    def is_group(self) -> bool:
        """Whether other rows can stand inside it."""
        return self.form in GROUPS


def rows_of(tree: Any) -> tuple[Row, ...]:
    """The rows of a tree as it is stored, also of a half-written or faulty one; none where nothing is written."""
    rows: list[Row] = []
    if tree is not None:
        _unfold(tree, 0, rows)
    return tuple(rows)


def _unfold(node: Any, depth: int, rows: list[Row]) -> None:
    form, children = _form_of(node)
    if form == UNREAD or depth >= DEEPEST_ROW:
        rows.append(Row(depth, UNREAD, other=node))
        return
    rows.append(_row(node, form, depth))
    for child in children:
        _unfold(child, depth + 1, rows)


def _form_of(node: Any) -> tuple[str, Sequence[Any]]:
    """The form of a node and the nodes inside it."""
    if not isinstance(node, Mapping) or not all(isinstance(key, str) for key in node):
        return UNREAD, ()
    forms = [form for form in (*GROUPS, *LEAVES) if form in node]
    if len(forms) != 1:
        return UNREAD, ()
    (form,) = forms
    value = node[form]
    match form:
        case "all" | "any":
            children = [] if value is None else value
        case "at_least":
            children = [] if node.get("of") is None else node["of"]
        case "not":
            children = [] if value is None else _inside_not(value)
        case "when":
            return (form if isinstance(value, str) or _is_whole(value) else UNREAD), ()
        case _:
            return (form if _pair(value) is not None else UNREAD), ()
    if not isinstance(children, list | tuple) or (
        form == "at_least" and not isinstance(value, str) and not _is_whole(value)
    ):
        return UNREAD, ()
    return form, children


def _inside_not(value: Any) -> Sequence[Any]:
    # "None of these" is written as not any of them; the editor shows it as one row with several inside.
    if isinstance(value, Mapping) and set(value) == {"any"}:
        of = value["any"]
        if isinstance(of, list | tuple) and len(of) > 1:
            return of
    return [value]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _pair(value: Any) -> tuple[str, str] | None:
    if isinstance(value, Mapping) and set(value) <= {"en", "zh"}:
        en, zh = value.get("en", ""), value.get("zh", "")
        if isinstance(en, str) and isinstance(zh, str):
            return en, zh
    return None


def _row(node: Mapping[str, Any], form: str, depth: int) -> Row:
    other = {key: value for key, value in node.items() if key != form}
    fields: dict[str, Any] = {}
    match form:
        case "when":
            fields["when"] = str(node["when"])
            fields |= _taken_pair(other, "says")
        case "judged" | "not_modelled":
            fields["en"], fields["zh"] = _pair(node[form]) or ("", "")
        case "at_least":
            fields["count"] = str(node["at_least"])
            other.pop("of", None)
    for key in ("clause", "confidence", "source"):
        if isinstance(other.get(key), str):
            fields[key] = other.pop(key)
    fields |= _taken_pair(other, "note")
    return Row(depth, form, picked=False, other=other or None, **fields)


def _taken_pair(other: dict[str, Any], key: str) -> dict[str, str]:
    pair = _pair(other.get(key))
    if pair is None:
        return {}
    del other[key]
    return {f"{key}_en": pair[0], f"{key}_zh": pair[1]}


def normal(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows so that they make one tree: nothing stands inside a leaf, and one row is on top of all others."""
    found: list[Row] = []
    room = 0
    for row in rows:
        depth = max(0, min(row.depth, room, DEEPEST_ROW))
        found.append(row if depth == row.depth else replace(row, depth=depth))
        room = depth + 1 if row.is_group else depth
    if sum(row.depth == 0 for row in found) > 1:
        found = [Row(0, "all", picked=False), *(replace(row, depth=row.depth + 1) for row in found)]
    return tuple(found)


def end_of(rows: Sequence[Row], at: int) -> int:
    """The place after the row and everything inside it."""
    after = at + 1
    while after < len(rows) and rows[after].depth > rows[at].depth:
        after += 1
    return after


def inside(rows: Sequence[Row], at: int) -> list[int]:
    """The places of the rows that stand directly inside this one."""
    return [place for place in range(at + 1, end_of(rows, at)) if rows[place].depth == rows[at].depth + 1]


def tree_of(rows: Sequence[Row]) -> tuple[Any, tuple[Path, ...]]:
    """The tree that normal rows say, ready to be stored, and the path in it that leads to each row."""
    paths: list[Path] = [()] * len(rows)
    return (_fold(rows, 0, (), paths) if rows else None), tuple(paths)


def _fold(rows: Sequence[Row], at: int, path: Path, paths: list[Path]) -> Any:
    row, paths[at] = rows[at], path
    children = inside(rows, at)

    def fold_all(*step: str | int) -> list[Any]:
        return [_fold(rows, child, (*path, *step, order), paths) for order, child in enumerate(children)]

    match row.form:
        case "all" | "any":
            node: dict[str, Any] = {row.form: fold_all(row.form)}
        case "at_least":
            node = {"at_least": _count(row.count), "of": fold_all("of")}
        case "not" if len(children) > 1:
            node = {"not": {"any": fold_all("not", "any")}}
        case "not":
            node = {"not": _fold(rows, children[0], (*path, "not"), paths) if children else None}
        case "when":
            node = {"when": row.when, **_written_pair("says", row.says_en, row.says_zh)}
        case "judged" | "not_modelled":
            node = {row.form: {"en": row.en, "zh": row.zh}}
        case _:
            return row.other
    marks = {"clause": row.clause, "confidence": row.confidence, "source": row.source}
    node |= {key: value for key, value in marks.items() if value.strip()}
    node |= _written_pair("note", row.note_en, row.note_zh)
    return {**(row.other or {}), **node}


def _count(typed: str) -> int | str:
    """The number as a number; what is none is kept as it was typed."""
    return int(typed) if _WHOLE.fullmatch(typed.strip()) else typed


def _written_pair(key: str, en: str, zh: str) -> dict[str, Any]:
    return {key: {"en": en, "zh": zh}} if en.strip() or zh.strip() else {}
