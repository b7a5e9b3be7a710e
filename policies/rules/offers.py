"""One offer for one company on one day: verdict, findings, reasons, what is missing, amount, window."""

from dataclasses import dataclass
from enum import StrEnum

from companies.facts import Text

from policies.rules.amounts import Amount, amount_of
from policies.rules.findings import Finding, Status, assumed, find, is_evidenced, smallest_reasons
from policies.rules.policy_text import OfferText
from policies.rules.requirements import Criterion, leaves
from policies.rules.situation import Situation
from policies.rules.truth import Truth
from policies.rules.windows import WindowState, window_on


class Verdict(StrEnum):
    """What an offer means for a company."""

    ELIGIBLE = "eligible"
    NEEDS_REVIEW = "needs_review"
    UNDETERMINED = "undetermined"
    NOT_MODELLED = "not_modelled"
    INELIGIBLE = "ineligible"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class OfferFinding:
    """Everything found out about one offer."""

    offer: str
    verdict: Verdict
    finding: Finding
    reasons: tuple[Finding, ...]
    """For a no: the fewest failing leaves that explain it."""
    missing: tuple[str, ...]
    """Asked facts that can still change the answer."""
    judged: tuple[Finding, ...]
    not_modelled: tuple[Finding, ...]
    amount: Amount
    window: WindowState
    standing: str
    strength: str
    """self_declared, evidenced, or none when no answer was used."""
    confidence: str
    """The lowest of the offer and its criteria."""
    error: str | None = None


def evaluate_offer(offer: OfferText, situation: Situation) -> OfferFinding:
    """The finding of an offer; never raises: a fault of the engine gives the verdict `error` with its reason."""
    try:
        return _evaluate(offer, situation)
    except Exception as fault:  # one broken rule must not take the other offers with it
        return _broken(offer, situation, fault)


def _evaluate(offer: OfferText, situation: Situation) -> OfferFinding:
    tree = find(offer.requires, offer, situation)
    all_leaves = tree.leaves()
    return OfferFinding(
        offer=offer.id,
        verdict=_verdict(offer, tree),
        finding=tree,
        reasons=smallest_reasons(tree),
        missing=tree.missing,
        judged=tuple(leaf for leaf in all_leaves if leaf.status is Status.JUDGED),
        not_modelled=tuple(leaf for leaf in all_leaves if leaf.status is Status.NOT_MODELLED),
        amount=amount_of(offer.benefit, situation, offer.kind),
        window=window_on(offer.window, situation.day),
        standing=offer.edition.standing(situation.day),
        strength=_strength(all_leaves),
        confidence=_lowest([offer.confidence, *(leaf.confidence for leaf in all_leaves)]),
    )


def _verdict(offer: OfferText, tree: Finding) -> Verdict:
    if not any(isinstance(leaf, Criterion) for leaf in leaves(offer.requires)):
        return Verdict.NOT_MODELLED
    if tree.truth is Truth.NO:
        return Verdict.INELIGIBLE
    if tree.truth is Truth.YES:
        return Verdict.ELIGIBLE
    if assumed(tree, frozenset({Status.JUDGED})) is Truth.YES:
        return Verdict.NEEDS_REVIEW
    if assumed(tree, frozenset({Status.JUDGED, Status.NOT_MODELLED})) is Truth.YES:
        return Verdict.NOT_MODELLED
    return Verdict.UNDETERMINED


def _strength(all_leaves: list[Finding]) -> str:
    sources = [seen.source for leaf in all_leaves for seen in leaf.facts if not seen.derived and seen.shown is not None]
    if not sources:
        return "none"
    return "evidenced" if all(is_evidenced(source) for source in sources) else "self_declared"


def _lowest(confidences: list[str]) -> str:
    order = ("low", "medium", "high")
    return min(confidences, key=order.index)


def _broken(offer: OfferText, situation: Situation, fault: Exception) -> OfferFinding:
    reason = f"{type(fault).__name__}: {str(fault)[:500]}"
    sentence = Text("this offer could not be evaluated", "该事项未能完成评估")
    silent = Text("not worked out", "未计算")
    return OfferFinding(
        offer=offer.id,
        verdict=Verdict.ERROR,
        finding=Finding("all", Status.UNKNOWN, sentence, confidence=offer.confidence),
        reasons=(),
        missing=(),
        judged=(),
        not_modelled=(),
        amount=Amount("to_confirm", None, None, "cash", silent),
        window=WindowState("not_announced", None, None, silent),
        standing="unknown",
        strength="none",
        confidence=offer.confidence,
        error=reason,
    )
