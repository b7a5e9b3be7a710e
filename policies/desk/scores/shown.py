"""A table of points for its page: each field as typed, what it means in both languages, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from companies.facts import Text, Vocabulary
from policies.rules import RuleFault, parse_expression, say_expression
from policies.rules.scores import Item, ItemKind, Score, ScoreFault, most_points, show_points

KIND_WORDS: dict[ItemKind, tuple[Text, Text]] = {
    "steps": (Text("steps", "分段计分"), Text("from a value on, so many points", "达到某一数值得若干分")),
    "cases": (Text("cases", "按情形计分"), Text("in each case, so many points", "符合某种情形得若干分")),
    "each": (Text("for each one", "按数量计分"), Text("so many points for each patent, product, …", "每项专利、产品等得若干分")),
    "typed": (
        Text("another score or a formula", "其他得分或公式"),
        Text("the points come from a fact, or are typed as an expression", "分数来自某项事实项，或写成表达式"),
    ),
}  # fmt: skip
"""What each kind of item is called, and what it does."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line: what was typed, what it means, what is wrong."""

    id: str
    at: str
    points: str
    said: Text | None
    wrong_at: Text | None
    wrong_points: Text | None
    has_focus: bool


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item with its lines; `at` counts from 0 as the fields do, `number` from 1 as people do.

    `focus` is the field of the item to go to: "of", "title" or none.
    """

    id: str
    at: int
    number: int
    is_last: bool
    item: Item
    title: Text
    focus: str
    said: Text | None
    lines: tuple[ShownLine, ...]
    wrong: dict[str, Text]


@dataclass(frozen=True, slots=True)
class ShownFault:
    """One line of the summary: the item's number, the id of its field, what is wrong."""

    number: int
    id: str
    said: Text


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole table; `whole` says what is wrong with it as a whole."""

    items: tuple[ShownItem, ...]
    cap: str
    most: str
    whole: tuple[Text, ...] = ()
    faults: tuple[ShownFault, ...] = field(default=())


def show_score(score: Score, vocabulary: Vocabulary, faults: Iterable[ScoreFault] = (), focus: str = "") -> Shown:
    """The table as typed, with what each part of it means as far as it can be read; `focus` is the id of a field."""
    wrong = {(one.item, one.line, one.field): one.fault.said() for one in faults}
    most = most_points(score, vocabulary)
    items = []
    for at, item in enumerate(score.items):
        name = f"item-{at}"
        lines = tuple(
            ShownLine(
                f"{name}-line-{row}",
                line.at,
                line.points,
                _meaning(line.at, vocabulary) if item.kind == "cases" else None,
                wrong.get((at, row, "at")),
                wrong.get((at, row, "points")),
                focus == f"{name}-line-{row}-at",
            )
            for row, line in enumerate(item.lines)
        )
        of_item = {field: said for (n, row, field), said in wrong.items() if n == at and row is None}
        said = _meaning(item.of, vocabulary)
        is_last, title = at + 1 == len(score.items), KIND_WORDS[item.kind][0]
        on = focus.removeprefix(f"{name}-") if focus in (f"{name}-of", f"{name}-title") else ""
        items.append(ShownItem(name, at, at + 1, is_last, item, title, on, said, lines, of_item))
    return Shown(
        tuple(items),
        score.cap,
        "" if most is None else show_points(most),
        tuple(said for (n, _row, _field), said in wrong.items() if n is None),
        tuple(
            ShownFault(n + 1, f"item-{n}-{field}" if row is None else f"item-{n}-line-{row}-{field}", said)
            for (n, row, field), said in wrong.items()
            if n is not None
        ),
    )


def _meaning(text: str, vocabulary: Vocabulary) -> Text | None:
    if not text.strip():
        return None
    try:
        return say_expression(parse_expression(text, vocabulary, derived=True), vocabulary)
    except RuleFault:
        return None
