"""The interview over generated rules and companies: it ends where the full form ends, and asks nothing in vain."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import Profile
from matching.engine.questions import interview, next_question, open_facts
from matching.engine.questions.board import Position, board_of
from policies.rules import Situation, Verdict, amount_of, verdict_of
from tests.matching.engine.questions.rulebooks import answered, rulebook
from tests.spec.strategies import answers, benefits, trees
from tests.spec.vocabulary import VOCABULARY

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 24)
SAID = {"en": "Experts agree", "zh": "专家同意"}
generated = settings(max_examples=120, deadline=None, derandomize=True)
offers = st.lists(st.tuples(trees.map(lambda tree: {"all": [tree]}), benefits), min_size=1, max_size=3)


def outcome(book, profile):
    """The verdict of every offer, and the amount of those that are not ruled out."""
    situation = Situation(book.vocabulary, profile, DAY)
    found = {}
    for offer in book.offers:
        verdict = verdict_of(offer, situation)
        amount = amount_of(offer.benefit, situation)
        ruled_out = verdict is Verdict.INELIGIBLE
        found[offer.id] = verdict, None if ruled_out else (amount.status, amount.low, amount.high)
    return found


@generated
@given(offers=offers, known=answers)
def test_the_board_reads_the_verdicts_that_the_reference_gives(offers, known):
    book, profile = rulebook(*offers), answered(**known)
    situation = Situation(VOCABULARY, profile, DAY)

    verdicts = Position(board_of(book, DAY), profile).verdicts()

    assert verdicts == {offer.id: verdict_of(offer, situation) for offer in book.offers}


@generated
@given(offers=offers, full=answers)
def test_the_interview_ends_with_the_verdicts_and_amounts_of_the_full_form(offers, full):
    book, profile = rulebook(*offers), answered(**full)

    held = interview(book, profile, DAY)

    assert outcome(book, held.profile) == outcome(book, profile)
    assert open_facts(book, held.profile, DAY, held.declined) == frozenset()


@generated
@given(offers=offers, known=answers, declined=st.sets(st.sampled_from([fact.name for fact in VOCABULARY.asked])))
def test_the_interview_is_over_exactly_when_no_fact_is_open(offers, known, declined):
    book, profile = rulebook(*offers), answered(**known)

    question = next_question(book, profile, DAY, declined)
    left = open_facts(book, profile, DAY, declined)

    assert (question is None) is (not left)
    if question is not None:
        assert question.fact.name in left - declined
        assert question.left == len(left)


# Each fact in one leaf and with two answers, so that "can change" can be tried out in full.
SIDES = {
    "foreign": ("foreign", True, False),
    "listed": ("not listed", True, False),
    "staff": ("staff >= 20", 20, 19),
    "revenue": ("revenue >= 100", 100, 99),
    "share": ("share >= 5%", "5%", "4%"),
}


@st.composite
def read_once_trees(draw):
    """A tree in which every fact stands in one leaf."""
    waiting = [{"when": text} for text, _, _ in draw(st.permutations(list(SIDES.values())))]
    waiting += draw(st.lists(st.sampled_from([{"judged": SAID}, {"not_modelled": SAID}]), max_size=2))
    while len(waiting) > 1:
        size = draw(st.integers(2, 3))
        taken, waiting = waiting[:size], waiting[size:]
        forms = [{"all": taken}, {"any": taken}, {"at_least": 2, "of": taken}, {"not": {"all": taken}}]
        waiting.insert(draw(st.integers(0, len(waiting))), draw(st.sampled_from(forms[: 4 if len(taken) > 1 else 2])))
    return {"all": waiting}


@generated
@given(tree=read_once_trees(), declined=st.sets(st.sampled_from(list(SIDES)), max_size=2))
def test_exactly_the_facts_that_can_change_the_verdict_are_open(tree, declined):
    book = rulebook((tree, {"fixed": 1}))
    told = [name for name in SIDES if name not in declined]
    verdicts = {}
    for values in product((1, 2), repeat=len(told)):
        facts = {name: SIDES[name][side] for name, side in zip(told, values, strict=True)}
        verdicts[values] = verdict_of(book.offers[0], Situation(VOCABULARY, answered(**facts), DAY))

    def can_change(at):
        return any(
            verdicts[values] is not verdicts[(*values[:at], 3 - values[at], *values[at + 1 :])] for values in verdicts
        )

    changing = {name for at, name in enumerate(told) if can_change(at)}

    assert open_facts(book, Profile({}), DAY, declined) == changing
