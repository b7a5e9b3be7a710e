"""Expressions as sentences that a person reads, in English and in Chinese."""

from fractions import Fraction

from companies.facts import Fact, Kind, Text, Vocabulary, show_day
from policies.rules.checking import check_sorts
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
)
from policies.rules.numerals import joined, say_number

_OPERATORS = {
    "==": Text("is", "为"), "!=": Text("is not", "不为"), "<": Text("is below", "低于"), "<=": Text("is at most", "不超过"),
    ">": Text("is above", "高于"), ">=": Text("is at least", "不低于"),
}  # fmt: skip
_DAY_OPERATORS = {
    "==": Text("is", "为"), "!=": Text("is not", "不为"), "<": Text("is before", "早于"), "<=": Text("is on or before", "不晚于"),
    ">": Text("is after", "晚于"), ">=": Text("is on or after", "不早于"),
}  # fmt: skip
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DENIED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}


def say_expression(expression: Expression, vocabulary: Vocabulary) -> Text:
    """The expression as one sentence, without a full stop."""
    return _Speaker(vocabulary).say(expression)


def say_requirement(compare: Compare, vocabulary: Vocabulary) -> Text:
    """What the right side asks of the left one: "at least 5 %"."""
    return _Speaker(vocabulary).demand(compare)


class _Speaker:
    """Says one expression after another, with the labels of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def fact(self, named: FactNamed) -> Fact:
        fact = self.vocabulary.get(named.name)
        return fact or Fact(name=named.name, kind=Kind.NUMBER, section="", label=Text(named.name, named.name))

    def say(self, expression: Expression) -> Text:
        match expression:
            case FactNamed():
                fact = self.fact(expression)
                return _yes(fact.label) if fact.kind is Kind.YES_NO else fact.label
            case YesNo(value):
                return Text("always", "始终成立") if value else Text("never", "始终不成立")
            case Both(of):
                return joined([self.within(part, Either) for part in of], " and ", "，且")
            case Either(of):
                return joined([self.within(part, Both) for part in of], " or ", "，或")
            case Negated(operand):
                return self.deny(operand)
            case Compare():
                return self.compare(expression)
            case Has(key, named, negated):
                verb = Text("does not include", "不包括") if negated else Text("includes", "包括")
                return _sentence(self.fact(named).label, verb, self.choices(named, (key,)))
            case Among():
                return self.among(expression)
            case Holds(kinds, named):
                held = self.choices(named, kinds)
                return Text(f"holds a valid certificate: {held.en}", f"持有有效的{held.zh}")
        return self.value(expression, None)

    def within(self, part: Expression, looser: type[Expression]) -> Text:
        text = self.say(part)
        return Text(f"({text.en})", f"（{text.zh}）") if isinstance(part, looser) else text

    def deny(self, operand: Expression) -> Text:
        if isinstance(operand, FactNamed):
            label = self.fact(operand).label
            return Text(f"{label.en}: no", f"{label.zh}：否")
        if isinstance(operand, Compare) and len(operand.rest) == 1:
            ((operator, right),) = operand.rest
            return self.compare(Compare(operand.first, ((_DENIED[operator], right),)))
        if isinstance(operand, Has):
            return self.say(Has(operand.key, operand.fact, not operand.negated))
        if isinstance(operand, Among):
            return self.say(Among(operand.fact, operand.keys, not operand.negated))
        text = self.say(operand)
        return Text(f"not the case: {text.en}", f"不存在以下情形：{text.zh}")

    def choices(self, named: FactNamed, keys: tuple[str, ...]) -> Text:
        fact = self.fact(named)
        labels = [choice.label if (choice := fact.choice(key)) else Text(key, key) for key in keys]
        return Text(" or ".join(label.en for label in labels), "或".join(f"“{label.zh}”" for label in labels))

    def among(self, among: Among) -> Text:
        many = self.fact(among.fact).kind is Kind.MANY
        verb = Text("includes", "包括") if many else Text("is", "为")
        if among.negated:
            verb = Text("does not include", "不包括") if many else Text("is not", "不为")
        return _sentence(self.fact(among.fact).label, verb, self.choices(among.fact, among.keys))

    def compare(self, compare: Compare) -> Text:
        first, ((operator, right), *more) = compare.first, compare.rest
        if (
            not more
            and isinstance(first, Number | Day | Key | YesNo)
            and not isinstance(right, Number | Day | Key | YesNo)
        ):
            return self.compare(Compare(right, ((_FLIPPED[operator], first),)))
        if len(more) == 1 and isinstance(first, Number | Day):
            lower = self.demand(Compare(right, ((_FLIPPED[operator], first),)), verb=True)
            upper = self.demand(Compare(right, (more[0],)))
            return Text(
                f"{self.value(right, first).en} {lower.en} and {upper.en}",
                f"{self.value(right, first).zh} {lower.zh}且{upper.zh}",
            )
        if more:
            sides = compare.parts()
            singles = [Compare(sides[at], (pair,)) for at, pair in enumerate(compare.rest)]
            return joined([self.compare(single) for single in singles], " and ", "，且")
        if isinstance(right, YesNo) and check_sorts(first, self.vocabulary).name == "truth":
            return self.say(first) if right.value is (operator == "==") else self.deny(first)
        left, demanded = self.value(first, right), self.demand(compare, verb=True)
        return Text(f"{left.en} {demanded.en}", f"{left.zh} {demanded.zh}")

    def demand(self, compare: Compare, *, verb: bool = False) -> Text:
        """ "is at least 5 %" with its verb, "at least 5 %" without."""
        operator, right = compare.rest[0]
        words = _OPERATORS
        if check_sorts(compare.first, self.vocabulary).name == "day":
            words = _DAY_OPERATORS
        said, wanted = words[operator], self.value(right, compare.first)
        if isinstance(compare.first, FactNamed) and isinstance(right, Key):
            wanted = self.choices(compare.first, (right.key,))
        en = said.en if verb else said.en.removeprefix("is ").removeprefix("is")
        return Text(f"{en} {wanted.en}".strip(), f"{said.zh} {wanted.zh}")

    def value(self, expression: Expression, like: Expression | None) -> Text:
        """A value; bare numbers are written the way the values they are compared with are."""
        match expression:
            case Number(value, scale):
                return self.number(value, scale, like)
            case Day(day):
                return show_day(day)
            case Key(key):
                return Text(key, f"“{key}”")
            case Negative(operand):
                inner = self.factor(operand, like)
                return Text(f"−{inner.en}", f"−{inner.zh}")
            case Arithmetic(operator, left, right):
                return self.arithmetic(operator, left, right, like)
            case Extreme(which, of):
                listed = joined([self.value(part, like) for part in of], ", ", "、")
                word = Text("the smallest of", "最小值") if which == "min" else Text("the largest of", "最大值")
                return Text(f"{word.en} ({listed.en})", f"（{listed.zh}）的{word.zh}")
            case Since(unit, day):
                label = self.value(day, None)
                return Text(f"full {unit} since {label.en}", f"自{label.zh}起的整{'年' if unit == 'years' else '月'}数")
            case Growth(now, before, years):
                a, b = self.value(now, None), self.value(before, None)
                return Text(
                    f"average yearly growth over {years} years from {b.en} to {a.en}",
                    f"从{b.zh}到{a.zh}的{years}年年均增长率",
                )
            case Band():
                return self.band(expression, like)
            case Otherwise():
                return self.otherwise(expression, like)
            case FactNamed():
                return self.fact(expression).label
        return self.say(expression)

    def number(self, value: Fraction, scale: str, like: Expression | None) -> Text:
        if scale == "%":
            return say_number(value, "ratio")
        if isinstance(like, FactNamed):
            return say_number(value, "number", self.fact(like))
        measure = "" if like is None else check_sorts(like, self.vocabulary).measure
        return say_number(value, measure or "number")

    def factor(self, part: Expression, like: Expression | None) -> Text:
        text = self.value(part, like)
        return Text(f"({text.en})", f"（{text.zh}）") if isinstance(part, Arithmetic | Otherwise) else text

    def arithmetic(self, operator: str, left: Expression, right: Expression, like: Expression | None) -> Text:
        product = operator in "*/"
        like_left = None if product else (left if not isinstance(left, Number) else like)
        a = self.factor(left, None) if product or isinstance(left, Otherwise) else self.value(left, like_left)
        grouped = product or operator == "-" or isinstance(right, Otherwise)
        b = self.factor(right, like_left) if grouped else self.value(right, like_left)
        sign = _SIGNS[operator]
        return Text(f"{a.en} {sign} {b.en}", f"{a.zh} {sign} {b.zh}")

    def band(self, band: Band, like: Expression | None) -> Text:
        of = self.value(band.of, None)
        lines = [
            Text(f"{self.value(value, like).en} from {self.value(start, band.of).en}",
                 f"自{self.value(start, band.of).zh}起为{self.value(value, like).zh}")
            for start, value in band.steps
        ]  # fmt: skip
        if band.below is not None:
            below = self.value(band.below, like)
            lines.insert(0, Text(f"{below.en} below that", f"以下为{below.zh}"))
        listed = joined(lines, ", ", "，")
        return Text(f"the line for {of.en} ({listed.en})", f"按{of.zh}分段（{listed.zh}）")

    def otherwise(self, otherwise: Otherwise, like: Expression | None) -> Text:
        cases = [(self.say(condition), self.value(value, like)) for condition, value in otherwise.cases]
        last = self.value(otherwise.last, like)
        en = ", ".join(f"{value.en} if {condition.en}" for condition, value in cases)
        zh = "，".join(f"若{condition.zh}则为{value.zh}" for condition, value in cases)
        return Text(f"{en}, otherwise {last.en}", f"{zh}，否则为{last.zh}")


def _yes(label: Text) -> Text:
    return Text(f"{label.en}: yes", f"{label.zh}：是")


def _sentence(subject: Text, verb: Text, rest: Text) -> Text:
    return Text(f"{subject.en} {verb.en} {rest.en}", f"{subject.zh} {verb.zh} {rest.zh}")
