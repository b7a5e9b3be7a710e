"""The inputs of an entry, made from the description of its list; and its parts as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companies.facts import Kind, Text, ValueFault, Vocabulary, read_value
from policies.desk.inputs import Chosen, Input, Lines, Pair, Rows, Several, Typed
from policies.desk.inputs.kinds import Choices
from policies.desk.inputs.reading import typed_of
from policies.desk.writing.document import listed
from policies.lint.entries import Part, Shape, parts_of
from policies.rules.faults import Fault

_KEY = Typed(
    name="key",
    label=Text("Short name for policies and files", "政策和文件中使用的短名"),
    hint=Text("Letters, digits, _ and -. It stays for good.", "字母、数字、_ 和 -。确定后不再更改。"),
)


def entry_inputs(list_name: str, lists: Mapping[str, Any], *, is_new: bool) -> tuple[Input, ...]:
    """What an entry of this list says; its key is asked once, when it is added."""
    inputs = tuple(_input(part, lists) for part in parts_of(list_name))
    return (_KEY, *inputs) if is_new else inputs


def _input(part: Part, lists: Mapping[str, Any]) -> Input:
    match part.shape:
        case Shape.WORDS | Shape.TEXT:
            return Pair(name=part.name, label=part.label, hint=part.hint, is_long=part.shape is Shape.TEXT)
        case Shape.LINES:
            return Lines(name=part.name, label=part.label, hint=part.hint)
        case Shape.ONE:
            return Chosen(name=part.name, label=part.label, hint=part.hint, choices=part.closed)
        case Shape.SEVERAL:
            return Several(name=part.name, label=part.label, hint=part.hint, choices=_named(part, lists))
        case Shape.NUMBER:
            return Typed(name=part.name, label=part.label, hint=part.hint, as_number=True, keeps_null=True)
        case Shape.ANSWERS:
            return Rows(
                name=part.name,
                label=part.label,
                hint=part.hint,
                add=Text("Add an answer", "添加一项回答"),
                row=Text("Answer", "回答"),
                inputs=(
                    Typed(name="fact", label=Text("Fact", "事实项"), listed="facts"),
                    Typed(name="value", label=Text("Answer", "回答")),
                ),
            )
    return Typed(name=part.name, label=part.label, hint=part.hint)


def _named(part: Part, lists: Mapping[str, Any]) -> Choices:
    return tuple(choice for name in part.named for choice in listed(lists, name))


def as_rows(list_name: str, plain: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as its inputs show it: answers by fact as rows."""
    made = dict(plain)
    for part in _answers(list_name):
        if isinstance(made.get(part.name), Mapping):
            made[part.name] = [{"fact": name, "value": value} for name, value in made[part.name].items()]
    return made


def from_rows(list_name: str, vocabulary: Vocabulary, form: Mapping[str, Any]) -> dict[str, Any]:
    """The entry that the inputs say: rows of answers by fact, yes and no as such."""
    made = dict(form)
    for part in _answers(list_name):
        rows = made.pop(part.name, None)
        answers: dict[str, Any] = {}
        for row in rows if isinstance(rows, list) else []:
            name = str(row.get("fact") or "")
            while name in answers:
                name += "?"  # said twice: both stay, and the check says that the second is no fact
            answers[name] = _answer(vocabulary, name, row.get("value"))
        if answers:
            made[part.name] = answers
    return made


def _answer(vocabulary: Vocabulary, name: str, typed: Any) -> Any:
    fact = vocabulary.get(name)
    if fact is None or fact.kind is not Kind.YES_NO:
        return typed
    try:
        return read_value(fact, typed)
    except ValueFault:
        return typed


def placed(list_name: str, faults: Sequence[Fault], form: Mapping[str, Any]) -> list[Fault]:
    """The faults with paths into the inputs: an answer of a fact stands in a row."""
    names = {part.name for part in _answers(list_name)}
    made = []
    for fault in faults:
        path = fault.path
        if len(path) > 1 and path[0] in names:
            rows = [row.get("fact") for row in form.get(path[0], ())]
            path = (path[0], rows.index(path[1]), "value") if path[1] in rows else path[:1]
        made.append(Fault(path, fault.message, fault.code, fault.suggestion))
    return made


def _answers(list_name: str) -> list[Part]:
    return [part for part in parts_of(list_name) if part.shape is Shape.ANSWERS]


@dataclass(frozen=True, slots=True)
class Said:
    """A part of an entry as a page shows it: words in the reader's language, a code, or an address."""

    label: Text
    words: tuple[Text, ...] = ()
    links: tuple[str, ...] = ()


def entry_said(
    list_name: str, plain: Mapping[str, Any], lists: Mapping[str, Any], vocabulary: Vocabulary
) -> list[Said]:
    """The parts of an entry that say something, but for what it is called."""
    return [
        _said(part, plain[part.name], lists, vocabulary)
        for part in parts_of(list_name)
        if part.name != "label" and plain.get(part.name) not in (None, "", [], {})
    ]


def _said(part: Part, value: Any, lists: Mapping[str, Any], vocabulary: Vocabulary) -> Said:
    if part.name == "sources":
        return Said(part.label, links=tuple(typed_of(one) for one in value))
    if part.shape in (Shape.WORDS, Shape.TEXT) and isinstance(value, Mapping):
        return Said(part.label, (Text(typed_of(value.get("en")), typed_of(value.get("zh"))),))
    if part.shape is Shape.ANSWERS and isinstance(value, Mapping):
        return Said(part.label, tuple(_answered(vocabulary, name, one) for name, one in value.items()))
    known = dict(part.closed) | dict(_named(part, lists))
    rows = value if isinstance(value, list) else [value]
    return Said(part.label, tuple(known.get(one, Text(typed_of(one), typed_of(one))) for one in rows))


def _answered(vocabulary: Vocabulary, name: str, value: Any) -> Text:
    fact = vocabulary.get(name)
    label = fact.label if fact is not None else Text(name, name)
    choice = fact.choice(value) if fact is not None and isinstance(value, str) else None
    if isinstance(value, bool):
        said = Text("yes", "是") if value else Text("no", "否")
    else:
        said = choice.label if choice is not None else Text(typed_of(value), typed_of(value))
    return Text(f"{label.en}: {said.en}", f"{label.zh}：{said.zh}")
