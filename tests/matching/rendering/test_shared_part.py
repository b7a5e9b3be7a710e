"""What a link shows depends on nothing that it hides: two companies that differ only in that are shown alike."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from companies.facts import read_profile
from matching.engine.report import make_report
from matching.models import Shows
from matching.rendering.html import as_html
from matching.rendering.shared import shared_part
from matching.rulebooks import rulebook_of_files
from policies.rules.book import Rulebook, read_rulebook
from tests.matching.catalogue import SNAPSHOT

DAY = date(2026, 11, 24)
DEMO = Path(__file__).resolve().parents[3] / "matching" / "demo" / "profile.yaml"


def reported(rules: Rulebook, facts: dict[str, Any], name: str = "Example") -> dict[str, Any]:
    profile, faults = read_profile(rules.vocabulary, facts)
    assert not faults
    return make_report(rules, profile, DAY, {"name": name})


def shown(report: dict[str, Any], shows: Shows, *, named: bool = True) -> tuple[str, str, str]:
    left = shared_part(deepcopy(report), shows=shows, named=named)
    return json.dumps(left, sort_keys=True), as_html(left, "en"), as_html(left, "zh-hans")


@pytest.fixture(scope="module")
def small() -> Rulebook:
    return read_rulebook(deepcopy(SNAPSHOT), number=1)


def test_verdicts_alone_tell_nothing_of_figures_and_amounts(small):
    one = reported(small, {"established": True, "employees": 1200, "rd_expense_y1": 7_654_321})
    other = reported(small, {"established": True, "employees": 4711, "rd_expense_y1": 1_234_567})

    assert shown(one, Shows.VERDICTS) == shown(other, Shows.VERDICTS)


def test_amounts_tell_nothing_of_figures_that_do_not_change_them(small):
    one = reported(small, {"established": True, "employees": 1200, "rd_expense_y1": 7_654_321})
    other = reported(small, {"established": True, "employees": 4711, "rd_expense_y1": 7_654_321})

    assert shown(one, Shows.AMOUNTS) == shown(other, Shows.AMOUNTS)
    assert shown(one, Shows.FIGURES) != shown(other, Shows.FIGURES)


@pytest.mark.parametrize("shows", Shows)
def test_without_a_name_two_names_look_alike(small, shows):
    facts = {"established": True, "employees": 1200}

    one, other = (reported(small, facts, name) for name in ("Zhuque", "Xuanwu"))

    assert shown(one, shows, named=False) == shown(other, shows, named=False)
    assert shown(one, shows) != shown(other, shows)


@pytest.mark.slow
def test_the_whole_catalogue_tells_nothing_of_figures_that_a_link_hides():
    rules = rulebook_of_files()
    content = yaml.safe_load(DEMO.read_text())
    facts = content.get("facts", content)
    facts = {name: value for name, value in facts.items() if name != "name"}
    one = reported(rules, facts)
    verdicts = [offer["verdict"] for offer in one["offers"]]
    tried = 0
    for name, value in facts.items():
        plain = value["value"] if isinstance(value, dict) else value
        if isinstance(plain, bool) or not isinstance(plain, int) or plain < 2:
            continue
        changed = {**value, "value": plain + 1} if isinstance(value, dict) else plain + 1
        other = reported(rules, {**facts, name: changed})
        if [offer["verdict"] for offer in other["offers"]] != verdicts:
            continue
        tried += 1
        assert shown(one, Shows.VERDICTS)[0] == shown(other, Shows.VERDICTS)[0], name
        if tried == 4:
            break
    assert tried == 4
