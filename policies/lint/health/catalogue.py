"""The catalogue as its health is checked: what is in force on a day, read as rules, with the faults found so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from companies.facts import Profile, Text
from policies.catalogue_files import Sheet
from policies.lint.reading import Path, Reading
from policies.rules import OfferText, PolicyText, Situation, read_policy
from policies.rules.windows import standing_on


@dataclass(frozen=True, slots=True)
class OfferPlace:
    """An offer with where it stands."""

    offer: OfferText
    policy: PolicyText
    sheet: Sheet
    path: Path


class Catalogue:
    """The policies of a reading that can be read as rules, and which of them are not over on the day."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.day, self.vocabulary = reading, reading.day, reading.vocabulary
        self.nobody = Situation(reading.vocabulary, Profile({}), reading.day)

    @cached_property
    def policies(self) -> dict[str, tuple[PolicyText, Sheet]]:
        """Every policy that can be read, by key."""
        found = {}
        for key, sheet in self.reading.policies.items():
            policy, _faults = read_policy(sheet.plain, self.vocabulary, self.reading.lists)
            if policy is not None:
                found[key] = (policy, sheet)
        return found

    @cached_property
    def offers(self) -> dict[str, OfferPlace]:
        """Every offer of those, by "policy/offer"."""
        return {
            offer.id: OfferPlace(offer, policy, sheet, ("offers", at))
            for policy, sheet in self.policies.values()
            for at, offer in enumerate(policy.offers)
        }

    @cached_property
    def in_force(self) -> dict[str, OfferPlace]:
        """The offers of policies that are not over on the day."""
        return {key: place for key, place in self.offers.items() if not self.is_over(place.policy)}

    def is_over(self, policy: PolicyText) -> bool:
        """Whether the policy has ended by the day."""
        return self.standing(policy) == "ended"

    def standing(self, policy: PolicyText) -> str:
        """Whether the policy is in force on the day."""
        edition = policy.edition
        return standing_on(
            edition.status,
            edition.effective_from,
            edition.effective_to,
            edition.superseded_on,
            edition.issued,
            self.day,
        )

    def running(self) -> Iterator[tuple[PolicyText, Sheet]]:
        """The policies that are not over on the day."""
        return ((policy, sheet) for policy, sheet in self.policies.values() if not self.is_over(policy))

    def add(
        self,
        sheet: Sheet,
        path: Path,
        code: str,
        en: str,
        zh: str,
        *,
        severity: str = "info",
        suggestion: str | None = None,
        due: date | None = None,
    ) -> None:
        """Note a fault at a path of a file."""
        self.reading.faults.append(sheet.fault(path, code, Text(en, zh), suggestion, severity, due=due))
