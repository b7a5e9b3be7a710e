"""Whom a version of a policy reaches: counts by group, who is near, what it costs, and what changes against before."""

from matching.engine.reach.counting import ReachPlan, count_reach, plan_reach
from matching.engine.reach.counts import ABSENT, BEFORE, MEASURES, MONEY, OF_POLICY, Counts, OfferReach, Reach
from matching.engine.reach.groups import Grouping, groupings_of
from matching.engine.reach.hiding import LEAST, is_small
from matching.engine.reach.nearness import criteria_of
from matching.engine.reach.tables import CHANGES, COMPANIES, PRINTED, OfferTable, hidden_sizes, printed_lines, table_of

__all__ = [
    "ABSENT",
    "BEFORE",
    "CHANGES",
    "COMPANIES",
    "LEAST",
    "MEASURES",
    "MONEY",
    "OF_POLICY",
    "PRINTED",
    "Counts",
    "Grouping",
    "OfferReach",
    "OfferTable",
    "Reach",
    "ReachPlan",
    "count_reach",
    "criteria_of",
    "groupings_of",
    "hidden_sizes",
    "is_small",
    "plan_reach",
    "printed_lines",
    "table_of",
]
