"""What an entry of each reference list says: one description, from which it is asked for, shown and checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from companies.facts import CONFIDENCES, Text, Vocabulary
from policies.catalogue_files import snapshot_folder
from policies.lint.reading import Reading
from policies.lint.references import check_references
from policies.lint.words import check_words
from policies.rules.closed_words import closed_word
from policies.rules.documents import BASES
from policies.rules.faults import Fault

LONGEST_KEY, LONGEST_LABEL = 60, 300


class Shape(Enum):
    """How the value of a part looks."""

    WORDS = "words"
    TEXT = "text"
    LINES = "lines"
    ONE = "one"
    SEVERAL = "several"
    NUMBER = "number"
    TYPED = "typed"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an entry: its name, what it is called, its shape; what it may be, if not anything.

    `closed` are the only values it can have; `named` are the lists of whose entries it names the keys.
    """

    name: str
    label: Text
    shape: Shape
    hint: Text | None = None
    is_needed: bool = False
    closed: tuple[tuple[str, Text], ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """A reference list: what it is called, what it is for, and the parts that only its entries have."""

    title: Text
    says: Text
    parts: tuple[Part, ...] = ()
    aliases: bool = False


_ALIASES = Part(
    name="aliases", label=Text("Other words for it", "别名"), shape=Shape.LINES,
    hint=Text("One a line; rules and uploaded files may use them.", "每行一个；规则和上传文件中可以使用。"),
)  # fmt: skip
_LABEL = Part(name="label", label=Text("What it is called", "名称"), shape=Shape.WORDS, is_needed=True)
_COMMON = (
    Part(
        name="basis", label=Text("Where it comes from", "依据"), shape=Shape.ONE, closed=tuple((key, closed_word(key)) for key in BASES),
        hint=Text("What is not stated by a source is marked as such for every reader.", "没有来源明示的内容，会向所有读者标明。"),
    ),
    Part(name="confidence", label=Text("How sure we are", "可信程度"), shape=Shape.ONE, closed=tuple((key, closed_word(key)) for key in CONFIDENCES)),
    Part(name="sources", label=Text("Sources", "来源"), shape=Shape.LINES, hint=Text("One address a line.", "每行一个网址。")),
    Part(name="note", label=Text("Note for readers", "给读者的说明"), shape=Shape.TEXT),
)  # fmt: skip
_PLACE_TYPES = (
    ("subdistrict", Text("subdistrict", "街道")), ("town", Text("town", "镇")), ("park", Text("park", "园区")),
    ("valley", Text("valley", "谷")), ("cluster", Text("cluster", "集聚区")),
)  # fmt: skip
_SECTOR_ROLES = (
    ("leading", Text("leading industry", "主导产业")),
    ("track", Text("track within an industry", "细分赛道")),
)

KINDS: Mapping[str, ListKind] = {
    "zones": ListKind(
        title=Text("Zones", "片区（四区）"),
        says=Text("The zones whose policies overlap in Changping.", "在昌平叠加适用政策的片区。"),
        parts=(
            Part(
                name="facts", label=Text("What a company in the zone answers", "区内企业的回答"), shape=Shape.ANSWERS,
                hint=Text("From this the report says what another address would change.", "报告据此说明换一处地址会有何不同。"),
            ),
        ),
    ),
    "goals": ListKind(
        title=Text("Development goals", "发展目标"), aliases=True,
        says=Text("The district's four development goals, also called 四区.", "本区的四个发展目标（也称“四区”）。"),
    ),
    "pillars": ListKind(
        title=Text("Places in 1+1+N", "“1+1+N”中的位置"),
        says=Text("The first 1, the second 1, and the N.", "第一个“1”、第二个“1”和“N”。"),
    ),
    "levels": ListKind(title=Text("Levels", "层级"), says=Text("Who issues a policy.", "政策由哪一级发布。")),
    "sectors": ListKind(
        title=Text("Sectors", "产业"), aliases=True,
        says=Text("Leading industries and tracks; companies choose among them.", "主导产业和细分赛道，由企业选择。"),
        parts=(
            Part(name="role", label=Text("Its role", "作用"), shape=Shape.ONE, closed=_SECTOR_ROLES),
            Part(name="code_hints", label=Text("Codes of GB/T 4754", "国民经济行业代码"), shape=Shape.LINES, hint=Text("One a line.", "每行一个。")),
        ),
    ),
    "structures": ListKind(
        title=Text("Structures", "产业与载体布局"),
        says=Text("How the district groups its industries and places.", "本区对产业和载体的归类方式。"),
        parts=(Part(name="members", label=Text("What belongs to it", "成员"), shape=Shape.SEVERAL, named=("sectors", "places")),),
    ),
    "places": ListKind(
        title=Text("Places", "地点"), says=Text("Towns, subdistricts, parks, valleys and clusters.", "镇、街道、园区、谷和集聚区。"),
        parts=(Part(name="type", label=Text("What kind of place", "类别"), shape=Shape.ONE, closed=_PLACE_TYPES),),
    ),
    "certificates": ListKind(
        title=Text("Kinds of certificates", "资质种类"), aliases=True,
        says=Text("Certificates and titles that a company may hold; companies choose among them.", "企业可能持有的资质和称号，由企业选择。"),
        parts=(
            Part(
                name="validity_years", label=Text("Valid for how many years", "有效年数"), shape=Shape.NUMBER,
                hint=Text("Empty: it does not run out.", "留空表示长期有效。"),
            ),
            Part(name="needs", label=Text("Any of these is needed first", "须先持有其中之一"), shape=Shape.SEVERAL, named=("certificates",)),
            Part(
                name="granted_by", label=Text("Granted by the offer", "由何事项授予"), shape=Shape.LINES,
                hint=Text("policy/offer, one a line", "政策/事项，每行一个"),
            ),
            Part(
                name="granted_until", label=Text("Granted for the last time on", "最后授予日"), shape=Shape.TYPED,
                hint=Text("2026-03-31, or past when the day is not known; empty while it is still granted.", "如 2026-03-31；日期不明的填 past；仍在授予的留空。"),
            ),
        ),
    ),
    "papers": ListKind(title=Text("Kinds of papers", "材料种类"), says=Text("Papers that prove something.", "用于证明的材料。")),
    "benefit_kinds": ListKind(
        title=Text("Kinds of support", "支持方式"), says=Text("What is given: a grant, a reward, a subsidy.", "支持的形式：补助、奖励、补贴等。")
    ),
}  # fmt: skip


def parts_of(list_name: str) -> tuple[Part, ...]:
    """Every part that an entry of this list has beside its key, in the order in which they are shown."""
    kind = KINDS[list_name]
    return (_LABEL, *((_ALIASES,) if kind.aliases else ()), *kind.parts, *_COMMON)


def with_entry(entries: Sequence[Mapping[str, Any]], plain: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The list with this entry in place of itself, or as the last one."""
    made = [plain if one["key"] == plain["key"] else one for one in entries]
    return made if any(one["key"] == plain["key"] for one in entries) else [*made, plain]


def check_entry(
    snapshot: Mapping[str, Any], list_name: str, plain: Mapping[str, Any], vocabulary: Vocabulary, day: date
) -> list[Fault]:
    """What is wrong with an entry as it would stand in its list; paths lead into the entry."""
    faults = [fault for part in parts_of(list_name) for fault in _check_part(part, plain, snapshot["lists"])]
    if faults:
        return faults
    rows = with_entry(snapshot["lists"][list_name], plain)
    file, at = f"reference/{list_name}.yaml", [one["key"] for one in rows].index(plain["key"])
    folder = snapshot_folder({**snapshot, "lists": {**snapshot["lists"], list_name: rows}})
    reading = Reading(folder, day, only=file, vocabulary=vocabulary)
    check_references(reading)
    check_words(reading)
    return [
        Fault(fault.path[1:], fault.message, fault.code, fault.suggestion)
        for fault in reading.faults
        if fault.file == file and fault.severity == "fault" and fault.path[:1] == (at,)
    ]


def _check_part(part: Part, plain: Mapping[str, Any], lists: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with the value of a part by itself: not there, of another shape, none of those it can be."""
    value, path = plain.get(part.name), (part.name,)
    if value is None or value in ("", [], {}):
        needed = Text("write it in both languages", "请填写两种语言")
        return [Fault(path, needed, "missing-language")] if part.is_needed else []
    wrong = [Fault(path, Text("this cannot stand here", "此处不能这样填写"), "wrong-shape")]
    match part.shape:
        case Shape.WORDS | Shape.TEXT:
            if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
                return wrong
            if part.shape is Shape.WORDS and any(len(one) > LONGEST_LABEL for one in value.values()):
                said = Text(f"longer than {LONGEST_LABEL} characters", f"超过 {LONGEST_LABEL} 字")
                return [Fault(path, said, "too_long")]
        case Shape.LINES:
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                return wrong
        case Shape.ONE:
            if not isinstance(value, str) or value not in dict(part.closed):
                return wrong
        case Shape.SEVERAL:
            known = {row["key"] for name in part.named for row in lists.get(name, ())}
            if not isinstance(value, list) or any(not isinstance(one, str) or one not in known for one in value):
                return wrong
        case Shape.NUMBER:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 100:
                said = Text("write a whole number from 1 to 100", "请填写 1 到 100 的整数")
                return [Fault(path, said, "bad-number")]
        case Shape.TYPED:
            return [] if isinstance(value, str) else wrong
        case Shape.ANSWERS:
            return [] if isinstance(value, Mapping) else wrong
    return []
