"""Which policies and offers fit what somebody asks for, and how many would with one more choice: one meaning for pages and API.

Pure: a release and a day in, keys out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from policies.listing import listing, offer_sectors
from policies.rules import OfferText, PolicyText, standing_on, window_on
from policies.rules.book import Rulebook
from policies.searching import offer_index, policy_index

OF_POLICY = ("level", "zone", "pillar", "sector", "beneficiary", "standing", "status")
OF_OFFER = ("kind", "window")
FILTERS = (*OF_POLICY, *OF_OFFER)
LISTS = {"zone": "zones", "pillar": "pillars", "sector": "sectors", "kind": "benefit_kinds"}
"""The reference list of each filter whose keys depend on the release."""
STANDINGS = ("in_force", "presumed", "unknown", "not_yet", "ended")
MAY_BE_IN_FORCE = frozenset({"in_force", "presumed"})
WINDOW_STATES = ("open", "opens_on", "closed", "rolling", "not_announced", "no_application")
OPEN_NOW = frozenset({"open", "rolling", "no_application"})
"""The windows that keep nobody waiting: one can hand something in on the day, or need not."""

Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words in either language, and for each filter the keys that may pass; a filter without keys lets all pass."""

    words: str
    keys: Mapping[str, Keys]

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Wanted:
        """From `q` and lists of keys by the names of the filters; what is missing or empty asks for nothing."""
        keys = {name: frozenset(asked[name]) for name in FILTERS if asked.get(name)}
        return cls(str(asked.get("q") or "").strip(), keys)

    def passes(self, name: str, keys: Iterable[str | None]) -> bool:
        """Whether one of these keys may pass the filter."""
        wanted = self.keys.get(name)
        return wanted is None or not wanted.isdisjoint(keys)

    def narrowed(self, **more: Iterable[str]) -> Wanted:
        """The same with these keys only, in addition to what was asked."""
        keys = {name: frozenset(some) & self.keys.get(name, frozenset(some)) for name, some in more.items()}
        return Wanted(self.words, {**self.keys, **keys})

    def without(self, *names: str) -> Wanted:
        """The same without these filters."""
        return Wanted(self.words, {name: keys for name, keys in self.keys.items() if name not in names})


@dataclass(frozen=True, slots=True)
class OfferTraits:
    """What the filters see of an offer on a day."""

    id: str
    kind: str
    window: str
    sectors: Keys


@dataclass(frozen=True, slots=True)
class PolicyTraits:
    """What the filters see of a policy on a day: its keys by filter, and its offers."""

    keys: Mapping[str, Keys]
    offers: tuple[OfferTraits, ...]

    def values(self, name: str, wanted: Wanted) -> Keys:
        """Its keys under one filter; of an offer's filter only those of offers that pass the other one."""
        if name == "kind":
            return frozenset(offer.kind for offer in self.offers if wanted.passes("window", [offer.window]))
        if name == "window":
            return frozenset(offer.window for offer in self.offers if wanted.passes("kind", [offer.kind]))
        return self.keys[name]

    def fits(self, wanted: Wanted, *, but: str = "") -> bool:
        """Whether it passes all filters, that named `but` aside; kind and window must be of the same offer."""
        if not all(wanted.passes(name, self.keys[name]) for name in OF_POLICY if name != but):
            return False
        asked = [name for name in OF_OFFER if name != but and name in wanted.keys]
        return not asked or any(fits_offer(offer, wanted.without(but)) for offer in self.offers)


def fits_offer(offer: OfferTraits, wanted: Wanted) -> bool:
    """Whether the offer itself passes by its kind and its window."""
    return wanted.passes("kind", [offer.kind]) and wanted.passes("window", [offer.window])


def find_policies(book: Rulebook, day: date, wanted: Wanted) -> list[str]:
    """The keys of the policies that pass all filters, in order; with words the best first."""
    traits = traits_on(book, day)
    return [key for key in _with_words(book, wanted) if traits[key].fits(wanted)]


def find_offers(book: Rulebook, day: date, wanted: Wanted) -> list[str]:
    """The ids of the offers that pass all filters, with the sectors that their own criteria name; with words the best first."""
    of_policy = wanted.without("sector", *OF_OFFER)
    fitting = {
        offer.id
        for policy in traits_on(book, day).values()
        if policy.fits(of_policy)
        for offer in policy.offers
        if fits_offer(offer, wanted) and wanted.passes("sector", offer.sectors)
    }
    ids = offer_index(book).find(wanted.words) if wanted.words else sorted(offer.id for offer in book.offers)
    return [one for one in ids if one in fitting]


def count_choices(book: Rulebook, day: date, wanted: Wanted, names: Iterable[str]) -> dict[str, Counter[str]]:
    """For each key of these filters, how many policies fit with this key in place of what is chosen in its own filter."""
    traits = traits_on(book, day)
    among = [traits[key] for key in _with_words(book, wanted)]
    return {
        name: Counter(value for one in among if one.fits(wanted, but=name) for value in one.values(name, wanted))
        for name in names
    }


def standing_of(policy: PolicyText, day: date) -> str:
    """Whether the policy is in force on the day."""
    edition = policy.edition
    return standing_on(
        edition.status, edition.effective_from, edition.effective_to, edition.superseded_on, edition.issued, day
    )


@lru_cache(maxsize=8)
def traits_on(book: Rulebook, day: date) -> Mapping[str, PolicyTraits]:
    """What the filters see of every policy of the release on the day, by key."""
    sectors = {entry.key: entry.sectors for entry in listing(book)}
    return {policy.key: _traits(book, policy, sectors[policy.key], day) for policy in book.policies}


def _traits(book: Rulebook, policy: PolicyText, sectors: Keys, day: date) -> PolicyTraits:
    keys = {
        "level": frozenset({policy.level}),
        "zone": frozenset(policy.zones),
        "pillar": frozenset({policy.pillar} if policy.pillar else ()),
        "sector": sectors,
        "beneficiary": frozenset({policy.beneficiary}),
        "standing": frozenset({standing_of(policy, day)}),
        "status": frozenset({policy.status}),
    }
    return PolicyTraits(keys, tuple(_offer_traits(book, offer, day) for offer in policy.offers))


def _offer_traits(book: Rulebook, offer: OfferText, day: date) -> OfferTraits:
    return OfferTraits(offer.id, offer.kind, window_on(offer.window, day).state, offer_sectors(book)[offer.id])


def _with_words(book: Rulebook, wanted: Wanted) -> list[str]:
    return policy_index(book).find(wanted.words) if wanted.words else sorted(policy.key for policy in book.policies)
