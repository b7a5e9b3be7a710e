"""What a person has on the editor's page before it is saved: the rows, which one is open, what was taken out last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

from companies.facts import Kind, Text, Vocabulary
from policies.desk.requirements import moves
from policies.desk.requirements.picking import expression_of, picked, with_fact
from policies.desk.requirements.rows import GROUPS, LEAVES, MOST_ROWS, UNREAD, Row, end_of, normal, rows_of

FIELD = "x-"
"""What the names of the open row's inputs begin with."""
_TEXTS = tuple(one.name for one in fields(Row) if one.type == "str" and one.name != "form")
_USUAL = Row()
_MOVES = {
    "below": moves.add_below, "inside": moves.add_inside, "wrap": moves.wrap, "up": moves.up, "down": moves.down,
    "indent": moves.indent, "outdent": moves.outdent,
}  # fmt: skip
_ADDS = ("below", "inside", "begin")


class Sent(Protocol):
    """What a browser sent, as Django keeps it."""

    def get(self, name: str, default: str = ...) -> Any: ...
    def getlist(self, name: str) -> list[Any]: ...
    def __contains__(self, name: object) -> bool: ...


class NotOurs(ValueError):
    """What was sent is nothing that our page sends."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows in hand. `focus` names the input or button to go on with, `why` says why the last button did nothing."""

    rows: tuple[Row, ...] = ()
    opened: int | None = None
    gone: tuple[int, tuple[Row, ...]] | None = None
    focus: str = ""
    why: Text | None = None
    checked: bool = field(default=False)


def opened_sheet(tree: Any, vocabulary: Vocabulary) -> Sheet:
    """The rows of what is stored; what can be picked is shown picked."""
    return Sheet(tuple(_as_picked(row, vocabulary) for row in rows_of(tree)))


def _as_picked(row: Row, vocabulary: Vocabulary) -> Row:
    return (picked(row, vocabulary) or row) if row.form == "when" else row


def sent_sheet(sent: Sent, vocabulary: Vocabulary) -> Sheet:
    """The rows as they were sent, with what was typed into the open one; raises NotOurs."""
    texts = sent.getlist("row")
    if len(texts) > MOST_ROWS + 1:
        raise NotOurs("too many rows")
    opened = texts.index("") if "" in texts else None
    rows = [sent_row(sent, vocabulary) if at == opened else row_from(text) for at, text in enumerate(texts)]
    sheet = Sheet(tuple(rows), opened, _gone_from(sent.get("gone", "")))
    if opened is not None:
        before = row_from(sent.get(f"{FIELD}was", ""))
        if before.is_group and not rows[opened].is_group and end_of(rows, opened) > opened + 1:
            kept = replace(rows[opened], form=before.form)
            why = Text("first move out or remove the rows inside it", "请先移出或删除其中的行")
            sheet = replace(sheet, rows=(*rows[:opened], kept, *rows[opened + 1 :]), why=why)
    made = normal(sheet.rows)
    shift = len(made) - len(sheet.rows)
    return replace(sheet, rows=made, opened=None if opened is None else opened + shift)


def sent_row(sent: Sent, vocabulary: Vocabulary) -> Row:
    """The open row: as it was when the page was made, with what was typed since."""
    before = row_from(sent.get(f"{FIELD}was", ""))
    changes: dict[str, Any] = {}
    for name in _TEXTS:
        if f"{FIELD}{name}" in sent:
            changes[name] = _typed(sent.get(f"{FIELD}{name}"), getattr(before, name))
    form = sent.get(f"{FIELD}form", before.form)
    changes["form"] = form if form in (*GROUPS, *LEAVES) else before.form
    if f"{FIELD}takes" in sent:
        changes["values"] = tuple(sent.getlist(f"{FIELD}values"))
    row = replace(before, **changes)
    return _fitted(row, before, vocabulary) if row.form == "when" and row.picked else row


def _typed(text: str, before: str) -> str:
    # Browsers send the ends of lines as CR LF, and drop them from inputs of one line.
    text = text.replace("\r\n", "\n")
    return before if text == before.replace("\n", "") else text


def _fitted(row: Row, before: Row, vocabulary: Vocabulary) -> Row:
    fact, old = vocabulary.resolve(row.fact), vocabulary.resolve(before.fact)
    if fact is None:
        return row
    if old is not None and old is not fact and (old.kind is not fact.kind or fact.kind in (Kind.ONE, Kind.MANY)):
        row = replace(row, values=(), operator="", scale="")
    return with_fact(row, fact)


def acted(sheet: Sheet, deed: str, vocabulary: Vocabulary) -> Sheet:
    """The sheet after a button: `open:3`, `close`, `below`, …; an unknown one changes nothing."""
    verb, _, place = deed.partition(":")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 6 else sheet.opened
    if verb == "begin":
        return _moved(sheet, moves.begin(sheet.rows), verb)
    if verb == "check":
        return replace(sheet, checked=True)
    if verb == "back" and sheet.gone is not None:
        moved = moves.put_back(sheet.rows, *sheet.gone)
        return replace(_moved(sheet, moved, verb), gone=sheet.gone if moved.why else None)
    if at is None or at >= len(sheet.rows):
        return sheet
    if verb == "open":
        return replace(sheet, opened=at, focus="first")
    if verb == "close":
        return replace(sheet, opened=None, focus=f"open:{at}")
    if verb in ("typed", "picked"):
        return _switched(sheet, at, verb, vocabulary)
    if verb == "remove":
        gone = (at, sheet.rows[at : end_of(sheet.rows, at)])
        left = moves.remove(sheet.rows, at)
        return replace(sheet, rows=left.rows, opened=None, gone=gone, focus="back")
    if verb in _MOVES:
        return _moved(sheet, _MOVES[verb](sheet.rows, at), verb)
    return sheet


def _moved(sheet: Sheet, moved: moves.Moved, verb: str) -> Sheet:
    focus = "first" if verb in (*_ADDS, "back", "wrap") and moved.why is None else verb
    return replace(sheet, rows=moved.rows, opened=moved.at, why=moved.why, focus=focus)


def _switched(sheet: Sheet, at: int, verb: str, vocabulary: Vocabulary) -> Sheet:
    """The leaf picked or typed; what was entered the other way is kept beside it."""
    row, why = sheet.rows[at], None
    if verb == "typed":
        is_simple = not row.when.strip() or picked(row, vocabulary) is not None
        row = replace(row, picked=False, when=expression_of(row, vocabulary) if is_simple else row.when)
    else:
        found = picked(row, vocabulary)
        if found is None and row.when.strip():
            why = Text(
                "this expression is more than one comparison; it is kept under “type it”",
                "该表达式不止一项比较，已保留在“手工输入”中",
            )
        row = found or replace(row, picked=True)
    return replace(sheet, rows=(*sheet.rows[:at], row, *sheet.rows[at + 1 :]), opened=at, why=why, focus=verb)


def row_to(row: Row) -> str:
    """The row as text for the page to send back; what says only the usual is left out."""
    plain = {one.name: getattr(row, one.name) for one in fields(Row)}
    return json.dumps({name: value for name, value in plain.items() if value != getattr(_USUAL, name)})


def row_from(text: str) -> Row:
    """The row that `row_to` wrote; raises NotOurs."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        raise NotOurs("not a row") from None
    return _row_of(plain)


def _row_of(plain: Any) -> Row:
    known = {one.name: one.type for one in fields(Row)}
    if not isinstance(plain, Mapping) or not set(plain) <= set(known):
        raise NotOurs("not a row")
    values = dict(plain)
    if "values" in values and isinstance(values["values"], list):
        values["values"] = tuple(values["values"])
    kinds = {"int": int, "str": str, "bool": bool, "tuple[str, ...]": tuple}
    for name, value in values.items():
        if name != "other" and not isinstance(value, kinds[str(known[name])]):
            raise NotOurs("not a row")
    if values.get("form", "when") not in (*GROUPS, *LEAVES, UNREAD) or not all(
        isinstance(word, str) for word in values.get("values", ())
    ):
        raise NotOurs("not a row")
    return Row(**values)


def gone_to(gone: tuple[int, tuple[Row, ...]] | None) -> str:
    """What was taken out last, as text for the page to send back."""
    return "" if gone is None else json.dumps([gone[0], [row_to(row) for row in gone[1]]])


def _gone_from(text: str) -> tuple[int, tuple[Row, ...]] | None:
    if not text:
        return None
    try:
        at, rows = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise NotOurs("not rows") from None
    if not isinstance(at, int) or not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise NotOurs("not rows")
    return at, tuple(row_from(row) for row in rows if isinstance(row, str))
