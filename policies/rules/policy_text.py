"""A policy and its offers as the engine reads them: frozen, checked, with their expressions parsed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from companies.facts import Text

from policies.rules.benefits import Benefit
from policies.rules.requirements import Requirement
from policies.rules.stacking import StackingRule
from policies.rules.windows import Window, standing_on


@dataclass(frozen=True, slots=True)
class Edition:
    """What an offer takes over from its policy: key, standing, confidence and first source."""

    policy: str
    status: str = "in_force"
    issued: str | None = None
    effective_from: str | None = None
    effective_to: str | None = None
    superseded_on: str | None = None
    confidence: str = "high"
    source: str | None = None

    def standing(self, day: date) -> str:
        """in_force, presumed, unknown, not_yet or ended, on the day."""
        return standing_on(self.status, self.effective_from, self.effective_to, self.superseded_on, self.issued, day)


@dataclass(frozen=True, slots=True)
class OfferText:
    """One offer: what it asks, gives and combines with. `requires` is the policy's tree together with its own."""

    key: str
    edition: Edition
    title: Text
    kind: str
    clause: str | None
    confidence: str
    own: Requirement | None
    requires: Requirement
    benefit: Benefit
    stacking: tuple[StackingRule, ...] = ()
    window: Window = field(default_factory=Window)
    papers: tuple[str, ...] = ()
    note: Text | None = None

    @property
    def id(self) -> str:
        """The name of the offer everywhere: policy-key/offer-key."""
        return f"{self.edition.policy}/{self.key}"

    @property
    def policy(self) -> str:
        """The key of its policy."""
        return self.edition.policy


@dataclass(frozen=True, slots=True)
class Case:
    """An example company with what it must get; `facts` and `forget` as they stand in the file."""

    name: str
    day: date
    like: str | None
    facts: Mapping[str, Any] = field(hash=False)
    forget: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Verdict by offer key."""
    amounts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Amount by offer key, as written: to_confirm, in_kind, "500000", "1..2", "up_to 5", "at_least 1"."""


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One policy document with its offers and example cases."""

    key: str
    title: Text
    issuer: Text
    level: str
    number: str | None
    issued: str | None
    effective_from: str | None
    effective_to: str | None
    status: str
    superseded_by: str | None
    superseded_on: str | None
    beneficiary: str
    zones: tuple[str, ...]
    goals: tuple[str, ...]
    tags_basis: str | None
    pillar: str | None
    pillar_basis: str | None
    text_seen: Text | None
    checked: str | None
    confidence: str
    sources: tuple[str, ...]
    note: Text | None
    requires: Requirement | None
    offers: tuple[OfferText, ...]
    cases: tuple[Case, ...]

    @property
    def edition(self) -> Edition:
        """What its offers take over from it."""
        source = self.sources[0] if self.sources else None
        return Edition(
            self.key,
            self.status,
            self.issued,
            self.effective_from,
            self.effective_to,
            self.superseded_on,
            self.confidence,
            source,
        )

    def offer(self, key: str) -> OfferText | None:
        """The offer with this key."""
        return next((offer for offer in self.offers if offer.key == key), None)
