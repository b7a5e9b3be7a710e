"""The inputs of the document and of an offer's title, kind and papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companies.facts import Text
from policies.desk.inputs import Block, Chosen, Input, Lines, Pair, Several, Typed
from policies.desk.inputs.kinds import Choices
from policies.rules.closed_words import closed_word
from policies.rules.documents import BASES, BENEFICIARIES, LEVELS
from policies.rules.reading import CONFIDENCES
from policies.rules.windows import STATUSES

_DAY = Text(
    "2026, 2026-04 or 2026-04-01: as exactly as the document says", "2026、2026-04 或 2026-04-01，按文件所写的精度填写"
)


def closed(keys: Sequence[str]) -> Choices:
    """The keys of a closed list as choices."""
    return tuple((key, closed_word(key)) for key in keys)


def listed(lists: Mapping[str, Any], name: str) -> Choices:
    """The entries of a reference list as choices."""
    return tuple((str(row["key"]), Text(row["label"]["en"], row["label"]["zh"])) for row in lists.get(name, ()))


def document_inputs(lists: Mapping[str, Any]) -> tuple[Input, ...]:
    """What a policy says of itself."""
    levels = listed(lists, "levels") or closed(LEVELS)
    return (
        Pair(name="title", label=Text("Title", "标题"), hint=Text("Needed for publishing, in both languages.", "发布前须填写两种语言。")),
        Pair(name="issuer", label=Text("Issued by", "发文机关")),
        Chosen(name="level", label=Text("Level", "层级"), choices=levels),
        Typed(name="number", label=Text("Number of the document", "文号"), keeps_null=True),
        Typed(name="issued", label=Text("Issued on", "印发日期"), hint=_DAY, keeps_null=True),
        Block(
            name="effective",
            label=Text("In force", "施行期限"),
            inputs=(
                Typed(name="from", label=Text("from", "自"), hint=_DAY, keeps_null=True),
                Typed(name="to", label=Text("to", "至"), hint=Text("Empty when the document names no end.", "文件未写明截止日的，不填。"), keeps_null=True),
            ),
        ),
        Chosen(name="status", label=Text("Is it in force?", "是否有效"), choices=closed(STATUSES)),
        Typed(name="superseded_by", label=Text("Superseded by (key of the policy)", "被何政策替代（政策标识）"), listed="policies", keeps_null=True),
        Typed(name="superseded_on", label=Text("Superseded on", "被替代日期"), hint=_DAY, keeps_null=True),
        Chosen(name="beneficiary", label=Text("For whom", "支持对象"), choices=closed(BENEFICIARIES)),
        Several(name="zones", label=Text("Zones", "所属片区（四区）"), choices=listed(lists, "zones")),
        Several(name="goals", label=Text("Goals", "发展目标"), choices=listed(lists, "goals")),
        Chosen(name="tags_basis", label=Text("Where zones and goals come from", "片区和目标的依据"), choices=closed(BASES)),
        Chosen(name="pillar", label=Text("Place in 1+1+N", "在“1+1+N”中的位置"), choices=listed(lists, "pillars")),
        Chosen(name="pillar_basis", label=Text("Where that place comes from", "该位置的依据"), choices=closed(BASES)),
        Pair(name="text_seen", label=Text("How much of the text was seen", "所见原文范围"), is_long=True),
        Typed(name="checked", label=Text("Last read on", "最近核对日期"), hint=_DAY, keeps_null=True),
        Chosen(name="confidence", label=Text("How sure we are", "可信程度"), choices=closed(CONFIDENCES)),
        Lines(
            name="sources",
            label=Text("Sources", "来源"),
            hint=Text("One address a line. Every criterion needs one: its own or this.", "每行一个网址。每项条件都须有来源：自己的或此处的。"),
        ),
        Pair(name="note", label=Text("Note for readers", "给读者的说明"), is_long=True),
    )  # fmt: skip


def offer_inputs(lists: Mapping[str, Any]) -> tuple[Input, ...]:
    """What an offer is called, what kind it is, and which papers it asks for."""
    return (
        Pair(name="title", label=Text("Title", "标题")),
        Chosen(name="kind", label=Text("Kind of support", "支持方式"), choices=listed(lists, "benefit_kinds")),
        Typed(
            name="clause",
            label=Text("Clause", "条款"),
            hint=Text("By its number: Art. 6(2), item 3, annex. Pages say it in Chinese.", "按编号填写：Art. 6(2)、item 3、annex；页面会显示为中文。"),
            keeps_null=True,
        ),
        Chosen(name="confidence", label=Text("How sure we are", "可信程度"), choices=closed(CONFIDENCES), blank=Text("as the document", "与文件相同")),
        Several(name="papers", label=Text("Papers to hand in", "申报材料"), choices=listed(lists, "papers")),
        Pair(name="note", label=Text("Note for readers", "给读者的说明"), is_long=True),
    )  # fmt: skip
