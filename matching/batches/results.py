"""Results of a chunk as an Arrow table: a row for each company and offer, or wide, a row for each company."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from companies.facts import Vocabulary
from matching.batches.gaps import Block
from matching.batches.missing import MissingFacts
from matching.engine.plan import STATUSES, VERDICTS, Columns, Plan, PlanResult, amounts_of, compile_plan, evaluate_plan
from matching.engine.plan.amounts import AmountColumns, OfferAmounts
from matching.engine.plan.bits import unpack
from matching.engine.plan.columnar import Rows
from matching.engine.plan.criteria import RANGED_ROWS, Bits
from matching.engine.plan.reference import Judge
from policies.rules import OfferText, Verdict, standing_on

MONEY = pa.decimal128(38, 2)
_VERDICT_WORDS = pa.array([verdict.value for verdict in VERDICTS])
_STATUS_WORDS = pa.array(STATUSES)
Ends = tuple[NDArray[np.int64], dict[int, int]]
"""Fen for each row, and by row those that are too large for the array, which has 0 there."""
_NOT_KNOWN = np.iinfo(np.int64).min
_TURNED_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """What the result shows: wide or long, which verdicts, and whether a third identity column exists."""

    wide: bool = False
    verdicts: tuple[Verdict, ...] = VERDICTS
    uscc: bool = False
    missing: bool = True


@dataclass(slots=True)
class Matcher:
    """Matches chunks of companies by one plan and makes the result's tables."""

    offers: tuple[OfferText, ...]
    vocabulary: Vocabulary
    day: date
    shape: Shape
    plan: Plan = field(init=False)
    missing: MissingFacts | None = field(init=False)
    standings: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.missing = MissingFacts(self.offers, self.vocabulary) if self.shape.missing else None
        # The criteria stand in the plan after the offers that are made of them: all are computed at once.
        criteria = self.missing.criteria if self.missing else []
        self.plan = compile_plan((*self.offers, *criteria), self.vocabulary, self.day)
        self.standings = tuple(_standing(offer.edition, self.day) for offer in self.offers)

    def table(self, identity: dict[str, Any], columns: Columns) -> tuple[Any, NDArray[np.int64]]:
        """The rows of the result, and how many pairs have each verdict."""
        chunk = _Chunk(self, columns)
        made = _wide(chunk, identity) if self.shape.wide else _long(chunk, identity)
        return made, chunk.counts


def _standing(edition: Any, day: Any) -> str:
    return standing_on(
        edition.status, edition.effective_from, edition.effective_to, edition.superseded_on, edition.issued, day
    )


@dataclass(slots=True)
class _Offer:
    """What came of one offer: codes into lists of words, ends in fen with flags, a text for what is missing."""

    verdicts: NDArray[np.uint8]
    statuses: NDArray[np.uint8]
    low: Ends
    high: Ends
    missing: NDArray[np.int64]
    texts: list[str]


class _Chunk:
    """One chunk, evaluated; offers are made ready one at a time."""

    def __init__(self, matcher: Matcher, columns: Columns) -> None:
        self.matcher = matcher
        self.rows = columns.rows
        rows = Rows(columns, matcher.vocabulary, matcher.plan.derived, matcher.day)
        # What the verdicts have computed there is what the missing facts ask for again.
        self.result: PlanResult = evaluate_plan(matcher.plan, columns, rows=rows if self.rows <= RANGED_ROWS else None)
        self.amounts: AmountColumns = amounts_of(matcher.plan, columns)
        self.gaps = None
        if matcher.missing is not None:
            self.gaps = matcher.missing.chunk(Block(columns, Judge(columns, matcher.day), rows), self._criterion)
        self.counts = np.zeros(len(VERDICTS), np.int64)

    def _criterion(self, number: int) -> Bits:
        """The truths of a criterion, told as if it were an offer: people decide where it is open and nothing is missing."""
        at = len(self.matcher.offers) + number
        sure, possible, judged = self.result.sure[at], self.result.possible[at], self.result.judged.get(at)
        return Bits(sure, possible, None if judged is None else judged & possible & ~sure, self.result.errors.get(at))

    def offer(self, at: int) -> _Offer:
        verdicts = self.result.verdicts(at)
        ineligible = verdicts == VERDICTS.index(Verdict.INELIGIBLE)
        error = self.result.bits(at, Verdict.ERROR)
        amounts = self.amounts.of(at)
        # What an offer would come to is said only where it may come.
        silent = ineligible | unpack(error, self.rows)
        statuses = np.where(silent, np.uint8(len(STATUSES)), amounts.status)
        missing, texts = np.zeros(self.rows, np.int64), [""]
        self.counts += np.bincount(verdicts, minlength=len(VERDICTS))
        if self.gaps is not None:
            wanted = ~error & ~self.result.bits(at, Verdict.INELIGIBLE) & ~self.result.bits(at, Verdict.ELIGIBLE)
            missing, texts = self.gaps.of(at, wanted)
        low, high = (_ends(amounts, side, silent) for side in range(2))
        return _Offer(verdicts, statuses, low, high, missing, texts)


def _ends(amounts: OfferAmounts, side: int, silent: NDArray[np.bool_]) -> Ends:
    values, words = ((amounts.low, amounts.low_known), (amounts.high, amounts.high_known))[side]
    known = unpack(words, amounts.rows) & ~silent
    large = {row: ends[side] for row, ends in amounts.large.items() if known[row]}
    return np.where(known, values, _NOT_KNOWN), large


def money(values: NDArray[np.int64], large: dict[int, int]) -> Any:
    """Whole fen as exact decimals; what is not known is null."""
    known = values != _NOT_KNOWN
    places = np.flatnonzero(known)
    # Few are known: memory that stays zero is not touched.
    halves = np.zeros((len(values), 2), np.int64)
    some = values[places]
    halves[places, 0] = some
    if len(some) and some.min() < 0:
        halves[places, 1] = some >> 63
    for row, value in large.items():
        halves[row] = np.frombuffer(value.to_bytes(16, "little", signed=True), np.int64)
    bits = np.packbits(known, bitorder="little")
    return pa.Array.from_buffers(MONEY, len(values), [pa.py_buffer(bits), pa.py_buffer(halves)])


def coded(codes: NDArray[Any], words: Any) -> Any:
    """Words by their place in a list; one past the end is null."""
    codes = codes.astype(np.int32, copy=False)
    if len(codes) and int(codes.max()) >= len(words):
        indices = pa.array(codes, mask=codes >= len(words))
    else:
        indices = pa.array(codes)
    return pa.DictionaryArray.from_arrays(indices, words)


def _identities(shape: Shape, identity: dict[str, Any]) -> dict[str, Any]:
    parts = ("id", "uscc", "name") if shape.uscc else ("id", "name")
    return {part: identity[part] for part in parts}


def _long(chunk: _Chunk, identity: dict[str, Any]) -> Any:
    shape, count = chunk.matcher.shape, len(chunk.matcher.offers)
    size = (count, chunk.rows)
    verdicts, statuses = np.empty(size, np.uint8), np.empty(size, np.uint8)
    lows, highs, missing = np.empty(size, np.int64), np.empty(size, np.int64), np.zeros(size, np.int32)
    large: tuple[dict[int, int], dict[int, int]] = ({}, {})
    texts = {"": 0}
    for at in range(count):
        offer = chunk.offer(at)
        verdicts[at], statuses[at] = offer.verdicts, offer.statuses
        for (values, larges), ends, known in ((offer.low, lows, large[0]), (offer.high, highs, large[1])):
            ends[at] = values
            known |= {row * count + at: value for row, value in larges.items()}
        places = np.array([texts.setdefault(text, len(texts)) for text in offer.texts], np.int32)
        missing[at] = places[offer.missing]
    pairs = _Pairs(verdicts, shape.verdicts)
    columns = {}
    for part, array in _identities(shape, identity).items():
        # Each text once: Arrow's Parquet writer puts memory nobody wrote into a dictionary that has one twice.
        distinct = array.dictionary_encode()
        columns[part] = coded(pairs.by_company(np.asarray(distinct.indices)), distinct.dictionary)
    offers = np.arange(count, dtype=np.int32)
    columns["offer"] = coded(pairs.by_offer(offers), pa.array([offer.id for offer in chunk.matcher.offers]))
    standings = sorted(set(chunk.matcher.standings))
    standing_of = np.array([standings.index(standing) for standing in chunk.matcher.standings], np.int32)
    columns["standing"] = coded(pairs.by_offer(standing_of), pa.array(standings))
    columns["verdict"] = coded(pairs.of(verdicts), _VERDICT_WORDS)
    columns["amount_status"] = coded(pairs.of(statuses), _STATUS_WORDS)
    columns["amount_low"] = money(pairs.of(lows), pairs.places(large[0]))
    columns["amount_high"] = money(pairs.of(highs), pairs.places(large[1]))
    if shape.missing:
        columns["missing"] = coded(pairs.of(missing), pa.array(list(texts)))
    return pa.table(columns)


class _Pairs:
    """The pairs of company and offer that are shown, company by company."""

    def __init__(self, verdicts: NDArray[np.uint8], shown: tuple[Verdict, ...]) -> None:
        self.offers, self.companies = verdicts.shape
        self.wanted: NDArray[np.int64] | None = None
        if set(shown) != set(VERDICTS):
            is_shown = np.array([verdict in shown for verdict in VERDICTS])
            self.wanted = np.flatnonzero(is_shown[turned(verdicts)])

    def by_company(self, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """The value of each pair's company."""
        return np.repeat(values, self.offers) if self.wanted is None else values[self.wanted // self.offers]

    def by_offer(self, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """The value of each pair's offer."""
        return np.tile(values, self.companies) if self.wanted is None else values[self.wanted % self.offers]

    def of(self, matrix: NDArray[Any]) -> NDArray[Any]:
        """The values of these pairs, from one line for each offer."""
        values = turned(matrix)
        return values if self.wanted is None else values[self.wanted]

    def places(self, large: dict[int, int]) -> dict[int, int]:
        """The same values by their place among these pairs."""
        if self.wanted is None or not large:
            return large
        place = {int(at): new for new, at in enumerate(self.wanted.tolist())}
        return {place[at]: value for at, value in large.items() if at in place}


def turned(matrix: NDArray[Any]) -> NDArray[Any]:
    """Lines of offers as one run of companies, some companies at a time, so that what is turned is in the cache."""
    count, rows = matrix.shape
    out = np.empty((rows, count), matrix.dtype)
    for start in range(0, rows, _TURNED_AT_ONCE):
        here = slice(start, start + _TURNED_AT_ONCE)
        out[here] = matrix[:, here].T
    return out.ravel()


def _wide(chunk: _Chunk, identity: dict[str, Any]) -> Any:
    columns = _identities(chunk.matcher.shape, identity)
    for at, name in enumerate(offer.id for offer in chunk.matcher.offers):
        offer = chunk.offer(at)
        columns[name] = coded(offer.verdicts, _VERDICT_WORDS)
        columns[f"{name} amount_status"] = coded(offer.statuses, _STATUS_WORDS)
        columns[f"{name} amount_low"] = money(*offer.low)
        columns[f"{name} amount_high"] = money(*offer.high)
        if chunk.matcher.shape.missing:
            texts = {text: at for at, text in enumerate(dict.fromkeys(offer.texts))}
            places = np.array([texts[text] for text in offer.texts])
            columns[f"{name} missing"] = coded(places[offer.missing], pa.array(list(texts), pa.string()))
    return pa.table(columns)
