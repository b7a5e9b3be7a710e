"""The rule language, its reference evaluator, benefits and windows. Pure: usable from a notebook."""

from policies.rules.amounts import Amount, amount_of
from policies.rules.clauses import say_clause, unsaid_words
from policies.rules.documents import Edition, OfferText, PolicyText, read_policy, write_policy
from policies.rules.evaluation import evaluate_expression, evaluate_number, possible_value
from policies.rules.expressions import Expression, expression_facts
from policies.rules.faults import Fault, RuleFault
from policies.rules.findings import (
    FactSeen,
    Finding,
    OfferFinding,
    Status,
    evaluate_offer,
)
from policies.rules.intervals import Interval
from policies.rules.parsing import parse_expression
from policies.rules.plain_findings import amount_to_plain, finding_to_plain
from policies.rules.printing import print_expression
from policies.rules.saying import say_expression
from policies.rules.situation import Situation
from policies.rules.truth import Truth
from policies.rules.verdicts import Verdict, verdict_of
from policies.rules.windows import Window, WindowState, standing_on, window_on

__all__ = [
    "Amount",
    "Edition",
    "Expression",
    "FactSeen",
    "Fault",
    "Finding",
    "Interval",
    "OfferFinding",
    "OfferText",
    "PolicyText",
    "RuleFault",
    "Situation",
    "Status",
    "Truth",
    "Verdict",
    "Window",
    "WindowState",
    "amount_of",
    "amount_to_plain",
    "evaluate_expression",
    "evaluate_number",
    "evaluate_offer",
    "expression_facts",
    "finding_to_plain",
    "parse_expression",
    "possible_value",
    "print_expression",
    "read_policy",
    "say_clause",
    "say_expression",
    "standing_on",
    "unsaid_words",
    "verdict_of",
    "window_on",
    "write_policy",
]
