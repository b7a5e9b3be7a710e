"""The best lawful combination of offers: which may be had together, what they pay, and why the others are left out."""

from matching.engine.bundles.combining import SCOPES, combine_offers
from matching.engine.bundles.problem import Candidate, Cap, End, Group, Problem
from matching.engine.bundles.solving import Solution, Strategy, solve

__all__ = [
    "SCOPES",
    "Candidate",
    "Cap",
    "End",
    "Group",
    "Problem",
    "Solution",
    "Strategy",
    "combine_offers",
    "solve",
]
