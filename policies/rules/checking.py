"""Whether the parts of an expression fit each other: numbers with numbers, choices with choices, money not with shares."""

from dataclasses import dataclass

from companies.facts import Fact, Kind, Text, Vocabulary
from policies.rules.expressions import (
    Among,
    Arithmetic,
    Band,
    Both,
    Compare,
    Day,
    Either,
    Expression,
    Extreme,
    FactNamed,
    Growth,
    Has,
    Holds,
    Key,
    Negated,
    Negative,
    Number,
    Otherwise,
    Since,
    YesNo,
    walk,
)
from policies.rules.faults import Fault


class SortFault(Exception):
    """Two parts that do not fit, at this node."""

    def __init__(
        self, node: Expression, message: Text, code: str = "wrong_kind", suggestion: str | None = None
    ) -> None:
        super().__init__(message.en)
        self.node = node
        self.message = message
        self.code = code
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Sort:
    """What an expression gives: truth, number, day, key, many or certificates; for numbers also what they measure."""

    name: str
    measure: str = ""
    """money, ratio or whole; "number" for any other quantity; "literal" for a bare number, which fits them all."""


TRUTH, DAY, KEY = Sort("truth"), Sort("day"), Sort("key")
_NUMERIC = {Kind.MONEY: "money", Kind.RATIO: "ratio", Kind.WHOLE: "whole", Kind.NUMBER: "number"}
_SORTS = {
    Kind.YES_NO: TRUTH,
    Kind.DAY: DAY,
    Kind.ONE: KEY,
    Kind.MANY: Sort("many"),
    Kind.CERTIFICATES: Sort("certificates"),
}
_WORDS = {
    "truth": Text("yes or no", "是否类"), "number": Text("a number", "数字"), "day": Text("a day", "日期"),
    "key": Text("a choice", "选项"), "many": Text("a set of choices", "多选"), "certificates": Text("certificates", "资质证书"),
    "money": Text("money", "金额"), "ratio": Text("a ratio", "比例"), "whole": Text("a count", "计数"),
}  # fmt: skip


def sort_of_fact(fact: Fact) -> Sort:
    """What a fact gives."""
    return Sort("number", _NUMERIC[fact.kind]) if fact.kind in _NUMERIC else _SORTS[fact.kind]


def check_sorts(expression: Expression, vocabulary: Vocabulary) -> Sort:
    """What the expression gives; raises SortFault where its parts do not fit."""
    match expression:
        case Number():
            return Sort("number", "ratio" if expression.scale == "%" else "literal")
        case Key():
            return KEY
        case YesNo():
            return TRUTH
        case Day():
            return DAY
        case FactNamed():
            fact = vocabulary.get(expression.name)
            if fact is None:
                raise SortFault(
                    expression, Text(f"unknown fact “{expression.name}”", f"未知的事实项“{expression.name}”")
                )
            return sort_of_fact(fact)
        case Both() | Either() | Negated():
            for part in expression.parts():
                _need(part, "truth", vocabulary)
            return TRUTH
        case Has() | Among() | Holds():
            return TRUTH
        case Compare():
            return _check_compare(expression, vocabulary)
        case Arithmetic():
            left, right = (_need(part, "number", vocabulary) for part in expression.parts())
            return Sort("number", _combined(expression, left.measure, right.measure))
        case Negative():
            return _need(expression.operand, "number", vocabulary)
        case Extreme():
            return _agreeing([(part, _need(part, "number", vocabulary)) for part in expression.of])
        case Since():
            _need(expression.day, "day", vocabulary)
            return Sort("number", "number")
        case Growth():
            _agreeing([(part, _need(part, "number", vocabulary)) for part in expression.parts()])
            return Sort("number", "ratio")
        case Band():
            return _check_band(expression, vocabulary)
        case Otherwise():
            for condition, _ in expression.cases:
                _need(condition, "truth", vocabulary)
            values = [value for _, value in expression.cases] + [expression.last]
            return _agreeing([(value, check_sorts(value, vocabulary)) for value in values])
    raise SortFault(expression, Text("this is not part of the language", "规则语言中没有这种写法"))


def _check_band(band: Band, vocabulary: Vocabulary) -> Sort:
    of = _need(band.of, "number", vocabulary)
    _agreeing([(band.of, of), *((start, check_sorts(start, vocabulary)) for start, _ in band.steps)])
    values = [value for _, value in band.steps] + ([] if band.below is None else [band.below])
    sorts = [(value, check_sorts(value, vocabulary)) for value in values]
    for value, sort in sorts:
        if sort.name not in ("number", "key"):
            raise SortFault(value, _wanted(Text("a number or a choice", "数字或选项"), sort))
    if sorts[0][1].name == "key" and band.below is None:
        message = Text("a band of choices needs a value below its first line", "取值为选项的分段须写明第一段以下的取值")
        raise SortFault(band, message, "band_below", 'band(..., "...", [0, ...])')
    if any(not isinstance(value, Key) for value, sort in sorts if sort.name == "key"):
        raise SortFault(band, Text("the choices of a band are written in quotes", "分段的选项须写在引号中"))
    return _agreeing(sorts)


def _need(part: Expression, name: str, vocabulary: Vocabulary) -> Sort:
    sort = check_sorts(part, vocabulary)
    if sort.name != name:
        raise SortFault(part, _wanted(_WORDS[name], sort))
    return sort


def _wanted(wanted: Text, got: Sort) -> Text:
    seen = _WORDS[got.name]
    return Text(f"expected {wanted.en} here, this is {seen.en}", f"此处应为{wanted.zh}，而这是{seen.zh}")


def _check_compare(compare: Compare, vocabulary: Vocabulary) -> Sort:
    sides = compare.parts()
    sorts = [check_sorts(side, vocabulary) for side in sides]
    for at, (operator, right) in enumerate(compare.rest):
        left_sort, right_sort = sorts[at], sorts[at + 1]
        _agreeing([(sides[at], left_sort), (right, right_sort)])
        if left_sort.name in ("many", "certificates"):
            hint = '"..." in fact' if left_sort.name == "many" else 'holds("...")'
            raise SortFault(sides[at], Text("this cannot be compared", "此处不能比较"), suggestion=hint)
        if left_sort.name in ("truth", "key") and operator not in ("==", "!="):
            message = Text("this has no order; use == or !=", "此处没有大小之分，请用 == 或 !=")
            raise SortFault(right, message, suggestion="==")
    return TRUTH


def _agreeing(parts: list[tuple[Expression, Sort]]) -> Sort:
    """The sort that all parts share; raises SortFault at the first that does not fit."""
    _, result = parts[0]
    for part, sort in parts[1:]:
        if sort.name != result.name:
            raise SortFault(part, _clash(_WORDS[result.name], _WORDS[sort.name]))
        if result.name == "number":
            result = Sort("number", _same_measure(part, result.measure, sort.measure))
    return result


def _clash(left: Text, right: Text) -> Text:
    return Text(f"{left.en} and {right.en} cannot be compared", f"{left.zh}与{right.zh}不能放在一起比较")


def _same_measure(node: Expression, left: str, right: str) -> str:
    if left == right or right == "literal":
        return left
    if left == "literal":
        return right
    if "number" in (left, right):
        return "number"
    raise SortFault(node, _clash(_WORDS[left], _WORDS[right]))


def _combined(node: Arithmetic, left: str, right: str) -> str:
    if node.operator in ("+", "-"):
        return _same_measure(node.right, left, right)
    pair = {left, right}
    if node.operator == "*":
        if "money" in pair and len(pair) > 1:
            return "money"
        return "ratio" if pair == {"ratio"} else "whole" if pair == {"whole"} else "number"
    if left == right and left in ("money", "whole"):
        return "ratio"
    return left if (right in ("literal", "number") and left != "whole") or left == "money" else "number"


def expression_warnings(expression: Expression, vocabulary: Vocabulary) -> list[Fault]:
    """What is allowed but probably not meant: a share compared with 2 or more, where 2 % was meant."""
    found: list[Fault] = []
    for node in walk(expression):
        if isinstance(node, Compare):
            sides = node.parts()
            pairs = [
                pair for i in range(len(sides) - 1) for pair in ((sides[i], sides[i + 1]), (sides[i + 1], sides[i]))
            ]
            found.extend(
                _meant_percent(number, vocabulary, other) for other, number in pairs if isinstance(number, Number)
            )
    return [fault for fault in found if fault is not _FINE]


_FINE = Fault((), Text("", ""), "fine")


def _meant_percent(number: Number, vocabulary: Vocabulary, other: Expression) -> Fault:
    if number.scale != "" or number.value < 2 or check_sorts(other, vocabulary).measure != "ratio":
        return _FINE
    shown = f"{float(number.value):g}"
    message = Text(
        f"a ratio is compared with {shown}, that is {shown} times; {shown}% is probably meant",
        f"比例与 {shown}（即 {shown} 倍）比较，可能想写 {shown}%",
    )
    return Fault((), message, "meant_percent", f"{shown}%")
