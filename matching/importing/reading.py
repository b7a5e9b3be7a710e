"""What a file says of a company: its answers by fact, and a fault with its place for each that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from companies.api.parsing import read_json
from companies.api.problems import Problem
from companies.facts import Kind, Profile, Source, Text, ValueFault, Vocabulary, folded, read_profile
from matching.batches.certificate_cells import CertificateReader
from matching.importing.tables import MOST_BYTES, Formula, Row, Unreadable, read_csv, read_workbook

_FACT = {folded(word) for word in ("fact", "事实项", "name of the fact")}
_LABEL = {folded(word) for word in ("question", "问题", "label")}
_ANSWER = {folded(word) for word in ("answer", "回答", "value")}
_IDENTITY = {folded(word) for word in ("id", "编号", "name", "企业名称", "uscc", "统一社会信用代码")}
# A person says what they know; that a register said it is not theirs to say.
_SOURCES = {Source.SELF.value, Source.DOCUMENT.value}


@dataclass(frozen=True, slots=True)
class Placed:
    """One thing that is wrong, and where."""

    where: Text
    message: Text


@dataclass(frozen=True, slots=True)
class Sent:
    """What a file says: the answers that can be read, and what cannot."""

    profile: Profile
    faults: list[Placed]


def read_file(name: str, content: bytes, vocabulary: Vocabulary) -> Sent:
    """The answers of a file whose name ends in .xlsx, .csv or .json; raises Unreadable where there is nothing to take.

    A table has either a row for each fact, under headings “fact” (or “question”) and “answer”, or a column for each and one row. Cells
    that are empty say nothing: what is known stays.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(
            Text(f"The file is larger than {MOST_BYTES // 1000:,} kB.", f"文件超过 {MOST_BYTES // 1000:,} kB。")
        )
    ending = name.rpartition(".")[2].lower()
    match ending:
        case "json":
            return _of_json(content, vocabulary)
        case "csv":
            return _of_rows(read_csv(content), vocabulary)
        case "xlsx":
            return _of_rows(read_workbook(content), vocabulary)
    raise Unreadable(
        Text(
            "The name must end in .xlsx, .csv or .json, so that the format is known.",
            "文件名须以 .xlsx、.csv 或 .json 结尾，以便识别格式。",
        )
    )


def read_answers(text: str, vocabulary: Vocabulary) -> Sent:
    """The answers as a page kept them between showing and taking; read as strictly as a file."""
    return _of_json(text.encode(errors="replace"), vocabulary)


def _of_json(content: bytes, vocabulary: Vocabulary) -> Sent:
    try:
        plain = read_json(content)
    except Problem as fault:
        said = fault.detail or Text("", "")
        raise Unreadable(
            Text(f"The file cannot be read as JSON: {said.en}", f"文件无法按 JSON 读取：{said.zh}")
        ) from None
    facts = plain.get("facts", plain) if isinstance(plain, Mapping) else plain
    if not isinstance(facts, Mapping):
        raise Unreadable(
            Text(
                'The file must hold facts with their values, as {"employees": 40}.',
                '文件应为“事实项: 值”，例如 {"employees": 40}。',
            )
        )
    given = {
        word: _own(raw)
        for word, raw in facts.items()
        if raw not in (None, "") and not (facts is plain and word in ("name", "id"))
    }
    return _read(given, {word: Text(f"“{word[:60]}”", f"“{word[:60]}”") for word in given}, [], vocabulary)


def _own(raw: Any) -> Any:
    if isinstance(raw, Mapping) and "value" in raw and raw.get("source") not in _SOURCES:
        return {key: one for key, one in raw.items() if key != "source"}
    return raw


def _of_rows(rows: list[Row], vocabulary: Vocabulary) -> Sent:
    if len(rows) < 2:
        raise Unreadable(
            Text(
                "The file has no answers: fill in the template and send it again.",
                "文件中没有回答，请填写模板后重新上传。",
            )
        )
    head, *others = rows
    words = [folded(one) if isinstance(one, str) else "" for one in head.cells]
    answer = next((at for at, word in enumerate(words) if word in _ANSWER), None)
    fact = next((at for named in (_FACT, _LABEL) for at, word in enumerate(words) if word in named), None)
    if answer is not None and fact is not None:
        cells = [(row.number, row.cell(fact), row.cell(answer)) for row in others]
    elif len(others) == 1:
        named = [(at, one) for at, one in enumerate(head.cells) if words[at] and words[at] not in _IDENTITY]
        cells = [(others[0].number, word, others[0].cell(at)) for at, word in named]
    else:
        raise Unreadable(
            Text(
                "The file has several rows and no columns “fact” and “answer”. Use the template, or send one company only.",
                "文件有多行，但没有“事实项”和“回答”两列。请使用模板，或只上传一家企业。",
            )
        )
    return _of_cells(cells, vocabulary)


def _of_cells(cells: list[tuple[int, Any, Any]], vocabulary: Vocabulary) -> Sent:
    given: dict[str, Any] = {}
    places: dict[str, Text] = {}
    faults: list[Placed] = []
    for number, word, raw in cells:
        if raw in (None, "") or not isinstance(word, str) or not word:
            continue
        where = Text(f"row {number}, “{word[:60]}”", f"第{number}行“{word[:60]}”")
        if isinstance(raw, Formula):
            faults.append(
                Placed(where, Text("This is a formula. Type the value itself.", "此单元格是公式，请直接填写数值。"))
            )
        elif word in given:
            faults.append(Placed(where, Text("This is answered twice in the file.", "文件中重复回答了此项。")))
        else:
            try:
                given[word], places[word] = _answer(word, raw, vocabulary), where
            except ValueFault as fault:
                faults.append(Placed(where, fault.message))
    return _read(given, places, faults, vocabulary)


def _answer(word: str, raw: Any, vocabulary: Vocabulary) -> Any:
    fact = vocabulary.resolve(word) if len(word) <= 200 else None
    if fact is not None and fact.kind is Kind.CERTIFICATES and isinstance(raw, str) and ("@" in raw or "＠" in raw):
        return list(CertificateReader(fact).read(raw))
    return raw


def _read(given: Mapping[str, Any], places: Mapping[str, Text], faults: list[Placed], vocabulary: Vocabulary) -> Sent:
    profile, wrong = read_profile(vocabulary, given)
    nowhere = Text("the file", "文件")
    return Sent(profile, [*faults, *(Placed(places.get(one.name, nowhere), one.message) for one in wrong)])
