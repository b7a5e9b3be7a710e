"""What the buttons of the editor do to the rows: each gives the rows after it and the row it was about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from companies.facts import Text
from policies.desk.requirements.rows import MOST_ROWS, Row, end_of, normal
from policies.rules.requirement_files import DEEPEST_TREE

Rows = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Moved:
    """The rows after a move, the place of the row it was about, and why nothing happened where nothing did."""

    rows: tuple[Row, ...]
    at: int | None
    why: Text | None = None


_TOO_DEEP = Text(f"rows can stand at most {DEEPEST_TREE} deep", f"最多嵌套 {DEEPEST_TREE} 层")
_TOO_MANY = Text(f"more than {MOST_ROWS} rows", f"超过 {MOST_ROWS} 行")


def begin(rows: Rows) -> Moved:
    """The first rows of an empty requirement: all of these, with one criterion to fill in."""
    return Moved(tuple(rows), 0) if rows else Moved((Row(0, "all", picked=False), Row(1)), 1)


def add_below(rows: Rows, at: int) -> Moved:
    """A new criterion after this row and what stands inside it, equally far in."""
    if rows[at].depth == 0 and rows[at].is_group:
        return add_inside(rows, at)
    after = end_of(rows, at)
    return _kept([*rows[:after], Row(rows[at].depth), *rows[after:]], rows, at, after)


def add_inside(rows: Rows, at: int) -> Moved:
    """A new criterion as the last one inside this group."""
    if not rows[at].is_group:
        return Moved(tuple(rows), at, _not_a_group())
    after = end_of(rows, at)
    return _kept([*rows[:after], Row(rows[at].depth + 1), *rows[after:]], rows, at, after)


def wrap(rows: Rows, at: int) -> Moved:
    """A new group "any of these" around this row and what stands inside it."""
    after = end_of(rows, at)
    block = [replace(row, depth=row.depth + 1) for row in rows[at:after]]
    group = Row(rows[at].depth, "any", picked=False)
    return _kept([*rows[:at], group, *block, *rows[after:]], rows, at, at)


def up(rows: Rows, at: int) -> Moved:
    """This row before the one above it in the same group."""
    before = _sibling_before(rows, at)
    if before is None:
        return Moved(tuple(rows), at, Text("it is already the first of its group", "已是本组第一行"))
    after = end_of(rows, at)
    return Moved((*rows[:before], *rows[at:after], *rows[before:at], *rows[after:]), before)


def down(rows: Rows, at: int) -> Moved:
    """This row after the one below it in the same group."""
    following = end_of(rows, at)
    if following >= len(rows) or rows[following].depth < rows[at].depth:
        return Moved(tuple(rows), at, Text("it is already the last of its group", "已是本组最后一行"))
    after = end_of(rows, following)
    block = rows[at:following]
    return Moved((*rows[:at], *rows[following:after], *block, *rows[after:]), after - len(block))


def indent(rows: Rows, at: int) -> Moved:
    """This row as the last one inside the group above it."""
    before = _sibling_before(rows, at)
    if before is None or not rows[before].is_group:
        return Moved(
            tuple(rows), at, Text("there is no group right above it to move it into", "上方没有可移入的条件组")
        )
    after = end_of(rows, at)
    block = [replace(row, depth=row.depth + 1) for row in rows[at:after]]
    return _kept([*rows[:at], *block, *rows[after:]], rows, at, at)


def outdent(rows: Rows, at: int) -> Moved:
    """This row out of its group, to stand right after it."""
    if rows[at].depth <= 1:
        return Moved(tuple(rows), at, Text("it cannot stand further out", "已在最外层"))
    after, parent_end = end_of(rows, at), end_of(rows, _parent(rows, at))
    block = [replace(row, depth=row.depth - 1) for row in rows[at:after]]
    return Moved((*rows[:at], *rows[after:parent_end], *block, *rows[parent_end:]), parent_end - len(block))


def remove(rows: Rows, at: int) -> Moved:
    """The rows without this one and what stands inside it; the place is that of the row to go on with."""
    after = end_of(rows, at)
    left = (*rows[:at], *rows[after:])
    if not left:
        return Moved((), None)
    return Moved(left, at if at < len(left) and left[at].depth == rows[at].depth else at - 1)


def put_back(rows: Rows, at: int, block: Rows) -> Moved:
    """The rows with these back at their place."""
    at = max(0, min(at, len(rows)))
    return _kept(normal([*rows[:at], *block, *rows[at:]]), rows, None, at)


def _sibling_before(rows: Rows, at: int) -> int | None:
    for place in range(at - 1, -1, -1):
        if rows[place].depth == rows[at].depth:
            return place
        if rows[place].depth < rows[at].depth:
            return None
    return None


def _parent(rows: Rows, at: int) -> int:
    return next(place for place in range(at - 1, -1, -1) if rows[place].depth < rows[at].depth)


def _not_a_group() -> Text:
    return Text("only a group can have rows inside it", "只有条件组内才能添加行")


def _kept(changed: Rows, rows: Rows, at: int | None, new: int) -> Moved:
    """The changed rows within the limits; the rows as they were, and why, beyond them."""
    made = normal(changed)
    if len(made) > MOST_ROWS:
        return Moved(tuple(rows), at, _TOO_MANY)
    # Depths count from 0 here and from 1 in the language.
    if max(row.depth for row in made) >= DEEPEST_TREE > max((row.depth for row in rows), default=0):
        return Moved(tuple(rows), at, _TOO_DEEP)
    return Moved(made, new + len(made) - len(changed))
