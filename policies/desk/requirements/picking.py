"""A criterion picked from lists (fact, comparison, value with its unit), as an expression and back again. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from fractions import Fraction

from companies.facts import Fact, Kind, Text, ValueFault, Vocabulary, quoted, read_number
from policies.desk.requirements.rows import Row
from policies.rules.expressions import (
    SCALES,
    Among,
    Compare,
    Day,
    Expression,
    FactNamed,
    Has,
    Holds,
    Key,
    Negated,
    Negative,
    Number,
    Since,
)
from policies.rules.faults import Fault, RuleFault
from policies.rules.parsing import parse_expression
from policies.rules.printing import digits, print_expression, print_number

_ORDER = {
    ">=": Text("at least (≥)", "不低于（≥）"), ">": Text("more than (>)", "高于（>）"),
    "<=": Text("at most (≤)", "不超过（≤）"), "<": Text("less than (<)", "低于（<）"),
    "==": Text("exactly (=)", "等于（=）"), "!=": Text("other than (≠)", "不等于（≠）"),
}  # fmt: skip
_DAYS = {
    ">=": Text("on or after", "不早于"), ">": Text("after", "晚于"), "<=": Text("on or before", "不晚于"),
    "<": Text("before", "早于"), "==": Text("on", "就在"),
}  # fmt: skip
_SINCE = {
    f"{unit} {sign}": Text(f"full {unit} since then: {said.en}", f"至今整{zh}数{said.zh}")
    for unit, zh in (("years", "年"), ("months", "月"))
    for sign, said in _ORDER.items()
    if sign not in ("==", "!=")
}
_OPERATORS: dict[Kind, dict[str, Text]] = {
    Kind.YES_NO: {"yes": Text("yes", "是"), "no": Text("no", "否")},
    Kind.WHOLE: _ORDER,
    Kind.NUMBER: _ORDER,
    Kind.MONEY: _ORDER,
    Kind.RATIO: _ORDER,
    Kind.DAY: _DAYS | _SINCE,
    Kind.ONE: {
        "==": Text("is", "是"), "!=": Text("is not", "不是"),
        "in": Text("is one of", "是其中之一"), "not in": Text("is none of", "不是其中任何一个"),
    },
    Kind.MANY: {
        "has": Text("includes", "包括"), "has not": Text("does not include", "不包括"),
        "in": Text("includes at least one of", "至少包括其一"), "not in": Text("includes none of", "均不包括"),
    },
    Kind.CERTIFICATES: {
        "holds": Text("holds a valid one of", "持有其中一项且有效"), "holds no": Text("holds no valid one of", "未持有其中任何一项（或已失效）"),
    },
}  # fmt: skip
_SCALES: dict[Kind, dict[str, Text]] = {
    Kind.MONEY: {
        "": Text("yuan", "元"), "万": Text("ten thousand yuan (万)", "万元"), "亿": Text("hundred million yuan (亿)", "亿元"),
    },
    Kind.RATIO: {"%": Text("%", "%"), "": Text("times (1 = 100%)", "倍（1 即 100%）")},
    Kind.NUMBER: {"": Text("", ""), "万": Text("ten thousand (万)", "万"), "亿": Text("hundred million (亿)", "亿"), "%": Text("%", "%")},
    Kind.WHOLE: {"": Text("", ""), "万": Text("ten thousand (万)", "万"), "亿": Text("hundred million (亿)", "亿")},
}  # fmt: skip
_USUAL = {Kind.RATIO: "%", Kind.MONEY: "万"}
_HALF = re.compile(r"\s*(?P<fact>\w{1,80})\s*(?P<operator>>=|<=|==|!=|>|<)?\s*")
_BARE = re.compile(r"[-+−]?[0-9０-９.．,，_\s]+")


def operators_of(fact: Fact) -> dict[str, Text]:
    """The comparisons that fit a fact of this kind, in the order in which they are offered."""
    return _OPERATORS[fact.kind]


def scales_of(fact: Fact) -> dict[str, Text]:
    """The units in which its number can be given; for a plain quantity with the unit of the fact."""
    scales = _SCALES.get(fact.kind, {})
    if fact.kind in (Kind.NUMBER, Kind.WHOLE) and fact.unit is not None:
        unit = fact.unit
        return {key: Text(f"{said.en} {unit.en}".strip(), f"{said.zh}{unit.zh}") for key, said in scales.items()}
    return scales


def takes(row: Row, fact: Fact) -> str:
    """What the value is given with: "nothing", "number", "day", "one" choice or "several"."""
    if fact.kind is Kind.YES_NO or row.operator not in operators_of(fact):
        return "nothing"
    if fact.kind is Kind.DAY:
        return "number" if row.operator in _SINCE else "day"
    if fact.kind in (Kind.ONE, Kind.MANY):
        return "several" if row.operator in ("in", "not in") else "one"
    return "several" if fact.kind is Kind.CERTIFICATES else "number"


def with_fact(row: Row, fact: Fact) -> Row:
    """The row fitted to its fact: a comparison and a unit of another kind give way to the usual ones."""
    operator = row.operator if row.operator in operators_of(fact) else next(iter(operators_of(fact)))
    scale = row.scale
    if scale not in scales_of(fact) or not row.operator:
        scale = _USUAL.get(fact.kind, "")
    return replace(row, fact=fact.name, operator=operator, scale=scale)


def picked(row: Row, vocabulary: Vocabulary) -> Row | None:
    """The row with its expression shown as picked; None where the expression is more than that."""
    try:
        expression = parse_expression(row.when, vocabulary)
    except RuleFault:
        return _half_picked(row, vocabulary)
    found = _shape(expression, vocabulary)
    if found is None:
        return None
    fact, operator, values, scale = found
    return replace(row, picked=True, fact=fact, operator=operator, values=values, scale=scale)


def _half_picked(row: Row, vocabulary: Vocabulary) -> Row | None:
    half = _HALF.fullmatch(row.when)
    fact = vocabulary.get(half["fact"]) if half else None
    if half is None or fact is None or (half["operator"] and half["operator"] not in operators_of(fact)):
        return None
    return with_fact(replace(row, picked=True, fact=fact.name, operator=half["operator"] or "", values=()), fact)


def _shape(expression: Expression, vocabulary: Vocabulary) -> tuple[str, str, tuple[str, ...], str] | None:
    match expression:
        case FactNamed(name):
            fact = vocabulary.get(name)
            if fact is not None and fact.kind is Kind.YES_NO:
                return name, "yes", (), ""
            return (name, "", (), "") if fact is not None else None
        case Negated(FactNamed(name)):
            return name, "no", (), ""
        case Compare(FactNamed(name), ((sign, right),)):
            return _compared(name, sign, right, vocabulary)
        case Compare(Since(unit, FactNamed(name)), ((sign, Number(value, scale)),)) if f"{unit} {sign}" in _SINCE:
            return (name, f"{unit} {sign}", (_written(value, ""),), "") if scale == "" else None
        case Has(key, FactNamed(name), negated):
            return name, "has not" if negated else "has", (key,), ""
        case Among(FactNamed(name), keys, negated):
            return name, "not in" if negated else "in", keys, ""
        case Holds(kinds, FactNamed(name)):
            return name, "holds", kinds, ""
        case Negated(Holds(kinds, FactNamed(name))):
            return name, "holds no", kinds, ""
    return None


def _compared(
    name: str, sign: str, right: Expression, vocabulary: Vocabulary
) -> tuple[str, str, tuple[str, ...], str] | None:
    fact = vocabulary.get(name)
    if fact is None or sign not in operators_of(fact):
        return None
    match right:
        case Number(value, scale):
            return name, sign, (_written(value, scale),), scale
        case Negative(Number(value, scale)):
            return name, sign, (_written(-value, scale),), scale
        case Day(day):
            return name, sign, (day.isoformat(),), ""
        case Key(key):
            return name, sign, (key,), ""
    return None


def _written(value: Fraction, scale: str) -> str:
    return digits(value / SCALES[scale]).replace("_", ",")


def expression_of(row: Row, vocabulary: Vocabulary) -> str:
    """The picked row as the canonical expression; what is half-picked as far as it goes."""
    fact = vocabulary.resolve(row.fact)
    if fact is None:
        return row.fact.strip()
    text = _text(row, fact)
    try:
        return print_expression(parse_expression(text, vocabulary))
    except RuleFault:
        return text


def _text(row: Row, fact: Fact) -> str:
    name, operator = fact.name, row.operator
    if operator not in operators_of(fact):
        return name
    if fact.kind is Kind.YES_NO:
        return name if operator == "yes" else f"not {name}"
    values = [value.strip() for value in row.values if value.strip()]
    listed = ", ".join(_quoted(value) for value in values)
    if fact.kind is Kind.CERTIFICATES:
        return f"{'not ' if operator == 'holds no' else ''}holds({listed})"
    if operator in ("in", "not in"):
        return f"{name} {operator} [{listed}]"
    value = values[0] if values else ""
    if fact.kind is Kind.ONE:
        return f"{name} {operator} {_quoted(value) if value else ''}".strip()
    if fact.kind is Kind.MANY:
        return f"{_quoted(value)} {'not ' if operator == 'has not' else ''}in {name}"
    if fact.kind is Kind.DAY and operator in _SINCE:
        unit, sign = operator.split()
        return f"{unit}_since({name}) {sign} {_number(value, '', fact)}".strip()
    if fact.kind is Kind.DAY:
        return f"{name} {operator} " + (f"day({_quoted(value)})" if value else "")
    return f"{name} {operator} {_number(value, row.scale, fact)}".strip()


def _quoted(word: str) -> str:
    # No choice has a quotation mark of its own; one that does is told to be unknown.
    return f"'{word}'" if '"' in word else f'"{word}"'


def _number(typed: str, scale: str, fact: Fact) -> str:
    """The number as rules write it: typed with a unit of its own, that one counts. What is none stays as typed."""
    try:
        read = read_typed_number(typed, fact)
    except ValueFault:
        return typed
    if _BARE.fullmatch(typed):
        return print_number(Number(read * SCALES[scale], scale))  # type: ignore[arg-type]
    own = next((sign for sign in ("%", "亿", "万") if sign in unicodedata.normalize("NFKC", typed)), "")
    return print_number(Number(read, own))  # type: ignore[arg-type]


def read_typed_number(typed: str, fact: Fact) -> Fraction:
    """The number that was typed as the value of a picked leaf; raises ValueFault, which says what to write."""
    units = () if fact.unit is None else (fact.unit.en, fact.unit.zh)
    return Fraction(read_number(typed, money=fact.kind is Kind.MONEY, units=units).value)


def missing_in(row: Row, vocabulary: Vocabulary) -> Fault | None:
    """What is still to be picked, or cannot be read, in words for somebody who picks; None where nothing is."""
    if not row.fact.strip():
        return Fault(("fact",), Text("choose a fact", "请选择事实项"), "missing")
    fact = vocabulary.resolve(row.fact)
    if fact is None:
        close = next(iter(vocabulary.suggest(row.fact)), None)
        known = None if close is None else vocabulary.resolve(close)
        said = Text(f"unknown fact “{quoted(row.fact)}”", f"未知的事实项“{quoted(row.fact)}”")
        return Fault(("fact",), said, "unknown_fact", known.label.zh if known and not row.fact.isascii() else close)
    if row.operator not in operators_of(fact):
        return Fault(("operator",), Text("choose how to compare", "请选择比较方式"), "missing")
    wanted, values = takes(row, fact), [value for value in row.values if value.strip()]
    if wanted != "nothing" and not values:
        words = {"number": Text("enter a number", "请填写数字"), "day": Text("enter a day", "请填写日期")}
        return Fault(("value",), words.get(wanted, Text("choose at least one", "请至少选择一项")), "missing")
    if wanted == "number":
        try:
            read_typed_number(values[0], fact)
        except ValueFault as fault:
            return Fault(("value",), fault.message, fault.code)
    return None
