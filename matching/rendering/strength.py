"""How strong a report's answer is: where the answers come from, how much of the text is computed, how sure the sources are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from matching.rendering import words

_BY = {"criterion": "computed", "judged": "judged", "not_modelled": "not_modelled"}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: how many, and how many in a hundred."""

    word: str | Promise
    count: int
    percent: int
    key: str


@dataclass(frozen=True, slots=True)
class Strength:
    """Three shares: of the answers by where they come from, of the criteria by who answers them, of the offers by how
    sure their source is."""

    sources: list[Share]
    criteria: list[Share]
    confidence: list[Share]

    @property
    def evidenced(self) -> int:
        """How many answers rest on more than the company's own word."""
        return sum(share.count for share in self.sources if share.key != "self_declared")


def strength_of(report: Mapping[str, Any], open_offers: Iterable[Mapping[str, Any]]) -> Strength:
    """Of the offers that are eligible or still possible."""
    leaves: dict[str, int] = {}
    for offer in open_offers:
        for kind in _leaves(offer["finding"]):
            leaves[kind] = leaves.get(kind, 0) + 1
    return Strength(
        sources=_shares(words.SOURCES, report["profile"].get("sources", {})),
        criteria=_shares(words.ANSWERED_BY, leaves),
        confidence=_shares(words.CONFIDENCES, report["summary"]["confidence"]),
    )


def _shares(names: Mapping[str, str | Promise], counts: Mapping[str, int]) -> list[Share]:
    whole = sum(counts.get(key, 0) for key in names)
    return [
        Share(word, counts[key], int((Decimal(counts[key] * 100) / whole).quantize(Decimal(1))), key)
        for key, word in names.items()
        if counts.get(key)
    ]


def _leaves(finding: Mapping[str, Any] | None) -> Iterable[str]:
    waiting = [] if finding is None else [finding]
    while waiting:
        node = waiting.pop()
        waiting.extend(node["children"])
        if not node["children"] and node["kind"] in _BY:
            yield _BY[node["kind"]]
