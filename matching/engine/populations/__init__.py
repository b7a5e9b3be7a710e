"""What a run over all companies keeps: parts of the population with their verdicts and amounts, and what changed."""

from matching.engine.populations.bitmaps import read_bits, read_numbers, store_bits, store_numbers
from matching.engine.populations.differences import Difference, Outcome, differences_between
from matching.engine.populations.joining import JoinedOffer, JoinedParts, total_to_plain
from matching.engine.populations.parts import (
    IN_REACH,
    OfferPart,
    Part,
    evaluate_part,
    offer_part,
    read_part,
    store_part,
)

__all__ = [
    "IN_REACH",
    "Difference",
    "JoinedOffer",
    "JoinedParts",
    "OfferPart",
    "Outcome",
    "Part",
    "differences_between",
    "evaluate_part",
    "offer_part",
    "read_bits",
    "read_numbers",
    "read_part",
    "store_bits",
    "store_numbers",
    "store_part",
    "total_to_plain",
]
