"""Search in English and Chinese over the policies and offers of a release, best first; kept in memory, made once a release.

Why no search of the database: decision 8.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from companies.facts import Text, folded
from policies.rules import OfferText, PolicyText, say_expression
from policies.rules.benefit_words import say_benefit
from policies.rules.book import Rulebook

# A word of letters and digits (“r&d” is one), or a run of Chinese characters.
_RUNS = re.compile(r"(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)|(?P<word>[^\W_]+(?:&[^\W_]+)*)")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_TITLE, _NUMBER, _TAG, _ISSUER, _BODY = 8.0, 6.0, 3.0, 2.0, 1.0
_PREFIX_COUNTS = 0.6
_SHORTEST_PREFIX = 3
_MOST_TERMS = 60
# “首台（套）” is found as 首台套.
_BETWEEN = re.compile(r"(?<=[\u3400-\u9fff])[()“”\"·]+(?=[\u3400-\u9fff])")

Parts = Sequence[tuple[float, str]]


class WordIndex:
    """Which documents have which words; a document is its parts, each with what it counts."""

    def __init__(self, documents: Mapping[str, Parts]) -> None:
        self._keys = list(documents)
        self._found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._titles = [
            folded(" ".join(words for weight, words in parts if weight >= _TITLE)) for parts in documents.values()
        ]
        for at, parts in enumerate(documents.values()):
            for weight, words in parts:
                for term in _terms(words, is_question=False):
                    self._found[term][at] += weight
        self._terms = sorted(self._found)

    def find(self, words: str) -> list[str]:
        """The documents that have the words, best first; equally good ones in the order in which they were given."""
        asked = list(dict.fromkeys(_terms(words, is_question=True)))[:_MOST_TERMS]
        if not asked:
            return []
        scores: dict[int, float] = defaultdict(float)
        matched: dict[int, int] = defaultdict(int)
        for term in asked:
            for at, score in self._scored(term).items():
                scores[at] += score
                matched[at] += 1
        needed = _needed(len(asked))
        whole = folded(words)
        ranked = {
            at: score * (matched[at] / len(asked)) ** 2 * (2 if whole in self._titles[at] else 1)
            for at, score in scores.items()
            if matched[at] >= needed
        }
        return [self._keys[at] for at in sorted(ranked, key=lambda at: (-ranked[at], at))]

    def _scored(self, term: str) -> dict[int, float]:
        """What each document gets for one word: more for a rare one, less and less for each further place."""
        having: dict[int, float] = dict(self._found.get(term, ()))
        if len(term) >= _SHORTEST_PREFIX and not _HAN.match(term):
            for other in self._beginning_with(term):
                for at, weight in self._found[other].items():
                    having[at] = having.get(at, 0.0) + _PREFIX_COUNTS * weight
        rarity = math.log(1 + (len(self._keys) - len(having) + 0.5) / (len(having) + 0.5))
        return {at: rarity * weight / (weight + 4) for at, weight in having.items()}

    def _beginning_with(self, term: str) -> Iterator[str]:
        for at in range(bisect_left(self._terms, term), len(self._terms)):
            other = self._terms[at]
            if not other.startswith(term):
                return
            if other != term:
                yield other


def _needed(asked: int) -> int:
    """How many words of the question must be there: of a short one all, of a sentence as people say it half."""
    return asked if asked <= 3 else math.ceil(asked * (0.7 if asked <= 6 else 0.5))


def _terms(words: str, *, is_question: bool) -> Iterator[str]:
    """Words in their singular; of Chinese, which writes no blanks, each pair of neighbours, and single characters for whoever asks for one."""
    for run in _RUNS.finditer(_BETWEEN.sub("", folded(words))):
        if run["han"] is None:
            yield _singular(run["word"])
            continue
        signs = run["han"]
        yield from (signs[at : at + 2] for at in range(len(signs) - 1))
        if len(signs) == 1 or not is_question:
            yield from signs


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.isascii() or word.endswith("ss"):
        return word
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


@lru_cache(maxsize=4)
def policy_index(book: Rulebook) -> WordIndex:
    """The policies by key."""
    return WordIndex(
        {policy.key: [*_about_policy(book, policy), *_of_offers(book, policy)] for policy in _in_order(book)}
    )


@lru_cache(maxsize=4)
def offer_index(book: Rulebook) -> WordIndex:
    """The offers by id; what stands in the head of its policy counts less than its own words."""
    return WordIndex(
        {
            offer.id: [
                *_about_offer(book, offer),
                *((weight / 3, words) for weight, words in _about_policy(book, policy)),
            ]
            for policy in _in_order(book)
            for offer in policy.offers
        }
    )


def _in_order(book: Rulebook) -> list[PolicyText]:
    return sorted(book.policies, key=lambda policy: policy.key)


def _about_policy(book: Rulebook, policy: PolicyText) -> Iterator[tuple[float, str]]:
    yield from _both(_TITLE, policy.title)
    yield _NUMBER, f"{policy.key} {policy.number or ''}"
    yield from _both(_ISSUER, policy.issuer)
    listed = [("levels", policy.level), ("pillars", policy.pillar), *(("zones", zone) for zone in policy.zones)]
    for name, key in [*listed, *(("goals", goal) for goal in policy.goals)]:
        yield from _both(_TAG, book.label(name, key))
    yield from _both(_BODY, policy.note)


def _of_offers(book: Rulebook, policy: PolicyText) -> Iterator[tuple[float, str]]:
    for offer in policy.offers:
        yield from ((min(weight, _TAG), words) for weight, words in _about_offer(book, offer))


def _about_offer(book: Rulebook, offer: OfferText) -> Iterator[tuple[float, str]]:
    yield from _both(_TITLE, offer.title)
    yield _NUMBER, f"{offer.key} {offer.clause or ''}"
    yield from _both(_TAG, book.label("benefit_kinds", offer.kind))
    yield from _both(_BODY, say_benefit(offer.benefit, book.vocabulary))
    yield from _both(_BODY, offer.note)
    for expression in offer.expressions:
        yield from _both(_BODY, say_expression(expression, book.vocabulary))
    yield from ((_BODY, words) for words in _said_in(book.plain[offer.policy].get("requires")))
    for plain in book.plain[offer.policy].get("offers") or []:
        if plain["offer"] == offer.key:
            yield from ((_BODY, words) for words in _said_in([plain.get("requires"), plain.get("stacking")]))
    for paper in offer.papers:
        yield from _both(_BODY, book.label("papers", paper))


def _said_in(plain: Any) -> Iterator[str]:
    """Every sentence in both languages anywhere below: what people judge, what is not modelled, notes."""
    waiting = [plain]
    while waiting:
        here = waiting.pop()
        if isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, Mapping):
            if isinstance(here.get("en"), str) and isinstance(here.get("zh"), str):
                yield f"{here['en']} {here['zh']}"
            else:
                waiting.extend(here.values())


def _both(weight: float, text: Text | None) -> Iterable[tuple[float, str]]:
    return () if text is None else ((weight, f"{text.en} {text.zh}"),)
