"""What one may ask the list of policies for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.facts import Text
from policies.filters import LISTS, MAY_BE_IN_FORCE, OPEN_NOW, WINDOW_STATES, Wanted
from policies.rules.book import Rulebook
from policies.rules.closed_words import closed_word
from policies.rules.documents import BENEFICIARIES

FACETS = {
    "zone": _("Zone"),
    "pillar": _("Pillar (1+1+N)"),
    "level": _("Level"),
    "sector": _("Sector"),
    "kind": _("Kind of support"),
    "beneficiary": _("For whom"),
    "window": _("When to apply"),
}
SWITCHES: dict[str, dict[str, frozenset[str]]] = {
    "open_now": {"window": OPEN_NOW, "standing": MAY_BE_IN_FORCE},
    "in_force": {"standing": MAY_BE_IN_FORCE},
}
"""What a tick stands for, in the filters' own keys."""


class PolicyFilter(forms.Form):
    """Search words in either language, any choices from each list, and two ticks; a key that is not in its list is a fault."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    open_now = forms.BooleanField(label=_("Open now, or needs no application"), required=False)
    in_force = forms.BooleanField(label=_("In force, or presumed to be"), required=False)

    def __init__(self, data: Any, *, book: Rulebook | None) -> None:
        super().__init__(data)
        self.labels = {name: labels_of(name, book) for name in FACETS}
        for name, label in FACETS.items():
            choices = [(key, key) for key in self.labels[name]]
            self.fields[name] = forms.MultipleChoiceField(label=label, choices=choices, required=False)

    def wanted(self) -> Wanted:
        """What is asked for; a field that is at fault asks for nothing."""
        self.is_valid()
        wanted = Wanted.of(self.cleaned_data)
        for name, keys in SWITCHES.items():
            if self.cleaned_data.get(name):
                wanted = wanted.narrowed(**keys)
        return wanted


def labels_of(name: str, book: Rulebook | None) -> dict[str, Text]:
    """The keys that a list of choices has, in order, with their labels."""
    closed = {"beneficiary": BENEFICIARIES, "window": WINDOW_STATES}
    if name in closed:
        return {key: closed_word(key) for key in closed[name]}
    entries = book.lists.get("levels" if name == "level" else LISTS[name], ()) if book else ()
    return {str(entry["key"]): Text(entry["label"]["en"], entry["label"]["zh"]) for entry in entries}
