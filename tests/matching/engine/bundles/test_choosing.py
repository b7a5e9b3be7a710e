"""Runner-up, rivals of unknown amount and reasons: each holds when tried out, on problems drawn at random."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.bundles import combine_offers, solve
from matching.engine.bundles.choosing import choose
from policies.rules.book import Rulebook
from tests.matching.engine.bundles.catalogue import a_policy, an_offer, report_and_situation, rulebook_of
from tests.matching.engine.bundles.problems import FEW, BruteForce, problems

CASES = settings(max_examples=200, derandomize=True, deadline=None)


@pytest.mark.slow
@CASES
@given(problems(most_candidates=10))
def test_one_set_for_both_ends_still_pays_the_most_at_each(problem):
    choice, every = choose(problem), BruteForce(problem)

    for side, chosen in ((choice.low, choice.low_set), (choice.high, choice.high_set)):
        assert side.budget.paid(chosen) == every.best(side.end)


@pytest.mark.slow
@CASES
@given(problems(most_candidates=10))
def test_the_runner_up_is_the_best_set_with_something_that_was_left_out(problem):
    choice, every = choose(problem), BruteForce(problem)
    end = choice.runner_up.end if choice.runner_up else "low"
    best = set(choice.structure.names(choice.low_set if end == "low" else choice.high_set))

    paid = every.paid(end)
    others = every.lawful & (
        every.sets[:, [at for at, name in enumerate(every.names) if name not in best]].sum(axis=1) > 0
    )

    if choice.runner_up is None:
        assert not others.any()
    else:
        assert choice.runner_up.proven
        assert every.is_lawful(choice.structure.names(choice.runner_up.chosen))
        assert choice.runner_up.less == every.best(end) - paid[others].max()


@pytest.mark.slow
@CASES
@given(problems(most_candidates=FEW, caps=False))
def test_from_the_amount_named_on_an_unknown_rival_is_better_and_below_it_is_not(problem):
    choice = choose(problem)

    for (at, end), rival in choice.rivals.items():
        name = choice.structure.ids[at]
        before = solve(problem, end).paid
        assert solve(with_amount(problem, name, rival.needed), end).paid == before
        above = solve(with_amount(problem, name, rival.needed + 1), end)
        assert name in above.chosen
        assert above.paid == before + 1


def with_amount(problem, name, fen):
    candidates = (replace(one, low=(fen,), high=(fen,)) if one.id == name else one for one in problem.candidates)
    return replace(problem, candidates=tuple(candidates))


KEYS = [f"o{number}" for number in range(7)]
AMOUNTS = st.one_of(
    st.integers(1, 9).map(lambda amount: {"fixed": amount}),
    st.integers(1, 9).map(lambda amount: {"up_to": amount}),
    st.just({"to_confirm": {"en": "not published", "zh": "未公布"}}),
)


@st.composite
def rulebooks(draw):
    levels = {key: draw(st.sampled_from(["national", "district"])) for key in KEYS}
    ids = {key: f"{levels[key]}/{key}" for key in KEYS}
    other = st.sampled_from(KEYS)

    def rules(key):
        found = []
        if draw(st.booleans()):
            found.append({"highest_only": draw(st.sampled_from("gh"))})
        if draw(st.integers(0, 3)) == 0:
            found.append({"one_per_period": {"family": "f", "period": "year"}})
        if draw(st.integers(0, 3)) == 0:
            found.append({"higher_level_first": "class"})
        if draw(st.integers(0, 6)) == 0:
            found.append({"deal_excludes": True})
        for form in ("excludes", "needs"):
            named = draw(other)
            if draw(st.integers(0, 4)) == 0 and named != key:
                found.append({form: [ids[named]]})
        return found

    offers = {key: an_offer(key, draw(AMOUNTS), *rules(key)) for key in KEYS}
    policies = [
        a_policy(level, level, *(offers[key] for key in KEYS if levels[key] == level))
        for level in ("national", "district")
        if level in levels.values()
    ]
    return rulebook_of(*policies)


def _states(rulebook: Rulebook, name, form):
    return [rule for rule in rulebook.offer(name).stacking if rule.form == form]


@pytest.mark.slow
@CASES
@given(rulebooks(), st.booleans())
def test_the_reason_given_for_each_left_out_offer_is_true(rulebook, deal):
    report, situation = report_and_situation(rulebook, {"case_by_case_deal": deal})
    combination = combine_offers(report["offers"], rulebook.policies, situation)["now"]

    chosen = {end: {offer["id"] for offer in combination[end]["offers"]} for end in ("low", "high")}
    candidates = {entry["id"] for entry in report["offers"]}
    assert {entry["offer"] for entry in combination["left_out"]} == candidates - (chosen["low"] & chosen["high"])
    for entry in combination["left_out"]:
        name, because = entry["offer"], entry["because"]
        there = chosen["low" if entry["at"] == "both" else entry["at"]]
        assert name not in there
        match entry["code"]:
            case "highest_only" | "one_per_period" as form:
                (other,) = because
                groups = [{rule.names for rule in _states(rulebook, one, form)} for one in (name, other)]
                assert groups[0] & groups[1]
                assert other in there
            case "excludes":
                (other,) = because
                assert other in there
                named = [rule.names for one in (name, other) for rule in _states(rulebook, one, "excludes")]
                assert (other,) in named or (name,) in named
            case "needs":
                assert not set(because) & there
                assert all(needs_in_turn(rulebook, name, other) for other in because)
            case "needs_clash":
                assert all(needs_in_turn(rulebook, name, other) for other in because)
            case "higher_level_first":
                assert name.startswith("district/")
                assert all(other.startswith("national/") for other in because)
                assert because
            case "deal":
                assert deal
                assert _states(rulebook, name, "deal_excludes")
            case other:
                raise AssertionError(other)


def needs_in_turn(rulebook, name, wanted):
    seen, waiting = set(), [name]
    while waiting:
        here = waiting.pop()
        for rule in _states(rulebook, here, "needs"):
            waiting += [other for other in rule.names if other not in seen]
            seen.update(rule.names)
    return wanted in seen
