"""The plan says of every company what the reference evaluator says: over generated rules and over the real catalogue."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companies.facts import Answer, Profile, Vocabulary, read_profile
from matching.engine.plan import STATUSES, VERDICTS, amounts_of, columns_of, compile_plan, evaluate_plan
from matching.engine.plan.evaluating import Run
from policies.rules import RuleFault, Situation, amount_of, parse_expression, verdict_of
from tests.matching.engine.plan.companies import real_rulebook, seeded_profiles
from tests.spec.conditions import conditions
from tests.spec.expressions import ROWS
from tests.spec.strategies import SAID, answers, bases, benefits_over, trees, trees_over
from tests.spec.test_properties import DAY
from tests.spec.test_verdicts import policy
from tests.spec.vocabulary import VOCABULARY
from tests.stack import ROOT

companies = st.lists(answers, min_size=1, max_size=70)
several = st.lists(answers, min_size=8, max_size=24)
both_loops = pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])


def generated(examples):
    # Texts whose parts do not fit each other (money and shares) are drawn too, and left out.
    unfit = [HealthCheck.filter_too_much, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=unfit)


def fits(text):
    try:
        parse_expression(text, VOCABULARY)
    except RuleFault:
        return False
    return True


def profiles_of(rows):
    read = [read_profile(VOCABULARY, row) for row in rows]
    assert not any(faults for _, faults in read)
    return [profile for profile, _ in read]


def agrees(requirements, profiles):
    offers = [policy(tree).offers[0] for tree in requirements]
    plan, columns = compile_plan(offers, VOCABULARY, DAY), columns_of(VOCABULARY, profiles)
    result = evaluate_plan(plan, columns, compiled=False)
    same_words(result, evaluate_plan(plan, columns, compiled=True))
    for at, offer in enumerate(offers):
        wanted = [VERDICTS.index(verdict_of(offer, Situation(VOCABULARY, profile, DAY))) for profile in profiles]
        assert result.verdicts(at).tolist() == wanted
        assert result.counts()[at].tolist() == [wanted.count(code) for code in range(len(VERDICTS))]


def same_words(numpys, numbas):
    assert np.array_equal(numpys.sure, numbas.sure)
    assert np.array_equal(numpys.possible, numbas.possible)
    for at in range(len(numpys.offers)):
        for verdict in VERDICTS:
            assert np.array_equal(numpys.bits(at, verdict), numbas.bits(at, verdict)), (at, verdict)


def fen(end):
    return None if end is None else int(end * 100)


@pytest.mark.parametrize(("facts", "text"), [row[1:3] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_tables_of_the_language_hold_for_the_plan(facts, text):
    agrees([{"when": text}, {"not": {"when": text}}], profiles_of([facts]))


@pytest.mark.slow
@generated(300)
@given(st.lists(trees, min_size=1, max_size=4), companies)
def test_generated_requirements_have_the_verdicts_of_the_reference(requirements, rows):
    agrees(requirements, profiles_of(rows))


@pytest.mark.slow
@generated(200)
@given(trees_over(conditions.filter(fits)), several)
def test_generated_arithmetic_tables_and_conditions_have_the_verdicts_of_the_reference(requirement, rows):
    agrees([requirement], profiles_of(rows))


@pytest.mark.slow
@generated(200)
@given(benefits_over(bases), companies)
def test_amounts_are_those_of_the_reference(benefit, rows):
    offer = policy({"all": [{"when": "staff >= 0"}]}, benefit).offers[0]
    profiles = profiles_of(rows)
    plan = compile_plan([offer], VOCABULARY, DAY)

    found = amounts_of(plan, columns_of(VOCABULARY, profiles)).of(0)

    for row, profile in enumerate(profiles):
        amount = amount_of(offer.benefit, Situation(VOCABULARY, profile, DAY), offer.kind)
        assert STATUSES[found.status[row]] == amount.status
        assert found.ends(row) == (fen(amount.low), fen(amount.high))


@pytest.mark.slow
def test_the_real_catalogue_has_the_verdicts_of_the_reference():
    rulebook = real_rulebook()
    profiles = list(seeded_profiles(rulebook, 200))
    plan = compile_plan(rulebook.offers, rulebook.vocabulary, date(2026, 11, 24))

    columns = columns_of(rulebook.vocabulary, profiles)
    result = evaluate_plan(plan, columns, compiled=False)

    same_words(result, evaluate_plan(plan, columns, compiled=True))

    situations = [Situation(rulebook.vocabulary, profile, plan.day) for profile in profiles]
    for at, offer in enumerate(rulebook.offers):
        assert result.verdicts(at).tolist() == [VERDICTS.index(verdict_of(offer, one)) for one in situations], offer.id


@pytest.mark.slow
def test_the_real_catalogue_has_the_amounts_of_the_reference():
    rulebook = real_rulebook()
    profiles = list(seeded_profiles(rulebook, 80, seed=2))
    plan = compile_plan(rulebook.offers, rulebook.vocabulary, date(2026, 11, 24))

    amounts = amounts_of(plan, columns_of(rulebook.vocabulary, profiles))

    situations = [Situation(rulebook.vocabulary, profile, plan.day) for profile in profiles]
    for found, offer in zip(amounts, rulebook.offers, strict=True):
        for row, situation in enumerate(situations):
            amount = amount_of(offer.benefit, situation, offer.kind)
            assert STATUSES[found.status[row]] == amount.status, offer.id
            assert found.ends(row) == (fen(amount.low), fen(amount.high)), offer.id


def test_a_line_that_is_hit_exactly_needs_no_second_look():
    rows = [{"spend": spend, "revenue": 50000000} for spend in (2500000, "2499999.99", "2500000.01")]
    columns = columns_of(VOCABULARY, profiles_of(rows))
    run = Run(compile_plan([policy({"when": "spend / revenue >= 5%"}).offers[0]], VOCABULARY, DAY), columns)

    run.block(0, 3)

    assert [VERDICTS[code].value for code in run.result().verdicts(0)] == ["eligible", "ineligible", "eligible"]
    assert run.judge.asked == 0


def test_what_floats_cannot_tell_apart_is_asked_of_the_reference():
    # Of two squares with 28 digits the one is larger by 1: a float holds 16 digits.
    columns = columns_of(VOCABULARY, profiles_of([{"spend": "900000000000"}, {"spend": 10}]))
    run = Run(
        compile_plan([policy({"when": "spend * spend > (spend + 1) * (spend - 1)"}).offers[0]], VOCABULARY, DAY),
        columns,
    )

    run.block(0, 2)

    assert [VERDICTS[code].value for code in run.result().verdicts(0)] == ["eligible", "eligible"]
    assert run.judge.asked == 1


@both_loops
def test_numbers_beyond_the_array_are_compared_exactly(compiled):
    huge = [
        Profile({"revenue": Answer(10**20)}),
        Profile({"revenue": Answer(-(10**20))}),
        Profile({"revenue": Answer(1)}),
    ]
    offers = [policy({"when": "revenue >= 5000万"}).offers[0], policy({"when": "revenue - spend * 0 > 1"}).offers[0]]

    result = evaluate_plan(compile_plan(offers, VOCABULARY, DAY), columns_of(VOCABULARY, huge), compiled=compiled)

    for at, offer in enumerate(offers):
        wanted = [VERDICTS.index(verdict_of(offer, Situation(VOCABULARY, profile, DAY))) for profile in huge]
        assert result.verdicts(at).tolist() == wanted


@both_loops
def test_a_fault_of_one_rule_is_an_error_of_its_offers_only(compiled):
    sound, broken = policy({"when": "staff >= 20"}), policy({"all": [{"when": "ratio >= 5%"}, {"when": "staff >= 20"}]})
    without_ratio = type(VOCABULARY)(
        VOCABULARY.sections, tuple(fact for fact in VOCABULARY.facts if fact.name != "ratio")
    )
    plan = compile_plan([sound.offers[0], broken.offers[0]], without_ratio, DAY)

    result = evaluate_plan(plan, columns_of(without_ratio, profiles_of([{"staff": 20}])), compiled=compiled)

    assert [VERDICTS[result.verdicts(at)[0]].value for at in (0, 1)] == ["eligible", "error"]


@both_loops
def test_a_fact_derived_from_itself_is_an_error_only_where_it_is_looked_at(compiled):
    facts = tuple(replace(fact, derived="ratio + share") if fact.name == "ratio" else fact for fact in VOCABULARY.facts)
    circular = Vocabulary(VOCABULARY.sections, facts)
    offer = policy({"when": "share >= (5% if foreign else ratio)"}).offers[0]
    profiles = profiles_of([{"foreign": True, "share": "5%"}, {"foreign": True, "share": "4%"}, {"foreign": False}])

    result = evaluate_plan(compile_plan([offer], circular, DAY), columns_of(circular, profiles), compiled=compiled)

    assert [VERDICTS[code].value for code in result.verdicts(0)] == ["eligible", "ineligible", "error"]


def test_a_requirement_that_asks_nothing_disturbs_no_other():
    # The first needs no register at all, the second leaves its answer to people.
    agrees([{"when": "true"}], profiles_of([{}]))
    agrees([{"when": "true"}, {"judged": SAID}, {"not": {"when": "true"}}], profiles_of([{}, {"staff": 20}]))


@both_loops
def test_no_company_and_no_offer_are_fine(compiled):
    offer = policy({"when": "staff >= 20"}).offers[0]

    nobody = evaluate_plan(compile_plan([offer], VOCABULARY, DAY), columns_of(VOCABULARY, []), compiled=compiled)
    nothing = evaluate_plan(compile_plan([], VOCABULARY, DAY), columns_of(VOCABULARY, [Profile({})]), compiled=compiled)

    assert nobody.verdicts(0).tolist() == []
    assert nobody.counts().sum() == 0
    assert nothing.counts().shape == (0, len(VERDICTS))


@pytest.mark.slow
@both_loops
def test_blocks_join_without_a_seam(compiled):
    rulebook = real_rulebook()
    profiles = list(seeded_profiles(rulebook, 300, seed=3))
    plan = compile_plan(rulebook.offers, rulebook.vocabulary, date(2026, 11, 24))
    once = columns_of(rulebook.vocabulary, profiles)
    many = once.take(np.arange(140_000) % 300)
    told = []

    few = evaluate_plan(plan, once, compiled=False)
    all_of = evaluate_plan(plan, many, on_block=lambda *done: told.append(done), compiled=compiled)

    assert told[-1] == (140_000, 140_000)
    assert len(told) > 1
    for at in range(len(plan.offers)):
        assert np.array_equal(all_of.verdicts(at), few.verdicts(at)[np.arange(140_000) % 300])
    assert all_of.counts().sum() == 140_000 * len(plan.offers)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 2048 + 1, 16_384 + 64])
def test_compiled_comparisons_are_numpys_up_to_the_last_company(size):
    rows = [{"staff": at % 40, "revenue": f"{at}.5", "spend": 0} for at in range(200)] + [{"spend": 10**9}, {}]
    texts = ["staff >= 20", "staff == 7", "revenue >= 100", "revenue < 0", "spend >= 0", "spend == 0", "spend > 999"]
    plan = compile_plan([policy({"when": text}).offers[0] for text in texts], VOCABULARY, DAY)
    columns = columns_of(VOCABULARY, profiles_of(rows)).take(np.arange(size) % len(rows))

    same_words(evaluate_plan(plan, columns, compiled=False), evaluate_plan(plan, columns, compiled=True))


def test_numpy_does_the_work_where_the_loops_cannot_be_loaded():
    # A process of its own, in which numba cannot be imported.
    told = (
        "import sys; sys.modules['numba'] = None\n"
        "from matching.engine.plan.compiled import WORTH_LOADING, available, worthwhile\n"
        "print(worthwhile(0), worthwhile(WORTH_LOADING), available())"
    )
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True)

    assert (done.stdout.split(), done.stderr) == (["False"] * 3, "")


def test_totals_count_unknown_ends_and_add_the_others():
    offer = policy({"when": "staff >= 20"}, {"rate": "10%", "of": "spend", "cap": 50000}).offers[0]
    profiles = profiles_of([{"spend": 1000, "staff": 20}, {"staff": 20}, {"spend": 9000000, "staff": 1}])
    plan, columns = compile_plan([offer], VOCABULARY, DAY), columns_of(VOCABULARY, profiles)
    result, amounts = evaluate_plan(plan, columns), amounts_of(plan, columns)

    everyone, eligible = amounts.total(0), amounts.total(0, result.sure[0])

    assert (everyone.low, everyone.high) == (10_000 + 5_000_000, 10_000 + 5_000_000 + 5_000_000)
    assert (everyone.companies, everyone.low_unknown, everyone.high_unknown) == (3, 1, 0)
    assert (eligible.companies, eligible.low, eligible.high) == (2, 10_000, 10_000 + 5_000_000)


def test_amounts_beyond_the_array_stay_exact():
    offer = policy({"when": "staff >= 20"}, {"rate": "10%", "of": "spend"}).offers[0]
    profiles = [Profile({"spend": Answer(10**20)}), Profile({"spend": Answer(10**20)}), Profile({"spend": Answer(10)})]
    amounts = amounts_of(compile_plan([offer], VOCABULARY, DAY), columns_of(VOCABULARY, profiles))

    assert [amounts.of(0).ends(row) for row in (0, 2)] == [(10**21, 10**21), (100, 100)]
    assert amounts.total(0).high == 2 * 10**21 + 100
