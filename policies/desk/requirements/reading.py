"""What rows say in both languages, and what is wrong with each of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from companies.facts import Text, Vocabulary
from policies.desk.requirements.picking import expression_of, missing_in
from policies.desk.requirements.rows import UNREAD, Path, Row, inside, tree_of
from policies.rules.checking import expression_warnings
from policies.rules.documents import MOST_NODES
from policies.rules.faults import Fault, RuleFault
from policies.rules.parsing import parse_expression
from policies.rules.reading import Reading
from policies.rules.requirement_files import read_requirement
from policies.rules.requirements import Requirement, both, count_parts
from policies.rules.saying import say_expression

_GROUP_WORDS = {
    "all": Text("All of these:", "须全部满足："),
    "any": Text("Any one of these:", "满足其中任意一项："),
    "not": Text("None of these:", "不得有以下任何情形："),
}
_PLAINER = {
    "missing_language": Text("write it in both languages", "请填写中英文两种文字"),
    "too_deep": Text("this stands too deep; move it further out", "嵌套过深，请移到外层"),
}
_NOTHING_INSIDE = Text("nothing stands inside this row yet", "该行内还没有任何条件")
_NOT_A_ROW = Text(
    "this part of the file cannot be shown as a row; it is kept as it stands", "文件的这一部分无法以行显示，将原样保留"
)


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The tree of the rows as it would be stored; for each row what it says, its faults, and hints that stop nothing."""

    tree: Any
    said: tuple[Text | None, ...]
    faults: tuple[tuple[Fault, ...], ...]
    hints: tuple[tuple[Fault, ...], ...]
    paths: tuple[Path, ...]

    @property
    def how_many_faults(self) -> int:
        """Faults of all rows."""
        return sum(map(len, self.faults))

    def at_rows(self, faults: Sequence[Fault]) -> tuple[tuple[Fault, ...], ...]:
        """Faults with paths into the tree, each at the row that it is about, with what is left of its path."""
        found: list[list[Fault]] = [[] for _ in self.paths]
        for fault in faults:
            at = max(
                (place for place, path in enumerate(self.paths) if fault.path[: len(path)] == path),
                key=lambda place: len(self.paths[place]),
                default=0,
            )
            found[at].append(replace(fault, path=fault.path[len(self.paths[at]) :]))
        return tuple(map(tuple, found))


def read_rows(rows: Sequence[Row], vocabulary: Vocabulary, shared: Requirement | None = None) -> ReadRows:
    """Read normal rows; `shared` is what the policy asks beside them, which counts towards the greatest size."""
    written = [replace(row, when=expression_of(row, vocabulary)) if _is_picked(row) else row for row in rows]
    tree, paths = tree_of(written)
    reading = Reading(vocabulary)
    requirement = None if tree is None else read_requirement(tree, (), reading)
    said = tuple(say_row(written, at, vocabulary) for at in range(len(written)))
    unplaced = ReadRows(tree, said, (), (), paths)
    found = unplaced.at_rows(reading.faults)
    faults = [_plainer(rows, at, found[at], vocabulary) for at in range(len(rows))]
    if rows and requirement is not None and count_parts(both(shared, requirement)) > MOST_NODES:
        said_so = Text(
            f"together this has more than {MOST_NODES} parts; shorten it", f"合计超过 {MOST_NODES} 个组成部分，请精简"
        )
        faults[0] = (*faults[0], Fault((), said_so, "too_big"))
    hints = tuple(_hints(row, vocabulary) for row in written)
    return replace(unplaced, faults=tuple(faults), hints=hints)


def say_row(rows: Sequence[Row], at: int, vocabulary: Vocabulary) -> Text | None:
    """What the row says, in both languages; None where that cannot be said yet."""
    row = rows[at]
    if row.form == "when":
        if row.says_en.strip() and row.says_zh.strip():
            return Text(row.says_en, row.says_zh)
        return say_typed(row.when, vocabulary)
    if row.form in ("judged", "not_modelled"):
        return Text(row.en or row.zh, row.zh or row.en) if row.en.strip() or row.zh.strip() else None
    if row.form == "at_least":
        count = row.count.strip() or "…"
        return Text(f"At least {count} of these:", f"至少满足其中 {count} 项：")
    if row.form == "not" and len(inside(rows, at)) < 2:
        return Text("This must not hold:", "不得有以下情形：")
    return _GROUP_WORDS.get(row.form)


def say_typed(when: str, vocabulary: Vocabulary) -> Text | None:
    """An expression as a sentence; None where it cannot be read."""
    try:
        return say_expression(parse_expression(when, vocabulary), vocabulary)
    except RuleFault:
        return None


def _is_picked(row: Row) -> bool:
    return row.form == "when" and row.picked


def _plainer(rows: Sequence[Row], at: int, faults: tuple[Fault, ...], vocabulary: Vocabulary) -> tuple[Fault, ...]:
    """The faults of a row in the words of the editor rather than those of a file."""
    row = rows[at]
    if row.form == UNREAD:
        return (Fault((), _NOT_A_ROW, "not_a_row"),)
    missing = missing_in(row, vocabulary) if _is_picked(row) else None
    if missing is not None:
        return (missing, *(fault for fault in faults if fault.path[:1] != ("when",)))
    if row.is_group and not inside(rows, at):
        rest = (fault for fault in faults if fault.code not in ("empty", "wrong_shape", "whole_number"))
        return (Fault((), _NOTHING_INSIDE, "empty"), *rest)
    return tuple(replace(fault, message=_PLAINER.get(fault.code, fault.message)) for fault in faults)


def _hints(row: Row, vocabulary: Vocabulary) -> tuple[Fault, ...]:
    if row.form != "when":
        return ()
    try:
        return tuple(expression_warnings(parse_expression(row.when, vocabulary), vocabulary))
    except RuleFault:
        return ()
