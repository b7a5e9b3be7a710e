"""How much a question is worth: the verdicts that its answer settles, tried out over the answers it may get.

A greedy guess, one question ahead. It decides the order of questions only, never a verdict.
"""

from matching.engine.questions.board import Position
from matching.engine.questions.trees import NO, OPEN, YES, Readings, read_tree
from policies.rules import Expression, Situation, Truth, evaluate_expression

_SCALE = 10_000


def settled_on_average(position: Position, by_verdict: dict[str, list[int]]) -> dict[str, int]:
    """How many verdicts one answer settles, on average over its possible answers, for each fact that may be the best.

    `by_verdict` gives the open facts with the offers whose verdict they can change. Scores are whole numbers (of
    1/10,000 verdict), so that the order is the same on every machine. Facts that cannot reach the best score, even if every answer settled all they touch, are left out untried.
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
