"""What came of one offer for one company: a verdict, the tree of findings behind it, reasons, gaps, amount, window."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from companies.facts import Source, Text, show_value
from policies.rules.amounts import Amount, amount_of
from policies.rules.checking import check_sorts, sort_of_fact
from policies.rules.clauses import say_clause
from policies.rules.documents import OfferText
from policies.rules.evaluation import possible_value
from policies.rules.expressions import Compare, Expression, FactNamed, expression_facts, walk
from policies.rules.missing import is_settled
from policies.rules.numerals import NOT_KNOWN, say_possible
from policies.rules.requirements import All, AnyOf, Criterion, Judged, Marks, Not, NotModelled, Requirement
from policies.rules.saying import say_expression, say_requirement
from policies.rules.situation import Situation, asked_facts
from policies.rules.truth import Truth
from policies.rules.verdicts import (
    JUDGED,
    UNSEEN,
    Sides,
    Truths,
    Verdict,
    combine,
    name_verdict,
    needed_of,
    truths_of_criterion,
)
from policies.rules.windows import WindowState, window_on


class Status(StrEnum):
    """What came of one node of a requirement."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    JUDGED = "judged"
    NOT_MODELLED = "not_modelled"


@dataclass(frozen=True, slots=True)
class FactSeen:
    """A fact that a criterion looked at: its value in words (None: not known), and where that came from."""

    name: str
    label: Text
    shown: Text | None
    source: str | None
    on: date | None
    derived: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One node of the requirement with its status; a criterion also says what is required and what the company has."""

    kind: str
    status: Status
    sentence: Text
    required: Text | None = None
    actual: Text | None = None
    facts: tuple[FactSeen, ...] = ()
    clause: Text | None = None
    source: str | None = None
    confidence: str | None = None
    note: Text | None = None
    missing: tuple[str, ...] = ()
    children: "tuple[Finding, ...]" = ()


@dataclass(frozen=True, slots=True)
class OfferFinding:
    """Everything that a report says about one offer."""

    offer: str
    verdict: Verdict
    finding: Finding | None
    reasons: tuple[Finding, ...]
    missing: tuple[str, ...]
    judged: tuple[Finding, ...]
    not_modelled: tuple[Finding, ...]
    amount: Amount
    window: WindowState
    window_note: Text | None
    standing: str
    strength: str
    confidence: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Node:
    """A node with its finding and its truths, as asked for (`holds`) and denied (`fails`: negation normal form)."""

    finding: Finding
    holds: Truths
    fails: Truths
    parts: "tuple[_Node, ...]" = ()
    needed: int = 0
    """How many of the parts must hold."""

    def truths(self, positive: bool) -> Truths:
        """The truths of the node itself, or of its denial."""
        return self.holds if positive else self.fails


def evaluate_offer(offer: OfferText, situation: Situation) -> OfferFinding:
    """The offer's finding. A fault of the engine gives the verdict `error` and says so.

    Raises only MemoryError: that is the machine's trouble, and another attempt may well succeed.
    """
    standing = offer.edition.standing_on(situation.day)
    window = window_on(offer.window, situation.day)
    try:
        root = _evaluate(offer.requires, situation, offer)
        amount = amount_of(offer.benefit, situation, offer.kind)
        open_leaves = _open_leaves(root, True) if root.holds.computed is Truth.UNKNOWN else ()
        return OfferFinding(
            offer=offer.id,
            verdict=name_verdict(root.holds, has_criterion=bool(offer.expressions)),
            finding=root.finding,
            reasons=_reasons(root, True) if root.holds.computed is Truth.NO else (),
            missing=_distinct(name for leaf in open_leaves for name in leaf.missing),
            judged=tuple(leaf for leaf in open_leaves if leaf.status is Status.JUDGED),
            not_modelled=tuple(leaf for leaf in open_leaves if leaf.status is Status.NOT_MODELLED),
            amount=amount,
            window=window,
            window_note=offer.window.note,
            standing=standing,
            strength=_strength(offer, situation),
            confidence=offer.confidence,
        )
    except MemoryError:
        raise
    except Exception as fault:
        # Kind of the fault only: its message may hold a company's figures, and reports are shared.
        silent = Amount("to_confirm", None, None, "cash", Text("could not be evaluated", "无法计算"))
        return OfferFinding(
            offer.id, Verdict.ERROR, None, (), (), (), (), silent, window, offer.window.note, standing, "none",
            offer.confidence, type(fault).__name__,
        )  # fmt: skip


def _evaluate(requirement: Requirement, situation: Situation, offer: OfferText) -> _Node:
    match requirement:
        case Criterion():
            return _criterion(requirement, situation, offer)
        case Judged(text, marks):
            return _Node(_leaf("judged", Status.JUDGED, text, marks, offer), *JUDGED)
        case NotModelled(text, marks):
            return _Node(_leaf("not_modelled", Status.NOT_MODELLED, text, marks, offer), *UNSEEN)
        case Not(of, marks):
            part = _evaluate(of, situation, offer)
            said = _denied(part.finding.sentence)
            finding = _group("not", _status(part.fails), said, marks, offer, (part.finding,))
            return _Node(finding, part.fails, part.holds, (part,), 1)
    parts = tuple(_evaluate(part, situation, offer) for part in requirement.parts())
    return _combined(requirement, parts, offer)


def _combined(requirement: Requirement, parts: tuple[_Node, ...], offer: OfferText) -> _Node:
    total, needed = len(parts), needed_of(requirement)
    holds, fails = combine(needed, [Sides(part.holds, part.fails) for part in parts])
    kind = {All: "all", AnyOf: "any"}.get(type(requirement), "at_least")
    said = {
        "all": Text("all of these hold", "同时满足以下各项"),
        "any": Text("at least one of these holds", "满足以下任意一项"),
    }.get(kind, Text(f"at least {needed} of these {total} hold", f"以下 {total} 项中至少满足 {needed} 项"))
    marks = getattr(requirement, "marks", Marks())
    finding = _group(kind, _status(holds), said, marks, offer, tuple(part.finding for part in parts))
    return _Node(finding, holds, fails, parts, needed)


def _status(truths: Truths) -> Status:
    if truths.computed is not Truth.UNKNOWN:
        return Status.YES if truths.computed is Truth.YES else Status.NO
    if truths.judged is Truth.YES:
        return Status.JUDGED
    return Status.NOT_MODELLED if truths.assumed is Truth.YES else Status.UNKNOWN


def _criterion(criterion: Criterion, situation: Situation, offer: OfferText) -> _Node:
    sides, missing = truths_of_criterion(criterion.when, situation)
    vocabulary = situation.vocabulary
    marks, offer_source = criterion.marks, offer.sources[0] if offer.sources else None
    required, actual = _required_and_actual(criterion.when, situation)
    finding = Finding(
        kind="criterion",
        status=_status(sides.holds),
        sentence=criterion.says or say_expression(criterion.when, vocabulary),
        required=required,
        actual=actual,
        facts=_facts_seen(criterion.when, situation),
        clause=say_clause(marks.clause),
        source=marks.source or offer_source,
        confidence=marks.confidence or offer.confidence,
        note=marks.note,
        missing=missing,
    )
    return _Node(finding, *sides)


def _required_and_actual(when: Expression, situation: Situation) -> tuple[Text | None, Text | None]:
    """What a simple comparison asks of its left side, and what that side is for this company."""
    if not isinstance(when, Compare) or len(when.rest) != 1:
        return None, None
    left = possible_value(when.first, situation)
    measure = check_sorts(when.first, situation.vocabulary).measure
    fact = situation.vocabulary.get(when.first.name) if isinstance(when.first, FactNamed) else None
    required = say_requirement(when, situation.vocabulary)
    if fact is not None and fact.derived is None and situation.profile.get(fact.name) is None:
        # The bounds that anybody's answer must keep to say nothing about this company.
        return required, NOT_KNOWN
    return required, say_possible(left, measure, fact)


def _facts_seen(when: Expression, situation: Situation) -> tuple[FactSeen, ...]:
    named = _distinct(node.name for node in walk(when) if isinstance(node, FactNamed))
    return tuple(_fact_seen(name, situation) for name in named)


def _fact_seen(name: str, situation: Situation) -> FactSeen:
    fact = situation.vocabulary.get(name)
    assert fact is not None, name
    if fact.derived is not None:
        possible = situation.possible(name)
        shown = say_possible(possible, sort_of_fact(fact).measure, fact) if is_settled(possible) else None
        return FactSeen(name, fact.label, shown, None, None, True)
    answer = situation.profile.get(name)
    if answer is None:
        return FactSeen(name, fact.label, None, None, None, False)
    return FactSeen(name, fact.label, show_value(fact, answer.value), answer.source.value, answer.on, False)


def _leaf(kind: str, status: Status, text: Text, marks: Marks, offer: OfferText) -> Finding:
    return _group(kind, status, text, marks, offer, ())


def _group(
    kind: str, status: Status, said: Text, marks: Marks, offer: OfferText, children: tuple[Finding, ...]
) -> Finding:
    own_source = marks.source or (None if children else offer.sources[0] if offer.sources else None)
    own_confidence = marks.confidence or (None if children else offer.confidence)
    return Finding(
        kind, status, said, clause=say_clause(marks.clause), source=own_source, confidence=own_confidence, note=marks.note,
        children=children,
    )  # fmt: skip


def _denied(said: Text) -> Text:
    return Text(f"it is not so that: {said.en}", f"不存在以下情形：{said.zh}")


def _reasons(node: _Node, positive: bool) -> tuple[Finding, ...]:
    """The smallest set of leaves that settles the no, whatever else is answered."""
    if not node.parts:
        return (node.finding,)
    if node.finding.kind == "not":
        (part,) = node.parts
        return _reasons(part, not positive) if part.parts else (node.finding,)
    enough = len(node.parts) - node.needed + 1 if positive else node.needed
    failing = [_reasons(part, positive) for part in node.parts if part.truths(positive).computed is Truth.NO]
    return tuple(leaf for leaves in sorted(failing, key=len)[:enough] for leaf in leaves)


def _open_leaves(node: _Node, positive: bool) -> tuple[Finding, ...]:
    """The leaves that keep the answer open; what is settled either way is left out with all below it."""
    if node.truths(positive).computed is not Truth.UNKNOWN:
        return ()
    if not node.parts:
        return (node.finding,)
    below = positive if node.finding.kind != "not" else not positive
    return tuple(leaf for part in node.parts for leaf in _open_leaves(part, below))


def _strength(offer: OfferText, situation: Situation) -> str:
    """What the finding rests on: evidenced when every answer it uses comes from a document, partner or registry."""
    names = frozenset(name for when in offer.expressions for name in expression_facts(when))
    answers = [situation.profile.get(name) for name in asked_facts(names, situation.vocabulary)]
    given = [answer for answer in answers if answer is not None]
    if not given:
        return "none"
    return "self_declared" if any(answer.source is Source.SELF for answer in given) else "evidenced"


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
