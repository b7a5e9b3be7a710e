"""Reading expressions: a closed subset of Python's expression grammar, read with `ast`, never run."""

import ast
from collections import OrderedDict
from typing import NoReturn

from companies.facts import Fact, Kind, Text, ValueFault, Vocabulary, read_value
from policies.rules.checking import SortFault, check_sorts
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
    count_nodes,
)
from policies.rules.faults import RuleFault
from policies.rules.typed import DEEPEST, Typed, read_typed
from policies.rules.words import best_match, certificate_fact, choice_key

LONGEST = 2000
MOST_NODES = 500
LONGEST_DERIVED = 6000
MOST_NODES_DERIVED = 1000
# Each term lies one level below the next, in the tree that every evaluator goes through.
MOST_TERMS = 100

FUNCTIONS = ("min", "max", "holds", "years_since", "months_since", "yearly_growth", "band", "day")
_SIGNS: dict[type[ast.AST], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip

_parsed: OrderedDict[tuple[int, str, bool], tuple[Vocabulary, Expression]] = OrderedDict()
_MOST_REMEMBERED = 4096


def parse_expression(text: str, vocabulary: Vocabulary, *, derived: bool = False) -> Expression:
    """The expression that was typed, checked against the vocabulary; raises RuleFault for anything else.

    `derived` allows the greater length of a derived fact. The same text and vocabulary are read only once.
    """
    key = (id(vocabulary), text, derived)
    remembered = _parsed.get(key)
    if remembered is not None and remembered[0] is vocabulary:
        return remembered[1]
    if not isinstance(text, str):
        raise RuleFault(Text("an expression is written as text", "表达式须写成文本"), code="not_text")
    typed = read_typed(text, LONGEST_DERIVED if derived else LONGEST)
    expression = _Reader(typed, vocabulary).read(MOST_NODES_DERIVED if derived else MOST_NODES)
    _parsed[key] = (vocabulary, expression)
    if len(_parsed) > _MOST_REMEMBERED:
        _parsed.popitem(last=False)
    return expression


class _Reader:
    """Turns the tree of Python's reader into nodes, one typed expression at a time."""

    def __init__(self, typed: Typed, vocabulary: Vocabulary) -> None:
        self.typed = typed
        self.vocabulary = vocabulary
        # By identity: equal nodes may stand at several places. The list keeps them alive, so that ids stay theirs.
        self.places: dict[int, int] = {}
        self.made: list[Expression] = []

    def read(self, most_nodes: int) -> Expression:
        try:
            tree = ast.parse(self.typed.python.strip(), mode="eval").body
        except SyntaxError as fault:
            self.refuse_syntax(fault)
        except (RecursionError, MemoryError, ValueError):
            self.refuse(Text("nested too deep; split the expression", "嵌套过深，请拆分表达式"), None, "too_deep")
        expression = self.node(tree, 1)
        if count_nodes(expression) > most_nodes:
            self.refuse(
                Text(
                    f"more than {most_nodes} parts; split the expression", f"超过 {most_nodes} 个组成部分，请拆分表达式"
                ),
                None,
                "too_many_nodes",
            )
        try:
            check_sorts(expression, self.vocabulary)
        except SortFault as fault:
            offset = self.places.get(id(fault.node), 0)
            self.typed.refuse(fault.message, offset, fault.code, fault.suggestion)
        return expression

    def refuse(
        self, message: Text, at: ast.expr | None, code: str = "syntax", suggestion: str | None = None
    ) -> NoReturn:
        offset = self.typed.offset(at.col_offset) if at is not None else 0
        self.typed.refuse(message, offset, code, suggestion)

    def refuse_syntax(self, fault: SyntaxError) -> NoReturn:
        at = min((fault.offset or 1) - 1, max(len(self.typed.python) - 2, 0))
        offset = self.typed.offset(at)
        self.typed.refuse(
            Text(
                "the expression cannot be read here; is a sign or a bracket missing?",
                "此处无法识别，是否缺少运算符或括号？",
            ),
            offset,
        )

    def node(self, tree: ast.expr, depth: int) -> Expression:
        if depth > DEEPEST:
            self.refuse(
                Text(f"nested more than {DEEPEST} deep; split the expression", f"嵌套超过 {DEEPEST} 层，请拆分表达式"),
                tree,
                "too_deep",
            )
        match tree:
            case ast.Name():
                made = self.name(tree)
            case ast.BoolOp():
                of = tuple(self.node(part, depth + 1) for part in tree.values)
                made = Both(of) if isinstance(tree.op, ast.And) else Either(of)
            case ast.UnaryOp(op=ast.Not()):
                made = Negated(self.node(tree.operand, depth + 1))
            case ast.UnaryOp(op=ast.USub()):
                made = Negative(self.node(tree.operand, depth + 1))
            case ast.BinOp() if type(tree.op) in _SIGNS:
                made = self.arithmetic(tree, depth)
            case ast.Compare():
                made = self.compare(tree, depth)
            case ast.Call():
                made = self.call(tree, depth)
            case ast.IfExp():
                made = self.otherwise(tree, depth)
            case _:
                self.refuse(_unexpected(tree), tree, "grammar")
        return self.placed(made, tree)

    def placed(self, made: Expression, tree: ast.expr) -> Expression:
        self.places[id(made)] = self.typed.offset(tree.col_offset)
        self.made.append(made)
        return made

    def arithmetic(self, tree: ast.BinOp, depth: int) -> Expression:
        # A long sum leans to the left: it is one level however many terms it has.
        terms: list[tuple[ast.BinOp, ast.expr]] = []
        left: ast.expr = tree
        while isinstance(left, ast.BinOp) and type(left.op) in _SIGNS:
            terms.append((left, left.right))
            left = left.left
        if len(terms) >= MOST_TERMS:
            self.refuse(
                Text(
                    f"more than {MOST_TERMS} terms in a row; split the expression",
                    f"连续超过 {MOST_TERMS} 项，请拆分表达式",
                ),
                tree,
                "too_many_terms",
            )
        made = self.node(left, depth + 1)
        for whole, right in reversed(terms):
            made = self.placed(
                Arithmetic(_SIGNS[type(whole.op)], made, self.node(right, depth + 1)),  # type: ignore[arg-type]
                whole,
            )
        return made

    def name(self, tree: ast.Name) -> Expression:
        typed = self.typed
        if tree.id in typed.numbers:
            return Number(typed.numbers[tree.id].value, typed.numbers[tree.id].scale)
        if tree.id in typed.strings:
            return Key(typed.strings[tree.id])
        word = typed.names[tree.id]
        if word.lower() in ("true", "false"):
            return YesNo(word.lower() == "true")
        fact = self.vocabulary.resolve(word)
        if fact is None:
            self.refuse_fact(word, tree)
        return FactNamed(fact.name)

    def refuse_fact(self, word: str, tree: ast.expr) -> NoReturn:
        if word in FUNCTIONS:
            self.refuse(Text(f"“{word}” needs brackets: {word}(...)", f"“{word}”后需要括号：{word}(...)"), tree)
        if word.lower() in ("none", "null", "unknown", "is_known"):
            message = Text(
                "there is no way to ask whether a fact is known", "规则中不能询问某一事实项是否已知（未填不等于“否”）"
            )
            self.refuse(message, tree, "unknown_fact")
        # Words of the language of the typed one are the better hint.
        suggestion = next(iter(self.vocabulary.suggest(word)), None)
        self.refuse(Text(f"unknown fact “{word}”", f"未知的事实项“{word}”"), tree, "unknown_fact", suggestion)

    def fact(self, tree: ast.expr) -> tuple[FactNamed, Fact] | None:
        """The fact that this part names, if it is a name and nothing else."""
        if isinstance(tree, ast.Name) and tree.id in self.typed.names:
            made = self.placed(self.name(tree), tree)
            if isinstance(made, FactNamed):
                fact = self.vocabulary.get(made.name)
                assert fact is not None, made.name
                return made, fact
        return None

    def key(self, tree: ast.expr, fact: Fact) -> str:
        """The key of the fact's choice that this quoted word names."""
        if not (isinstance(tree, ast.Name) and tree.id in self.typed.strings):
            self.refuse(Text("expected a choice in quotation marks", "此处应为引号中的选项"), tree, "grammar")
        word = self.typed.strings[tree.id]
        key = choice_key(fact, word)
        if key is None:
            message = Text(f"“{word}” is not a choice of {fact.name}", f"“{word}”不是“{fact.label.zh}”的选项")
            suggestion = best_match(word, fact)
            self.refuse(message, tree, "unknown_choice", f'"{suggestion}"' if suggestion else None)
        return key

    def keys(self, tree: ast.expr, fact: Fact) -> tuple[str, ...]:
        if not isinstance(tree, ast.List | ast.Tuple) or not tree.elts:
            self.refuse(
                Text(
                    f'expected a list of choices: {fact.name} in ["a", "b"]',
                    f'此处应为选项列表：{fact.name} in ["a", "b"]',
                ),
                tree,
                "grammar",
            )
        return tuple(dict.fromkeys(self.key(element, fact) for element in tree.elts))

    def compare(self, tree: ast.Compare, depth: int) -> Expression:
        if any(isinstance(operator, ast.In | ast.NotIn) for operator in tree.ops):
            return self.membership(tree)
        if not all(type(operator) in _SIGNS for operator in tree.ops):
            self.refuse(Text("use == or !=, not “is”", "请用 == 或 !=，不用 is"), tree, "grammar")
        sides = [tree.left, *tree.comparators]
        made = [self.node(side, depth + 1) for side in sides]
        for at, side in enumerate(sides):
            if isinstance(made[at], Key):
                made[at] = self.compared_key(at, sides, made, side)
        rest = tuple((_SIGNS[type(operator)], right) for operator, right in zip(tree.ops, made[1:], strict=True))
        return Compare(made[0], rest)

    def compared_key(self, at: int, sides: list[ast.expr], made: list[Expression], side: ast.expr) -> Expression:
        for neighbour in (at - 1, at + 1):
            if 0 <= neighbour < len(made):
                other = made[neighbour]
                fact = self.vocabulary.get(other.name) if isinstance(other, FactNamed) else None
                if fact is not None and fact.kind is Kind.MANY:
                    suggestion = f'"{self.key(side, fact)}" in {fact.name}'
                    self.refuse(_many(fact), sides[neighbour], "wrong_kind", suggestion)
                if fact is not None and fact.kind is Kind.ONE:
                    return self.placed(Key(self.key(side, fact)), side)
        return made[at]

    def membership(self, tree: ast.Compare) -> Expression:
        right = tree.comparators[0]
        if len(tree.ops) > 1:
            self.refuse(Text("“in” cannot be chained; use and", "in 不能连写，请用 and"), tree, "grammar", "and")
        negated = isinstance(tree.ops[0], ast.NotIn)
        left_fact, right_fact = self.fact(tree.left), self.fact(right)
        if left_fact is not None:
            named, fact = left_fact
            if fact.kind not in (Kind.ONE, Kind.MANY):
                self.refuse(_no_choices(fact), tree.left, "wrong_kind")
            return Among(named, self.keys(right, fact), negated)
        if right_fact is None:
            self.refuse(
                Text('write fact in ["a", "b"] or "a" in fact', '请写作 事实项 in ["a", "b"] 或 "a" in 事实'),
                tree,
                "grammar",
            )
        named, fact = right_fact
        if isinstance(tree.left, ast.List | ast.Tuple):
            self.refuse(Text("the fact comes first", "事实项应写在前面"), tree.left, "grammar", f"{fact.name} in [...]")
        if fact.kind is not Kind.MANY:
            suggestion = f'{fact.name} {"!=" if negated else "=="} "..."' if fact.kind is Kind.ONE else None
            suggestion = 'holds("...")' if fact.kind is Kind.CERTIFICATES else suggestion
            self.refuse(_not_many(fact), right, "wrong_kind", suggestion)
        return Has(self.key(tree.left, fact), named, negated)

    def call(self, tree: ast.Call, depth: int) -> Expression:
        word = self.typed.names.get(tree.func.id, "") if isinstance(tree.func, ast.Name) else ""
        if word not in FUNCTIONS:
            suggestion = best_match(word, FUNCTIONS)
            self.refuse(Text(f"unknown function “{word}”", f"未知的函数“{word}”"), tree, "unknown_function", suggestion)
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            self.refuse(Text("only plain arguments are allowed", "只允许普通参数"), tree, "grammar")
        return getattr(self, f"call_{word}")(tree, depth)

    def arguments(self, tree: ast.Call, least: int, most: int) -> list[ast.expr]:
        if not least <= len(tree.args) <= most:
            wanted = str(least) if least == most else f"{least} or more" if most > 99 else f"{least} to {most}"
            wanted_zh = str(least) if least == most else f"至少 {least}" if most > 99 else f"{least} 至 {most}"
            self.refuse(
                Text(f"this function takes {wanted} arguments", f"该函数需要 {wanted_zh} 个参数"), tree, "arguments"
            )
        return tree.args

    def call_min(self, tree: ast.Call, depth: int) -> Expression:
        return Extreme("min", tuple(self.node(part, depth + 1) for part in self.arguments(tree, 2, 100)))

    def call_max(self, tree: ast.Call, depth: int) -> Expression:
        return Extreme("max", tuple(self.node(part, depth + 1) for part in self.arguments(tree, 2, 100)))

    def call_years_since(self, tree: ast.Call, depth: int) -> Expression:
        return Since("years", self.node(self.arguments(tree, 1, 1)[0], depth + 1))

    def call_months_since(self, tree: ast.Call, depth: int) -> Expression:
        return Since("months", self.node(self.arguments(tree, 1, 1)[0], depth + 1))

    def call_yearly_growth(self, tree: ast.Call, depth: int) -> Expression:
        now, before, years = self.arguments(tree, 3, 3)
        count = self.node(years, depth + 1)
        if not isinstance(count, Number) or count.value.denominator != 1 or not 1 <= count.value <= 10:
            self.refuse(
                Text("the number of years is a whole number from 1 to 10", "年数须为 1 至 10 的整数"),
                years,
                "arguments",
            )
        return Growth(self.node(now, depth + 1), self.node(before, depth + 1), int(count.value))

    def call_holds(self, tree: ast.Call, depth: int) -> Expression:
        kinds = self.arguments(tree, 1, 100)
        words = [self.typed.strings.get(part.id, "") if isinstance(part, ast.Name) else "" for part in kinds]
        fact = certificate_fact(self.vocabulary, next((word for word in words if word), ""))
        if fact is None:
            self.refuse(Text("the vocabulary has no certificates", "词表中没有资质证书类事实项"), tree, "unknown_fact")
        named = FactNamed(fact.name)
        return Holds(tuple(dict.fromkeys(self.key(part, fact) for part in kinds)), named)

    def call_day(self, tree: ast.Call, depth: int) -> Expression:
        (argument,) = self.arguments(tree, 1, 1)
        word = self.typed.strings.get(argument.id, "") if isinstance(argument, ast.Name) else ""
        try:
            return Day(read_value(_ANY_DAY, word))  # type: ignore[arg-type]
        except ValueFault:
            message = Text('write the day as day("2026-04-01")', '日期写作 day("2026-04-01")')
            self.refuse(message, argument, "day")

    def call_band(self, tree: ast.Call, depth: int) -> Expression:
        of, *rest = self.arguments(tree, 2, 100)
        below = None if isinstance(rest[0], ast.List | ast.Tuple) else self.node(rest.pop(0), depth + 1)
        steps: list[tuple[Number, Expression]] = []
        for pair in rest:
            if not isinstance(pair, ast.List | ast.Tuple) or len(pair.elts) != 2:
                self.refuse(Text("a line of a band is [from, value]", "分段写作 [起点, 取值]"), pair, "grammar")
            start = self.signed_number(pair.elts[0], depth)
            if steps and start.value <= steps[-1][0].value:
                self.refuse(Text("the lines of a band must rise", "分段起点须递增"), pair, "band_order")
            steps.append((start, self.node(pair.elts[1], depth + 1)))
        if not steps:
            self.refuse(
                Text("a band needs at least one [from, value]", "分段至少需要一个 [起点, 取值]"), tree, "arguments"
            )
        return Band(self.node(of, depth + 1), below, tuple(steps))

    def signed_number(self, tree: ast.expr, depth: int) -> Number:
        made = self.node(tree, depth + 1)
        if isinstance(made, Negative) and isinstance(made.operand, Number):
            return Number(-made.operand.value, made.operand.scale)
        if not isinstance(made, Number):
            self.refuse(Text("a band starts at plain numbers", "分段起点须为数字"), tree, "grammar")
        return made

    def otherwise(self, tree: ast.IfExp, depth: int) -> Expression:
        cases = []
        last: ast.expr = tree
        # A chain of else-ifs is one level, however long it is.
        while isinstance(last, ast.IfExp):
            cases.append((self.node(last.test, depth + 1), self.node(last.body, depth + 1)))
            last = last.orelse
        return Otherwise(tuple(cases), self.node(last, depth + 1))


_ANY_DAY = Fact(name="day", kind=Kind.DAY, section="", label=Text("day", "日期"))


def _many(fact: Fact) -> Text:
    return Text(f"{fact.name} can have several answers at once", f"“{fact.label.zh}”可有多个答案，不能用等号比较")


def _not_many(fact: Fact) -> Text:
    return Text(f"{fact.name} does not have several answers", f"“{fact.label.zh}”不是多选事实项")


def _no_choices(fact: Fact) -> Text:
    return Text(f"{fact.name} has no choices, so “in” does not fit", f"“{fact.label.zh}”没有选项，不能用 in")


def _unexpected(tree: ast.expr) -> Text:
    if isinstance(tree, ast.List | ast.Tuple):
        return Text("a list can only stand after “in” or inside band(...)", "列表只能出现在 in 之后或 band(...) 之内")
    return Text("this is not part of the language", "规则语言中没有这种写法")
