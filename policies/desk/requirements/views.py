"""The page on which the requirements of a policy or of one offer are written, and what it asks for while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.facts import Fact, Text, Vocabulary
from companies.models import FactRecord
from policies import actions
from policies.desk.access import with_right
from policies.desk.forms import LONGEST_REASON
from policies.desk.reading import version_or_404
from policies.desk.requirements.finding import find_facts
from policies.desk.requirements.picking import operators_of, scales_of, takes
from policies.desk.requirements.reading import ReadRows, read_rows, say_row
from policies.desk.requirements.rows import GROUPS, LEAVES, UNREAD, Row
from policies.desk.requirements.sheet import (
    FIELD,
    NotOurs,
    Sheet,
    acted,
    gone_to,
    opened_sheet,
    row_to,
    sent_row,
    sent_sheet,
)
from policies.models import PolicyVersion, State
from policies.parts import PartPath, part_at, part_digest
from policies.roles import Right
from policies.rules import say_clause
from policies.rules.closed_words import KIND_WORDS
from policies.rules.faults import Fault
from policies.rules.reading import CONFIDENCES, Reading
from policies.rules.requirement_files import read_requirement
from policies.rules.requirements import Requirement

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


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def policy_requires(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What the policy asks of every offer."""
    return _editor(request, version_or_404(key, number), ("requires",))


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_requires(request: HttpRequest, key: str, number: int, offer: str) -> HttpResponse:
    """What one offer asks beside what its policy asks."""
    return _editor(request, version_or_404(key, number), ("offers", offer, "requires"))


@with_right(Right.WRITE)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the open row says as it was typed so far, or what is wrong with it; nothing is kept."""
    vocabulary = FactRecord.objects.vocabulary()
    try:
        row = sent_row(request.POST, vocabulary)
    except NotOurs as fault:
        raise SuspiciousOperation from fault
    return render(request, "desk/requirements/_said.html", _said_of(row, vocabulary))


@with_right(Right.WRITE)
@require_safe
def facts(request: HttpRequest) -> HttpResponse:
    """The facts that the typed words may mean, as the entries of a list box."""
    found = find_facts(FactRecord.objects.vocabulary(), request.GET.get("q", ""))
    return render(
        request, "desk/requirements/_facts.html", {"facts": [(fact, KIND_WORDS[fact.kind]) for fact in found]}
    )


def _editor(request: HttpRequest, version: PolicyVersion, path: PartPath) -> HttpResponse:
    try:
        stored = part_at(version.content, path)
    except actions.PartGone:
        raise Http404 from None
    if request.method != "POST":
        if version.state != State.DRAFT:
            messages.info(request, _("This version is not a draft: it cannot be changed. Begin a draft first."))
            return redirect("desk:version", version.policy.key, version.number)
        vocabulary = FactRecord.objects.vocabulary()
        return _page(request, version, path, opened_sheet(stored, vocabulary), vocabulary, part_digest(stored))
    vocabulary = FactRecord.objects.vocabulary()
    try:
        sheet = sent_sheet(request.POST, vocabulary)
    except NotOurs as fault:
        raise SuspiciousOperation from fault
    seen = request.POST.get("seen", "")
    if "save" in request.POST:
        return _save(request, version, path, sheet, vocabulary, seen)
    sheet = acted(sheet, request.POST.get("do", "refresh"), vocabulary)
    return _page(request, version, path, sheet, vocabulary, seen)


def _save(
    request: HttpRequest, version: PolicyVersion, path: PartPath, sheet: Sheet, vocabulary: Vocabulary, seen: str
) -> HttpResponse:
    read = read_rows(sheet.rows, vocabulary, _shared(version, path, vocabulary))
    sheet = replace(sheet, checked=True)
    if read.how_many_faults and request.POST["save"] != "anyway":
        return _page(request, version, path, sheet, vocabulary, seen, {"asks": True})
    why = request.POST.get("why", "")[:LONGEST_REASON]
    try:
        actions.save_part(version=version, path=path, part=read.tree, by=request.user, seen=seen, why=why)
    except actions.PartChanged as fault:
        theirs = opened_sheet(fault.theirs, vocabulary).rows
        told = {"theirs": [say_row(theirs, at, vocabulary) for at in range(len(theirs))], "line": fault.line}
        return _page(
            request, version, path, sheet, vocabulary, part_digest(fault.theirs), {"conflict": told}, status=409
        )
    except actions.UnfitContent as fault:
        found = [replace(one, path=_below(one.path, path, version.content)) for one in fault.faults]
        return _page(request, version, path, sheet, vocabulary, seen, {"unfit": read.at_rows(found)})
    except actions.NotNow as fault:
        return _page(request, version, path, sheet, vocabulary, seen, {"not_now": fault.message}, status=409)
    if read.how_many_faults:
        messages.warning(request, _("Saved as half-written: faults found: %(n)s.") % {"n": read.how_many_faults})
    else:
        messages.success(request, _("The requirements are saved."))
    return redirect(request.path)


def _below(path: Sequence[str | int], part: PartPath, content: Mapping[str, Any]) -> tuple[str | int, ...]:
    """The path of a fault from the part down, where it leads into it."""
    steps: list[str | int] = []
    for step in part:
        if steps == ["offers"]:
            keys = [offer.get("offer") for offer in content["offers"] if isinstance(offer, Mapping)]
            steps.append(keys.index(step))
        else:
            steps.append(str(step))
    return tuple(path[len(steps) :]) if list(path[: len(steps)]) == steps else ()


def _shared(version: PolicyVersion, path: PartPath, vocabulary: Vocabulary) -> Requirement | None:
    """What the policy asks beside the offer, as far as it can be read."""
    tree = version.content.get("requires")
    if path == ("requires",) or tree is None:
        return None
    return read_requirement(tree, (), Reading(vocabulary))


def _page(
    request: HttpRequest,
    version: PolicyVersion,
    path: PartPath,
    sheet: Sheet,
    vocabulary: Vocabulary,
    seen: str,
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    told = dict(more or {})
    shared = _shared(version, path, vocabulary)
    read = read_rows(sheet.rows, vocabulary, shared)
    unfit = told.get("unfit")
    if unfit:
        read = replace(read, faults=tuple(a + b for a, b in zip(unfit, read.faults, strict=True)))
    shown = _shown(sheet, read)
    row = None if sheet.opened is None else sheet.rows[sheet.opened]
    context = {
        "version": version,
        "policy": version.policy,
        "offer": _offer(version, path),
        "shared": _said_rows(version, path, vocabulary),
        "rows": shown,
        "closing": range(sheet.rows[-1].depth + 1) if sheet.rows else range(0),
        "sheet": sheet,
        "read": read,
        "seen": seen,
        "gone": gone_to(sheet.gone),
        "why": request.POST.get("why", "")[:LONGEST_REASON],
        "is_unsaved": request.method == "POST",
        **told,
        **(_open_row(row, vocabulary, read, sheet) if row is not None else {}),
    }
    template = (
        "desk/requirements/_editor.html" if request.headers.get("HX-Request") else "desk/requirements/editor.html"
    )
    return render(request, template, context, status=status)


def _shown(sheet: Sheet, read: ReadRows) -> list[ShownRow]:
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


def _open_row(row: Row, vocabulary: Vocabulary, read: ReadRows, sheet: Sheet) -> dict[str, Any]:
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
        **_said_of(row, vocabulary),
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


def _said_of(row: Row, vocabulary: Vocabulary) -> dict[str, Any]:
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


def _offer(version: PolicyVersion, path: PartPath) -> Mapping[str, Any] | None:
    if path == ("requires",):
        return None
    offers = version.content.get("offers")
    return next((one for one in offers or () if isinstance(one, Mapping) and one.get("offer") == path[1]), None)


def _said_rows(version: PolicyVersion, path: PartPath, vocabulary: Vocabulary) -> list[Text]:
    """What the policy asks of all its offers, for the page of one offer."""
    if path == ("requires",):
        return []
    rows = opened_sheet(version.content.get("requires"), vocabulary).rows
    read = read_rows(rows, vocabulary)
    return [said for said in read.said if said is not None]
