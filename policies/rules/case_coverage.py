"""Whether the example cases of a policy show enough: each verdict that matters, and both sides of each criterion. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from companies.facts import Profile, Text, Vocabulary
from policies.rules.documents import OfferText
from policies.rules.example_cases import Outcome
from policies.rules.findings import Finding, evaluate_offer
from policies.rules.situation import Situation

_GOOD = {"eligible", "needs_review", "not_modelled"}
_SIDES_ZH = {"yes": "是", "no": "否"}

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that no case shows: a code, and the words for it."""

    code: str
    message: Text


class Coverage:
    """What the cases have shown so far; every outcome is added once."""

    def __init__(self, offers: Iterable[OfferText], vocabulary: Vocabulary, day: date) -> None:
        self.vocabulary, self.day = vocabulary, day
        self.offers = {offer.key: offer for offer in offers}
        self.verdicts: dict[str, set[str]] = {key: set() for key in self.offers}
        self.leaves: dict[str, dict[Place, tuple[Text, set[str]]]] = {key: {} for key in self.offers}

    def add(self, outcome: Outcome) -> None:
        """Note what one case shows of one offer."""
        key = outcome.offer.key
        for at, status, sentence in _criteria(outcome.finding.finding):
            _sentence, sides = self.leaves[key].setdefault(at, (sentence, set()))
            if status in ("yes", "no"):
                sides.add(status)
        if outcome.verdict is not None:
            self.verdicts[key].add(outcome.finding.verdict.value)

    def gaps(self, key: str, has_cases: bool) -> Iterator[Gap]:
        """What is not shown of the offer with this key; `has_cases` is whether there is any case at all."""
        leaves, seen = self.leaves[key], self.verdicts[key]
        if not leaves and has_cases:
            return
        if not leaves:
            nobody = Situation(self.vocabulary, Profile({}), self.day)
            nothing_known = evaluate_offer(self.offers[key], nobody).finding
            leaves = {at: (sentence, set()) for at, _status, sentence in _criteria(nothing_known)}
        if not leaves:
            return
        for code, fits, zh in (
            ("case-missing-eligible", bool(seen & _GOOD), "最佳结论"),
            ("case-missing-ineligible", "ineligible" in seen, "不符合"),
            ("case-missing-undetermined", "undetermined" in seen, "待定"),
        ):
            if not fits:
                en = f"no example case where “{key}” is {code.removeprefix('case-missing-')}"
                yield Gap(code, Text(en, f"“{key}”缺少“{zh}”的案例"))
        for _at, (sentence, sides) in sorted(leaves.items(), key=lambda leaf: leaf[0]):
            for side in sorted({"yes", "no"} - sides):
                en = f"no example case where the answer is {side}: {sentence.en}"
                yield Gap("case-leaf-one-sided", Text(en, f"没有结果为“{_SIDES_ZH[side]}”的案例：{sentence.zh}"))


def _criteria(finding: Finding | None, at: Place = ()) -> Iterator[tuple[Place, str, Text]]:
    """The computed criteria under a finding; none where the offer could not be evaluated: its verdict says so."""
    if finding is None:
        return
    if not finding.children and finding.kind == "criterion":
        yield at, str(finding.status.value), finding.sentence
    for place, child in enumerate(finding.children):
        yield from _criteria(child, (*at, place))
