"""Reading a vocabulary from the plain form of its catalogue files, with a fault for everything that is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from companies.facts.days import read_day
from companies.facts.kinds import CONFIDENCES, PERIODS, Effort, Kind
from companies.facts.numbers import read_number
from companies.facts.vocabulary import Choice, Fact, Section, Vocabulary, usual_bounds
from companies.facts.words import Text, ValueFault, folded, nearest, quoted, read_text

_FACT_KEYS = (
    "fact", "kind", "label", "question", "help", "unit", "minimum", "maximum", "choices", "period", "papers",
    "effort", "aliases", "derived", "confidence", "sources", "note",
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,62}")
_CHOOSING = (Kind.ONE, Kind.MANY, Kind.CERTIFICATES)
Listed = TypeVar("Listed", Kind, Effort)


@dataclass(frozen=True, slots=True)
class VocabularyFault:
    """What is wrong at one place of the plain form: path from the file's stem down, message, code, suggestion."""

    path: tuple[str | int, ...]
    message: Text
    code: str
    suggestion: str | None = None


def read_vocabulary(
    plain: Mapping[str, Any] | Sequence[Any], lists: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[Vocabulary, list[VocabularyFault]]:
    """The vocabulary in these files, without the facts at fault, and the faults.

    `plain` maps file stems (“10-basics”) to `{"section": ..., "facts": [...]}`, or is a list of those; `lists` has
    the reference lists that choices may come from (`sectors`, `certificates`), each a list of `{key, label, ...}`.
    """
    reader = _Reader(lists)
    for stem, path, file in _files(plain):
        reader.read_file(stem, path, file)
    reader.find_words_said_twice()
    return Vocabulary(tuple(reader.sections), tuple(reader.facts)), reader.faults


def _files(plain: Any) -> list[tuple[str, tuple[str | int, ...], Any]]:
    if isinstance(plain, Mapping):
        return [(str(stem), (str(stem),), plain[stem]) for stem in sorted(plain)]
    return [("", (at,), file) for at, file in enumerate(plain)]


class _Reader:
    """Collects sections, facts and faults over all files."""

    def __init__(self, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.lists = lists
        self.sections: list[Section] = []
        self.facts: list[Fact] = []
        self.faults: list[VocabularyFault] = []
        self.paths: dict[str, tuple[str | int, ...]] = {}

    def fault(self, path: tuple[str | int, ...], code: str, en: str, zh: str, suggestion: str | None = None) -> None:
        if suggestion:
            en, zh = f"{en} Did you mean “{suggestion}”?", f"{zh}是否应为“{suggestion}”？"
        self.faults.append(VocabularyFault(path, Text(en, zh), code, suggestion))

    def read_file(self, stem: str, path: tuple[str | int, ...], file: Any) -> None:
        if not isinstance(file, Mapping) or not isinstance(file.get("section"), Mapping):
            self.fault(
                path,
                "no_section",
                "A vocabulary file needs `section` and `facts`.",
                "词汇文件需要 section 和 facts。",
            )
            return
        self._refuse_strange_keys(file, ("section", "facts"), path)
        section = self._section(stem, (*path, "section"), file["section"])
        facts = file.get("facts")
        if not isinstance(facts, list | tuple):
            self.fault((*path, "facts"), "no_facts", "`facts` must be a list.", "facts 应为列表。")
            return
        for at, plain in enumerate(facts):
            before = len(self.faults)
            fact = self._fact(section.key if section else "", (*path, "facts", at), plain)
            if fact is not None and section is not None and len(self.faults) == before:
                self.facts.append(fact)
                self.paths[fact.name] = (*path, "facts", at)

    def _section(self, stem: str, path: tuple[str | int, ...], plain: Mapping[str, Any]) -> Section | None:
        self._refuse_strange_keys(plain, ("key", "title", "help"), path)
        key = plain.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self.fault(
                (*path, "key"),
                "bad_key",
                "A section needs a `key` of plain letters.",
                "分组需要由字母组成的 key。",
            )
            return None
        if any(section.key == key for section in self.sections):
            self.fault((*path, "key"), "duplicate_section", f"Section “{key}” exists twice.", f"分组“{key}”重复。")
            return None
        title = self._text(plain, "title", path, needed=True)
        if title is None:
            return None
        stem = stem or f"{(len(self.sections) + 1) * 10:02d}-{key}"
        section = Section(key, title, self._text(plain, "help", path), stem)
        self.sections.append(section)
        return section

    def _fact(self, section: str, path: tuple[str | int, ...], plain: Any) -> Fact | None:
        if not isinstance(plain, Mapping):
            self.fault(path, "not_a_fact", "A fact must be a mapping.", "事实项应为键值对。")
            return None
        self._refuse_strange_keys(plain, _FACT_KEYS, path)
        name = plain.get("fact")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.fault((*path, "fact"), "bad_name", f"“{quoted(name)}” is not a fact name (small letters, digits, _).",
                       f"“{quoted(name)}”不是合法的事实项名：请用小写字母、数字和下划线。")  # fmt: skip
            return None
        if name in self.paths:
            self.fault((*path, "fact"), "duplicate_fact", f"Fact “{name}” exists twice.", f"事实项“{name}”重复。")
            return None
        kind = self._listed(Kind, plain.get("kind"), (*path, "kind"))
        effort = self._listed(Effort, plain.get("effort", Effort.SLOW.value), (*path, "effort"))
        derived = plain.get("derived")
        label = self._text(plain, "label", path, needed=True)
        if derived is None and plain.get("question") is None:
            self.fault(path, "not_asked", f"No form asks “{name}”: give it a `question`, or say how it is `derived`.",
                       f"没有表单询问“{name}”：请填写 question，或用 derived 说明如何计算。")  # fmt: skip
        question = self._text(plain, "question", path)
        if kind is None or effort is None or label is None:
            return None
        choices, choices_from = self._choices(kind, plain.get("choices"), (*path, "choices"))
        minimum, maximum = self._bounds(kind, plain, path, derived is not None)
        papers = self._words(plain, "papers", path)
        return Fact(
            name=name, kind=kind, section=section, label=label, question=question, effort=effort,
            help=self._text(plain, "help", path), unit=self._text(plain, "unit", path),
            minimum=minimum, maximum=maximum, choices=choices, choices_from=choices_from,
            period=self._one_of(plain, "period", sorted(PERIODS), path),
            papers=papers, aliases=self._words(plain, "aliases", path),
            derived=self._expression(derived, (*path, "derived")),
            confidence=self._one_of(plain, "confidence", CONFIDENCES, path) or "high",
            sources=self._words(plain, "sources", path), note=self._text(plain, "note", path),
            named_papers=self._named_papers(papers),
        )  # fmt: skip

    def _named_papers(self, papers: tuple[str, ...]) -> tuple[Choice, ...]:
        labels = {row.get("key"): read_text(row.get("label")) for row in self.lists.get("papers", ())}
        return tuple(Choice(key, label) for key in papers if (label := labels.get(key)))

    def _refuse_strange_keys(self, plain: Mapping[str, Any], known: Sequence[str], path: tuple[str | int, ...]) -> None:
        for key in plain:
            if key not in known:
                close = nearest(str(key), known, count=1)
                self.fault((*path, str(key)), "unknown_key", f"“{quoted(key)}” does not belong here.",
                           f"此处不应出现“{quoted(key)}”。", close[0] if close else None)  # fmt: skip

    def _text(
        self, plain: Mapping[str, Any], key: str, path: tuple[str | int, ...], needed: bool = False
    ) -> Text | None:
        if plain.get(key) is None and not needed:
            return None
        text = read_text(plain.get(key))
        if text is None:
            self.fault((*path, key), "missing_language", f"`{key}` must be said in both: {{en: ..., zh: ...}}.",
                       f"{key} 必须有两种语言：{{en: ..., zh: ...}}。")  # fmt: skip
        return text

    def _listed(self, known: type[Listed], raw: Any, path: tuple[str | int, ...]) -> Listed | None:
        values = [one.value for one in known]
        if raw in values:
            return known(raw)
        close = nearest(str(raw), values, count=1)
        self.fault(path, f"unknown_{known.__name__.lower()}", f"“{quoted(raw)}” is not one of: {', '.join(values)}.",
                   f"“{quoted(raw)}”不在以下取值中：{'、'.join(values)}。", close[0] if close else None)  # fmt: skip
        return None

    def _one_of(
        self, plain: Mapping[str, Any], key: str, known: Sequence[str], path: tuple[str | int, ...]
    ) -> str | None:
        raw = plain.get(key)
        if raw is None or raw in known:
            return raw
        self.fault((*path, key), f"unknown_{key}", f"“{quoted(raw)}” is not one of: {', '.join(known)}.",
                   f"“{quoted(raw)}”不在以下取值中：{'、'.join(known)}。")  # fmt: skip
        return None

    def _words(self, plain: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> tuple[str, ...]:
        raw = plain.get(key) or ()
        if isinstance(raw, list | tuple) and all(isinstance(word, str) and word.strip() for word in raw):
            return tuple(raw)
        self.fault((*path, key), "not_a_list", f"`{key}` must be a list of words.", f"{key} 应为文字列表。")
        return ()

    def _expression(self, raw: Any, path: tuple[str | int, ...]) -> str | None:
        if raw is None or (isinstance(raw, str) and raw.strip()):
            return raw
        self.fault(path, "not_text", "`derived` must be an expression in text.", "derived 应为文本表达式。")
        return None

    def _bounds(
        self, kind: Kind, plain: Mapping[str, Any], path: tuple[str | int, ...], derived: bool
    ) -> tuple[Decimal | date | None, Decimal | date | None]:
        found: list[Decimal | date | None] = []
        for key, usual in zip(("minimum", "maximum"), usual_bounds(kind, derived=derived), strict=True):
            raw = plain.get(key)
            try:
                found.append(usual if raw is None else _read_bound(kind, raw))
            except ValueFault as fault:
                self.fault((*path, key), "bad_bound", fault.message.en, fault.message.zh)
                found.append(None)
        low, high = found
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            self.fault(
                (*path, "minimum"),
                "bounds_contradict",
                "`minimum` is above `maximum`.",
                "minimum 大于 maximum。",
            )
        return low, high

    def _choices(self, kind: Kind, raw: Any, path: tuple[str | int, ...]) -> tuple[tuple[Choice, ...], str | None]:
        if kind not in _CHOOSING:
            if raw is not None:
                self.fault(
                    path,
                    "choices_not_asked",
                    f"A fact of kind {kind} has no choices.",
                    f"{kind} 类事实项没有选项。",
                )
            return (), None
        if raw is None and kind is Kind.CERTIFICATES:
            raw = {"from": "certificates"}
        if isinstance(raw, Mapping):
            name = raw.get("from")
            if set(raw) != {"from"} or not isinstance(name, str) or name not in self.lists:
                close = nearest(str(name), self.lists, count=1)
                self.fault(path, "unknown_list", f"No reference list is called “{quoted(name)}”.",
                           f"没有名为“{quoted(name)}”的参考列表。", close[0] if close else None)  # fmt: skip
                return (), None
            choices, faults = read_choices(self.lists[name])
            self.faults += [VocabularyFault((*path, "from"), one.message, one.code, one.suggestion) for one in faults]
            return choices, name
        if not isinstance(raw, list | tuple) or not raw:
            self.fault(
                path,
                "no_choices",
                "List the choices, or {from: a reference list}.",
                "请列出选项，或写 {from: 参考列表}。",
            )
            return (), None
        choices, faults = read_choices(raw, path)
        self.faults += faults
        for at, choice in enumerate(choices):
            if kind is Kind.MANY and choice.key == "none":
                self.fault((*path, at), "none_said_twice", "Leave this choice out: the empty list says “none” already.",
                           "请删去此选项：空列表已表示“都没有”。")  # fmt: skip
        return choices, None

    def find_words_said_twice(self) -> None:
        """A word must name one fact only, or a rule or an upload could mean either."""
        owners: dict[str, Fact] = {}
        for fact in self.facts:
            for word in {folded(word) for word in fact.words}:
                owner = owners.setdefault(word, fact)
                if owner is not fact:
                    self.fault(self.paths[fact.name], "word_said_twice",
                               f"“{word}” already names the fact {owner.name}; give {fact.name} another word.",
                               f"“{word}”已是事实项 {owner.name} 的名称，请为 {fact.name} 换一个词。")  # fmt: skip


def _read_bound(kind: Kind, raw: Any) -> Decimal | date:
    return read_day(raw) if kind is Kind.DAY else read_number(raw, money=kind is Kind.MONEY).value


def read_choices(
    plain: Sequence[Any], path: tuple[str | int, ...] = ()
) -> tuple[tuple[Choice, ...], list[VocabularyFault]]:
    """Choices from a list of `{key, label, aliases?, validity_years?, note?}`; other keys of a list are its own."""
    choices: list[Choice] = []
    faults: list[VocabularyFault] = []
    seen: set[str] = set()
    for at, row in enumerate(plain):
        key = row.get("key") if isinstance(row, Mapping) else None
        label = read_text(row.get("label")) if isinstance(row, Mapping) else None
        if not isinstance(key, str) or not _KEY.fullmatch(key) or label is None:
            said = Text(
                "A choice needs a key in quotes and a label in both languages.",
                "选项需要带引号的 key 和两种语言的 label。",
            )
            faults.append(VocabularyFault((*path, at), said, "bad_choice"))
            continue
        if key in seen:
            said = Text(f"Choice “{key}” exists twice.", f"选项“{key}”重复。")
            faults.append(VocabularyFault((*path, at), said, "duplicate_choice"))
            continue
        seen.add(key)
        years = row.get("validity_years")
        years = years if isinstance(years, int) and not isinstance(years, bool) and years > 0 else None
        aliases = tuple(str(alias) for alias in row.get("aliases") or ())
        choices.append(Choice(key, label, aliases, years, read_text(row.get("note"))))
    return tuple(choices), faults
