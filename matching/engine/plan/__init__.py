"""Many companies at once: a release compiles to a plan, evaluated over whole columns, equal to the reference evaluator."""

from matching.engine.plan.amounts import NOTHING, AmountColumns, OfferAmounts, Total, amounts_of, total_of
from matching.engine.plan.building import columns_of
from matching.engine.plan.columns import Columns
from matching.engine.plan.compiling import Plan, compile_plan
from matching.engine.plan.evaluating import evaluate_plan
from matching.engine.plan.explaining import explain
from matching.engine.plan.one import ProfileStatuses, evaluate_profile
from matching.engine.plan.payments import STATUSES
from matching.engine.plan.results import VERDICTS, PlanResult

__all__ = [
    "NOTHING",
    "STATUSES",
    "VERDICTS",
    "AmountColumns",
    "Columns",
    "OfferAmounts",
    "Plan",
    "PlanResult",
    "ProfileStatuses",
    "Total",
    "amounts_of",
    "columns_of",
    "compile_plan",
    "evaluate_plan",
    "evaluate_profile",
    "explain",
    "total_of",
]
