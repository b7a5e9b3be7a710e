"""The pages of facts: the list, one fact, a new one, one that is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from companies.facts import Effort, Fact, Text, digest_of
from companies.models import FactRecord, ListLine
from policies import actions
from policies.desk.access import at_desk, with_right
from policies.desk.facts.inputs import fact_inputs
from policies.desk.forms import LONGEST_REASON
from policies.desk.inputs import moved, sent_part, show_part, tidied
from policies.desk.inputs.page import shown_before
from policies.models import PolicyVersion, State
from policies.roles import Right, may
from policies.rules import RuleFault, parse_expression, say_expression
from policies.rules.closed_words import KIND_WORDS
from policies.rules.facts_read import facts_named
from policies.rules.faults import Fault
from policies.rules.readable import read_offers
from policies.snapshots import lists_now

_FRESH: Mapping[str, Any] = {"effort": Effort.SLOW.value}


@at_desk
@require_safe
def fact_list(request: HttpRequest) -> HttpResponse:
    """All facts, or those called so."""
    wanted = request.GET.get("q", "")
    vocabulary = FactRecord.objects.vocabulary()
    rows = [(one, KIND_WORDS[one.kind], vocabulary.section(one.section)) for one in vocabulary if one.is_called(wanted)]
    context = {"rows": rows, "wanted": wanted, "may_write": may(request.user, Right.WRITE)}
    return render(request, "desk/facts/list.html", context)


@at_desk
@require_safe
def fact(request: HttpRequest, name: str) -> HttpResponse:
    """One fact in words: how it is asked or worked out, which policies read it, who changed it."""
    get_object_or_404(FactRecord, name=name)
    vocabulary = FactRecord.objects.vocabulary()
    found = vocabulary.get(name)
    context = {
        "name": name,
        "fact": found,
        "kind": found and KIND_WORDS[found.kind],
        "derived": found and _derived(found, vocabulary),
        "used_by": _used_by(name),
        "history": ListLine.objects.filter(list_name="facts", key=name).select_related("by").order_by("-pk")[:50],
        "may_write": may(request.user, Right.WRITE),
        "is_score": found is not None and found.derived is not None and found.kind in ("number", "whole"),
    }
    return render(request, "desk/facts/fact.html", context)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_fact(request: HttpRequest) -> HttpResponse:
    """A fact that a policy asks and nobody asked before."""
    return _edit(request, None)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_fact(request: HttpRequest, name: str) -> HttpResponse:
    """A fact that is there: its words, bounds and choices."""
    return _edit(request, get_object_or_404(FactRecord.objects.select_related("section"), name=name))


def _edit(request: HttpRequest, record: FactRecord | None) -> HttpResponse:
    vocabulary, lists = FactRecord.objects.vocabulary(), lists_now()
    inputs = fact_inputs(lists, vocabulary, is_new=record is None)
    plain: Any = dict(_FRESH) if record is None else record.to_plain()
    seen = "" if record is None else digest_of(plain)
    faults: Sequence[Fault] = ()
    status, is_changed = 200, False
    if request.method == "POST":
        act, seen = request.POST.get("act", "save"), request.POST.get("seen", "")
        plain = sent_part(inputs, shown_before(request.POST), request.POST)
        if act == "save":
            plain = tidied(inputs, plain)
            try:
                saved = _save(request, record, plain, seen)
            except actions.UnfitEntry as unfit:
                faults, status = unfit.faults, 400
            except actions.EntryChanged as changed:
                seen, is_changed, status = changed.seen, True, 409
            else:
                messages.success(request, _("Saved. Companies are asked this from now on, and rules can use it."))
                return redirect("desk:fact", saved.name)
        elif ":" in act:
            plain = moved(plain, act)
    context = {
        "record": record,
        "inputs": show_part(inputs, plain, faults),
        "faults": faults,
        "base": json.dumps(plain, ensure_ascii=False),
        "seen": seen,
        "why": request.POST.get("why", "")[:LONGEST_REASON],
        "is_changed": is_changed,
        "facts": vocabulary.facts,
    }
    return render(request, "desk/facts/edit.html", context, status=status)


def _save(request: HttpRequest, record: FactRecord | None, plain: Mapping[str, Any], seen: str) -> FactRecord:
    user: Any = request.user
    why = request.POST.get("why", "")[:LONGEST_REASON]
    if record is None:
        section = str(plain.get("section") or "")
        fact = {name: value for name, value in plain.items() if name != "section"}
        return actions.add_fact(plain=fact, section=section, by=user, why=why)
    return actions.change_fact(name=record.name, plain=plain, by=user, seen=seen, why=why)


def _derived(fact: Fact, vocabulary: Any) -> Text | None:
    if fact.derived is None:
        return None
    try:
        return say_expression(parse_expression(fact.derived, vocabulary, derived=True), vocabulary)
    except RuleFault as fault:
        return fault.said()


def _used_by(name: str) -> list[tuple[PolicyVersion, list[Text]]]:
    """The versions in force or on their way, each with the titles of its offers that depend on the fact."""
    vocabulary, lists = FactRecord.objects.vocabulary(), lists_now()
    versions = PolicyVersion.objects.exclude(state=State.RETIRED).select_related("policy")
    found = []
    for version in versions.order_by("policy__key", "number"):
        policy = read_offers(version.content, vocabulary, lists).policy
        titles = [one.title for one in policy.offers if name in facts_named(one, vocabulary)] if policy else []
        if titles:
            found.append((version, titles))
    return found


urlpatterns = [
    path("facts/", fact_list, name="facts"),
    path("facts/new/", new_fact, name="fact_new"),
    path("facts/<slug:name>/", fact, name="fact"),
    path("facts/<slug:name>/edit/", edit_fact, name="fact_edit"),
]
