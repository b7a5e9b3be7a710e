"""Rows of an NDJSON file: one JSON object a line, {"id": ..., "name": ..., "facts": {...}} or all of it flat."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from companies.facts import Fact, Text, ValueFault, Vocabulary, folded, quoted
from matching.batches.faults import BatchFault, RowFault
from matching.batches.files import InputFile
from matching.batches.headers import IDENTITY, identity_of
from matching.batches.records import Records, read_records
from matching.batches.rows import Place, Rows

_MOST_WORDS = 10_000
"""Words whose meaning is remembered: far more than there are, unless a file is full of slips."""


class _SaidTwice(ValueError):
    """A key that stands twice in one object."""


@dataclass(frozen=True, slots=True)
class NdjsonShape:
    """How the lines of one NDJSON file become rows."""

    path: Path
    vocabulary: Vocabulary
    skip_unknown: bool = False
    learned: Mapping[str, str] = field(default_factory=dict)
    """What facts are called since the release was made, see `words_learned`."""
    _meanings: dict[str, tuple[str | None, Fact | None]] = field(default_factory=dict, compare=False)

    def rows(self, records: Records) -> Rows:
        """The cells of some lines. A line that is no object is a fault; so is each name that is no fact."""
        faults = list(records.faults)
        lines: list[int] = []
        parts: dict[str, list[Any]] = {part: [] for part in IDENTITY}
        cells: dict[str, list[Any]] = {}
        words: dict[str, str] = {}
        for at in range(len(records)):
            line = int(records.lines[at])
            try:
                given = _plain(records.record(at))
                identity, facts = self._read(given, words)
            except ValueFault as fault:
                faults.append(RowFault(line, "", "", fault.code, fault.message))
                continue
            row = len(lines)
            lines.append(line)
            for part, column in parts.items():
                column.append(identity.get(part))
            for name, raw in facts.items():
                column = cells.setdefault(name, [])
                column.extend([None] * (row - len(column)))
                column.append(raw)
        for column in cells.values():
            column.extend([None] * (len(lines) - len(column)))
        found = {part: _text(column) for part, column in parts.items() if any(one is not None for one in column)}
        return Rows(np.array(lines, np.int64), found, cells, words, faults)

    def _read(self, given: dict[str, Any], words: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
        identity: dict[str, Any] = {}
        facts: dict[str, Any] = {}
        nested = given.get("facts")
        if nested is not None and not isinstance(nested, dict):
            raise ValueFault("not_facts", Text("`facts` must be an object.", "facts 应为对象。"))
        for word, raw in _words(given, nested):
            part, fact = self._meaning(word)
            if part is not None:
                identity[part] = _checked_identity(raw)
                continue
            if fact is None and (self.skip_unknown or folded(word) in self.learned):
                continue
            name = self._name_of(fact, word)
            if name in facts:
                said = Text(f"“{quoted(word)}” and another name mean the same fact. Give it once.",
                            f"“{quoted(word)}”与另一名称是同一事实项，请只填一次。")  # fmt: skip
                raise ValueFault("said_twice", said)
            words.setdefault(name, word)
            facts[name] = raw["value"] if isinstance(raw, dict) and "value" in raw else raw
        return identity, facts

    def _meaning(self, word: str) -> tuple[str | None, Fact | None]:
        """Which part of the identity, or which fact, the word names."""
        found = self._meanings.get(word)
        if found is None:
            if len(word) > 200:
                return None, None
            part, fact = identity_of(word, self.vocabulary), self.vocabulary.resolve(word)
            if part is None and fact is None:
                fact = self.vocabulary.get(self.learned.get(folded(word), ""))
            found = part, fact
            if len(self._meanings) < _MOST_WORDS:
                self._meanings[word] = found
        return found

    def _name_of(self, fact: Fact | None, word: str) -> str:
        if fact is None:
            close = self.vocabulary.suggest(word[:200])
            en, zh = f"Unknown fact “{quoted(word)}”.", f"未知事实项“{quoted(word)}”。"
            if close:
                en, zh = f"{en} Did you mean “{close[0]}”?", f"{zh}您是否想写“{close[0]}”？"
            raise ValueFault("unknown_fact", Text(en, zh))
        if fact.derived is not None:
            said = Text(f"“{fact.label.en}” is computed from other facts and cannot be given.",
                        f"“{fact.label.zh}”由其他事实项计算得出，不能直接填写。")  # fmt: skip
            raise ValueFault("derived_fact", said)
        return fact.name


def _words(given: dict[str, Any], nested: dict[str, Any] | None) -> Iterable[tuple[str, Any]]:
    if nested is None:
        yield from given.items()
        return
    for word, raw in given.items():
        if word != "facts":
            yield word, raw
    yield from nested.items()


def _plain(record: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(record, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_once)
    except _SaidTwice as fault:
        word = quoted(str(fault))
        said = Text(f"“{word}” stands twice in this row.", f"此行中“{word}”出现两次。")
        raise ValueFault("said_twice", said) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueFault("not_json", Text("This line is not JSON.", "此行不是有效的 JSON。")) from None
    if not isinstance(plain, dict):
        raise ValueFault("not_an_object", Text("This line is not a JSON object.", "此行不是 JSON 对象。"))
    return plain


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in pairs:
        if key in plain:
            raise _SaidTwice(key)
        plain[key] = value
    return plain


def _checked_identity(raw: Any) -> str | None:
    if raw is None or isinstance(raw, str):
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool) and raw.bit_length() <= 256:
        return str(raw)
    raise ValueFault("not_text", Text("Who the company is must be said as text.", "企业标识应为文本。"))


def _text(values: list[str | None]) -> Any:
    """The texts as an Arrow array; signs that no encoding knows become a replacement, for the check to refuse."""
    return pa.array([None if one is None else one.encode("utf-8", "replace").decode() for one in values], pa.string())


def open_ndjson(
    file: InputFile,
    opened: BinaryIO,
    vocabulary: Vocabulary,
    *,
    skip_unknown: bool = False,
    learned: Mapping[str, str] | None = None,
) -> tuple[NdjsonShape, Place]:
    """The shape of the file, and where its rows begin."""
    rows = read_records(file, opened, file.start, 1, 1)
    if not any(len(records) or records.faults for records in rows):
        raise BatchFault(Text(f"{file.path} has no rows.", f"{file.path} 没有数据。"))
    return NdjsonShape(file.path, vocabulary, skip_unknown, learned or {}), Place(file.start, 1)
