"""The pages of facts: the list, one fact, a new one, one that is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from companies.facts import Effort, Fact, Text
from companies.models import FACTS, FactRecord
from policies import actions
from policies.desk.access import at_desk, with_right
from policies.desk.entries import Editor, history_of
from policies.desk.facts.inputs import fact_inputs
from policies.models import PolicyVersion, State
from policies.roles import Right, may
from policies.rules import RuleFault, parse_expression, say_expression
from policies.rules.closed_words import KIND_WORDS
from policies.rules.facts_read import facts_named
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
        "history": history_of(FACTS, name),
        "may_write": may(request.user, Right.WRITE),
        "is_score": found is not None and found.derived is not None and found.kind in ("number", "whole"),
    }
    return render(request, "desk/facts/fact.html", context)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_fact(request: HttpRequest) -> HttpResponse:
    """A fact that a policy asks and nobody asked before."""
    return _edit(request, "", None)


@with_right(Right.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_fact(request: HttpRequest, name: str) -> HttpResponse:
    """A fact that is there: its words, bounds, choices and section."""
    record = FactRecord.objects.select_related("section").filter(name=name).first()
    if record is None and request.method != "POST":
        raise Http404
    # Taken out while somebody wrote: saving says so, with everything as it was typed.
    return _edit(request, name, record.to_entry() if record is not None else {})


def _edit(request: HttpRequest, name: str, stored: Mapping[str, Any] | None) -> HttpResponse:
    vocabulary = FactRecord.objects.vocabulary()

    def save(plain: Mapping[str, Any], seen: str, why: str) -> HttpResponse:
        user: Any = request.user
        if stored is None:
            fact = {part: value for part, value in plain.items() if part != "section"}
            section = str(plain.get("section") or "")
            saved = actions.add_fact(plain=fact, section=section, by=user, why=why)
        else:
            saved = actions.change_fact(name=name, plain=plain, by=user, seen=seen, why=why)
        messages.success(request, _("Saved. Companies are asked this from now on, and rules can use it."))
        return redirect("desk:fact", saved.name)

    inputs = fact_inputs(lists_now(), vocabulary, is_new=stored is None)
    editor = Editor(list_name=FACTS, key=name, inputs=inputs, stored=stored, save=save, fresh=_FRESH)
    return editor.answer(request, "desk/facts/edit.html", name=name, facts=vocabulary.facts)


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
