"""What may be otherwise in each column of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.facts import Answer, Fact, Kind, Profile, Text, read_profile, show_day, show_value
from matching.engine.comparison import Variant, once_founded, places, with_title
from matching.forms import EARLIEST, LATEST
from policies.rules.book import Rulebook

LETTERS = ("a", "b", "c", "d")
"""The columns by their names; the others are told apart from the first."""
ALWAYS = LETTERS[:2]
NOT_USED, AS_NOW = "off", "now"
PEOPLE = "employees"
_LONGEST_ANSWER = 200
_CLASSES = {"place": "form-select", "title": "form-select", "founded": "form-check-input"}


class ColumnForm(forms.Form):
    """One column: a place, a day, how many people, a title, and one more answer; what is left empty is as now.

    A company that is only planned can be looked at as if it were founded.
    """

    founded = forms.BooleanField(label=_("Once founded and registered"), required=False)
    place = forms.ChoiceField(label=_("Place"), required=False)
    day = forms.DateField(
        label=_("Applied for on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    people = forms.CharField(label=_("Number of people"), required=False, max_length=_LONGEST_ANSWER)
    title = forms.ChoiceField(label=_("Title held"), required=False)
    fact = forms.CharField(label=_("Another fact"), required=False, max_length=_LONGEST_ANSWER)
    value = forms.CharField(label=_("and what it is then"), required=False, max_length=_LONGEST_ANSWER)

    def __init__(self, data: Mapping[str, Any] | None, *, letter: str, offered: Offered) -> None:
        super().__init__(data, prefix=letter, initial=offered.initial(letter))
        self.letter, self._offered = letter, offered
        language = get_language()
        unused = [] if letter in ALWAYS else [(NOT_USED, _("no such column"))]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            *unused,
            (AS_NOW, _("as now")),
            *((key, variant.name.said(language)) for key, variant in offered.places.items()),
        ]
        titles = [(key, label.said(language)) for key, label in offered.titles.items()]
        self.fields["title"].choices = [("", _("as now")), *titles]  # type: ignore[attr-defined]
        for name, is_offered in (
            ("title", bool(titles)),
            ("people", offered.asks_people),
            ("founded", offered.is_planned),
        ):
            if not is_offered:
                del self.fields[name]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = _CLASSES.get(name, "form-control")
            if name in self.errors:
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"fault-{letter}-{name}"}
        self.fields["fact"].widget.attrs["list"] = "facts"

    @property
    def is_used(self) -> bool:
        """Whether there is such a column."""
        place = self["place"].value()
        return self.letter in ALWAYS or (bool(place) and place != NOT_USED)

    def clean_day(self) -> date | None:
        """A day the catalogue can say something about."""
        day: date | None = self.cleaned_data["day"]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(
                _("Choose a day between %(first)s and %(last)s."),
                params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
            )
        return day

    def clean(self) -> dict[str, Any]:
        """Reads the answers; what cannot be read is said at its field."""
        said = super().clean() or self.cleaned_data
        said["answers"] = {}
        if said.get("people"):
            self._read("people", PEOPLE, said["people"])
        word, value = said.get("fact", "").strip(), said.get("value", "").strip()
        if word and not value:
            self.add_error("value", _("Say what it is then, or take the fact out."))
        elif value and not word:
            self.add_error("fact", _("Say which fact this is about."))
        elif word:
            self._read("value", word, value)
        return said

    def variant(self) -> Variant:
        """The company of this column. The form must be valid."""
        said, offered = self.cleaned_data, self._offered
        day = said["day"] or offered.day
        answers: dict[str, Answer | None] = {}
        parts: list[Text] = []
        place = offered.places.get(said["place"])
        title = with_title(offered.book, offered.profile, day, said["title"]) if said.get("title") else None
        founded = once_founded(offered.book, offered.profile, day) if said.get("founded") else None
        for chosen in (place, founded, title):
            if chosen is not None:
                answers |= chosen.answers
                parts.append(chosen.name)
        for fact, answer in said["answers"].values():
            answers[fact.name] = answer
            shown = show_value(fact, answer.value)
            parts.append(Text(f"{fact.label.en}: {shown.en}", f"{fact.label.zh}：{shown.zh}"))
        if day != offered.day:
            when = show_day(day)
            parts.append(Text(f"on {when.en}", f"{when.zh}"))
        parts = parts or [Text("As now", "现状")]
        name = Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
        return Variant(self.letter, name, answers, day)

    def _read(self, field: str, word: str, raw: str) -> None:
        fact = self._offered.fact(word)
        if fact is None:
            known = self._offered.suggested(word)
            message = (
                _("This fact is not known. Choose one from the list.")
                if not known
                else _("This fact is not known. Did you mean: %(known)s?")
            )
            self.add_error("fact", forms.ValidationError(message, params={"known": known}))
            return
        read, faults = read_profile(self._offered.book.vocabulary, {fact.name: raw})
        for fault in faults:
            self.add_error(field, fault.message.said(get_language()))
        if not faults:
            answer = read.get(fact.name)
            if answer is None:
                self.add_error(field, _("Say what it is then, or take the fact out."))
            else:
                self.cleaned_data["answers"][fact.name] = (fact, answer)


class Offered:
    """What a column can be made of, for one company on one day."""

    def __init__(self, book: Rulebook, profile: Profile, day: date) -> None:
        self.book, self.profile, self.day = book, profile, day
        self.places = {variant.key: variant for variant in places(book, profile, day)}
        facts = book.vocabulary.asked
        titled = next((fact for fact in facts if fact.kind is Kind.CERTIFICATES), None)
        self.titles = {choice.key: choice.label for choice in titled.choices} if titled else {}
        self.is_planned = once_founded(book, profile, day) is not None
        """Whether the company is still to be founded."""
        self.asks_people = self.fact(PEOPLE) is not None
        self.facts = [fact for fact in facts if fact.kind not in (Kind.CERTIFICATES, Kind.MANY)]
        """Those that can be said in one line."""

    def fact(self, word: str) -> Fact | None:
        """The fact that a person answers and that this word names."""
        fact = self.book.vocabulary.resolve(word)
        return fact if fact is not None and fact.derived is None and fact.kind is not Kind.CERTIFICATES else None

    def suggested(self, word: str) -> str:
        """Facts whose names are like the word."""
        return ", ".join(self.book.vocabulary.suggest(word))

    def initial(self, letter: str) -> dict[str, Any]:
        """What stands in a column before anything is chosen: as now, beside two of the places."""
        first = list(self.places)[:2]
        place = dict(zip(LETTERS, [AS_NOW, *first], strict=False)).get(letter, AS_NOW if letter in ALWAYS else NOT_USED)
        # Hardly anything is open to a company that is not there yet, so its places are compared as if it were.
        return {"place": place, "founded": "on"} if self.is_planned and letter in ("b", "c") else {"place": place}


def columns_of(data: Mapping[str, Any] | None, offered: Offered) -> list[ColumnForm]:
    """The columns as they are asked for; where nothing is, those that most people begin with."""
    asked = data if data and any(key.split("-")[0] in LETTERS for key in data) else None
    if asked is None:
        asked = {f"{letter}-{name}": value for letter in LETTERS for name, value in offered.initial(letter).items()}
    return [ColumnForm(asked, letter=letter, offered=offered) for letter in LETTERS]
