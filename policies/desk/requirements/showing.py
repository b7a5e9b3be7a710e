"""The rows as the page draws them: closed with their sentence, open with the inputs of their kind."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.facts import Fact, Text, Vocabulary
from policies.desk.requirements.picking import operators_of, scales_of, takes
from policies.desk.requirements.reading import ReadRows, read_rows
from policies.desk.requirements.rows import GROUPS, LEAVES, UNREAD, Row
from policies.desk.requirements.sheet import FIELD, Sheet, row_to
from policies.rules import say_clause
from policies.rules.faults import Fault
from policies.rules.reading import CONFIDENCES

FORM_WORDS: dict[str, Text] = {
    "when": Text("worked out by the computer", "由系统计算"),
    "judged": Text("a person must judge", "需人工判断"),
    "not_modelled": Text("in the text but not modelled", "原文有但未建模"),
    "all": Text("group: all of these", "条件组：须全部满足"),
    "any": Text("group: any one of these", "条件组：满足任意一项"),
    "at_least": Text("group: at least a number of these", "条件组：至少满足若干项"),
    "not": Text("group: none of these", "条件组：以下均不得出现"),
    UNREAD: Text("kept as it stands", "原样保留"),
}

# What the sentence of the open row is made of: sent while one types.
_PREVIEWED = ",".join(
    f"{FIELD}{name}"
    for name in ("was", "takes", *(one.name for one in fields(Row) if one.name not in ("depth", "other")))
)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the page draws it; `closes` levels of the list end before it, `opens` says that one begins."""

    at: int
    row: Row
    said: Text | None
    faults: tuple[Fault, ...]
    hints: tuple[Fault, ...]
    sent: str
    is_open: bool
    opens: bool
    closes: range

    @property
    def number(self) -> int:
        """The number by which people call the row."""
        return self.at + 1

    @property
    def clause(self) -> Text | None:
        """The clause in both languages."""
        return say_clause(self.row.clause)

    @property
    def focus_here(self) -> str:
        """What a sheet's focus says when it is this row that was closed."""
        return f"open:{self.at}"

    @property
    def form_word(self) -> Text:
        """What kind of row it is."""
        return FORM_WORDS[self.row.form]


def shown_rows(sheet: Sheet, read: ReadRows) -> list[ShownRow]:
    """The rows in their order, each with what it says and what is wrong with it."""
    shown, depth = [], -1
    for at, row in enumerate(sheet.rows):
        is_open = at == sheet.opened
        closes = range(max(depth - row.depth, 0))
        shown.append(
            ShownRow(
                at, row, read.said[at], read.faults[at], read.hints[at], row_to(row), is_open, row.depth > depth, closes
            )
        )
        depth = row.depth
    return shown


def open_row(row: Row, vocabulary: Vocabulary, read: ReadRows, sheet: Sheet) -> dict[str, Any]:
    """What the inputs of the open row need."""
    fact = vocabulary.resolve(row.fact)
    language = get_language()
    context: dict[str, Any] = {
        "row": row,
        "forms": [(form, FORM_WORDS[form]) for form in (*LEAVES, *GROUPS)],
        "confidences": CONFIDENCES,
        "fact": fact,
        "tools": _tools(row),
        "preview_params": _PREVIEWED,
        "words": _labels(row),
        **said_of(row, vocabulary),
        "leaf_faults": read.faults[sheet.opened or 0],
    }
    if row.form != "when":
        return context
    context["all_facts"] = [(_called(one, vocabulary, language), one) for one in vocabulary]
    context["fact_called"] = row.fact if fact is None else _called(fact, vocabulary, language)
    if fact is not None:
        context |= {
            "operators": list(operators_of(fact).items()),
            "scales": list(scales_of(fact).items()) if takes(row, fact) == "number" and " " not in row.operator else [],
            "takes": takes(row, fact),
            "value": row.values[0] if row.values else "",
            "choices": [(choice, choice.key in row.values) for choice in fact.choices],
            "strangers": [word for word in row.values if word and fact.choices and fact.choice(word) is None],
        }
    return context


def _tools(row: Row) -> list[tuple[str, str]]:
    """The buttons of the open row."""
    inside = [("inside", _("Add inside"))] if row.is_group else []
    return [
        ("below", _("Add below")), *inside, ("wrap", _("Put into a group")), ("up", _("Up")), ("down", _("Down")),
        ("indent", _("Further in")), ("outdent", _("Further out")), ("remove", _("Remove")), ("close", _("Done")),
    ]  # fmt: skip


def _labels(row: Row) -> dict[str, str]:
    """The labels of the inputs in two languages."""
    asked = row.form == "judged"
    return {
        "text_en": _("What a person must judge, in English") if asked else _("What the text asks, in English"),
        "text_zh": _("What a person must judge, in Chinese") if asked else _("What the text asks, in Chinese"),
        "says_en": _("Sentence instead of the generated one, in English"),
        "says_zh": _("Sentence instead of the generated one, in Chinese"),
        "note_en": _("Note, in English"),
        "note_zh": _("Note, in Chinese"),
    }


def _called(fact: Fact, vocabulary: Vocabulary, language: str | None) -> str:
    """What the fact is called in this language, where that names it and no other; its name otherwise."""
    label = fact.label.said(language)
    return label if vocabulary.resolve(label) is fact else fact.name


def said_of(row: Row, vocabulary: Vocabulary) -> dict[str, Any]:
    """The sentence of a leaf by itself, and what is wrong with it."""
    if row.is_group or row.form == UNREAD:
        return {"leaf": None}
    read = read_rows((replace(row, depth=0),), vocabulary)
    is_blank = not (row.when or row.en or row.zh or row.fact)
    return {
        "leaf": row,
        "said": read.said[0],
        "leaf_faults": read.faults[0],
        "leaf_hints": read.hints[0],
        "is_blank": is_blank,
    }
