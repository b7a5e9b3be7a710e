"""Whom a version of a policy reaches: counts by group, who is near, what it costs, and what changes against before."""

from matching.engine.reach.counting import ReachPlan, count_reach, plan_reach
from matching.engine.reach.counts import ABSENT, MEASURES, MONEY, OF_POLICY, OfferReach, Reach
from matching.engine.reach.groups import Grouping, groupings_of
from matching.engine.reach.nearness import criteria_of

__all__ = [
    "ABSENT",
    "MEASURES",
    "MONEY",
    "OF_POLICY",
    "Grouping",
    "OfferReach",
    "Reach",
    "ReachPlan",
    "count_reach",
    "criteria_of",
    "groupings_of",
    "plan_reach",
]
