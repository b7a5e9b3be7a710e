"""The list of policies as its page shows it: facets with counts, what is chosen and how to let go of it, and one page of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language

from companies.facts import Text
from policies.filters import STANDINGS, Wanted, count_choices, find_policies, standing_of
from policies.forms import FACETS, SWITCHES, PolicyFilter
from policies.listing import Entry, listing
from policies.rules import WindowState, window_on
from policies.rules.book import Rulebook
from policies.rules.documents import LEVELS

ROWS_A_PAGE = 20
# What can be done something about comes first: the day it closes, then what is open all year.
_WINDOWS = ("open", "rolling", "opens_on", "no_application", "not_announced", "closed")


@dataclass(frozen=True, slots=True)
class Choice:
    """One tick of a facet: how many policies one would see with it, and whether it is on."""

    key: str
    label: Text
    count: int
    is_chosen: bool
    basis: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One list of choices."""

    name: str
    label: str | Promise
    choices: Sequence[Choice]
    is_open: bool
    faults: Sequence[str]

    @property
    def chosen(self) -> int:
        """How many are ticked."""
        return sum(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is asked for, the address without it, and how many policies there would be."""

    facet: str | Promise
    label: str | Promise
    address: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One policy in the list."""

    entry: Entry
    level: Text | None
    pillar: Text | None
    standing: str
    window: WindowState | None
    kinds: Sequence[Text]


class Browsing:
    """What somebody asked the list for, and all that its page needs."""

    def __init__(self, book: Rulebook, asked: QueryDict, day: date, *, changed: str = "") -> None:
        self.book, self.day = book, day
        self.form = PolicyFilter(asked, book=book)
        self.wanted = self.form.wanted()
        self._asked, self._changed = asked, changed
        self._entries = {entry.key: entry for entry in listing(book)}

    @cached_property
    def found(self) -> list[Entry]:
        """The policies that fit: with words the best first, else those in force and of the district first."""
        entries = [self._entries[key] for key in find_policies(self.book, self.day, self.wanted)]
        return entries if self.wanted.words else sorted(entries, key=self._place)

    @property
    def offer_count(self) -> int:
        """How many offers all of these policies have."""
        return sum(entry.offer_count for entry in self.found)

    @property
    def all_count(self) -> int:
        """How many policies there are."""
        return len(self._entries)

    @cached_property
    def page(self) -> Page[Entry]:
        """The page that is asked for; the nearest where there is none such."""
        return Paginator(self.found, ROWS_A_PAGE).get_page(self._asked.get("page"))

    def rows(self) -> list[Row]:
        """The policies of this page."""
        return [self._row(entry) for entry in self.page]

    def facets(self) -> list[Facet]:
        """Every list of choices that tells policies apart, with counts."""
        everywhere = count_choices(self.book, self.day, Wanted("", {}), FACETS)
        here = count_choices(self.book, self.day, self.wanted, FACETS)
        return [
            Facet(name, label, choices, self._is_open(name), self.form.errors.get(name, []))
            for name, label in FACETS.items()
            if (choices := list(self._choices(name, set(everywhere[name]), here[name])))
        ]

    def switches(self) -> list[Choice]:
        """The single ticks, each with the number of policies when it is on."""
        found = []
        for name, keys in SWITCHES.items():
            count = len(find_policies(self.book, self.day, self.wanted.narrowed(**keys)))
            label = self.form.fields[name].label or ""
            found.append(Choice(name, Text(str(label), str(label)), count, bool(self._ticked(name)), ""))
        return found

    def chips(self) -> list[Chip]:
        """Everything that is asked for, one by one."""
        chips = []
        if self.wanted.words:
            chips.append(self._chip("q", None, self.form.fields["q"].label or "", f"“{self.wanted.words}”"))
        for name, label in FACETS.items():
            for key in self._ticked(name) or ():
                chips.append(self._chip(name, key, label, self.form.labels[name][key].said(get_language())))
        for name in SWITCHES:
            if self._ticked(name):
                chips.append(self._chip(name, None, "", self.form.fields[name].label or ""))
        return chips

    def address_of_page(self, number: int) -> str:
        """The query string of another page of the same list."""
        asked = self._asked.copy()
        asked["page"] = str(number)
        return f"?{asked.urlencode()}"

    @property
    def previous_page(self) -> str:
        """The query string of the page before; empty on the first."""
        return self.address_of_page(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next_page(self) -> str:
        """The query string of the page after; empty on the last."""
        return self.address_of_page(self.page.next_page_number()) if self.page.has_next() else ""

    def _ticked(self, name: str) -> Any:
        return self.form.cleaned_data.get(name)

    def _is_open(self, name: str) -> bool:
        # The list in which somebody has just taken the last tick away stays open under their hand.
        return bool(self._ticked(name)) or name == self._changed or name in self.form.errors

    def _choices(self, name: str, known: set[str], here: Any) -> Iterator[Choice]:
        ticked = self._ticked(name) or ()
        bases = {str(entry["key"]): entry.get("basis") or "" for entry in self.book.lists.get(f"{name}s", ())}
        for key, label in self.form.labels[name].items():
            if key in known or key in ticked:
                yield Choice(key, label, here[key], key in ticked, bases.get(key, ""))

    def _chip(self, name: str, key: str | None, facet: str | Promise, label: str | Promise) -> Chip:
        asked = self._asked.copy()
        asked.pop("page", None)
        asked.setlist(name, [one for one in asked.getlist(name) if key is not None and one != key])
        without = PolicyFilter(asked, book=self.book).wanted()
        return Chip(facet, label, f"?{asked.urlencode()}", len(find_policies(self.book, self.day, without)))

    def _place(self, entry: Entry) -> tuple[int, int, str]:
        policy = self.book.policy(entry.key)
        assert policy is not None, entry.key
        return STANDINGS.index(standing_of(policy, self.day)), -LEVELS.index(entry.level), entry.key

    def _row(self, entry: Entry) -> Row:
        policy = self.book.policy(entry.key)
        assert policy is not None, entry.key
        windows = [window_on(offer.window, self.day) for offer in policy.offers]
        return Row(
            entry,
            self.book.label("levels", entry.level),
            self.book.label("pillars", entry.pillar),
            standing_of(policy, self.day),
            min(windows, key=_nearest, default=None),
            [label for kind in sorted(entry.kinds) if (label := self.book.label("benefit_kinds", kind))],
        )


def _nearest(window: WindowState) -> tuple[int, date]:
    return _WINDOWS.index(window.state), window.closes or window.opens or date.max
