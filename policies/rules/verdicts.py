"""What came of one offer, as one word: the verdict, and the three truths of a node that it is made of."""

from enum import StrEnum
from typing import NamedTuple

from policies.rules.documents import OfferText
from policies.rules.evaluation import evaluate_expression
from policies.rules.expressions import Expression
from policies.rules.missing import missing_facts
from policies.rules.requirements import AnyOf, AtLeast, Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.situation import Situation
from policies.rules.truth import Truth


class Verdict(StrEnum):
    """What came of one offer; `docs/decisions/0002-verdicts.md` says which wins."""

    ELIGIBLE = "eligible"
    NEEDS_REVIEW = "needs_review"
    UNDETERMINED = "undetermined"
    NOT_MODELLED = "not_modelled"
    INELIGIBLE = "ineligible"
    ERROR = "error"


class Truths(NamedTuple):
    """Whether a node holds: as computed; with judgement taken as favourable; with unseen text so as well."""

    computed: Truth
    judged: Truth
    assumed: Truth


class Sides(NamedTuple):
    """The truths of a node as asked for (`holds`) and of its denial (`fails`): negation normal form."""

    holds: Truths
    fails: Truths


_OPEN_JUDGED = Truths(Truth.UNKNOWN, Truth.YES, Truth.YES)
_OPEN_UNSEEN = Truths(Truth.UNKNOWN, Truth.UNKNOWN, Truth.YES)
JUDGED = Sides(_OPEN_JUDGED, _OPEN_JUDGED)
UNSEEN = Sides(_OPEN_UNSEEN, _OPEN_UNSEEN)


def truths_of_criterion(when: Expression, situation: Situation) -> tuple[Sides, tuple[str, ...]]:
    """The truths of a computed leaf, and the asked facts that can still change it.

    Where nothing is missing and there is still no answer (a quotient over zero), a person has to look: as a judged leaf.
    """
    truth = evaluate_expression(when, situation)
    missing = missing_facts(when, situation) if truth is Truth.UNKNOWN else ()
    if truth is Truth.UNKNOWN and not missing:
        return JUDGED, missing
    return Sides(Truths(truth, truth, truth), Truths(~truth, ~truth, ~truth)), missing


def combine(needed: int, parts: list[Sides]) -> Sides:
    """The truths of "at least `needed` of these hold", and of its denial."""
    total = len(parts)
    # Fewer than `needed` of n hold exactly when n - needed + 1 do not.
    return Sides(
        Truths(*(Truth.at_least(needed, [part.holds[at] for part in parts]) for at in range(3))),
        Truths(*(Truth.at_least(total - needed + 1, [part.fails[at] for part in parts]) for at in range(3))),
    )


def needed_of(requirement: Requirement) -> int:
    """How many of its parts a group needs."""
    match requirement:
        case AnyOf():
            return 1
        case AtLeast(count=count):
            return count
    return len(requirement.parts())


def truths_of(requirement: Requirement, situation: Situation) -> Sides:
    """The truths of a whole tree."""
    match requirement:
        case Criterion(when=when):
            return truths_of_criterion(when, situation)[0]
        case Judged():
            return JUDGED
        case NotModelled():
            return UNSEEN
        case Not(of=of):
            part = truths_of(of, situation)
            return Sides(part.fails, part.holds)
    return combine(needed_of(requirement), [truths_of(part, situation) for part in requirement.parts()])


def verdict_of(offer: OfferText, situation: Situation) -> Verdict:
    """The verdict alone, the same as `evaluate_offer` gives, without the story: a fault of the engine is `error`.

    Raises only MemoryError.
    """
    try:
        return name_verdict(truths_of(offer.requires, situation).holds, has_criterion=bool(offer.expressions))
    except MemoryError:
        raise
    except Exception:
        return Verdict.ERROR


def name_verdict(root: Truths, *, has_criterion: bool) -> Verdict:
    """The verdict that the truths of the root come to."""
    if root.computed is Truth.NO:
        return Verdict.INELIGIBLE
    if not has_criterion:
        return Verdict.NOT_MODELLED
    if root.computed is Truth.YES:
        return Verdict.ELIGIBLE
    if root.judged is Truth.YES:
        return Verdict.NEEDS_REVIEW
    return Verdict.NOT_MODELLED if root.assumed is Truth.YES else Verdict.UNDETERMINED
