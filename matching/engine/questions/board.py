"""Where every offer stands for one company: its criteria, what they still miss, and which facts can change it."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from companies.facts import Profile, Vocabulary
from matching.engine.questions.answers import Answers, AskedFacts, Mentions, possible_answers
from matching.engine.questions.trees import (
    NEEDS_A_PERSON,
    NO,
    OPEN,
    STAYS_UNKNOWN,
    YES,
    Readings,
    Tree,
    is_possible,
    leaves_left,
    plant,
    read_tree,
    verdict_read,
)
from policies.rules import (
    Amount,
    OfferText,
    RuleFault,
    Situation,
    Truth,
    Verdict,
    amount_of,
    evaluate_expression,
    standing_on,
)
from policies.rules.book import Rulebook
from policies.rules.expressions import Expression
from policies.rules.missing import missing_facts
from policies.rules.situation import derived_expression

_MOST_REMEMBERED = 4


@dataclass(frozen=True, slots=True)
class Live:
    """An offer that one can still apply for, with its tree and the numbers of its criteria."""

    offer: OfferText
    tree: Tree
    criteria: tuple[int, ...]


class Board:
    """What does not depend on the company: the offers that count on the day, their criteria, and who mentions what."""

    def __init__(self, rulebook: Rulebook, day: date) -> None:
        self.rulebook, self.day, self.vocabulary = rulebook, day, rulebook.vocabulary
        numbers: dict[Expression, int] = {}
        self.offers: list[Live] = []
        for offer in rulebook.offers:
            if not _counts(offer, day):
                continue
            tree = plant(offer.requires, numbers)
            own = tuple(dict.fromkeys(numbers[when] for when in offer.expressions))
            self.offers.append(Live(offer, tree, own))
        self.criteria = list(numbers)
        asked = AskedFacts(self.vocabulary)
        self.criteria_of: dict[str, list[int]] = {}
        for number, when in enumerate(self.criteria):
            for name in asked[when]:
                self.criteria_of.setdefault(name, []).append(number)
        self.offers_of: list[list[int]] = [[] for _ in self.criteria]
        for at, live in enumerate(self.offers):
            for number in live.criteria:
                self.offers_of[number].append(at)
        self._mentions = Mentions([*self.criteria, *_derived(self.vocabulary)], asked)
        self._answers: dict[str, Answers] = {}
        self.order = {fact.name: place for place, fact in enumerate(self.vocabulary)}

    def answers(self, name: str) -> Answers:
        """A few answers that stand for all that the fact can be answered with."""
        if name not in self._answers:
            fact = self.vocabulary.get(name)
            assert fact is not None, name
            self._answers[name] = possible_answers(fact, self._mentions, self.day)
        return self._answers[name]


_boards: OrderedDict[tuple[int, date], Board] = OrderedDict()


def board_of(rulebook: Rulebook, day: date) -> Board:
    """The board of a rulebook on a day, made once: an interview asks for it at every step."""
    key = (id(rulebook), day)
    board = _boards.get(key)
    if board is None or board.rulebook is not rulebook:
        board = _boards[key] = Board(rulebook, day)
        while len(_boards) > _MOST_REMEMBERED:
            _boards.popitem(last=False)
    return board


class Position:
    """Where every offer stands for one company, with some facts declined: these stay unknown for good."""

    def __init__(self, board: Board, profile: Profile, declined: Iterable[str] = ()) -> None:
        self.board, self.profile, self.declined = board, profile, frozenset(declined)
        self.situation = Situation(board.vocabulary, profile, board.day)
        self.missing: dict[int, tuple[str, ...]] = {}
        """For each open criterion the facts that can still change it and are not declined."""
        self.faulty: set[int] = set()
        self.states: list[Readings] = [self._state(number) for number in range(len(board.criteria))]
        self.roots: list[Readings | None] = [self._root(live) for live in board.offers]
        """None where a criterion cannot be evaluated: that is an error, and no answer is asked for."""
        self.left: list[tuple[int, ...]] = [
            () if root is None or not root.open else tuple(dict.fromkeys(leaves_left(live.tree, self.states)))
            for live, root in zip(board.offers, self.roots, strict=True)
        ]
        """For each offer the criteria that can still change its verdict."""
        payable = self.situation.with_open_ends()
        self.amounts: list[Amount | None] = [
            _amount(live.offer, payable) if root is not None and is_possible(root) else None
            for live, root in zip(board.offers, self.roots, strict=True)
        ]
        """None where the offer is ruled out or cannot be evaluated."""

    def _state(self, number: int) -> Readings:
        when = self.board.criteria[number]
        try:
            truth = evaluate_expression(when, self.situation)
            if truth is not Truth.UNKNOWN:
                return YES if truth is Truth.YES else NO
            missing = missing_facts(when, self.situation)
        except MemoryError:
            raise
        except Exception:
            self.faulty.add(number)
            return OPEN
        if not missing:
            return NEEDS_A_PERSON
        asked = tuple(name for name in missing if name not in self.declined)
        if not asked:
            return STAYS_UNKNOWN
        self.missing[number] = asked
        return OPEN

    def _root(self, live: Live) -> Readings | None:
        if self.faulty and not self.faulty.isdisjoint(live.criteria):
            return None
        return read_tree(live.tree, self.states)

    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of every offer that counts, by its id."""
        return {
            live.offer.id: Verdict.ERROR if root is None else verdict_read(root, has_criterion=bool(live.criteria))
            for live, root in zip(self.board.offers, self.roots, strict=True)
        }

    def verdict_facts(self, at: int) -> dict[str, None]:
        """The facts that can still change the verdict of this offer."""
        return dict.fromkeys(name for number in self.left[at] for name in self.missing[number])

    def amount_facts(self, at: int) -> dict[str, None]:
        """The facts that can still change the amount of this offer; none once it is ruled out."""
        amount = self.amounts[at]
        return dict.fromkeys(() if amount is None else (n for n in amount.missing if n not in self.declined))

    def open_offers(self, of: Callable[[int], dict[str, None]]) -> dict[str, list[int]]:
        """The facts that `verdict_facts` or `amount_facts` give, each with the offers that it can change."""
        found: dict[str, list[int]] = {}
        for at in range(len(self.board.offers)):
            for name in of(at):
                found.setdefault(name, []).append(at)
        return found


def _derived(vocabulary: Vocabulary) -> Iterator[Expression]:
    """The expressions of the derived facts; one that cannot be read is the fault of the offers that use it."""
    for fact in vocabulary.derived:
        with suppress(RuleFault):
            yield derived_expression(fact, vocabulary)


def _counts(offer: OfferText, day: date) -> bool:
    """Whether one can apply on the day at all: the edition is not over and has begun."""
    edition = offer.edition
    standing = standing_on(
        edition.status, edition.effective_from, edition.effective_to, edition.superseded_on, edition.issued, day
    )
    return standing not in ("ended", "not_yet")


def _amount(offer: OfferText, payable: Situation) -> Amount:
    try:
        return amount_of(offer.benefit, payable, offer.kind)
    except MemoryError:
        raise
    except Exception:
        # The offer has the verdict `error`, and its amount misses nothing.
        return Amount("to_confirm", None, None, "cash", offer.title)
