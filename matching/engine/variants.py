"""A company with a few facts otherwise: what does not depend on them is taken over, not computed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date

from companies.facts import Profile, Value, Vocabulary
from policies.rules import Situation
from policies.rules.situation import Possible, asked_facts

_MOST_VOCABULARIES = 4


class VariedSituation(Situation):
    """The situation of a company after changes: the same answers as one made anew from the changed profile."""

    __slots__ = ("_changed", "_of", "_variants")

    def __init__(self, of: Situation, profile: Profile, day: date, changed: frozenset[str], variants: Variants) -> None:
        super().__init__(of.vocabulary, profile, day, open_ended=of.open_ended)
        self._of, self._changed, self._variants = of, changed, variants

    def _find(self, name: str) -> Possible:
        if self._changed.isdisjoint(self._variants.asked_behind(name)):
            return self._of.possible(name)
        return super()._find(name)


class Variants:
    """Which asked facts stand behind each fact of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._behind: dict[str, frozenset[str]] = {}

    def asked_behind(self, name: str) -> frozenset[str]:
        """The asked facts that a fact comes down to; itself, if it is asked or unknown."""
        known = self._behind.get(name)
        if known is None:
            known = self._behind[name] = asked_facts(frozenset({name}), self.vocabulary) | {name}
        return known

    def with_values(self, situation: Situation, values: Mapping[str, Value], day: date) -> Situation:
        """The company with these values on top, on that day."""
        profile = situation.profile.with_values(**values) if values else situation.profile
        return self.with_profile(situation, profile, frozenset(values), day)

    def with_profile(self, situation: Situation, profile: Profile, changed: frozenset[str], day: date) -> Situation:
        """The company with this profile, which differs from its own in these facts at most, on that day."""
        if day != situation.day:
            # Ages and the reach of unknown days are other ones.
            return Situation(situation.vocabulary, profile, day, open_ended=situation.open_ended)
        return VariedSituation(situation, profile, day, changed, self)


_known: OrderedDict[int, Variants] = OrderedDict()


def variants_of(vocabulary: Vocabulary) -> Variants:
    """The dependencies of a vocabulary, kept: they are the same for every company."""
    found = _known.get(id(vocabulary))
    if found is None or found.vocabulary is not vocabulary:
        found = _known[id(vocabulary)] = Variants(vocabulary)
        while len(_known) > _MOST_VOCABULARIES:
            _known.popitem(last=False)
    return found
