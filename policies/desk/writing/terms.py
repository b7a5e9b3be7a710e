"""The inputs of a window and of stacking rules, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from companies.facts import Text, Vocabulary
from policies.desk.inputs import Block, Chosen, Form, Forms, Input, Lines, Pair, Rows, Ticked, Typed
from policies.rules.closed_words import closed_word
from policies.rules.reading import CONFIDENCES, Reading
from policies.rules.stacking import PERIODS
from policies.rules.windows import KINDS, read_window, window_on

_DAYS = Text(
    "Once a year: month and day, 03-01. Fixed days: 2026-03-01.",
    "每年一次填写月日，如 03-01；固定日期填写 2026-03-01。",
)
_PERIODS = tuple(
    (key, {
        "year": Text("in a year", "每年"), "project": Text("for a project", "每个项目"), "company": Text("for a company", "每家企业"),
        "three_years": Text("in three years", "三年内"), "period": Text("in the time of the policy", "政策有效期内"),
    }[key]) for key in PERIODS
)  # fmt: skip
_SPAN: tuple[Input, ...] = (
    Typed(name="opens", label=Text("opens on", "开始"), hint=_DAYS),
    Typed(name="closes", label=Text("closes on", "截止"), hint=Text("This day still counts.", "含当日。")),
)


def window_inputs() -> tuple[Input, ...]:
    """When an offer can be applied for."""
    return (
        Chosen(name="kind", label=Text("When can one apply?", "何时可以申报"), choices=tuple((key, closed_word(key)) for key in KINDS)),
        *_SPAN,
        Rows(
            name="batches",
            label=Text("Batches (only where there are several in a year)", "批次（一年分多批受理时填写）"),
            add=Text("Add a batch", "添加一批"),
            row=Text("Batch", "批次"),
            inputs=_SPAN,
        ),
        Pair(name="note", label=Text("What the document says of it", "文件的说法"), is_long=True),
    )  # fmt: skip


def say_window(part: Any, vocabulary: Vocabulary, day: date) -> list[Text]:
    """What the window is on the day, where it can be read."""
    reading = Reading(vocabulary)
    window = read_window(part, (), reading) if isinstance(part, Mapping) and part else None
    return [] if window is None or reading.faults else [window_on(window, day).said]


def stacking_inputs() -> tuple[Input, ...]:
    """The rules by which an offer goes together with others."""
    group = Text("Name of the group: the same in all offers that belong together", "组名：同组各事项填写相同名称")
    offers = Text(
        "One a line: policy/offer, for example cp-synbio-2024/hq-reward",
        "每行一项：政策/事项，例如 cp-synbio-2024/hq-reward",
    )
    per = Chosen(name="per", label=Text("Counted", "计算范围"), choices=_PERIODS)
    forms = (
        Form("highest_only", Text("only the highest of a group", "同组就高不重复"),
             Text("Of all offers that name this group, one gets the one that pays most.", "同组各事项只能享受金额最高的一项。"),
             (Typed(name="highest_only", label=group, listed="groups"),), str),
        Form("higher_level_first", Text("the higher level first", "上级优先"),
             Text("Where a higher level gives the same, that one is taken and this one is not.", "上级已有同类支持的，先享受上级，本级不再支持。"),
             (Typed(name="higher_level_first", label=group, listed="groups"),), str),
        Form("needs", Text("needs another award", "须先获得其他支持"),
             Text("Only together with, or after, one of these.", "须以获得下列支持为前提。"),
             (Lines(name="needs", label=Text("These offers", "相关事项"), hint=offers),), list),
        Form("excludes", Text("not together with", "不得与下列事项同时享受"),
             Text("Who gets one of these does not get this one.", "已享受下列事项的，不再享受本项。"),
             (Lines(name="excludes", label=Text("These offers", "相关事项"), hint=offers),), list),
        Form("one_per_period", Text("one of a family in a time", "同类一段时期内只享受一次"),
             Text("Of a family of offers, one in the time that is named.", "同一类事项在规定时期内只能享受一次。"),
             (Block(name="one_per_period", label=Text("One of the family", "同类事项"), inputs=(
                 Typed(name="family", label=Text("Name of the family", "类别名称"), listed="groups"),
                 Chosen(name="period", label=Text("Once", "一次"), choices=_PERIODS))),), dict),
        Form("deal_excludes", Text("not with a case-by-case deal", "一事一议不再享受"),
             Text("Who has a case-by-case deal with the district does not get this one.", "已获一事一议支持的，不再享受本项。"),
             (Ticked(name="deal_excludes", label=Text("Yes, a deal excludes it", "是，一事一议的不再享受")),), lambda: True),
        Form("joint_cap", Text("a ceiling for several together", "多项合计上限"),
             Text("All offers that name this group pay no more than this together.", "同组各事项合计不超过该金额。"),
             (Block(name="joint_cap", label=Text("Ceiling", "上限"), inputs=(
                 Typed(name="group", label=group, listed="groups"),
                 Typed(name="amount", label=Text("Amount (500万, 5000000)", "金额（500万、5000000）"), as_number=True), per)),), dict),
        Form("share_cap", Text("a ceiling as a share of something", "按某项数额的比例封顶"),
             Text("No more than a share of a figure, for example of what the company paid to the district.", "不超过某项数额的一定比例，例如对区级贡献。"),
             (Block(name="share_cap", label=Text("Ceiling", "上限"), inputs=(
                 Typed(name="share", label=Text("Share (100%)", "比例（100%）")),
                 Typed(name="of", label=Text("of this fact or formula", "以此事实项或公式为基数"), listed="facts"), per)),), dict),
        Form("stated", Text("in words only", "仅以文字说明"),
             Text("Said in the report, without effect on what is proposed.", "在报告中说明，不影响组合计算。"),
             (Pair(name="stated", label=Text("What the document says", "文件的说法"), is_long=True),), dict),
    )  # fmt: skip
    row: tuple[Input, ...] = (
        Forms(name="form", label=Text("What the document says", "叠加规则"), forms=forms),
        Typed(name="clause", label=Text("Clause", "条款")),
        Chosen(name="confidence", label=Text("How sure we are", "可信程度"), choices=tuple((key, closed_word(key)) for key in CONFIDENCES)),
        Pair(name="note", label=Text("Note", "说明")),
    )  # fmt: skip
    return (
        Rows(
            name="",
            label=Text("How it goes together with other offers", "与其他事项的关系"),
            hint=Text("Nothing here means: it goes together with everything.", "没有内容表示可与任何事项同时享受。"),
            add=Text("Add a rule", "添加规则"),
            row=Text("Rule", "规则"),
            inputs=row,
        ),
    )
