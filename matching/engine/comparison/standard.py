"""The variants that most companies ask about: another place, next year, the next title. Made from the lists and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from companies.facts import UNKNOWN, Answer, Certificate, Choice, Fact, Kind, Profile, Text, Value, read_profile
from matching.engine.comparison.comparing import Variant
from matching.engine.routes.certificates import Ladder
from policies.rules import Truth
from policies.rules.book import Rulebook
from policies.rules.evaluation import certificate_valid
from policies.rules.expressions import Among, walk
from policies.rules.months import years_later

DISTRICTS = ("registered_district", "tax_district")
"""The facts that say in which district a company is; a company that moves, moves its tax too."""
HOME, ELSEWHERE = "changping", "other_beijing"
_LEFT_WITH_THE_DISTRICT: Mapping[str, Any] = {"town": "outside_changping", "in_future_science_city": False}
_FOUNDED = (
    "established", "business_registration_completed", "tax_registration_completed", "statistics_registration_completed",
)  # fmt: skip
_HIGH_TECH = "hnte"

AS_NOW = Text("As now", "现状")


def standard_variants(rulebook: Rulebook, profile: Profile, day: date) -> list[Variant]:
    """As now; other places; next year; with the next title, with or without high-tech; once founded, where it is not.

    What the vocabulary or the lists do not know is left out, and so is a variant that changes nothing.
    """
    maker = _Maker(rulebook, profile, day)
    listed = [
        Variant("now", AS_NOW, {}, day),
        *maker.founding(),
        *maker.places(),
        *maker.titles(),
        Variant("next-year", Text("Next year, all else as now", "明年，其他不变"), {}, years_later(day, 1)),
    ]
    return [variant for variant in listed if variant.key in ("now", "next-year") or maker.differs(variant)]


def places(rulebook: Rulebook, profile: Profile, day: date) -> list[Variant]:
    """Where the company could be: in each zone, in several at once, in each park, elsewhere in the district or the city."""
    maker = _Maker(rulebook, profile, day)
    listed = {variant.key: variant for variant in maker.places() if variant.key != "park"}
    elsewhere = [listed.pop(key) for key in ("district", "city") if key in listed]
    return [*listed.values(), *maker.parks(), *elsewhere]


def once_founded(rulebook: Rulebook, profile: Profile, day: date) -> Variant | None:
    """The company as if founded and registered on the day; None where it is not one that is only planned."""
    return next(_Maker(rulebook, profile, day).founding(), None)


def with_title(rulebook: Rulebook, profile: Profile, day: date, kind: str) -> Variant | None:
    """The company with this title from the day on; None where there is no such title."""
    maker = _Maker(rulebook, profile, day)
    fact = maker.titled
    if fact is None or fact.choice(kind) is None:
        return None
    return maker.with_title(fact, maker.held_titles(fact), kind)


class _Maker:
    def __init__(self, rulebook: Rulebook, profile: Profile, day: date) -> None:
        self.rulebook, self.vocabulary, self.profile, self.day = rulebook, rulebook.vocabulary, profile, day
        self.zones: dict[str, dict[str, Answer]] = {}
        for entry in rulebook.lists.get("zones", ()):
            given, faults = read_profile(self.vocabulary, entry.get("facts") or {})
            if given.answers and not faults:
                self.zones[str(entry["key"])] = dict(given.answers)

    def differs(self, variant: Variant) -> bool:
        """Whether the variant is another company than the present one."""
        return variant.apply(self.profile) != self.profile

    def founding(self) -> Iterator[Variant]:
        """A company that is only planned, as if founded on the day."""
        if self.profile.value("established") is not False:
            return
        answers = {name: Answer(True) for name in _FOUNDED if self._asks(name, Kind.YES_NO)}
        if self._asks("founding_day", Kind.DAY):
            answers["founding_day"] = Answer(self.day)
        yield Variant("founded", Text("Once founded and registered", "设立并完成登记后"), answers)

    def places(self) -> Iterator[Variant]:
        """In one zone only, in several, in a park of its own kind, elsewhere in the district, elsewhere in the city."""
        outside = self._outside_every_zone()
        statuses = {key: set(answers) - set(DISTRICTS) for key, answers in self.zones.items()}
        for key, answers in self.zones.items():
            label = self.rulebook.label("zones", key) or Text(key, key)
            name = Text(f"In this zone only: {label.en}", f"仅位于：{label.zh}") if len(self.zones) > 1 else label
            yield Variant(f"zone-{key}", name, {**outside, **self._with_tax(answers)})
        if len(self.zones) > 1 and sum(map(len, statuses.values())) == len(set().union(*statuses.values())):
            every: dict[str, Answer] = {}
            for answers in self.zones.values():
                every |= answers
            labels = [self.rulebook.label("zones", key) or Text(key, key) for key in self.zones]
            name = Text(
                "In these zones at once: " + " and ".join(label.en for label in labels),
                "同时位于：" + "、".join(label.zh for label in labels),
            )
            yield Variant("zones-all", name, {**outside, **self._with_tax(every)})
        yield from self._park()
        home, elsewhere = self._districts(HOME), self._districts(ELSEWHERE)
        if home:
            nowhere = {**outside, **self._none("park"), **home}
            yield Variant("district", Text("Elsewhere in the district", "区内其他地点"), nowhere)
        if elsewhere:
            left = {name: Answer(value) for name, value in _LEFT_WITH_THE_DISTRICT.items() if self._can_be(name, value)}
            away = {**outside, **self._none("park"), **left, **elsewhere}
            yield Variant("city", Text("Elsewhere in the city", "市内其他地点"), away)

    def _park(self) -> Iterator[Variant]:
        """In the first of the parks that rules name, when the company is in none of these: to rules they are alike."""
        fact = self.vocabulary.get("park")
        if fact is None or fact.derived is not None or fact.kind is not Kind.ONE:
            return
        named = {
            key
            for offer in self.rulebook.offers
            for when in offer.expressions
            for node in walk(when)
            if isinstance(node, Among) and node.fact.name == "park" and not node.negated
            for key in node.keys
        }
        parks = [choice for choice in fact.choices if choice.key in named]
        if parks and self.profile.value("park") not in named:
            yield self._in_park("park", parks[0])

    def parks(self) -> Iterator[Variant]:
        """In each park of the list, all else as now."""
        fact = self.vocabulary.get("park")
        for choice in fact.choices if fact is not None and self._asks("park", Kind.ONE) else ():
            if choice.key != "none":
                yield self._in_park(f"park-{choice.key}", choice)

    def _in_park(self, key: str, choice: Choice) -> Variant:
        answers = {"park": Answer(choice.key), **self._districts(HOME)}
        return Variant(key, Text(f"In the park: {choice.label.en}", f"位于园区：{choice.label.zh}"), answers)

    def _outside_every_zone(self) -> dict[str, Answer | None]:
        """The answers of a company that is in no zone, as far as the facts have such an answer."""
        outside: dict[str, Answer | None] = {}
        for answers in self.zones.values():
            for name, answer in answers.items():
                if name in DISTRICTS:
                    continue
                if answer.value is True:
                    outside[name] = Answer(False)
                else:
                    outside |= self._none(name) or {name: None}
        return outside

    def _with_tax(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        given = {name: answer for name, answer in answers.items() if name not in DISTRICTS}
        registered = answers.get(DISTRICTS[0])
        return given if registered is None else {**given, **self._districts(registered.value)}

    def _districts(self, key: Value) -> dict[str, Answer]:
        return {name: Answer(key) for name in DISTRICTS if self._can_be(name, key)}

    def _none(self, name: str) -> dict[str, Answer | None]:
        return {name: Answer("none")} if self._can_be(name, "none") else {}

    @property
    def titled(self) -> Fact | None:
        """The fact that holds the titles."""
        return next((fact for fact in self.vocabulary.asked if fact.kind is Kind.CERTIFICATES), None)

    def held_titles(self, fact: Fact) -> frozenset[Certificate]:
        """All that the company says it holds, also what has run out."""
        now = self.profile.value(fact.name)
        return (
            frozenset(one for one in now if isinstance(one, Certificate)) if isinstance(now, frozenset) else frozenset()
        )

    def titles(self) -> Iterator[Variant]:
        """With the next title on the ladder, and with or without high-tech."""
        fact = self.titled
        # Nobody holds a title before there is a company.
        if fact is None or self.profile.value("established") is False:
            return
        every = self.held_titles(fact)
        held = frozenset(one.kind for one in every if certificate_valid(one, fact, self.day) is not Truth.NO)
        step = self._next_step(fact, held)
        if step is not None:
            yield self.with_title(fact, every, step)
        if fact.choice(_HIGH_TECH) is not None and step != _HIGH_TECH:
            if _HIGH_TECH not in held:
                yield self.with_title(fact, every, _HIGH_TECH)
            else:
                label = _label(fact, _HIGH_TECH)
                without = frozenset(one for one in every if one.kind != _HIGH_TECH)
                name = Text(f"Without the title: {label.en}", f"无资质：{label.zh}")
                yield Variant(f"without-{_HIGH_TECH}", name, {fact.name: Answer(without)})

    def _next_step(self, fact: Fact, held: frozenset[str]) -> str | None:
        """The next title on the way to the highest one of the longest ladder."""
        ladder = Ladder(self.rulebook.lists)
        kinds = [choice.key for choice in fact.choices if ladder.is_granted(choice.key, self.day)]
        chains = [ladder.chain(kind, frozenset(), self.day) for kind in kinds]
        longest = max(chains, key=len, default=())
        if len(longest) < 2 or longest[-1] in held:
            return None
        return ladder.chain(longest[-1], held, self.day)[0]

    def with_title(self, fact: Fact, every: frozenset[Certificate], kind: str) -> Variant:
        """With this title beside all of these, granted on the day."""
        choice, label = fact.choice(kind), _label(fact, kind)
        years = None if choice is None else choice.validity_years
        new = Certificate(kind, self.day, None if years is None else years_later(self.day, years))
        answer = Answer(frozenset(one for one in every if not new.repeats(one)) | {new})
        # The list of titles is complete once it is answered, so beside an unknown one no other title is held.
        only = self.profile.value(fact.name) is UNKNOWN
        name = (
            Text(f"With this title only: {label.en}", f"仅有资质：{label.zh}")
            if only
            else Text(f"With the title: {label.en}", f"有资质：{label.zh}")
        )
        return Variant(f"with-{kind}", name, {fact.name: answer})

    def _asks(self, name: str, kind: Kind) -> bool:
        fact = self.vocabulary.get(name)
        return fact is not None and fact.derived is None and fact.kind is kind

    def _can_be(self, name: str, value: Value) -> bool:
        """Whether this is an answer to the fact."""
        if isinstance(value, bool):
            return self._asks(name, Kind.YES_NO)
        fact = self.vocabulary.get(name)
        return fact is not None and self._asks(name, Kind.ONE) and fact.choice(str(value)) is not None


def _label(fact: Fact, kind: str) -> Text:
    choice = fact.choice(kind)
    return Text(kind, kind) if choice is None else choice.label
