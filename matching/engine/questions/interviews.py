"""A guided interview: which question to ask next, and when no answer can change anything any more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.facts import Fact, Kind, Profile
from matching.engine.questions.board import Position, board_of
from matching.engine.questions.ranking import money_weight, stake_of
from matching.engine.questions.trees import NO, OPEN, YES, Readings, read_tree
from policies.rules import Expression, Situation, Truth, evaluate_expression
from policies.rules.book import Rulebook

# Scores are whole numbers, so that the order is the same on every machine.
_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask next, and why: the offers whose verdict or amount the answer can change, and the money in them."""

    fact: Fact
    verdicts: tuple[str, ...]
    amounts: tuple[str, ...]
    stake: dict[str, Any]
    left: int
    """How many facts can still change something, this one included: at most so many questions are to come."""


def next_question(
    rulebook: Rulebook, profile: Profile, day: date, declined: Collection[str] = frozenset()
) -> Question | None:
    """The question to ask next, or None when no answer can change any verdict or amount.

    `declined` are facts that the company cannot tell yet: they are not asked again and count as unknown for good.
    """
    position = Position(board_of(rulebook, day), profile, declined)
    by_verdict = position.open_offers(position.verdict_facts)
    by_amount = position.open_offers(position.amount_facts)
    names = dict.fromkeys([*by_verdict, *by_amount])
    if not names:
        return None
    scores = _scores(position, by_verdict)

    questions = []
    for name in names:
        fact = position.board.vocabulary.get(name)
        assert fact is not None, name
        verdicts, amounts = by_verdict.get(name, []), by_amount.get(name, [])
        stake = _stake(position, [*verdicts, *amounts])
        questions.append(Question(fact, _ids(position, verdicts), _ids(position, amounts), stake, len(names)))

    def weight(question: Question) -> tuple[Any, ...]:
        fact = question.fact
        return (
            -scores.get(fact.name, 0),
            -len(question.verdicts),
            *money_weight(question.stake),
            -len(question.amounts),
            _toil(fact),
            position.board.order[fact.name],
        )

    return min(questions, key=weight)


def open_facts(
    rulebook: Rulebook, profile: Profile, day: date, declined: Collection[str] = frozenset()
) -> frozenset[str]:
    """The facts whose answer can still change a verdict or an amount; the interview is over when there are none."""
    position = Position(board_of(rulebook, day), profile, declined)
    found: set[str] = set()
    for at in range(len(position.board.offers)):
        found |= position.verdict_facts(at).keys() | position.amount_facts(at).keys()
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Interview:
    """A whole interview: what was asked, in order, what the company answered, and what it could not tell."""

    asked: tuple[str, ...]
    profile: Profile
    declined: frozenset[str]


def interview(rulebook: Rulebook, full: Profile, day: date) -> Interview:
    """Start with nothing and answer each question from this profile, or with "I don't know yet", until it is over."""
    asked: list[str] = []
    known, declined = Profile({}), frozenset[str]()
    while (question := next_question(rulebook, known, day, declined)) is not None:
        name = question.fact.name
        asked.append(name)
        answer = full.get(name)
        # A certificate without its last day is asked for again; there is nothing more to say about it here.
        if answer is None or known.get(name) == answer:
            declined |= {name}
        else:
            known = known.with_answers({name: answer})
    return Interview(tuple(asked), known, declined)


def _ids(position: Position, places: list[int]) -> tuple[str, ...]:
    return tuple(position.board.offers[at].offer.id for at in places)


def _stake(position: Position, places: list[int]) -> dict[str, Any]:
    amounts = [position.amounts[at] for at in dict.fromkeys(places)]
    return stake_of(
        {
            "status": amount.status,
            "low": None if amount.low is None else f"{amount.low:.2f}",
            "high": None if amount.high is None else f"{amount.high:.2f}",
        }
        for amount in amounts
        if amount is not None
    )


_TOIL = {Kind.YES_NO: 0, Kind.ONE: 1, Kind.MANY: 1, Kind.DAY: 1, Kind.CERTIFICATES: 2}


def _toil(fact: Fact) -> int:
    """How much work the answer is: a choice is made at once, a figure has to be looked up."""
    return _TOIL.get(fact.kind, 2 if not fact.papers else 3)


def _scores(position: Position, by_verdict: dict[str, list[int]]) -> dict[str, int]:
    """How many verdicts one answer settles, on average over its possible answers, for each fact that may be the best.

    Facts that cannot reach the best score, even if every answer settled all they touch, are left out untried.
    """
    scores: dict[str, int] = {}
    best = 0
    most = {name: _at_most(name, position, offers) for name, offers in by_verdict.items()}
    for name in sorted(by_verdict, key=lambda name: -most[name]):
        if most[name] < best:
            break
        scores[name] = _settled_by(name, position) + _shared_by(name, position, by_verdict[name])
        best = max(best, scores[name])
    return scores


def _at_most(name: str, position: Position, offers: list[int]) -> int:
    """A score that the fact cannot exceed."""
    shared = (position.missing[number] for at in offers for number in position.left[at])
    return len(offers) * _SCALE + sum(
        _SCALE // len(missing) for missing in shared if name in missing and len(missing) > 1
    )


def _settled_by(name: str, position: Position) -> int:
    board = position.board
    touched = [number for number in board.criteria_of[name] if number in position.missing]
    offers = [
        at
        for at in dict.fromkeys(at for number in touched for at in board.offers_of[number])
        if not set(position.left[at]).isdisjoint(touched)
    ]
    answers = board.answers(name)
    total = sum(weight for weight, _ in answers)
    score = 0
    for weight, value in answers:
        situation = Situation(board.vocabulary, position.profile.with_values(**{name: value}), board.day)
        states = list(position.states)
        for number in touched:
            states[number] = _tried(board.criteria[number], situation)
        score += weight * sum(1 for at in offers if not read_tree(board.offers[at].tree, states).open)
    return score * _SCALE // total


def _tried(when: Expression, situation: Situation) -> Readings:
    """The state of a criterion after a possible answer; one that cannot be evaluated then settles nothing."""
    try:
        truth = evaluate_expression(when, situation)
    except MemoryError:
        raise
    except Exception:
        return OPEN
    return YES if truth is Truth.YES else NO if truth is Truth.NO else OPEN


def _shared_by(name: str, position: Position, offers: list[int]) -> int:
    """Its share in verdicts that only several answers together settle: half of each by the number of answers."""
    score = 0
    for at in offers:
        tree = position.board.offers[at].tree
        for number in position.left[at]:
            missing = position.missing[number]
            if name not in missing or len(missing) == 1:
                continue
            settled = 0
            for state in (YES, NO):
                states = list(position.states)
                states[number] = state
                settled += not read_tree(tree, states).open
            score += settled * _SCALE // 2 // len(missing)
    return score
