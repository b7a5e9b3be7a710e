"""An empty file to fill in: the columns with one example row, and remarks that are read over when it comes back."""

import json
from typing import Any

from companies.facts import Fact, Kind, Text, ValueFault, Vocabulary, read_value
from matching.batches.writing import csv_cell

_REMARKS = (
    Text("One company a row. Lines that begin with # are not read. Columns may stand in any order or be left out.",
         "每行一家企业。以 # 开头的行不读取。各列顺序不限，可以删去。"),
    Text("An empty cell means that the fact is not known: it never counts as no or as 0.",
         "空单元格表示“不清楚”，绝不当作“否”或 0。"),
    Text("Yes or no; days as 2024-03-12; money in yuan as 1200000, 1,200,000 or 120万; shares as 5% or 0.05.",
         "是否填“是”或“否”；日期如 2024-03-12；金额以元计，如 1200000 或 120万；比例如 5% 或 0.05。"),
    Text("Several answers in one cell are separated by a semicolon; “none” means none of them.",
         "同一单元格的多项用分号分隔；“无”表示一项都没有。"),
    Text("Certificates: kind@issued..expires#number, for example hnte@2023-11-25..2026-11-24; the rest where known.",
         "证书：类型@发证日..到期日#编号，例如 hnte@2023-11-25..2026-11-24；除类型外，不清楚的可不填。"),
)  # fmt: skip
_EXAMPLES = {
    Kind.WHOLE: "40", Kind.MONEY: "1200000", Kind.NUMBER: "1.5", Kind.RATIO: "5%", Kind.DAY: "2019-05-20",
}  # fmt: skip


def csv_template(vocabulary: Vocabulary, language: str, release: Vocabulary | None = None) -> str:
    """A CSV file with remarks, a header in the language and one made-up company; reads back as it stands.

    `vocabulary` is what companies are asked; `release` is the one that the file is read with, where it is another.
    """
    release = release or vocabulary
    remarks = [f"# {remark.said(language)}" for remark in _REMARKS]
    facts = vocabulary.asked
    header = [Text("id", "编号"), Text("name", "企业名称"), *(_word(fact, release) for fact in facts)]
    example = [
        "1",
        Text("Example Ltd", "示例公司").said(language),
        *(_example(fact, release, language) for fact in facts),
    ]
    lines = [*remarks, _line([one.said(language) for one in header]), _line(example)]
    return "\ufeff" + "\n".join(lines) + "\n"


def ndjson_template(vocabulary: Vocabulary, language: str, release: Vocabulary | None = None) -> str:
    """One made-up company as a line of NDJSON, by fact names; reads back as it stands."""
    release = release or vocabulary
    facts: dict[str, Any] = {fact.name: _example(fact, release, language) for fact in vocabulary.asked}
    row = {"id": "1", "name": Text("Example Ltd", "示例公司").said(language), "facts": facts}
    return json.dumps(row, ensure_ascii=False) + "\n"


def _word(fact: Fact, release: Vocabulary) -> Text:
    """What the column is called: the label of today, unless the release calls another fact so."""
    taken = any((other := release.resolve(word)) and other.name != fact.name for word in (fact.label.en, fact.label.zh))
    return Text(fact.name, fact.name) if taken else fact.label


def _example(fact: Fact, release: Vocabulary, language: str) -> str:
    # A choice that the release does not have yet would not read back.
    return example_cell(release.get(fact.name) or fact, language)


def example_cell(fact: Fact, language: str) -> str:
    """An answer that this fact takes."""
    match fact.kind:
        case Kind.YES_NO:
            return Text("yes", "是").said(language)
        case Kind.ONE:
            return fact.choices[0].key if fact.choices else ""
        case Kind.MANY:
            return "; ".join(choice.key for choice in fact.choices[:2])
        case Kind.CERTIFICATES:
            return f"{fact.choices[0].key}@2025-03-18..2028-03-17" if fact.choices else ""
    for candidate in (_EXAMPLES[fact.kind], fact.minimum, fact.maximum):
        try:
            read_value(fact, str(candidate))
        except ValueFault:
            continue
        return str(candidate)
    return ""


def _line(cells: list[str]) -> str:
    return ",".join(map(csv_cell, cells))
