"""Verdicts of many variants of one company: a criterion is evaluated again only where a variant touches it."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from typing import Any

from companies.facts import Profile
from matching.engine.routes.conditions import Condition, conditions_of
from matching.engine.variants import variants_of
from policies.rules import Expression, OfferText, Situation, Verdict
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import JUDGED, UNSEEN, Sides, combine, name_verdict, needed_of, truths_of_criterion


class SharedVerdicts:
    """The verdicts of a company and of its variants: the same that `verdict_of` gives for each."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.conditions = conditions_of(situation.vocabulary)
        self._variants = variants_of(situation.vocabulary)
        self._known: dict[Hashable, Sides] = {}
        self.cells: dict[Hashable, Any] = {}
        """What was found for an offer, by `VariantVerdicts.key`."""

    def variant(self, profile: Profile, changed: frozenset[str], day: date) -> VariantVerdicts:
        """The company with this profile, which differs from its own in these facts at most, on that day."""
        situation = self._variants.with_profile(self.situation, profile, changed, day)
        return VariantVerdicts(self, situation, changed)

    def sides(self, when: Expression, situation: Situation, changed: frozenset[str]) -> Sides:
        """The truths of one criterion."""
        condition = self.conditions.of_expression(when, denied=False)
        assert isinstance(condition, Condition), when
        day = situation.day if condition.timely else None
        touched = tuple((name, situation.profile.value(name)) for name in condition.facts if name in changed)
        key = (condition, day, touched)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = truths_of_criterion(when, situation)[0]
        return found


class VariantVerdicts:
    """The verdicts of one variant."""

    def __init__(self, shared: SharedVerdicts, situation: Situation, changed: frozenset[str]) -> None:
        self.situation = situation
        self._shared, self._changed = shared, changed

    def key(self, offer: OfferText) -> Hashable:
        """The same for two variants to which verdict and amount of the offer are the same."""
        profile = self.situation.profile
        touched = [
            (name, profile.value(name)) for name in self._shared.conditions.reach_of(offer) if name in self._changed
        ]
        return (offer.id, self.situation.day, *touched)

    def of(self, offer: OfferText) -> Verdict:
        """The verdict on one offer; a fault of the engine is `error`. Raises only MemoryError."""
        try:
            return name_verdict(self._sides(offer.requires).holds, has_criterion=bool(offer.expressions))
        except MemoryError:
            raise
        except Exception:
            return Verdict.ERROR

    def _sides(self, requirement: Requirement) -> Sides:
        match requirement:
            case Criterion(when=when):
                return self._shared.sides(when, self.situation, self._changed)
            case Judged():
                return JUDGED
            case NotModelled():
                return UNSEEN
            case Not(of=of):
                part = self._sides(of)
                return Sides(part.fails, part.holds)
        return combine(needed_of(requirement), [self._sides(part) for part in requirement.parts()])
