"""Why an offer stands otherwise for a company than before: the criteria that did, and the facts that were answered anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from companies.facts import Profile, Text, Vocabulary
from policies.rules import OfferFinding, OfferText
from policies.rules.facts_read import facts_read
from policies.rules.findings import Finding


def criteria_changed(before: OfferFinding | None, after: OfferFinding | None) -> list[dict[str, Any]]:
    """The criteria whose answer is another one, in the order of the offer; None where there was no such criterion.

    A criterion is known by its sentence and its clause, so one that was rewritten has gone and another has come.
    """
    was, now = dict(_criteria(before)), dict(_criteria(after))
    changed = []
    for key in dict.fromkeys([*now, *was]):
        old, new = was.get(key), now.get(key)
        if old is not None and new is not None and old.status is new.status:
            continue
        shown = new or old
        assert shown is not None
        changed.append(
            {
                "clause": None if shown.clause is None else shown.clause.to_plain(),
                "sentence": shown.sentence.to_plain(),
                "facts": [seen.name for seen in shown.facts],
                "before": None if old is None else old.status.value,
                "after": None if new is None else new.status.value,
            }
        )
    return changed


def facts_changed(offer: OfferText, vocabulary: Vocabulary, before: Profile, after: Profile) -> list[str]:
    """The facts that the offer asks for and that have another value than before, or none any more."""
    return sorted(name for name in facts_read(offer, vocabulary) if _value(before, name) != _value(after, name))


def _value(profile: Profile, name: str) -> Any:
    answer = profile.get(name)
    return None if answer is None else answer.value


def _criteria(found: OfferFinding | None) -> Iterator[tuple[tuple[Text, Text | None, int], Finding]]:
    """The leaves of the finding, each under its own key: the same sentence may stand twice."""
    times: Counter[tuple[Text, Text | None]] = Counter()
    waiting = [] if found is None or found.finding is None else [found.finding]
    while waiting:
        one = waiting.pop()
        waiting.extend(reversed(one.children))
        if not one.children:
            named = (one.sentence, one.clause)
            yield (*named, times[named]), one
            times[named] += 1
