"""The pages of the reference lists: all of them, one, an entry, a new one, one that is changed or taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from companies.facts import Text, digest_of, folded
from companies.models import FactRecord, ListLine
from policies import actions
from policies.desk.access import at_desk, with_right
from policies.desk.entries import Editor, history_of
from policies.desk.forms import LONGEST_REASON
from policies.desk.lists.inputs import as_rows, entry_inputs, entry_said, from_rows, placed
from policies.lint.entries import KINDS
from policies.lint.uses import uses_in_facts, uses_in_lists
from policies.models import LISTS, ReferenceEntry
from policies.models.reference import Basis
from policies.roles import Right, may
from policies.rules.closed_words import closed_word
from policies.rules.faults import Fault
from policies.snapshots import lists_now

_LONGEST_SEARCH = 100
_LATEST = 20


@at_desk
@require_safe
def all_lists(request: HttpRequest) -> HttpResponse:
    """Every list: what it is for, how long it is, and how much of it nobody has confirmed."""
    rows = []
    for list_name, entries in lists_now().items():
        unsure = sum(1 for one in entries if one.get("basis") == Basis.UNCONFIRMED)
        rows.append((list_name, KINDS[list_name], len(entries), unsure))
    return render(request, "desk/lists/all.html", {"rows": rows})


@at_desk
@require_http_methods(["GET", "HEAD", "POST"])
def one_list(request: HttpRequest, list_name: str) -> HttpResponse:
    """The entries of a list in their order, or those called so; sent, an entry changes places with its neighbour."""
    kind, model = _kind(list_name), LISTS[list_name]
    may_write = may(request.user, Right.WRITE)
    refused, status = False, 200
    if request.method == "POST":
        if not may_write:
            raise Http404
        way, _colon, key = request.POST.get("act", "").partition(":")
        if way in ("up", "down"):
            try:
                actions.move_entry(
                    list_name=list_name,
                    key=key,
                    up=way == "up",
                    by=_person(request),
                    seen=request.POST.get("seen", ""),
                    why=request.POST.get("why", "")[:LONGEST_REASON],
                )
            except actions.EntryChanged:
                refused, status = True, 409
            else:
                messages.success(request, _("Moved."))
                return redirect("desk:list", list_name)
    wanted = request.GET.get("q", "")
    rows = list(model._default_manager.all())
    context = {
        "list_name": list_name,
        "kind": kind,
        "rows": [(row, row.basis and closed_word(row.basis)) for row in rows if _is_called(row, wanted)],
        "wanted": wanted,
        "may_write": may_write,
        "may_move": may_write and not wanted and len(rows) > 1,
        "seen": digest_of([row.key for row in rows]),
        "refused": refused,
        "why": request.POST.get("why", "")[:LONGEST_REASON],
        "history": ListLine.objects.filter(list_name=list_name).select_related("by")[:_LATEST],
    }
    return render(request, "desk/lists/list.html", context, status=status)


@at_desk
@require_safe
def entry(request: HttpRequest, list_name: str, entry: str) -> HttpResponse:
    """One entry in words: what it says, what uses it, who changed it."""
    return _entry_page(request, list_name, entry)


def _entry_page(
    request: HttpRequest, list_name: str, key: str, *, refused: tuple[Fault, ...] = (), is_changed: bool = False
) -> HttpResponse:
    kind, row = _kind(list_name), LISTS[list_name]._default_manager.filter(key=key).first()
    if row is None:
        raise Http404
    vocabulary, lists = FactRecord.objects.vocabulary(), lists_now()
    used_by = actions.versions_using(vocabulary, lists, list_name, key)
    facts = uses_in_facts(vocabulary, list_name, key)
    entries = [
        (other, one["key"], Text(one["label"]["en"], one["label"]["zh"]), KINDS[other].title)
        for other, one in uses_in_lists(lists, vocabulary, list_name, key)
    ]
    context = {
        "list_name": list_name,
        "kind": kind,
        "row": row,
        "said": entry_said(list_name, row.to_plain(), lists, vocabulary),
        "used_by": used_by,
        "facts": facts,
        "entries": entries,
        "is_used": bool(used_by or facts or entries),
        "history": history_of(list_name, key),
        "may_write": may(request.user, Right.WRITE),
        "seen": digest_of(row.to_plain()),
        "refused": refused,
        "is_changed": is_changed,
        "why": request.POST.get("why", "")[:LONGEST_REASON],
    }
    status = 409 if is_changed else 400 if refused else 200
    return render(request, "desk/lists/entry.html", context, status=status)


@with_right(Right.WRITE)
@require_POST
def remove_entry(request: HttpRequest, list_name: str, entry: str) -> HttpResponse:
    """Take an entry out, unless something uses it."""
    _kind(list_name)
    try:
        actions.remove_entry(
            list_name=list_name,
            key=entry,
            by=_person(request),
            seen=request.POST.get("seen", ""),
            why=request.POST.get("why", "")[:LONGEST_REASON],
        )
    except actions.UnfitEntry as unfit:
        return _entry_page(request, list_name, entry, refused=unfit.faults)
    except actions.EntryChanged:
        return _entry_page(request, list_name, entry, is_changed=True)
    messages.success(request, _("Taken out. It stays in the history and in the releases that had it."))
    return redirect("desk:list", list_name)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_entry(request: HttpRequest, list_name: str) -> HttpResponse:
    """An entry that a policy or a company needs and that was not there before."""
    _kind(list_name)
    return _edit(request, list_name, "", None)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_entry(request: HttpRequest, list_name: str, entry: str) -> HttpResponse:
    """An entry that is there: its names, marks and what its list says besides."""
    _kind(list_name)
    row = LISTS[list_name]._default_manager.filter(key=entry).first()
    if row is None and request.method != "POST":
        raise Http404
    # Taken out while somebody wrote: saving says so, with everything as it was typed.
    return _edit(request, list_name, entry, row.to_plain() if row is not None else {})


def _edit(request: HttpRequest, list_name: str, key: str, stored: Mapping[str, Any] | None) -> HttpResponse:
    vocabulary, lists, kind = FactRecord.objects.vocabulary(), lists_now(), KINDS[list_name]

    def save(plain: Mapping[str, Any], seen: str, why: str) -> HttpResponse:
        by = _person(request)
        if stored is None:
            saved = actions.add_entry(list_name=list_name, plain=plain, by=by, why=why)
        else:
            saved = actions.change_entry(list_name=list_name, key=key, plain=plain, by=by, seen=seen, why=why)
        messages.success(request, _("Saved. Forms, rules and the API use it from now on."))
        return redirect("desk:list_entry", list_name, saved.key)

    editor = Editor(
        list_name=list_name,
        key=key,
        inputs=entry_inputs(list_name, lists, is_new=stored is None),
        stored=stored,
        save=save,
        fresh={},
        to_form=lambda plain: as_rows(list_name, plain),
        from_form=lambda form: from_rows(list_name, vocabulary, form),
        place_faults=lambda faults, form: placed(list_name, faults, form),
    )
    needs_facts = vocabulary.asked if list_name == "zones" else ()
    return editor.answer(request, "desk/lists/edit.html", list_name=list_name, kind=kind, key=key, facts=needs_facts)


def _kind(list_name: str) -> Any:
    if list_name not in LISTS:
        raise Http404
    return KINDS[list_name]


def _person(request: HttpRequest) -> Any:
    return request.user


def _is_called(row: ReferenceEntry, part: str) -> bool:
    """Whether its key, a name or an alias has this in it; case and width do not matter."""
    looked_for = folded(part[:_LONGEST_SEARCH])
    aliases = row.extra.get("aliases")
    words = [row.key, row.label_en, row.label_zh, *(aliases if isinstance(aliases, list) else [])]
    return any(looked_for in folded(str(word)) for word in words)


urlpatterns = [
    path("lists/", all_lists, name="lists"),
    path("lists/<slug:list_name>/", one_list, name="list"),
    path("lists/<slug:list_name>/new/", new_entry, name="list_new"),
    path("lists/<slug:list_name>/entry/<slug:entry>/", entry, name="list_entry"),
    path("lists/<slug:list_name>/entry/<slug:entry>/edit/", edit_entry, name="list_edit"),
    path("lists/<slug:list_name>/entry/<slug:entry>/remove/", remove_entry, name="list_remove"),
]
