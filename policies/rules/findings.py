"""What was found out about one requirement tree: a tree of findings that answers for itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from companies.facts import UNKNOWN, Source, Text, show_value

from policies.rules.checking import check_sorts
from policies.rules.evaluation import evaluate_expression, possible_value
from policies.rules.expressions import Among, Band, Compare, Expression, FactNamed, Has, Holds, walk
from policies.rules.missing import missing_facts
from policies.rules.numerals import NOT_KNOWN, joined, say_possible
from policies.rules.policy_text import OfferText
from policies.rules.requirements import AnyOf, AtLeast, Criterion, Judged, Marks, Not, NotModelled, Requirement
from policies.rules.saying import say_expression, say_requirement
from policies.rules.situation import Possible, Situation, derived_expression
from policies.rules.truth import Truth


class Status(StrEnum):
    """What a node of the tree came to."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    JUDGED = "judged"
    NOT_MODELLED = "not_modelled"


@dataclass(frozen=True, slots=True)
class FactSeen:
    """One fact that a criterion looked at, as it stands in the profile."""

    name: str
    label: Text
    shown: Text | None
    source: str | None
    on: date | None
    derived: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One node: what was asked, what the company has, and where both come from."""

    kind: str
    """criterion, all, any, at_least, not, judged or not_modelled."""
    status: Status
    sentence: Text
    required: Text | None = None
    actual: Text | None = None
    facts: tuple[FactSeen, ...] = ()
    clause: str | None = None
    source: str | None = None
    confidence: str = "high"
    missing: tuple[str, ...] = ()
    children: "tuple[Finding, ...]" = ()
    note: Text | None = None
    count: int | None = None
    """For at_least: how many are needed."""

    @property
    def truth(self) -> Truth:
        """The node in three values: judged and not modelled are unknown."""
        return {Status.YES: Truth.YES, Status.NO: Truth.NO}.get(self.status, Truth.UNKNOWN)

    def leaves(self) -> "list[Finding]":
        """The leaves below this node (or the node itself), in order."""
        found: list[Finding] = []
        waiting = [self]
        while waiting:
            node = waiting.pop()
            waiting.extend(reversed(node.children))
            if not node.children and node.kind in ("criterion", "judged", "not_modelled"):
                found.append(node)
        return found


def find(requirement: Requirement, offer: OfferText, situation: Situation) -> Finding:
    """The finding of a requirement tree."""
    marks: Marks = requirement.marks  # type: ignore[attr-defined]
    clause, source = marks.clause, marks.source or offer.edition.source
    confidence = marks.confidence or offer.confidence
    common = (clause, source, confidence)
    match requirement:
        case Judged(text):
            return _leaf("judged", Status.JUDGED, text, common, marks)
        case NotModelled(text):
            return _leaf("not_modelled", Status.NOT_MODELLED, text, common, marks)
        case Criterion():
            return _find_criterion(requirement, common, situation)
    children = tuple(find(part, offer, situation) for part in requirement.parts())
    truths = [child.truth for child in children]
    match requirement:
        case Not():
            kind, truth, sentence = "not", ~truths[0], Text("this must not hold", "不得存在以下情形")
        case AnyOf():
            kind, truth, sentence = "any", Truth.some(truths), Text("at least one of these", "满足以下任意一项")
        case AtLeast(count, _, _):
            kind, truth = "at_least", Truth.at_least(count, truths)
            sentence = Text(f"at least {count} of these {len(children)}", f"以下{len(children)}项中至少满足{count}项")
        case _:
            kind, truth, sentence = "all", Truth.every(truths), Text("all of these", "同时满足以下各项")
    open_children = [child for child in children if truth is Truth.UNKNOWN and child.truth is Truth.UNKNOWN]
    return Finding(
        kind, _status(truth, open_children), sentence, clause=clause, source=source, confidence=confidence,
        missing=_united(child.missing for child in open_children), children=children, note=marks.note,
        count=requirement.count if isinstance(requirement, AtLeast) else None,
    )  # fmt: skip


def _leaf(kind: str, status: Status, text: Text, common: tuple[str | None, str | None, str], marks: Marks) -> Finding:
    clause, source, confidence = common
    return Finding(kind, status, text, clause=clause, source=source, confidence=confidence, note=marks.note)


def _status(truth: Truth, open_children: list[Finding]) -> Status:
    """An unknown node is judged or not modelled when nothing else is open in it."""
    if truth is not Truth.UNKNOWN:
        return Status.YES if truth is Truth.YES else Status.NO
    kinds = {child.status for child in open_children}
    return kinds.pop() if len(kinds) == 1 else Status.UNKNOWN


def _united(many: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in many for name in names))


def _find_criterion(criterion: Criterion, common: tuple[str | None, str | None, str], situation: Situation) -> Finding:
    when, (clause, source, confidence) = criterion.when, common
    truth = evaluate_expression(when, situation)
    missing = missing_facts(when, situation) if truth is Truth.UNKNOWN else ()
    status = _status(truth, []) if truth is not Truth.UNKNOWN else Status.UNKNOWN
    sentence = criterion.says or say_expression(when, situation.vocabulary)
    required, actual = _required(when, sentence, situation), _actual(when, situation)
    if truth is Truth.UNKNOWN and not missing:
        # Everything is known and still nothing follows: a number that does not exist. A person must judge.
        status, actual = Status.JUDGED, _why_undefined(when, situation)
    return Finding(
        "criterion", status, sentence, required, actual, _facts_seen(when, situation), clause, source, confidence, missing,
        note=criterion.marks.note,
    )  # fmt: skip


def _required(when: Expression, sentence: Text, situation: Situation) -> Text:
    if isinstance(when, Compare) and len(when.rest) == 1:
        return say_requirement(when, situation.vocabulary)
    return sentence


def _actual(when: Expression, situation: Situation) -> Text:
    """What the company has: the left side of a comparison, or the facts one by one."""
    vocabulary = situation.vocabulary
    if isinstance(when, Compare) and len(when.rest) == 1:
        return _say(when.first, situation)
    if isinstance(when, Has | Among | Holds | FactNamed):
        name = when.name if isinstance(when, FactNamed) else when.fact.name
        return say_possible(situation.possible(name), "", vocabulary.get(name))
    listed = [Text(f"{seen.label.en}: {shown.en}", f"{seen.label.zh}：{shown.zh}")
              for seen in _facts_seen(when, situation, own=True) for shown in [seen.shown or NOT_KNOWN]]  # fmt: skip
    return joined(listed, "; ", "；") if listed else _say(when, situation)


def _say(expression: Expression, situation: Situation) -> Text:
    fact = situation.vocabulary.get(expression.name) if isinstance(expression, FactNamed) else None
    possible = possible_value(expression, situation)
    if missing_facts(expression, situation) and not _any_answered(expression, situation):
        return NOT_KNOWN
    return say_possible(possible, check_sorts(expression, situation.vocabulary).measure, fact)


def _any_answered(expression: Expression, situation: Situation) -> bool:
    return any(seen.shown is not None and not seen.derived for seen in _facts_seen(expression, situation))


def _facts_seen(expression: Expression, situation: Situation, *, own: bool = False) -> tuple[FactSeen, ...]:
    """The facts of the expression in order, each derived one followed by those it is made of (unless `own`)."""
    found: dict[str, FactSeen] = {}
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        for part in walk(node):
            if isinstance(part, FactNamed | Has | Among | Holds):
                name = part.name if isinstance(part, FactNamed) else part.fact.name
                if name in found:
                    continue
                fact = situation.vocabulary.get(name)
                found[name] = _fact_seen(name, situation)
                if fact is not None and fact.derived is not None and not own:
                    waiting.append(derived_expression(fact, situation.vocabulary))
    return tuple(found.values())


def _fact_seen(name: str, situation: Situation) -> FactSeen:
    fact = situation.vocabulary.get(name)
    if fact is None:
        return FactSeen(name, Text(name, name), None, None, None, False)
    if fact.derived is not None:
        possible = situation.possible(name)
        shown = say_possible(possible, check_sorts(FactNamed(name), situation.vocabulary).measure, fact)
        return FactSeen(name, fact.label, None if shown == NOT_KNOWN else shown, None, None, True)
    answer = situation.profile.get(name)
    if answer is None or answer.value is UNKNOWN:
        return FactSeen(name, fact.label, None, None, None, False)
    return FactSeen(name, fact.label, show_value(fact, answer.value), answer.source.value, answer.on, False)


def _why_undefined(when: Expression, situation: Situation) -> Text:
    """Which number does not exist: the divisor that is zero, or the band that has no line."""
    waiting, seen = [when], set()
    while waiting:
        for node in walk(waiting.pop()):
            reason = _undefined_here(node, situation)
            if reason is not None:
                return reason
            fact = situation.vocabulary.get(node.name) if isinstance(node, FactNamed) else None
            if fact is not None and fact.derived is not None and fact.name not in seen:
                seen.add(fact.name)
                waiting.append(derived_expression(fact, situation.vocabulary))
    return Text("cannot be worked out from these facts; a person must judge", "根据现有事实无法计算，须由人工判断")


def _undefined_here(node: Expression, situation: Situation) -> Text | None:
    from policies.rules.expressions import Arithmetic, Growth

    divisor = (
        node.right
        if isinstance(node, Arithmetic) and node.operator == "/"
        else node.before
        if isinstance(node, Growth)
        else None
    )
    if divisor is not None and _is_zero(possible_value(divisor, situation)):
        said = say_expression(divisor, situation.vocabulary)
        return Text(
            f"cannot be worked out: {said.en} is 0; a person must judge", f"无法计算：{said.zh}为0，须由人工判断"
        )
    if isinstance(node, Band) and node.below is None:
        from policies.rules.evaluation import reachable_steps

        if not reachable_steps(node, situation)[0]:
            said = say_expression(node.of, situation.vocabulary)
            return Text(f"{said.en} is below the first line; a person must judge", f"{said.zh}低于第一档，须由人工判断")
    return None


def _is_zero(possible: Possible) -> bool:
    from policies.rules.intervals import Interval

    return isinstance(possible, Interval) and possible.exact == 0


def assumed(finding: Finding, favourable: frozenset[Status], wanted: Truth = Truth.YES) -> Truth:
    """The tree with leaves of these statuses taken as favourable (under `not`: as unfavourable); the rest as found."""
    if not finding.children:
        return wanted if finding.truth is Truth.UNKNOWN and finding.status in favourable else finding.truth
    below = ~wanted if finding.kind == "not" else wanted
    truths = [assumed(child, favourable, below) for child in finding.children]
    match finding.kind:
        case "not":
            return ~truths[0]
        case "any":
            return Truth.some(truths)
        case "at_least":
            return Truth.at_least(finding.count or 1, truths)
    return Truth.every(truths)


def smallest_reasons(finding: Finding, wanted: Truth = Truth.NO) -> tuple[Finding, ...]:
    """The fewest leaves that together make the node what it is (NO or YES); nothing when it is something else."""
    if finding.truth is not wanted:
        return ()
    if not finding.children:
        return (finding,)
    if finding.kind == "not":
        return smallest_reasons(finding.children[0], ~wanted)
    sets = [smallest_reasons(child, wanted) for child in finding.children if child.truth is wanted]
    size: Callable[[tuple[Finding, ...]], int] = len
    return tuple(leaf for leaves in sorted(sets, key=size)[: _enough(finding, wanted)] for leaf in leaves)


def _enough(finding: Finding, wanted: Truth) -> int:
    """How many children settle the node."""
    total = len(finding.children)
    needed = {"all": total, "any": 1}.get(finding.kind, finding.count or 1)
    return needed if wanted is Truth.YES else total - needed + 1


def is_evidenced(source: str | None) -> bool:
    """Whether an answer is more than the company's own word."""
    return source is not None and source != Source.SELF.value
