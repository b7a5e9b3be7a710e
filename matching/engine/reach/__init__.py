"""Whom a version of a policy reaches: counts by group, who is near, what it costs, and what changes against before."""

from matching.engine.reach.counting import (
    GroupsPlan,
    ReachPlan,
    count_reach,
    plan_groups,
    plan_reach,
    reach_of_verdicts,
)
from matching.engine.reach.counts import ABSENT, BEFORE, MEASURES, MONEY, OF_POLICY, Counts, OfferReach, Reach
from matching.engine.reach.groups import EVERYBODY, Grouping, groupings_of, lines_of
from matching.engine.reach.hiding import LEAST, is_small
from matching.engine.reach.nearness import criteria_of
from matching.engine.reach.tables import CHANGES, COMPANIES, PRINTED, OfferTable, hidden_sizes, printed_lines, table_of

__all__ = [
    "ABSENT",
    "BEFORE",
    "CHANGES",
    "COMPANIES",
    "EVERYBODY",
    "LEAST",
    "MEASURES",
    "MONEY",
    "OF_POLICY",
    "PRINTED",
    "Counts",
    "Grouping",
    "GroupsPlan",
    "OfferReach",
    "OfferTable",
    "Reach",
    "ReachPlan",
    "count_reach",
    "criteria_of",
    "groupings_of",
    "hidden_sizes",
    "is_small",
    "lines_of",
    "plan_groups",
    "plan_reach",
    "printed_lines",
    "reach_of_verdicts",
    "table_of",
]
