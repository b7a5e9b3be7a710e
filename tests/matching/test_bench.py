"""The bench measures the same workload each time, in turns, and says its figures as JSON lines and as a table."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from matching.bench.measuring import Figure, Sheet, Timed, interleaved, ratios
from matching.bench.workload import criteria_of, draw_companies, draw_rules, facts, read_offers, rule_text


def lines_of(*arguments):
    out = StringIO()
    call_command("bench", *arguments, stdout=out)
    said = out.getvalue().splitlines()
    return [json.loads(line) for line in said if line.startswith("{")], said


def test_the_first_rules_of_a_larger_catalogue_are_those_of_a_smaller_one():
    assert draw_rules(30)[:10] == draw_rules(10)


def test_rules_have_about_eight_criteria_and_share_them():
    tests = [test for rule in draw_rules(500) for test in criteria_of(rule)]

    assert 7.5 < len(tests) / 500 < 9.5
    assert len(set(tests)) < len(tests) / 3


def test_offers_say_in_rule_text_what_the_drawn_rules_say():
    rules = draw_rules(20)

    offers = read_offers(rules)

    assert [len(offer.expressions) for offer in offers] == [len(list(criteria_of(rule))) for rule in rules]
    assert rule_text(next(criteria_of(rules[0]))) != ""


def test_companies_are_the_same_each_time_and_miss_about_fifteen_in_a_hundred_answers():
    first, again = draw_companies(2000), draw_companies(2000)

    assert all(np.array_equal(first.values[name], again.values[name]) for name in facts())
    assert 0.13 < 1 - np.mean([first.known[name].mean() for name in facts()]) < 0.17


def test_engines_take_turns_and_the_first_turn_does_not_count():
    turns = []
    clock = iter(range(100))

    seconds = interleaved(
        2,
        {"ours": Timed(lambda _: turns.append("ours")), "peer": Timed(lambda _: turns.append("peer"), scale=10)},
        clock=lambda: next(clock),
    )

    assert turns == ["ours", "peer"] * 3
    assert seconds == {"ours": [1, 1], "peer": [10, 10]}
    assert ratios(seconds, "ours") == {"peer": (10, 10, 10)}


@pytest.mark.parametrize(("goal", "reached"), [(">= 5", True), ("<= 5", True), (">= 5.1", False), (None, None)])
def test_a_figure_says_whether_it_reaches_its_goal(goal, reached):
    assert Figure("part", "what", 5.0, "x", goal).reached is reached


def test_a_sheet_writes_lines_as_they_come_and_a_table_at_the_end():
    lines = []
    sheet = Sheet(lines.append)

    sheet.say("one", "zen / ours", 5.4321, "x", goal=">= 5", offers=500)

    assert json.loads(lines[0]) == {
        "bench": "one", "what": "zen / ours", "value": 5.432, "unit": "x", "goal": ">= 5", "reached": True, "offers": 500,
    }  # fmt: skip
    assert sheet.table()[1].split() == ["one", "zen", "/", "ours", "500", "offers", "5.432", "x", ">=", "5", "yes"]


def test_a_part_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(CommandError, match="no part 'bulky'; parts: bulk, scale"):
        call_command("bench", "bulky")


@pytest.mark.slow
def test_the_ways_to_a_verdict_agree_on_the_workload(tmp_path):
    found, said = lines_of("agreement", "--quick", "--pairs", "20000", "--json", str(tmp_path / "figures.ndjson"))

    goals = [figure for figure in found if "goal" in figure]
    assert len(goals) == 5
    assert all(figure["value"] == 0 and figure["of"] for figure in goals)
    assert (tmp_path / "figures.ndjson").read_text(encoding="utf-8").splitlines() == [
        line for line in said if line.startswith("{")
    ]


@pytest.mark.slow
def test_each_main_page_is_timed_on_a_filled_database_of_its_own():
    found, _said = lines_of("pages", "--quick")

    assert [figure["what"] for figure in found] == [
        "home", "catalogue", "catalogue, searched", "policy", "my companies", "company", "interview", "waiting", "report",
        "news",
    ]  # fmt: skip
    assert all(figure["value"] > 0 and figure["companies"] == 50 for figure in found)
