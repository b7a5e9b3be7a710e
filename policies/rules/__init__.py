"""The rule language and its reference evaluator. Pure Python, usable from a notebook; docs/rule-language.md explains it."""

from policies.rules.amounts import Amount, amount_of
from policies.rules.benefit_files import read_benefit, write_benefit
from policies.rules.benefit_words import say_benefit
from policies.rules.checking import expression_warnings
from policies.rules.evaluation import evaluate_expression, evaluate_number
from policies.rules.expressions import Expression, expression_facts
from policies.rules.faults import Fault, RuleFault
from policies.rules.findings import FactSeen, Finding, Status
from policies.rules.intervals import Interval
from policies.rules.missing import missing_facts
from policies.rules.offers import OfferFinding, Verdict, evaluate_offer
from policies.rules.parsing import parse_expression
from policies.rules.plain import finding_to_plain
from policies.rules.policy_files import read_policy, write_policy
from policies.rules.policy_text import Case, Edition, OfferText, PolicyText
from policies.rules.printing import print_expression
from policies.rules.saying import say_expression
from policies.rules.situation import Situation, asked_facts
from policies.rules.truth import Truth
from policies.rules.windows import Window, WindowState, window_on

__all__ = [
    "Amount", "Case", "Edition", "Expression", "FactSeen", "Fault", "Finding", "Interval", "OfferFinding", "OfferText",
    "PolicyText", "RuleFault", "Situation", "Status", "Truth", "Verdict", "Window", "WindowState",
    "amount_of", "asked_facts", "evaluate_expression", "evaluate_number", "evaluate_offer", "expression_facts",
    "expression_warnings", "finding_to_plain", "missing_facts", "parse_expression", "print_expression", "read_benefit",
    "read_policy", "say_benefit", "say_expression", "window_on", "write_benefit", "write_policy",
]  # fmt: skip
