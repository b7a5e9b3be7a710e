"""The inputs of what an offer gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companies.facts import Kind, Text, Vocabulary
from policies.desk.inputs import Block, Chosen, Form, Forms, Input, Keyed, Pair, Rows, Typed
from policies.desk.inputs.kinds import Choices
from policies.rules.benefit_files import SCOPES, read_benefit
from policies.rules.benefit_words import say_benefit
from policies.rules.benefits import Benefit
from policies.rules.reading import Reading

_MONEY = Text("As in the document: 50万, 1.5亿 or 500000", "按文件填写：50万、1.5亿或 500000")
_RATE = Text("30%", "30%")
_OF = Text(
    "A fact by its name or label, or a formula such as min(rd_expense_y1, 1000万)",
    "填写事实项名称，或公式，例如 min(rd_expense_y1, 1000万)",
)
_SCOPES = tuple(
    (key, {
        "enterprise": Text("for a company", "每家企业"), "project": Text("for a project", "每个项目"), "year": Text("in a year", "每年"),
        "centre": Text("for a centre", "每个中心"), "platform": Text("for a platform", "每个平台"), "park": Text("for a park", "每个园区"),
        "three_years": Text("in three years", "三年内"), "unit": Text("for each unit", "每个单位"),
    }[key]) for key in SCOPES
)  # fmt: skip


def _money(name: str, en: str, zh: str) -> Typed:
    return Typed(name=name, label=Text(en, zh), hint=_MONEY, as_number=True)


def _rate(name: str, en: str, zh: str) -> Typed:
    return Typed(name=name, label=Text(en, zh), hint=_RATE)


def _of(name: str, en: str, zh: str) -> Typed:
    return Typed(name=name, label=Text(en, zh), hint=_OF, listed="facts")


_SCOPE = Chosen(name="cap_scope", label=Text("The ceiling counts", "上限按此计算"), choices=_SCOPES)
_LIMITS: tuple[Input, ...] = (_money("floor", "At least", "最低"), _money("cap", "At most", "最高"), _SCOPE)
_TERMS: tuple[Input, ...] = (
    Typed(name="years", label=Text("For how many years", "支持年数"), as_number=True),
    Rows(
        name="instalments",
        label=Text("Paid in instalments", "分期拨付"),
        hint=Text("Together 100 %.", "各期合计 100%。"),
        add=Text("Add an instalment", "添加一期"),
        row=Text("Instalment", "第几期"),
        inputs=(
            _rate("share", "Share", "比例"),
            Pair(name="when", label=Text("When, or after what", "何时或何条件下")),
        ),
    ),
    Pair(name="assumption", label=Text("What is assumed", "计算假设")),
    Pair(name="note", label=Text("Note", "说明")),
    Typed(name="clause", label=Text("Clause", "条款")),
)
_GRANT: tuple[Input, ...] = (
    _money("amount", "gives this sum", "给予金额"),
    _rate("rate", "or this share", "或按比例"),
    _of("of", "of this", "的基数"),
)
_STEPS = Rows(
    name="steps",
    label=Text("Steps, from the lowest", "分档（由低到高）"),
    hint=Text(
        "Each step gives a sum, or a share of something, from its value on (included).",
        "每一档自起点（含）起给予固定金额或按比例支持。",
    ),
    add=Text("Add a step", "添加一档"),
    row=Text("Step", "档"),
    inputs=(Typed(name="from", label=Text("from", "起点（含）"), hint=_MONEY, as_number=True), *_GRANT),
)
_TAXED = (
    _money("from", "from", "自"),
    _money("to", "to (empty: no end)", "至（不填表示无上限）"),
    _rate("taxed", "share that is taxed", "计入应税的比例"),
)


def _by_choice(vocabulary: Vocabulary) -> tuple[Input, ...]:
    """Which fact the levels go by, and for each of its choices what it gives."""
    facts = tuple((fact.name, fact.label) for fact in vocabulary if fact.kind is Kind.ONE)

    def keys(plain: Mapping[str, Any]) -> Choices:
        fact = vocabulary.resolve(str(plain.get("fact", "")))
        return () if fact is None else tuple((choice.key, choice.label) for choice in fact.choices)

    shows = Text("Show its choices", "显示其选项")
    return (
        Chosen(name="fact", label=Text("Which fact", "按哪项事实项"), choices=facts, shows=shows),
        Keyed(name="levels", label=Text("Levels", "各档"), key=Text("Choice", "选项"), keys=keys, inputs=_GRANT),
    )


def _forms(depth: int, vocabulary: Vocabulary) -> tuple[Form, ...]:
    """Every form of a benefit; one that lets choose holds the others, but not another choice."""
    nothing = Text("", "")
    found = [
        Form("fixed", Text("a fixed sum", "固定金额"), Text("Who qualifies gets this sum.", "符合条件即给予该金额。"),
             (_money("fixed", "Sum", "金额"), _SCOPE), str),
        Form("matching", Text("a share of another award", "对其他奖励配套"), Text("So much of what another award paid.", "按所获其他奖励的一定比例配套。"),
             (_of("matching", "The other award", "其他奖励金额"), _rate("rate", "Share", "比例"), *_LIMITS), str),
        Form("rate", Text("a share of something", "按比例"), Text("For example 30 % of the R&D spend, at most 500 000.", "例如研发费用的 30%，最高 50 万元。"),
             (_rate("rate", "Share", "比例"), _of("of", "of what", "以何为基数"), *_LIMITS), str),
        Form("band", Text("by steps of a figure", "按数值分档"), Text("From 1 million on 200 000, from 5 million on 600 000, …", "例如 100 万以上奖 20 万，500 万以上奖 60 万……"),
             (Block(name="band", label=Text("Steps", "分档"), inputs=(_of("of", "By what", "按何数值分档"), _STEPS)), *_LIMITS), dict),
        Form("by", Text("by a choice, such as the level of a title", "按类别分档"), Text("National 1 million, municipal 500 000, …", "例如国家级 100 万、市级 50 万……"),
             (Block(name="by", label=Text("By a choice", "按类别"), inputs=_by_choice(vocabulary)), *_LIMITS), dict),
        Form("per_unit", Text("so much for each one", "按数量"), Text("For example 200 for each kilowatt.", "例如每千瓦 200 元。"),
             (_money("per_unit", "For each one", "每单位金额"), _of("of", "of what", "以何计数"), *_LIMITS), str),
        Form("difference", Text("the difference to a higher step", "补差额"), Text("What a higher step gives, less what was paid before.", "升档后补足与已获金额的差额。"),
             (Block(name="difference", label=Text("Steps", "分档"), inputs=(
                 _of("of", "By what", "按何数值分档"), _STEPS, _of("less", "less what was paid", "减去已获金额"))), *_LIMITS), dict),
        Form("up_to", Text("up to a sum", "最高不超过某金额"), Text("Only the ceiling is known; how much is decided case by case.", "只知道上限，具体金额由主管部门确定。"),
             (_money("up_to", "At most", "最高"), _SCOPE), str),
        Form("in_kind", Text("something other than money", "非现金支持"), Text("Space, a fast track, a service.", "空间、绿色通道、服务等。"),
             (Pair(name="in_kind", label=Text("What is given", "支持内容"), is_long=True),), dict),
        Form("to_confirm", Text("money, but how much is not published", "有资金支持，金额未公布"), Text("Shown as “to be confirmed”, never as 0.", "显示为“待确认”，绝不显示为 0。"),
             (Pair(name="to_confirm", label=Text("What the document says", "文件的说法"), is_long=True),), dict),
        Form("tax_rate", Text("a lower tax rate", "优惠税率"), nothing,
             (Block(name="tax_rate", label=Text("Tax rate", "税率"), inputs=(
                 _rate("from", "usually", "一般税率"), _rate("to", "with this", "优惠税率"), _of("of", "of", "计税基数"))), *_LIMITS), dict),
        Form("tax_deduction", Text("an extra deduction", "加计扣除"), nothing,
             (Block(name="tax_deduction", label=Text("Deduction", "扣除"), inputs=(
                 _rate("extra", "extra", "加计比例"), _of("of", "of", "扣除基数"), _rate("at", "at the tax rate", "适用税率"))), *_LIMITS), dict),
        Form("tax_credit", Text("a credit against tax", "税额抵免"), nothing,
             (Block(name="tax_credit", label=Text("Credit", "抵免"), inputs=(_rate("rate", "Share", "比例"), _of("of", "of", "基数"))), *_LIMITS), dict),
        Form("tax_bands", Text("parts of an income taxed less", "分段减计应纳税所得额"), nothing,
             (Block(name="tax_bands", label=Text("Parts", "分段"), inputs=(
                 _of("of", "of", "计税基数"), _rate("at", "at the tax rate", "适用税率"),
                 Rows(name="steps", label=Text("With this", "优惠后"), inputs=_TAXED), Rows(name="usual", label=Text("Usually", "一般情况"), inputs=_TAXED))), *_LIMITS), dict),
    ]  # fmt: skip
    if depth:
        one: tuple[Input, ...] = (
            Forms(name="form", label=Text("What is given", "支持内容"), forms=_forms(depth - 1, vocabulary)),
        )
        found.append(
            Form(
                "choose_one",
                Text("one of several, as the company chooses", "多选一"),
                Text("The company takes what suits it best.", "由企业选择其一。"),
                (Rows(name="choose_one", label=Text("Choices", "可选项"), row=Text("Choice", "选项"), inputs=one),),
                list,
            )
        )
    return tuple(Form(form.name, form.label, form.says, (*form.inputs, *_TERMS), form.begins) for form in found)


def benefit_inputs(vocabulary: Vocabulary) -> tuple[Input, ...]:
    """What an offer gives, in one of its forms."""
    return (Forms(name="form", label=Text("What is given?", "给予什么支持"), forms=_forms(1, vocabulary)),)


def benefit_of(part: Any, vocabulary: Vocabulary) -> Benefit | None:
    """The benefit, where it can be read."""
    reading = Reading(vocabulary)
    benefit = read_benefit(part, (), reading) if part else None
    return None if reading.faults else benefit


def say_part(part: Any, vocabulary: Vocabulary) -> list[Text]:
    """The benefit in a sentence, where it can be read."""
    benefit = benefit_of(part, vocabulary)
    return [] if benefit is None else [say_benefit(benefit, vocabulary)]
