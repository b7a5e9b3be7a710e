"""The inputs of a fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companies.facts import CONFIDENCES, PERIODS, Effort, Text, Vocabulary
from policies.desk.inputs import Chosen, Input, Lines, Pair, Rows, Several, Typed
from policies.desk.writing.document import closed, listed
from policies.rules.closed_words import KIND_WORDS

_EFFORT = {
    Effort.FIXED: Text("cannot be changed (the founding day)", "不可改变（如成立日期）"),
    Effort.SLOW: Text("changes over years (revenue)", "需较长时间改变（如营业收入）"),
    Effort.QUICK: Text("can be changed within weeks (an address)", "数周内可改变（如地址）"),
}
_PERIOD = {
    "now": Text("now", "目前"), "y1": Text("last year", "上年度"), "y2": Text("the year before", "上上年度"),
    "y3": Text("three years ago", "三年前"), "1y": Text("the last year", "近一年"), "2y": Text("the last two years", "近两年"),
    "3y": Text("the last three years", "近三年"),
}  # fmt: skip


def fact_inputs(lists: Mapping[str, Any], vocabulary: Vocabulary, *, is_new: bool) -> tuple[Input, ...]:
    """What a fact is; its name and kind are asked once, when it is added."""
    sections = tuple((one.key, one.title) for one in vocabulary.sections)
    section = Chosen(name="section", label=Text("Section of the company form", "企业资料中的分组"), choices=sections)
    first: tuple[Input, ...] = (
        Typed(
            name="fact",
            label=Text("Short name for rules and files", "规则和文件中使用的短名"),
            hint=Text("Small letters, digits and _, for example roof_pv_capacity. It stays for good.", "小写字母、数字和下划线，例如 roof_pv_capacity。确定后不再更改。"),
        ),
        Chosen(
            name="kind",
            label=Text("What kind of answer?", "答案类型"),
            hint=Text("Whole numbers for people and patents, numbers for kilowatts and points, money for CNY.", "人数、专利数用整数，千瓦、分数用数字，人民币金额用金额。"),
            choices=tuple((kind.value, said) for kind, said in KIND_WORDS.items()),
        ),
    )  # fmt: skip
    rest: tuple[Input, ...] = (
        section,
        Pair(name="label", label=Text("What it is called", "名称")),
        Pair(name="question", label=Text("The question to the company", "向企业提出的问题"), is_long=True),
        Pair(name="help", label=Text("Where to find it, what counts", "填写说明（在哪里找、包含什么）"), is_long=True),
        Pair(name="unit", label=Text("Unit", "单位"), hint=Text("people, kW, points; nothing for money and shares", "人、千瓦、分；金额和比例不填")),
        Typed(name="minimum", label=Text("At least", "不小于"), as_number=True),
        Typed(name="maximum", label=Text("At most", "不大于"), as_number=True),
        Rows(
            name="choices",
            label=Text("Choices", "选项"),
            hint=Text("For one or any of several choices.", "单选、多选类事实项填写。"),
            add=Text("Add a choice", "添加选项"),
            row=Text("Choice", "选项"),
            inputs=(Typed(name="key", label=Text("key", "键")), Pair(name="label", label=Text("What it is called", "名称"))),
        ),
        Chosen(name="period", label=Text("Time it is about", "所属时间"), choices=tuple((key, _PERIOD[key]) for key in sorted(PERIODS))),
        Several(name="papers", label=Text("Papers that show it", "证明材料"), choices=listed(lists, "papers")),
        Chosen(name="effort", label=Text("How hard is it to change?", "改变的难易"), choices=tuple((one.value, said) for one, said in _EFFORT.items())),
        Lines(name="aliases", label=Text("Other words for it", "别名"), hint=Text("One a line.", "每行一个。")),
        Typed(
            name="derived",
            label=Text("Worked out from other facts (then it is not asked)", "由其他事实项计算得出（不再询问企业）"),
            hint=Text("For example rd_expense_y1 / revenue_y1", "例如 rd_expense_y1 / revenue_y1"),
            listed="facts",
            is_long=True,
        ),
        Chosen(name="confidence", label=Text("How sure we are", "可信程度"), choices=closed(CONFIDENCES)),
        Lines(name="sources", label=Text("Sources", "来源"), hint=Text("One address a line.", "每行一个网址。")),
        Pair(name="note", label=Text("Note", "说明")),
    )  # fmt: skip
    return (*first, *rest) if is_new else rest
