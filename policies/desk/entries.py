"""The page on which a fact, a section or an entry of a list is written: drawn, checked, saved, and told when others wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from companies.facts import Text, digest_of
from companies.models import ListLine
from policies import actions
from policies.desk.forms import LONGEST_REASON
from policies.desk.inputs import Input, moved, sent_part, show_part, tidied
from policies.desk.inputs.page import shown_before
from policies.rules.faults import Fault

Plain = Mapping[str, Any]
_LINES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What others did with an entry since it was opened, newest first, and what both they and the person changed."""

    lines: tuple[ListLine, ...]
    both: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """How one entry is written: its place in the history, its inputs, what is stored, and what saving does.

    `stored` is None for a new entry, which begins as `fresh`. `save` takes the entry, the digest of what the person saw and
    the reason, and gives the answer. `to_form` and `from_form` turn an entry into what the inputs show and back.
    """

    list_name: str
    key: str
    inputs: tuple[Input, ...]
    stored: Plain | None
    save: Callable[[Plain, str, str], HttpResponse]
    fresh: Plain
    to_form: Callable[[Plain], Plain] = dict
    from_form: Callable[[Plain], Plain] = dict
    place_faults: Callable[[Sequence[Fault], Plain], Sequence[Fault]] = lambda faults, _form: faults

    def answer(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        """Show, check or save the entry."""
        plain = self.to_form(self.stored if self.stored is not None else self.fresh)
        seen = digest_of(self.stored) if self.stored is not None else ""
        faults: Sequence[Fault] = ()
        meanwhile, status = None, 200
        why = request.POST.get("why", "")[:LONGEST_REASON]
        if request.method == "POST":
            act, seen = request.POST.get("act", ""), request.POST.get("seen", "")
            plain = sent_part(self.inputs, shown_before(request.POST), request.POST)
            if act == "save":
                plain = tidied(self.inputs, plain)
                try:
                    return self.save(self.from_form(plain), seen, why)
                except actions.UnfitEntry as unfit:
                    faults, status = self.place_faults(unfit.faults, plain), 400
                except actions.EntryChanged as changed:
                    merged, meanwhile = self._merged(self.from_form(plain), seen)
                    plain, seen, status = self.to_form(merged), changed.seen, 409
            elif ":" in act:
                plain = moved(plain, act)
        more = {
            "inputs": show_part(self.inputs, plain, faults),
            "faults": faults,
            "base": json.dumps(plain, ensure_ascii=False),
            "seen": seen,
            "why": why,
            "meanwhile": meanwhile,
        }
        return render(request, template, more | context, status=status)

    def _merged(self, mine: Plain, seen: str) -> tuple[Plain, Meanwhile]:
        """What the person wrote on top of what others stored meanwhile: a part that only they changed is as they left it."""
        theirs, original, lines = self.stored or {}, None, []
        for line in history_of(self.list_name, self.key):
            if line.after is not None and digest_of(line.after) == seen:
                original = line.after
                break
            lines.append(line)
            if line.before is not None and digest_of(line.before) == seen:
                original = line.before
                break
        if original is None:
            return mine, Meanwhile(tuple(lines), ())
        names = dict.fromkeys([*theirs, *mine])
        merged, both = {}, []
        for name in names:
            old, other, own = original.get(name), theirs.get(name), mine.get(name)
            if own != old and other not in (old, own):
                both.append(name)
            chosen = other if own == old else own
            if chosen is not None:
                merged[name] = chosen
        labels = {one.name: one.label for one in self.inputs}
        return merged, Meanwhile(tuple(lines), tuple(labels.get(name, Text(name, name)) for name in both))


def history_of(list_name: str, key: str) -> list[ListLine]:
    """The latest lines about an entry, newest first."""
    return list(ListLine.objects.filter(list_name=list_name, key=key).select_related("by")[:_LINES_SHOWN])
