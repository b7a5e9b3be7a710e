"""One part of the population: some companies in the order of their ids, each offer's verdicts, and amounts in reach."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.engine.plan import VERDICTS, Columns, OfferAmounts, Plan, PlanResult, amounts_of, evaluate_plan
from matching.engine.plan.amounts import facts_of_benefit
from matching.engine.plan.bits import Words, count_bits, no_row, places_of, words_for
from policies.rules import Verdict

IN_REACH = (Verdict.ELIGIBLE, Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED, Verdict.NOT_MODELLED)
"""Verdicts under which an amount means something; what nobody can get has none."""
STORED = (*IN_REACH, Verdict.ERROR)
"""Verdicts whose companies are kept; ineligible are all others."""

FORMAT = "1"
_MEMBERS = pa.schema([("company", pa.int64()), ("version", pa.int64())])
_AMOUNTS = ("status", "low", "high", "low_known", "high_known")


@dataclass(frozen=True, slots=True, eq=False)
class OfferPart:
    """One offer for the companies of a part; a verdict that nobody has is left out of `bits`."""

    bits: Mapping[Verdict, Words]
    amounts: OfferAmounts
    """Of the companies in reach only, in their order."""

    def reach(self, rows: int) -> Words:
        """The companies whose amount is in `amounts`."""
        found = no_row(rows)
        for verdict in IN_REACH:
            if verdict in self.bits:
                found |= self.bits[verdict]
        return found

    def codes(self, rows: int) -> npt.NDArray[np.uint8]:
        """The code of every company's verdict."""
        codes = np.full(rows, VERDICTS.index(Verdict.INELIGIBLE), np.uint8)
        for verdict, words in self.bits.items():
            codes[places_of(words, rows)] = VERDICTS.index(verdict)
        return codes


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some companies by ascending id, the profile version that was read of each, and every offer's results."""

    companies: npt.NDArray[np.int64]
    versions: npt.NDArray[np.int64]
    offers: Mapping[str, OfferPart]

    @property
    def rows(self) -> int:
        """How many companies."""
        return len(self.companies)

    def digest(self) -> str:
        """SHA-256 over who has which verdict and amount; not over the versions, which say only where from."""
        found = hashlib.sha256(self.companies.astype("<i8").tobytes())
        for name, offer in self.offers.items():
            found.update(json.dumps([name, _large_said(offer.amounts)]).encode())
            found.update(offer.codes(self.rows).tobytes())
            for array in _amount_arrays(offer.amounts):
                found.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
        return found.hexdigest()


def evaluate_part(
    plan: Plan, columns: Columns, companies: npt.NDArray[np.int64], versions: npt.NDArray[np.int64]
) -> Part:
    """Every offer of the plan for these companies, whose answers are in `columns` in the same order."""
    result = evaluate_plan(plan, columns)
    offers = {name: offer_part(plan, columns, result, at) for at, name in enumerate(plan.offers)}
    return Part(companies, versions, offers)


def store_part(part: Part) -> bytes:
    """The part as two Arrow streams one after the other, compressed: who, and a line for each offer."""
    sink = io.BytesIO()
    members = [pa.array(part.companies), pa.array(part.versions)]
    _write(sink, pa.record_batch(members, schema=_MEMBERS.with_metadata({"format": FORMAT})))
    lines = list(part.offers.items())
    kept: dict[str, list[bytes | str | None]] = {"offer": [name for name, _ in lines]}
    for verdict in STORED:
        kept[verdict.value] = [_bytes(offer.bits.get(verdict)) for _, offer in lines]
    for place, name in enumerate(_AMOUNTS):
        kept[name] = [_bytes(_amount_arrays(offer.amounts)[place]) for _, offer in lines]
    kept["large"] = [json.dumps(_large_said(offer.amounts)) for _, offer in lines]
    texts = ("offer", "large")
    arrays = [pa.array(values, pa.string() if name in texts else pa.binary()) for name, values in kept.items()]
    _write(sink, pa.record_batch(arrays, names=list(kept)))
    return sink.getvalue()


def read_part(stored: bytes) -> Part:
    """The part that was stored; raises ValueError for one of another edition of the format."""
    source = pa.BufferReader(stored)
    members = pa.ipc.open_stream(source).read_all()
    if (members.schema.metadata or {}).get(b"format") != FORMAT.encode():
        raise ValueError("a part of a run in a format that this edition does not read")
    companies = members.column("company").to_numpy().astype(np.int64)
    lines = pa.ipc.open_stream(source).read_all().to_pydict()
    rows = len(companies)
    offers = {}
    for at, name in enumerate(lines["offer"]):
        bits = {verdict: _words(lines[verdict.value][at], rows) for verdict in STORED if lines[verdict.value][at]}
        large = {int(row): (low, high) for row, (low, high) in json.loads(lines["large"][at]).items()}
        status = np.frombuffer(lines["status"][at], np.uint8)
        amounts = OfferAmounts(
            len(status),
            status,
            np.frombuffer(lines["low"][at], "<i8").astype(np.int64),
            np.frombuffer(lines["high"][at], "<i8").astype(np.int64),
            _words(lines["low_known"][at], len(status)),
            _words(lines["high_known"][at], len(status)),
            large,
        )
        offers[name] = OfferPart(bits, amounts)
    return Part(companies, members.column("version").to_numpy().astype(np.int64), offers)


def offer_part(plan: Plan, columns: Columns, result: PlanResult, at: int) -> OfferPart:
    """Offer number `at` of an evaluated plan, with the amounts of those in reach."""
    found = {verdict: result.bits(at, verdict) for verdict in STORED}
    bits = {verdict: np.array(words) for verdict, words in found.items() if words.any()}
    reach = no_row(columns.rows)
    for verdict in IN_REACH:
        reach |= found[verdict]
    # Amounts are dear, so only of those in reach, and over the facts that the amount asks for.
    asked = facts_of_benefit(plan.texts[at].benefit, plan.vocabulary)
    needed = Columns(
        columns.vocabulary, columns.rows, {name: columns.by_fact[name] for name in asked if name in columns.by_fact}
    )
    amounts = amounts_of(plan, needed.take(places_of(reach, columns.rows)), offers=[at]).of(at)
    assert amounts.rows == count_bits(reach)
    return OfferPart(bits, amounts)


def _amount_arrays(amounts: OfferAmounts) -> tuple[npt.NDArray[np.generic], ...]:
    return amounts.status, amounts.low, amounts.high, amounts.low_known, amounts.high_known


def _large_said(amounts: OfferAmounts) -> dict[str, tuple[int, int]]:
    return {str(row): ends for row, ends in sorted(amounts.large.items())}


def _write(sink: io.BytesIO, batch: pa.RecordBatch) -> None:
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", 1))
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)


def _bytes(array: npt.NDArray[np.generic] | None) -> bytes | None:
    return None if array is None else array.astype(array.dtype.newbyteorder("<")).tobytes()


def _words(stored: bytes, rows: int) -> Words:
    words = np.frombuffer(stored, "<u8").astype(np.uint64)
    assert len(words) == words_for(rows)
    return words
