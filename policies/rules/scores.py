"""A score as people write it in a document, a table of points, and the expression that it stands for.

A table has items whose points add up: steps ("from 3 %: 10 points"), cases ("listed: 20 points"), so many points for
each of something, or any expression. Reading a table out of an expression never fails: what has no shape of its own is
an item that is typed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from companies.facts import Text, Vocabulary
from policies.rules.checking import SortFault, check_sorts
from policies.rules.expressions import Arithmetic, Band, Expression, Extreme, Number, Otherwise
from policies.rules.faults import RuleFault
from policies.rules.parsing import parse_expression
from policies.rules.printing import digits, print_expression

ItemKind = Literal["steps", "cases", "each", "typed"]
MOST_ITEMS = 30
MOST_LINES = 30
NO_VALUE = "-"
_NOTHING = Number(Fraction(0))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an item: from which number on, or in which case, and how many points."""

    at: str
    points: str


@dataclass(frozen=True, slots=True)
class Item:
    """What counts, as typed.

    steps: `of` is a number, each line counts from its number on, `otherwise` below the first one (empty: 0 points,
    NO_VALUE: the document does not say).
    cases: each line has a condition, the first that holds counts, `otherwise` when none does (empty: 0 points).
    each: `points` for each one of `of`. typed: `of` is an expression that gives the points.
    `cap`: at most so many points from this item (empty: no cap).
    """

    kind: ItemKind
    of: str = ""
    lines: tuple[Line, ...] = ()
    otherwise: str = ""
    points: str = ""
    cap: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A table of points; the points of its items add up, to at most `cap` where there is one."""

    items: tuple[Item, ...]
    cap: str = ""


@dataclass(frozen=True, slots=True)
class ScoreFault:
    """What is wrong at one field: item and line (from 0; None for the whole), the field's name, and the fault."""

    item: int | None
    line: int | None
    field: str
    fault: RuleFault


class UnreadableScore(Exception):
    """A table that is no expression yet; `faults` say where and why."""

    def __init__(self, faults: list[ScoreFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(one.fault.message.en for one in faults))


def read_score(expression: Expression) -> Score:
    """The table that the expression stands for; writing it gives the same expression again."""
    capped, cap = _without_cap(expression)
    return Score(tuple(_read_item(part) for part in _addends(capped)), cap)


def write_score(score: Score, vocabulary: Vocabulary) -> Expression:
    """The expression of the table; raises UnreadableScore with every field that cannot be read."""
    writer = _Writer(vocabulary)
    total = writer.score(score)
    if writer.faults or total is None:
        raise UnreadableScore(writer.faults)
    try:
        # Once more as a whole: the limits hold for the whole.
        return parse_expression(print_expression(total), vocabulary, derived=True)
    except RuleFault as fault:
        raise UnreadableScore([ScoreFault(None, None, "items", fault)]) from fault


def _without_cap(expression: Expression) -> tuple[Expression, str]:
    """`min(x, 20)` as x and "20"; anything else with no cap."""
    match expression:
        case Extreme("min", (inner, Number() as cap)) if not isinstance(inner, Number):
            return inner, print_expression(cap)
    return expression, ""


def _addends(expression: Expression) -> Iterator[Expression]:
    """The parts of a sum from left to right; brackets on the right stay together, so that the sum comes back as it was."""
    parts = []
    while isinstance(expression, Arithmetic) and expression.operator == "+":
        parts.append(expression.right)
        expression = expression.left
    yield expression
    yield from reversed(parts)


def _read_item(expression: Expression) -> Item:
    inner, cap = _without_cap(expression)
    item = _read_shape(inner)
    if item.kind == "typed":
        return Item("typed", of=print_expression(expression))
    return replace(item, cap=cap)


def _read_shape(expression: Expression) -> Item:
    show = print_expression
    match expression:
        case Band(of, None | Number() as below, steps) if all(isinstance(value, Number) for _, value in steps):
            lines = tuple(Line(show(start), show(value)) for start, value in steps)
            return Item("steps", of=show(of), lines=lines, otherwise=NO_VALUE if below is None else _below(below))
        case Otherwise(cases, Number() as last) if all(isinstance(value, Number) for _, value in cases):
            lines = tuple(Line(show(condition), show(value)) for condition, value in cases)
            return Item("cases", lines=lines, otherwise=_below(last))
        case Arithmetic("*", of, Number() as points) if not isinstance(of, Number):
            return Item("each", of=show(of), points=show(points))
    return Item("typed", of=show(expression))


def _below(points: Number) -> str:
    return "" if points == _NOTHING else print_expression(points)


@dataclass(slots=True)
class _Writer:
    """Reads the fields of a table one by one, and keeps what is wrong with each."""

    vocabulary: Vocabulary
    faults: list[ScoreFault] = field(default_factory=list)

    def score(self, score: Score) -> Expression | None:
        if not score.items:
            self.refuse(None, None, "items", Text("a score needs at least one item", "评分至少需要一个项目"), "empty")
        if len(score.items) > MOST_ITEMS:
            said = Text(f"more than {MOST_ITEMS} items; split the score", f"超过 {MOST_ITEMS} 个项目，请拆分评分")
            self.refuse(None, None, "items", said, "too_many_items")
            return None
        total: Expression | None = None
        for at, item in enumerate(score.items):
            points = self.item(at, item)
            if points is not None:
                total = points if total is None else Arithmetic("+", total, points)
        return None if total is None else self.capped(total, score.cap, None)

    def item(self, at: int, item: Item) -> Expression | None:
        if len(item.lines) > MOST_LINES:
            said = Text(f"more than {MOST_LINES} lines; split the item", f"超过 {MOST_LINES} 行，请拆分项目")
            self.refuse(at, None, "lines", said, "too_many_lines")
            return None
        made: Expression | None
        match item.kind:
            case "steps":
                made = self.steps(at, item)
            case "cases":
                made = self.cases(at, item)
            case "each":
                of, points = self.number(item.of, at, None, "of"), self.plain(item.points, at, None, "points")
                made = None if of is None or points is None else Arithmetic("*", of, points)
            case "typed":
                made = self.number(item.of, at, None, "of")
        return None if made is None else self.capped(made, item.cap, at)

    def steps(self, at: int, item: Item) -> Expression | None:
        of = self.number(item.of, at, None, "of")
        below, is_open = self.below(item, at), item.otherwise.strip() == NO_VALUE
        steps: list[tuple[Number, Expression]] = []
        for row, line in enumerate(item.lines):
            start, points = self.plain(line.at, at, row, "at"), self.plain(line.points, at, row, "points")
            if start is None or points is None:
                continue
            if steps and start.value <= steps[-1][0].value:
                said = Text("this line does not start above the one before", "本行的起点须高于上一行")
                self.refuse(at, row, "at", said, "band_order")
            elif of is not None and self.fits(of, start, at, row):
                steps.append((start, points))
        if not item.lines:
            self.refuse(at, None, "lines", Text("steps need at least one line", "分段至少需要一行"), "empty")
        if of is None or not steps or (below is None and not is_open):
            return None
        return Band(of, below, tuple(steps))

    def cases(self, at: int, item: Item) -> Expression | None:
        last = self.below(item, at)
        cases: list[tuple[Expression, Expression]] = []
        for row, line in enumerate(item.lines):
            condition = self.read(line.at, "truth", at, row, "at")
            points = self.plain(line.points, at, row, "points")
            if condition is not None and points is not None:
                cases.append((condition, points))
        if not item.lines:
            self.refuse(at, None, "lines", Text("give at least one case", "请至少写一种情形"), "empty")
        return None if last is None or not cases else Otherwise(tuple(cases), last)

    def below(self, item: Item, at: int) -> Number | None:
        """The points below the first step or in no case; None where none are said or they cannot be read."""
        typed = item.otherwise.strip()
        if not typed:
            return _NOTHING
        return None if typed == NO_VALUE and item.kind == "steps" else self.plain(typed, at, None, "otherwise")

    def capped(self, points: Expression, cap: str, at: int | None) -> Expression | None:
        if not cap.strip():
            return points
        most = self.plain(cap, at, None, "cap")
        return None if most is None else Extreme("min", (points, most))

    def fits(self, of: Expression, start: Number, at: int, row: int) -> bool:
        """Whether a step may start there: 5% for a ratio, 300万 for money."""
        try:
            check_sorts(Band(of, _NOTHING, ((start, _NOTHING),)), self.vocabulary)
        except SortFault as fault:
            self.refuse(at, row, "at", fault.message, fault.code, fault.suggestion)
            return False
        return True

    def plain(self, text: str, at: int | None, row: int | None, name: str) -> Number | None:
        made = self.number(text, at, row, name)
        if made is None or isinstance(made, Number):
            return made
        if print_expression(made).startswith("-") and isinstance(inner := made.parts()[0], Number):
            return Number(-inner.value, inner.scale)
        self.refuse(at, row, name, Text("write a plain number here", "此处请填写数字"), "not_a_number")
        return None

    def number(self, text: str, at: int | None, row: int | None, name: str) -> Expression | None:
        return self.read(text, "number", at, row, name)

    def read(
        self, text: str, wanted: Literal["number", "truth"], at: int | None, row: int | None, name: str
    ) -> Expression | None:
        if not text.strip():
            self.refuse(at, row, name, Text("this is needed", "此处必填"), "missing")
            return None
        try:
            made = parse_expression(text, self.vocabulary, derived=True)
        except RuleFault as fault:
            self.faults.append(ScoreFault(at, row, name, fault))
            return None
        if check_sorts(made, self.vocabulary).name == wanted:
            return made
        if wanted == "number":
            said = Text("this gives no number", "此处的结果不是数字")
        else:
            said = Text("this is no condition: it must be true or false", "此处应为可判断是否成立的条件")
        self.refuse(at, row, name, said, "wrong_kind")
        return None

    def refuse(
        self, item: int | None, line: int | None, name: str, said: Text, code: str, suggestion: str | None = None
    ) -> None:
        self.faults.append(ScoreFault(item, line, name, RuleFault(said, code=code, suggestion=suggestion)))


def most_points(score: Score, vocabulary: Vocabulary) -> Fraction | None:
    """The most points the table can give, from its own lines; None where that has no end or is not written yet."""
    total = Fraction(0)
    for item in score.items:
        most = _most_of(item, vocabulary)
        if most is None:
            total = Fraction(-1)
            break
        total += most
    cap = _value(score.cap, vocabulary)
    if total < 0:
        return cap
    return total if cap is None else min(total, cap)


def _most_of(item: Item, vocabulary: Vocabulary) -> Fraction | None:
    cap = _value(item.cap, vocabulary)
    if item.kind in ("each", "typed"):
        return cap
    below = [] if item.otherwise.strip() == NO_VALUE else [item.otherwise or "0"]
    values = [_value(points, vocabulary) for points in (*(line.points for line in item.lines), *below)]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return cap
    return max(known) if cap is None else min(max(known), cap)


def _value(text: str, vocabulary: Vocabulary) -> Fraction | None:
    try:
        made = parse_expression(text, vocabulary) if text.strip() else None
    except RuleFault:
        return None
    return made.value if isinstance(made, Number) else None


def show_points(points: Fraction) -> str:
    """Points as they are written: 60, 12.5."""
    return digits(points)
