"""The asked facts that can still change a verdict, for whole chunks: what `evaluate_offer(...).missing` says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from companies.facts import Vocabulary
from matching.batches.gaps import Block, Gap, Part, gap_of
from matching.engine.plan.bits import Words, every_row
from matching.engine.plan.criteria import Bits
from policies.rules import OfferText
from policies.rules.printing import print_expression
from policies.rules.requirements import Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.verdicts import needed_of

_MOST_REMEMBERED = 100_000
"""Texts that are remembered between chunks."""
_AT_ONCE = 16
"""Contributions that are folded into one whole number at once."""


@dataclass(slots=True)
class MissingFacts:
    """Finds what is missing for some offers; remembers the texts it has made."""

    offers: tuple[OfferText, ...]
    vocabulary: Vocabulary
    criteria: list[OfferText] = field(default_factory=list)
    """An offer that asks nothing but one criterion, for each distinct one: a plan that has them tells their truths."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _of_expression: dict[int, int] = field(default_factory=dict)
    _gaps: list[Gap] = field(default_factory=list)
    _texts: dict[tuple[tuple[str, ...], ...], dict[int, str]] = field(default_factory=dict)
    _remembered: int = 0

    def __post_init__(self) -> None:
        for offer in self.offers:
            for when in offer.expressions:
                text = print_expression(when)
                number = self._numbers.setdefault(text, len(self.criteria))
                if number == len(self.criteria):
                    self.criteria.append(replace(offer, key=f"criterion-{number}", requires=Criterion(when)))
                    self._gaps.append(gap_of(when, self.vocabulary))
                self._of_expression[id(when)] = number  # the offers keep their expressions, so ids stay their own

    def chunk(self, block: Block, criteria: Callable[[int], Bits]) -> "MissingInChunk":
        """The same for the companies of one chunk, given the truths of each criterion."""
        return MissingInChunk(self, block, criteria)

    def gap(self, criterion: Criterion) -> tuple[int, Gap]:
        """The number of the criterion, and what tells its missing facts."""
        number = self._of_expression[id(criterion.when)]
        return number, self._gaps[number]

    def texts(self, layout: tuple[tuple[str, ...], ...], patterns: list[int]) -> list[str]:
        """For each pattern: the names of the lists of which it has the bit, each once, in order."""
        if self._remembered > _MOST_REMEMBERED:
            self._texts.clear()
            self._remembered = 0
        known = self._texts.setdefault(layout, {})
        found = []
        for pattern in patterns:
            text = known.get(pattern)
            if text is None:
                self._remembered += 1
                text = known[pattern] = "; ".join(
                    dict.fromkeys(name for at in _bits_of(pattern) for name in layout[at])
                )
            found.append(text)
        return found


def _bits_of(pattern: int) -> Iterator[int]:
    while pattern:
        lowest = pattern & -pattern
        yield lowest.bit_length() - 1
        pattern ^= lowest


class MissingInChunk:
    """What is missing for the companies of one chunk, offer by offer."""

    def __init__(self, finder: MissingFacts, block: Block, criteria: Callable[[int], Bits]) -> None:
        self.finder = finder
        self.block = block
        self.criteria = criteria
        self.rows = block.columns.rows
        self.everyone = every_row(self.rows)
        self._parts: dict[int, list[Part]] = {}

    def of(self, at: int, wanted: Words) -> tuple[NDArray[np.int64], list[str]]:
        """For offer number `at`: for each company the place of its text in the list; "" where it is not wanted."""
        requires = self.finder.offers[at].requires
        parts = [(names, rows) for names, rows in self._open(requires, wanted) if rows.any()]
        codes, patterns = _patterns([rows for _, rows in parts], self.rows)
        return codes, self.finder.texts(tuple(names for names, _ in parts), patterns)

    def _open(self, node: Requirement, above: Words) -> Iterator[Part]:
        """The lists of names that the open leaves add, each with the companies for which it does."""
        sure, possible = self._truths(node)
        here = above & possible & ~sure
        if not here.any():
            return
        if isinstance(node, Criterion):
            number, gap = self.finder.gap(node)
            if number not in self._parts:
                self._parts[number] = list(gap.parts(self.block, self.criteria(number)))
            for names, rows in self._parts[number]:
                yield names, rows & here
            return
        for part in node.parts():
            yield from self._open(part, here)

    def _truths(self, node: Requirement) -> tuple[Words, Words]:
        """Surely and possibly true, as computed."""
        if isinstance(node, Criterion):
            bits = self.criteria(self.finder.gap(node)[0])
            return bits.sure, bits.possible
        if isinstance(node, Not):
            sure, possible = self._truths(node.of)
            return self.everyone & ~possible, self.everyone & ~sure
        parts = node.parts()
        if isinstance(node, Judged | NotModelled):
            return np.zeros_like(self.everyone), self.everyone
        truths = [self._truths(part) for part in parts]
        needed = needed_of(node)
        return (
            _at_least(needed, [sure for sure, _ in truths], self.everyone),
            _at_least(needed, [possible for _, possible in truths], self.everyone),
        )


def _at_least(needed: int, parts: list[Words], everyone: Words) -> Words:
    if needed == len(parts):
        return reduce(np.bitwise_and, parts, everyone)
    if needed == 1:
        return reduce(np.bitwise_or, parts)
    # Line k says where k parts hold: each part lifts every line by the one below it.
    reached = [everyone] + [np.zeros_like(everyone) for _ in range(needed)]
    for part in parts:
        for line in range(needed, 0, -1):
            reached[line] = reached[line] | (reached[line - 1] & part)
    return reached[needed]


def _patterns(lines: list[Words], rows: int) -> tuple[NDArray[np.int64], list[int]]:
    """A number for each row, and for each number, as bits, the lines in which its rows have one."""
    codes: NDArray[np.int64] = np.zeros(rows, np.int64)
    patterns = [0]
    for start in range(0, len(lines), _AT_ONCE):
        folded = _folded(lines[start : start + _AT_ONCE], rows)
        if start:
            both = folded | codes << _AT_ONCE
            # Half as wide is four times as fast, and enough for as many rows as a chunk has.
            encoded = pa.array(both.astype(np.int32) if len(patterns) < 2**14 else both).dictionary_encode()
            codes, found = np.asarray(encoded.indices).astype(np.int64), encoded.dictionary.to_pylist()
        else:
            seen = np.zeros(1 << _AT_ONCE, np.bool_)
            seen[folded] = True
            distinct = np.flatnonzero(seen)
            place = np.zeros(1 << _AT_ONCE, np.int64)
            place[distinct] = np.arange(len(distinct))
            codes, found = place[folded], distinct.tolist()
        mask = (1 << _AT_ONCE) - 1
        patterns = [patterns[one >> _AT_ONCE] | (one & mask) << start for one in found]
    return codes, patterns


def _folded(lines: list[Words], rows: int) -> NDArray[np.int64]:
    """The bits of up to sixteen lines as one whole number for each row."""
    flags = np.unpackbits(np.array(lines).view(np.uint8), axis=1, count=rows, bitorder="little")
    folded = np.zeros(rows, np.int64)
    for start in range(0, len(lines), 8):
        byte = np.zeros(rows, np.uint8)
        for at, line in enumerate(flags[start : start + 8]):
            byte |= line << np.uint8(at)
        folded |= byte.astype(np.int64) << start
    return folded
