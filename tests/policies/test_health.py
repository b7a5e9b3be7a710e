"""The health of a whole catalogue: each kind of finding is there when it is planted, and not in the clean twin."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path

import pytest

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint import GROUPS, SEVERITIES, WorkItem, kind_of, lint_snapshot
from policies.lint.kinds import KINDS

CLEAN = read_catalogue_folder(Path(__file__).parent / "catalogue").to_snapshot()
TODAY = date(2026, 11, 24)


def snapshot(change=None):
    plain = copy.deepcopy(CLEAN)
    if change is not None:
        change(plain)
    return plain


def found(plain, day=TODAY):
    return lint_snapshot(plain, day)


def codes(plain, day=TODAY):
    return {item.code for item in found(plain, day)}


def mini(plain):
    return plain["policies"][0]


def team(plain):
    return mini(plain)["offers"][0]


def size(plain):
    return mini(plain)["offers"][1]


def when(*texts):
    return {"all": [{"when": text, "clause": "Art. 3"} for text in texts]}


def requires(*texts):
    def change(plain):
        team(plain)["requires"] = when(*texts)

    return change


def branches(*texts):
    def change(plain):
        team(plain)["requires"] = {"any": [{"when": text} for text in texts]}

    return change


def window(**fields):
    def change(plain):
        team(plain)["window"] = fields

    return change


def head(**fields):
    def change(plain):
        mini(plain).update(fields)

    return change


def twin(**fields):
    """A second document with the same offers."""

    def change(plain):
        other = copy.deepcopy(mini(plain))
        other |= {"policy": "cp-other", "sources": ["https://example.org/other"], **fields}
        for offer in other["offers"]:
            offer["stacking"] = []
        plain["policies"].append(other)

    return change


def numbered_twin(number, other):
    def change(plain):
        mini(plain)["number"] = number
        twin(number=other)(plain)

    return change


def ended_twin(plain):
    twin(status="superseded", effective={"from": "2020-01-01", "to": "2022-12-31"}, issued="2020-01")(plain)


def needs_ended(plain):
    ended_twin(plain)
    team(plain)["stacking"].append({"needs": ["cp-other/size"]})


def needs_running(plain):
    twin()(plain)
    team(plain)["stacking"].append({"needs": ["cp-other/size"]})


def granted(until):
    def change(plain):
        entry = next(one for one in plain["lists"]["certificates"] if one["key"] == "hnte")
        entry |= {"granted_until": until, "validity_years": 3}

    return change


def low_confidence(plain):
    team(plain)["confidence"] = "low"


def low_in_kind(plain):
    low_confidence(plain)
    team(plain)["benefit"] = {"in_kind": {"en": "Advice", "zh": "咨询"}}


def low_criterion(plain):
    team(plain)["requires"]["all"][0]["confidence"] = "low"


def to_confirm(plain):
    team(plain)["benefit"] = {"to_confirm": {"en": "rate", "zh": "比例"}}


def shadow(high, low, *texts):
    """Only one of the two is paid; team asks more than size does."""

    def change(plain):
        for offer, amount in ((size(plain), high), (team(plain), low)):
            offer |= {
                "benefit": {"fixed": amount},
                "stacking": [{"highest_only": "reward"}],
                "window": {"kind": "rolling"},
            }
        size(plain)["requires"] = when("employees >= 20")
        team(plain)["requires"] = when(*texts)

    return change


def successor(status):
    def change(plain):
        twin(status=status, effective={"from": "2026-01-01", "to": None})(plain)
        mini(plain)["superseded_by"] = "cp-other"

    return change


def one_way(plain):
    team(plain)["stacking"] = []


def gone(plain):
    for offer in (team(plain), size(plain)):
        offer["stacking"] = [{"excludes": ["cp-gone/offer"]}]


FOUND = [
    ("impossible-rule", requires("employees >= 20", "growth > 5%", "growth <= 5%")),
    ("impossible-rule", requires('"health" not in sectors')),
    ("impossible-rule", requires("employees > 20", "employees < 21")),
    ("never-holds", requires("employees >= 20", "employees < 10")),
    ("threshold-out-of-bounds", requires("employees >= 200000")),
    ("always-holds", requires("employees >= 0")),
    ("dead-branch", branches("employees >= 20", "employees >= 50")),
    ("dead-branch", branches("employees >= 20", 'listed and "health" not in sectors')),
    ("needless-criterion", requires("employees >= 20", "employees >= 10")),
    ("needless-criterion", requires("employees >= 20", '"health" in sectors')),
    ("offer-twice", twin()),
    ("clause-twice", numbered_twin("昌政发〔2026〕1号", "昌政发〔2026〕1号")),
    ("document-twice", numbered_twin("昌政发〔2026〕1号", "昌政发〔2026〕 1号")),
    ("offer-shadowed", shadow(300000, 200000, "employees >= 50")),
    ("exclusion-one-way", one_way),
    ("unknown-offer", gone),
    ("refers-to-ended", needs_ended),
    ("certificate-run-out", granted("2020-01-01")),
    ("window-closing", window(kind="fixed", opens="2026-03-01", closes="2026-12-24")),
    ("window-closing", window(kind="yearly", opens="03-01", closes="11-24")),
    ("window-past", window(kind="fixed", opens="2026-03-01", closes="2026-11-23")),
    ("edition-ending", head(effective={"from": "2026-01-01", "to": "2027-02-22"})),
    ("edition-ended", head(effective={"from": "2026-01-01", "to": "2026-11-23"})),
    ("superseded-in-force", successor("in_force")),
    ("source-unread", head(checked="2025-10")),
    ("source-unread", head(checked=None)),
    ("source-unknown", head(sources=[], confidence="low")),
    ("money-unsure", low_confidence),
    ("money-unsure", low_criterion),
    ("amount-to-confirm", to_confirm),
    ("fact-only-ended", head(effective={"from": "2026-01-01", "to": "2026-11-23"}, status="superseded")),
    ("fact-unused", requires("employees >= 20")),
    ("case-verdict", requires("employees >= 21", "rd_ratio >= 5%")),
]
NOT_FOUND = [
    ("impossible-rule", requires("employees >= 20", "growth > 5%", "growth <= 6%")),
    ("impossible-rule", requires("employees > 20", "employees < 22")),
    ("impossible-rule", requires("rd_ratio > 5%", "rd_ratio / 2 < 2%")),
    ("dead-branch", branches("employees >= 20", "employees < 10")),
    ("dead-branch", branches("employees >= 20", 'listed and "health" in sectors')),
    ("needless-criterion", requires("employees >= 20", "employees <= 100")),
    ("offer-twice", ended_twin),
    ("clause-twice", twin()),
    ("document-twice", numbered_twin("昌政发〔2026〕1号", "昌政发〔2026〕11号")),
    ("offer-shadowed", shadow(300000, 300001, "employees >= 50")),
    ("offer-shadowed", shadow(300000, 200000, "employees >= 10")),
    ("refers-to-ended", needs_running),
    ("certificate-run-out", granted("2024-01-01")),
    ("window-closing", window(kind="fixed", opens="2026-03-01", closes="2026-12-25")),
    ("window-past", window(kind="fixed", opens="2026-03-01", closes="2026-11-24")),
    ("window-past", window(kind="batches", batches=[{"closes": "2026-03-01"}, {"opens": "2027-01-01"}])),
    ("edition-ending", head(effective={"from": "2026-01-01", "to": "2027-02-23"})),
    ("edition-ended", head(effective={"from": "2026-01-01", "to": "2026-11-24"})),
    ("superseded-in-force", successor("superseded")),
    ("source-unread", head(checked="2025-11")),
    ("money-unsure", low_in_kind),
]


def test_the_clean_catalogue_has_nothing_wrong_and_nothing_to_watch():
    assert codes(snapshot(window(kind="rolling"))) <= {"fact-unused"}


@pytest.mark.parametrize(("code", "change"), FOUND, ids=[f"{code}-{at}" for at, (code, _) in enumerate(FOUND)])
def test_what_is_planted_is_found(code, change):
    assert code in codes(snapshot(change))


@pytest.mark.parametrize(("code", "change"), NOT_FOUND, ids=[f"{code}-{at}" for at, (code, _) in enumerate(NOT_FOUND)])
def test_its_clean_twin_is_left_alone(code, change):
    assert code not in codes(snapshot(change))


def test_cases_that_time_has_overtaken_are_said_once_a_policy():
    items = [item for item in found(snapshot(), date(2028, 1, 1)) if item.code == "case-differs-today"]

    assert len(items) == 1
    assert "at every line" in items[0].message.en


def test_the_shipped_catalogue_has_no_rule_that_cannot_work():
    plain = read_catalogue_folder(CATALOGUE_DIR).to_snapshot()

    assert [item for item in found(plain) if item.kind.group in ("rules", "doubles") or item.severity == "fault"] == []


def test_an_expression_that_no_longer_reads_is_a_finding_and_not_a_crash():
    assert "unknown-fact" in codes(snapshot(requires("staff >= 20")))


def test_every_kind_has_its_words_in_both_languages():
    for code, kind in KINDS.items():
        assert kind.group in GROUPS, code
        for text in (kind.label, kind.why, kind.next):
            assert text.en, code
            assert text.zh, code
    assert kind_of("no-such-code").group == "writing"


def test_a_finding_keeps_its_name_when_it_moves_and_gets_another_when_it_says_something_else():
    def moved(plain):
        low_confidence(plain)
        mini(plain)["offers"].reverse()

    def name(plain, code):
        (item,) = [one for one in found(plain) if one.code == code]
        return item.key

    at_once, later = name(snapshot(low_confidence), "money-unsure"), name(snapshot(moved), "money-unsure")
    ends = [
        name(snapshot(head(effective={"from": "2026-01-01", "to": to})), "edition-ending")
        for to in ("2026-12-31", "2027-01-31")
    ]

    assert at_once == later
    assert ends[0] != ends[1]


def test_tomorrow_a_finding_has_the_same_name_as_today():
    plain = snapshot(window(kind="fixed", opens="2026-03-01", closes="2026-12-10"))

    keys = [{i.key for i in found(plain, day) if i.code == "window-closing"} for day in (TODAY, date(2026, 11, 25))]

    assert keys[0] == keys[1] != set()


def test_the_most_urgent_comes_first_and_no_two_findings_share_a_name():
    plain = snapshot(low_confidence)
    head(effective={"from": "2026-01-01", "to": "2026-12-31"})(plain)
    requires("employees >= 20", "employees < 10")(plain)
    items = found(plain)

    order = [list(SEVERITIES).index(item.severity) for item in items]

    assert order == sorted(order)
    assert len({item.key for item in items}) == len(items)
    assert [WorkItem.from_plain(item.to_plain()) for item in items] == items
