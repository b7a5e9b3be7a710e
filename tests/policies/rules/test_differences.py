"""What changed between two versions, by example: one change in, one sentence out, in both languages."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_vocabulary
from policies.catalogue_files import read_catalogue_folder
from policies.rules.differences import differences
from tests.policies.conftest import MINI

SNAPSHOT = read_catalogue_folder(MINI).to_snapshot()
VOCABULARY, _FAULTS = read_vocabulary(SNAPSHOT["vocabulary"], SNAPSHOT["lists"])
POLICY: dict[str, Any] = SNAPSHOT["policies"][0]


def sentences(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(found.said.en, found.said.zh) for found in differences(old, new, VOCABULARY, SNAPSHOT["lists"])]


def put(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The policy with one value changed."""
    changed = copy.deepcopy(POLICY)
    here: Any = changed
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return changed


TEAM = ("offers", 0)
RULES = (*TEAM, "requires", "all")
GIVES = "10 % of R&D spend of last year, at least CNY 10,000, at most CNY"
TABLE = [
    (
        (*RULES, 0, "when"), "employees >= 30",
        "Team reward, Art. 3: Employees: at least 20 became at least 30",
        "团队奖励，第3条：员工人数：“不低于 20”改为“不低于 30”",
    ),
    (
        (*RULES, 1, "when"), "rd_ratio > 5%",
        "Team reward, Art. 3: R&D ratio: at least 5 % became above 5 %",
        "团队奖励，第3条：研发投入占比：“不低于 5%”改为“高于 5%”",
    ),
    (
        (*RULES, 0), {"judged": {"en": "Experts agree", "zh": "专家同意"}, "clause": "Art. 3"},
        None, None,
    ),
    (
        (*RULES, 0, "clause"), "Art. 5",
        "Team reward, Art. 5: Employees is at least 20: clause: Art. 3 became Art. 5",
        "团队奖励，第5条：员工人数 不低于 20：条款：“第3条”改为“第5条”",
    ),
    (
        (*TEAM, "benefit", "cap"), 2_000_000,
        f"Team reward: gives: {GIVES} 1 million per company became {GIVES} 2 million per company",
        "团队奖励：支持内容：“上年度研发费用的10%，不低于1万元，每家企业最高100万元”改为“上年度研发费用的10%，不低于1万元，每家企业最高200万元”",
    ),
    (
        (*TEAM, "stacking"), [],
        "Team reward: stacking: no longer: not together with cp-mini/size",
        "团队奖励：叠加规则：不再有：不与 cp-mini/size 同时享受",
    ),
    (
        (*TEAM, "window", "closes"), "2026-11-30",
        "Team reward: to apply: fixed days, from 2026-03-01, until 2026-12-31 became fixed days, from 2026-03-01, until 2026-11-30",
        "团队奖励：申报时间：“固定日期，2026-03-01起，至2026-12-31”改为“固定日期，2026-03-01起，至2026-11-30”",
    ),
    ((*TEAM, "papers"), [], "Team reward: paper: no longer: Business licence", "团队奖励：材料：不再有：营业执照"),
    (
        ("effective", "to"), "2029-12-31",
        "Policy: in force until: 2028-12-31 became 2029-12-31", "政策：有效期至：“2028-12-31”改为“2029-12-31”",
    ),
    (("effective", "to"), None, "Policy: in force until: no longer: 2028-12-31", "政策：有效期至：不再有：2028-12-31"),
    (("status",), "superseded", "Policy: standing: in force became superseded", "政策：效力状态：“有效”改为“已被替代”"),
    (("zones",), [], "Policy: zone: no longer: Free trade zone", "政策：区域：不再有：自贸试验区"),
    (
        ("sources",), ["https://example.org/policy", "https://example.org/more"],
        "Policy: source: new: https://example.org/more", "政策：来源：新增：https://example.org/more",
    ),
    (
        ("requires", "all", 0, "when"), '"robotics" in sectors',
        None, None,
    ),
    (
        ("cases", 0, "expect", "team"), "ineligible",
        "Example cases, at every line: expect team: eligible became ineligible",
        "示例案例，at every line：expect team：“eligible”改为“ineligible”",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "en", "zh"), TABLE, ids=["/".join(map(str, row[0])) for row in TABLE])
def test_one_change_gives_one_sentence(path, value, en, zh):
    found = sentences(POLICY, put(path, value))

    if en is not None:
        assert found == [(en, zh)]
    else:
        assert found


def test_a_criterion_may_come_and_another_go():
    new = put((*RULES, 0), {"any": [{"when": "listed"}, {"when": "stage == 'growing'"}], "clause": "Art. 9"})

    assert [said for said, _zh in sentences(POLICY, new)] == [
        "Team reward, Art. 3: no longer: Employees is at least 20",
        "Team reward, Art. 9: new: (Listed: yes or Stage is Growing)",
    ]


def test_at_least_n_and_its_choices_are_told_apart():
    one = {"at_least": 1, "of": [{"when": "listed"}, {"when": "employees >= 5"}]}
    two = {"at_least": 2, "of": [{"when": "listed"}, {"when": "employees >= 6"}, {"when": "growth >= 10%"}]}

    found = sentences(put((*RULES, 0), one), put((*RULES, 0), two))

    assert [said for said, _zh in found] == [
        "Team reward: at least 1 of these became at least 2 of these",
        "Team reward: Employees: at least 5 became at least 6",
        "Team reward: new: one of the choices: Growth is at least 10 %",
    ]


def test_an_offer_that_comes_or_goes_is_named():
    without = put(("offers",), POLICY["offers"][:1])

    assert ("Policy: offer: no longer: Size reward", "政策：支持事项：不再有：规模奖励") in sentences(POLICY, without)
    assert ("Policy: offer: new: Size reward", "政策：支持事项：新增：规模奖励") in sentences(without, POLICY)


def test_the_order_of_criteria_says_nothing_but_is_not_hidden():
    turned = put(RULES, POLICY["offers"][0]["requires"]["all"][::-1])

    assert len(sentences(POLICY, turned)) == 1


def test_the_same_gives_nothing():
    assert sentences(POLICY, copy.deepcopy(POLICY)) == []


def test_what_cannot_be_read_is_shown_as_it_stands():
    found = sentences(POLICY, put((*RULES, 0, "when"), "employes >= <b>30</b>"))

    assert any("employes >= <b>30</b>" in said for said, _zh in found)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["all", "any", "not", "at_least", "of", "when", "judged", "clause", "en", "zh", "offer", "kind", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PATHS = [row[0] for row in TABLE] + [("offers",), ("cases",), ("title",), ("effective",), TEAM, RULES, ("requires",)]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(path=st.sampled_from(PATHS), value=anything)
@pytest.mark.slow
def test_whatever_stands_there_the_difference_is_said(path, value):
    changed = put(path, value)

    assert bool(sentences(POLICY, changed)) == (changed != POLICY)
    assert bool(sentences(changed, POLICY)) == (changed != POLICY)
    assert sentences(None, changed)
