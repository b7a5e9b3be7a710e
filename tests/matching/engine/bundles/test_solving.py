"""The best lawful set: each rule in a small table, then the same as trying every set, on problems drawn at random."""

from fractions import Fraction
from random import Random

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.bench.parts.combination import SHORT_YEAR, USED_UP, WITH_ROOM, draw_problem
from matching.engine.bundles import Problem, solve, solving
from matching.engine.bundles.exchanging import exchange, take_sparing
from matching.engine.bundles.simplex import most_of
from matching.engine.bundles.solving import SEARCH_NODES, Combination
from matching.engine.bundles.structure import Structure, is_lawful
from tests.matching.engine.bundles.problems import FEW, BruteForce, cap, crossing, group, offer, problems, sixty

A, B, C = offer("a", 500), offer("b", 800), offer("c", 400)

# What is chosen, what it pays: one line for each rule of the language.
TABLE = {
    "nothing conflicts": (Problem((A, B)), {"a", "b"}, 1300),
    "of a group the highest": (Problem((A, B), exclusive=(group("a", "b"),)), {"b"}, 800),
    "two groups share an offer": (
        Problem((A, B, C), exclusive=(group("a", "b", name="g"), group("b", "c", name="h"))),
        {"a", "c"},
        900,
    ),
    "one excludes the other, written one way": (Problem((A, B), excludes=(("a", "b"),)), {"b"}, 800),
    "an exclusion of an offer that is no candidate": (Problem((A,), excludes=(("a", "x"),)), {"a"}, 500),
    "it needs one that is there": (Problem((A, B), needs=(("a", ("b",)),)), {"a", "b"}, 1300),
    "it needs one that is not there": (Problem((A, B), needs=(("a", ("x",)),)), {"b"}, 800),
    "what it needs excludes it": (Problem((A, B), excludes=(("a", "b"),), needs=(("a", ("b",)),)), {"b"}, 800),
    "it is worth more with what it needs": (
        Problem((offer("a", 500), offer("b", 0), offer("c", 400)), excludes=(("b", "c"),), needs=(("a", ("b",)),)),
        {"a", "b"},
        500,
    ),
    "the higher level comes first, though it pays less": (
        Problem((offer("a", 500, level=1), offer("b", 800, level=2)), levels=(group("a", "b"),)),
        {"a"},
        500,
    ),
    "a higher level that cannot be had stands in nobody's way": (
        Problem((offer("a", 5, level=0), offer("b", 8, level=2)), levels=(group("a", "b"),), needs=(("a", ("x",)),)),
        {"b"},
        8,
    ),
    "the same level twice": (Problem((A, B), levels=(group("a", "b"),)), {"a", "b"}, 1300),
    "a cap cuts and forbids nothing": (Problem((A, B), caps=(cap(1000, "a", "b"),)), {"a", "b"}, 1000),
    "a cap makes the second best pair the best": (
        Problem((A, B, C), exclusive=(group("b", "c"),), caps=(cap(600, "a", "b"),)),
        {"a", "c"},
        900,
    ),
    "a cap that is not known does not bind at the low end only": (
        Problem((A, B), caps=(cap(0, "a", "b", high=None),)),
        {"a", "b"},
        0,
    ),
    "a cap per year lets two years pay": (
        Problem((offer("a", (300, 300)), offer("b", (300,))), caps=(cap(400, "a", "b", per="year"),)),
        {"a", "b"},
        700,
    ),
    "a cap per company counts all years": (
        Problem((offer("a", (300, 300)), offer("b", (300,))), caps=(cap(400, "a", "b"),)),
        {"a", "b"},
        400,
    ),
    "a cap over three years": (
        Problem((offer("a", (300, 300, 300, 300)),), caps=(cap(400, "a", per="three_years"),)),
        {"a"},
        700,
    ),
    "a deal shuts it out": (Problem((A, B), barred=frozenset("b")), {"a"}, 500),
    "what needs the one that is shut out": (Problem((A, B), needs=(("a", ("b",)),), barred=frozenset("b")), set(), 0),
    "an unknown amount is counted as nothing and is not dropped": (
        Problem((A, offer("u", None), C), exclusive=(group("a", "c"),)),
        {"a", "u"},
        500,
    ),
    "of two unknown amounts the higher level": (
        Problem((offer("a", None, level=2), offer("b", None, level=0)), exclusive=(group("a", "b"),)),
        {"b"},
        0,
    ),
    "a tie goes to more offers": (
        Problem((offer("a", 10), offer("b", 5), offer("c", 5)), excludes=(("a", "b"), ("a", "c"))),
        {"b", "c"},
        10,
    ),
    "a tie goes to the smaller id": (Problem((offer("b", 5), offer("a", 5)), exclusive=(group("a", "b"),)), {"a"}, 5),
    "no candidates": (Problem(()), set(), 0),
}


@pytest.mark.parametrize("line", TABLE, ids=list(TABLE))
def test_each_rule_of_the_language(line):
    problem, chosen, paid = TABLE[line]

    solution = solve(problem, "low")

    assert (set(solution.chosen), solution.paid, solution.proven) == (chosen, paid, True)


def test_the_two_ends_can_have_different_winners():
    problem = Problem((offer("a", 500), offer("b", 100, 900)), exclusive=(group("a", "b"),))

    assert solve(problem, "low").chosen == {"a"}
    assert solve(problem, "high").chosen == {"b"}


def test_a_high_end_that_is_open_counts_what_is_known_to_be_paid():
    problem = Problem((offer("a", 500), offer("b", 600, None)), exclusive=(group("a", "b"),))

    assert solve(problem, "high").chosen == {"b"}


def test_three_caps_that_cross_are_paid_exactly():
    problem = Problem(
        (offer("a", 10), offer("b", 10), offer("c", 10)),
        caps=(cap(7, "a", "b"), cap(7, "b", "c"), cap(7, "a", "c")),
    )

    assert solve(problem, "low").paid == Fraction(21, 2)


@pytest.mark.slow
@settings(max_examples=400, derandomize=True, deadline=None)
@given(problems(most_candidates=FEW, most_fen=4))
def test_ties_are_settled_as_by_trying_every_set(problem):
    every = BruteForce(problem)
    for end in ("low", "high"):
        assert solve(problem, end).chosen == every.winner(end)


@pytest.mark.slow
@settings(max_examples=400, derandomize=True, deadline=None)
@given(problems())
def test_no_set_pays_more_than_the_one_chosen(problem):
    every = BruteForce(problem)
    for end in ("low", "high"):
        solution = solve(problem, end)

        assert every.is_lawful(solution.chosen)
        assert every.paid_by(solution.chosen, end) == solution.paid == every.best(end)
        assert solution.proven


@pytest.mark.slow
@settings(max_examples=100, derandomize=True, deadline=None)
@given(problems(least_candidates=6))
def test_the_solver_alone_pays_the_same(problem):
    every = BruteForce(problem)
    for end in ("low", "high"):
        solution = solve(problem, end, "solver")

        assert every.is_lawful(solution.chosen)
        assert solution.paid == every.best(end)


@pytest.mark.slow
@settings(max_examples=200, derandomize=True, deadline=None)
@given(problems())
def test_nothing_is_left_out_that_could_be_added(problem):
    chosen = solve(problem, "low").chosen

    every = BruteForce(problem)
    for candidate in problem.candidates:
        assert candidate.id in chosen or not every.is_lawful(chosen | {candidate.id})


@pytest.mark.slow
@settings(max_examples=100, derandomize=True, deadline=None)
@given(problems(most_candidates=FEW), st.randoms(use_true_random=False))
def test_the_order_in_which_offers_come_does_not_matter(problem, random):
    mixed = list(problem.candidates)
    random.shuffle(mixed)
    other = Problem(
        tuple(mixed), problem.exclusive[::-1], problem.levels, problem.excludes[::-1], problem.needs[::-1], problem.caps[::-1],
        problem.barred,
    )  # fmt: skip

    assert solve(problem, "low") == solve(other, "low")


@pytest.mark.slow
@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=7).flatmap(
        lambda bounds: st.tuples(
            st.just(bounds),
            st.lists(
                st.tuples(
                    st.lists(st.integers(0, len(bounds) - 1), min_size=1, unique=True).map(tuple), st.integers(0, 20)
                ),
                max_size=6,
            ),
        )
    )
)
def test_payments_under_caps_that_cross_are_the_most_that_is_possible(drawn):
    bounds, rows = drawn

    paid = most_of(bounds, rows)

    assert all(0 <= one <= bound for one, bound in zip(paid, bounds, strict=True))
    assert all(sum(paid[at] for at in members) <= limit for members, limit in rows)
    assert abs(float(sum(paid)) - most_by_the_solver(bounds, rows)) < 1e-6


def most_by_the_solver(bounds, rows):
    solver = highspy._Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    for bound in bounds:
        solver.addVar(0.0, float(bound))
    for members, limit in rows:
        solver.addRow(
            -highspy.kHighsInf, float(limit), len(members), np.array(members, dtype=np.int32), np.ones(len(members))
        )
    for at in range(len(bounds)):
        solver.changeColCost(at, -1.0)
    solver.run()
    return -solver.getInfo().objective_function_value


def test_an_offer_is_a_candidate_once():
    with pytest.raises(ValueError, match="twice"):
        Structure(Problem((A, A)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_sixty_competing_offers_are_settled_with_a_proof(seed):
    problem = sixty(seed)

    solution = solve(problem, "low")

    assert solution.proven
    assert solution.searched <= SEARCH_NODES
    assert solution.paid == solve(problem, "low", "solver").paid


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_what_the_search_cannot_settle_the_solver_does(seed):
    problem = crossing(seed)

    solution, alone = solve(problem, "low"), solve(problem, "low", "solver")

    assert solution.solver_runs == 1
    assert (solution.paid, solution.proven) == (alone.paid, True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_the_best_that_a_short_search_found_is_lawful_and_not_called_proven(seed):
    problem = crossing(seed)

    solution = solve(problem, "low", "search")

    assert not solution.proven
    assert is_lawful(problem, solution.chosen)
    assert solution.paid <= solve(problem, "low", "solver").paid


@pytest.mark.slow
@settings(max_examples=150, derandomize=True, deadline=None)
@given(problems())
def test_where_ties_are_not_settled_no_set_pays_more_either(problem):
    every = BruteForce(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "TIE_OFFERS", 0)
        for end in ("low", "high"):
            solution = solve(problem, end)

            assert every.paid_by(solution.chosen, end) == solution.paid == every.best(end)
            assert solution.proven


@pytest.mark.slow
@settings(max_examples=200, derandomize=True, deadline=None)
@given(problems(least_candidates=6))
def test_exchanges_keep_a_set_lawful_and_never_pay_less(problem):
    combination = Combination(Structure(problem), problem, "high")
    structure, budget = combination.structure, combination.budget
    for part in combination.parts if budget.lids_say_all else ():
        start = take_sparing(structure, budget, part)

        changed = exchange(combination.search(part), start)

        assert is_lawful(problem, frozenset(structure.names(changed)))
        assert budget.paid(changed) >= budget.paid(start)


@pytest.mark.slow
@pytest.mark.parametrize("draw", [USED_UP, SHORT_YEAR, WITH_ROOM], ids=lambda draw: draw.name)
def test_of_sixty_offers_of_the_bench_the_solver_finds_nothing_that_pays_more(draw):
    for seed in range(5):
        problem = draw_problem(Random(seed), draw)

        solution, alone = solve(problem, "high"), solve(problem, "high", "solver")

        assert (solution.paid, solution.proven) == (alone.paid, True)


@pytest.mark.slow
def test_the_solver_works_also_after_somebody_else_has_used_it_with_more_threads():
    problem = draw_problem(Random(0), SHORT_YEAR)
    other = highspy._Highs()
    other.setOptionValue("output_flag", False)
    other.resetGlobalScheduler(True)
    other.setOptionValue("threads", 2)
    other.addVar(0.0, 1.0)
    other.run()

    alone = solve(problem, "high", "solver")

    assert (alone.paid, alone.proven) == (solve(problem, "high").paid, True)
