"""The page on which a score is written as a table of points."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies import signed_out
from companies.facts import Kind, Text, Vocabulary, digest_of
from companies.models import FactRecord
from policies import actions
from policies.desk.access import with_right
from policies.desk.scores.forms import ScoreForm
from policies.desk.scores.shown import KIND_WORDS, Shown, show_score
from policies.desk.scores.typed import after_button, new_item, sent_score, without_empty_lines
from policies.roles import Right
from policies.rules import RuleFault, parse_expression, print_expression
from policies.rules.scores import Score, UnreadableScore, read_score, write_score

_NEW = {"unit": {"en": "points", "zh": "分"}, "effort": "slow"}
# Where the fault of a part of the fact is shown.
_FIELDS = {"fact": "name", "section": "section", "sources": "source"}


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_score(request: HttpRequest) -> HttpResponse:
    """A new fact that is the sum of the points of a table."""
    vocabulary = FactRecord.objects.vocabulary()
    empty = Score((new_item("steps"),))
    return _edit(request, vocabulary, None, empty, {})


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def score(request: HttpRequest, name: str) -> HttpResponse:
    """A derived number as a table of points; one that has no such shape is shown as an expression."""
    record = get_object_or_404(FactRecord.objects.select_related("section"), name=name)
    derived = record.definition.get("derived")
    if derived is None or record.kind not in (Kind.NUMBER, Kind.WHOLE):
        raise Http404
    vocabulary = FactRecord.objects.vocabulary()
    try:
        table = read_score(parse_expression(derived, vocabulary, derived=True))
    except RuleFault as fault:
        raise Http404 from fault
    words = {
        "label_zh": record.label_zh,
        "label_en": record.label_en,
        "section": record.section.key,
        "source": "\n".join(record.definition.get("sources", ())),
    }
    return _edit(request, vocabulary, record, table, words)


def _edit(
    request: HttpRequest, vocabulary: Vocabulary, record: FactRecord | None, table: Score, words: dict[str, Any]
) -> HttpResponse:
    is_new = record is None
    sent = signed_out.kept(request) if request.method != "POST" else None
    if sent is not None:
        form, shown = ScoreForm(initial=sent.dict(), is_new=is_new), show_score(sent_score(sent.dict()), vocabulary)
        return _page(request, form, shown, record, seen=sent.get("seen"), was_signed_out=True)
    if request.method != "POST":
        return _page(request, ScoreForm(initial=words, is_new=is_new), show_score(table, vocabulary), record)
    table, pressed, focus = sent_score(request.POST.dict()), request.POST.get("do", "save"), ""
    if pressed not in ("save", "check"):
        table, focus = after_button(table, pressed)
        form = ScoreForm(initial=request.POST.dict(), is_new=is_new)
        return _page(request, form, show_score(table, vocabulary, focus=focus), record)
    form = ScoreForm(request.POST, is_new=is_new)
    written = without_empty_lines(table)
    try:
        expression = write_score(written, vocabulary)
    except UnreadableScore as fault:
        return _page(request, form, show_score(written, vocabulary, fault.faults), record, status=400)
    if not form.is_valid():
        return _page(request, form, show_score(written, vocabulary), record, status=400)
    if pressed == "check":
        return _page(request, form, show_score(written, vocabulary), record)
    try:
        saved = _save(request, form, print_expression(expression), record)
    except actions.UnfitEntry as refused:
        for fault in refused.faults:
            form.add_error(_FIELDS.get(str(fault.path[0]) if fault.path else ""), fault.message.said(get_language()))
        return _page(request, form, show_score(written, vocabulary), record, status=400)
    except actions.EntryChanged as meanwhile:
        form.add_error(
            None,
            _("Somebody else changed this score meanwhile. Yours stands below; save again to put it in its place."),
        )
        return _page(request, form, show_score(written, vocabulary), record, status=409, seen=meanwhile.seen)
    signed_out.forget(request)
    messages.success(request, _("Saved: requirements can ask for “%(name)s” now.") % {"name": saved.name})
    return redirect("desk:fact", saved.name)


def _save(request: HttpRequest, form: ScoreForm, derived: str, record: FactRecord | None) -> FactRecord:
    words = form.cleaned_data
    sources = words["source"].split()
    plain = (
        dict(record.to_plain()) if record is not None else {"fact": words["name"], "kind": Kind.NUMBER.value, **_NEW}
    )
    plain |= {"label": {"en": words["label_en"], "zh": words["label_zh"]}, "derived": derived}
    plain.pop("sources", None)
    plain |= {"sources": sources} if sources else {}
    if record is None:
        return actions.add_fact(plain=plain, section=words["section"].key, by=request.user, why=words["why"])
    return actions.change_fact(
        name=record.name, plain=plain, by=request.user, seen=request.POST.get("seen", ""), why=words["why"]
    )


def _page(
    request: HttpRequest,
    form: ScoreForm,
    shown: Shown,
    record: FactRecord | None,
    status: int = 200,
    seen: str | None = None,
    was_signed_out: bool = False,
) -> HttpResponse:
    context = {
        "was_signed_out": was_signed_out,
        "form": form,
        "seen": seen or request.POST.get("seen") or (digest_of(record.to_entry()) if record is not None else ""),
        "shown": shown,
        "fact": record and Text(record.label_en, record.label_zh),
        "facts": FactRecord.objects.vocabulary().facts,
        "kinds": [(kind, *words) for kind, words in KIND_WORDS.items()],
    }
    return render(request, "desk/score.html", context, status=status)
