"""The pages of the sections: all in their order, one with its facts in their order, a new one, one that is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies.facts import Text, digest_of
from companies.models import SECTIONS, FactRecord, ListLine, SectionRecord
from policies import actions
from policies.desk.access import at_desk, with_right
from policies.desk.entries import Editor, history_of
from policies.desk.forms import LONGEST_REASON
from policies.desk.inputs import Input, Pair, Typed
from policies.roles import Right, may

_LATEST = 20
_KEY = Typed(
    name="key",
    label=Text("Short name for files", "文件中使用的短名"),
    hint=Text("Small letters, digits and _. It stays for good.", "小写字母、数字和下划线。确定后不再更改。"),
)
_WORDS: tuple[Input, ...] = (
    Pair(name="title", label=Text("Title of the page", "页面标题")),
    Pair(
        name="help",
        label=Text("What the page is about", "页面说明"),
        is_long=True,
        hint=Text("Stands above the questions.", "显示在问题上方。"),
    ),
)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def all_sections(request: HttpRequest) -> HttpResponse:
    """Every section in the order of the company form; sent, one changes places with its neighbour."""
    moved = _moved(request, lambda key, **how: actions.move_section(key=key, **how), reverse("desk:sections"))
    if isinstance(moved, HttpResponse):
        return moved
    vocabulary = FactRecord.objects.vocabulary()
    context = {
        "rows": [(section, len(vocabulary.in_section(section.key))) for section in vocabulary.sections],
        "seen": digest_of([section.key for section in vocabulary.sections]),
        "refused": moved,
        "may_write": may(request.user, Right.WRITE),
        "why": request.POST.get("why", "")[:LONGEST_REASON],
        "history": ListLine.objects.filter(list_name=SECTIONS).select_related("by")[:_LATEST],
    }
    return render(request, "desk/sections/all.html", context, status=409 if moved else 200)


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def one_section(request: HttpRequest, section: str) -> HttpResponse:
    """A section and its facts in their order; sent, a fact changes places with its neighbour."""
    row = get_object_or_404(SectionRecord, key=section)
    here = reverse("desk:section", args=[section])
    moved = _moved(request, lambda key, **how: actions.move_fact(section=section, name=key, **how), here)
    if isinstance(moved, HttpResponse):
        return moved
    facts = list(FactRecord.objects.filter(section=row).order_by("position", "name"))
    context = {
        "section": row,
        "title": Text(row.title_en, row.title_zh),
        "help": Text(row.help_en, row.help_zh),
        "rows": [(fact, Text(fact.label_en, fact.label_zh)) for fact in facts],
        "seen": digest_of([fact.name for fact in facts]),
        "refused": moved,
        "may_write": may(request.user, Right.WRITE),
        "why": request.POST.get("why", "")[:LONGEST_REASON],
        "history": history_of(SECTIONS, section),
    }
    return render(request, "desk/sections/section.html", context, status=409 if moved else 200)


def _moved(request: HttpRequest, move: Callable[..., None], here: str) -> HttpResponse | bool:
    """What a press of “up” or “down” gives; True where the order was another meanwhile, False where nothing was pressed."""
    if request.method != "POST":
        return False
    if not may(request.user, Right.WRITE):
        raise Http404
    way, _colon, key = request.POST.get("act", "").partition(":")
    if way not in ("up", "down"):
        return False
    person: Any = request.user
    why = request.POST.get("why", "")[:LONGEST_REASON]
    try:
        move(key, up=way == "up", by=person, seen=request.POST.get("seen", ""), why=why)
    except actions.EntryChanged:
        return True
    messages.success(request, _("Moved."))
    return redirect(here)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_section(request: HttpRequest) -> HttpResponse:
    """A page that the company form did not have."""
    return _edit(request, "", None)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_section(request: HttpRequest, section: str) -> HttpResponse:
    """The title and the help of a section."""
    return _edit(request, section, get_object_or_404(SectionRecord, key=section).to_plain())


def _edit(request: HttpRequest, key: str, stored: Mapping[str, Any] | None) -> HttpResponse:
    def save(plain: Mapping[str, Any], seen: str, why: str) -> HttpResponse:
        person: Any = request.user
        if stored is None:
            saved = actions.add_section(plain=plain, by=person, why=why)
        else:
            saved = actions.change_section(key=key, plain=plain, by=person, seen=seen, why=why)
        messages.success(request, _("Saved. The company form has it from now on."))
        return redirect("desk:section", saved.key)

    inputs = _WORDS if stored is not None else (_KEY, *_WORDS)
    editor = Editor(list_name=SECTIONS, key=key, inputs=inputs, stored=stored, save=save, fresh={})
    return editor.answer(request, "desk/sections/edit.html", key=key)


urlpatterns = [
    path("sections/", all_sections, name="sections"),
    path("sections/new/", new_section, name="section_new"),
    path("sections/entry/<slug:section>/", one_section, name="section"),
    path("sections/entry/<slug:section>/edit/", edit_section, name="section_edit"),
]
