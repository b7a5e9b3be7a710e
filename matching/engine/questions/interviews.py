"""A guided interview: which question to ask next, and when no answer can change anything any more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from companies.facts import Fact, Kind, Profile
from matching.engine.questions.board import Position, board_of
from matching.engine.questions.ranking import described, money_weight, stake_of
from matching.engine.questions.weighing import settled_on_average
from policies.rules.book import Rulebook


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask next, and why: the offers whose verdict or amount the answer can change, and the money in them."""

    fact: Fact
    verdicts: tuple[str, ...]
    alone: tuple[str, ...]
    """Of these, the offers that wait for nothing else."""
    amounts: tuple[str, ...]
    stake: dict[str, Any]
    left: int
    """How many facts can still change something, this one included: at most so many questions are to come."""
    again: bool
    """Whether the company has answered already, and a part is missing: the last day of a certificate."""

    def to_plain(self) -> dict[str, Any]:
        """The question with the keys of a missing fact in a report, and `left` and `again`."""
        return {
            **described(self.fact.name, self.fact),
            "verdicts": list(self.verdicts),
            "alone": list(self.alone),
            "amounts": list(self.amounts),
            "stake": self.stake,
            "left": self.left,
            "again": self.again,
        }


def next_question(
    rulebook: Rulebook, profile: Profile, day: date, declined: Collection[str] = frozenset()
) -> Question | None:
    """The question to ask next, or None when no answer can change any verdict or amount.

    `declined` are facts that the company cannot tell yet: they are not asked again and count as unknown for good.
    """
    return next(iter(ranked_questions(rulebook, profile, day, declined)), None)


def ranked_questions(
    rulebook: Rulebook, profile: Profile, day: date, declined: Collection[str] = frozenset()
) -> list[Question]:
    """All questions whose answer can still change a verdict or an amount, the one to ask next first."""
    position = Position(board_of(rulebook, day), profile, declined)
    by_verdict = position.open_offers(position.verdict_facts)
    by_amount = position.open_offers(position.amount_facts)
    names = dict.fromkeys([*by_verdict, *by_amount])
    if not names:
        return []
    scores = settled_on_average(position, by_verdict)
    questions = [
        _question(name, position, by_verdict.get(name, []), by_amount.get(name, []), left=len(names)) for name in names
    ]

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

    return sorted(questions, key=weight)


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


class Asking(Protocol):
    """What finds the next question, as `next_question` does."""

    def __call__(
        self, rulebook: Rulebook, profile: Profile, day: date, declined: Collection[str]
    ) -> Question | None: ...


def interview(rulebook: Rulebook, full: Profile, day: date, *, ask: Asking = next_question) -> Interview:
    """Start with nothing and answer each question from this profile, or with "I don't know yet", until it is over.

    `ask` finds the questions; a caller can put its own in to watch them.
    """
    asked: list[str] = []
    known, declined = Profile({}), frozenset[str]()
    while (question := ask(rulebook, known, day, declined)) is not None:
        name = question.fact.name
        asked.append(name)
        answer = full.get(name)
        # Asked again for the last day of a certificate, the profile has nothing more to say.
        if answer is None or known.get(name) == answer:
            declined |= {name}
        else:
            known = known.with_answers({name: answer})
    return Interview(tuple(asked), known, declined)


def _question(name: str, position: Position, verdicts: list[int], amounts: list[int], *, left: int) -> Question:
    fact = position.board.vocabulary.get(name)
    assert fact is not None, name
    alone = [at for at in verdicts if position.verdict_facts(at).keys() == {name}]
    return Question(
        fact,
        verdicts=_ids(position, verdicts),
        alone=_ids(position, alone),
        amounts=_ids(position, amounts),
        stake=_stake(position, [*verdicts, *amounts]),
        left=left,
        again=name in position.profile.answers,
    )


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
