"""Amounts as cases write them down, and what of a half-written draft can be read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.facts import Text
from policies.catalogue_files import read_catalogue_folder
from policies.rules.amounts import Amount
from policies.rules.book import canonical_snapshot, read_rulebook
from policies.rules.example_cases import amount_parts, amounts_agree, say_amount, written_amount
from policies.rules.readable import read_offers
from tests.policies.conftest import MINI

LOW, HIGH = Decimal("1000.00"), Decimal("2000000.00")


@pytest.mark.parametrize(
    ("status", "low", "high", "written", "en", "zh"),
    [
        ("exact", HIGH, HIGH, "2000000.00", "CNY 2 million", "200万元"),
        ("range", LOW, HIGH, "1000.00..2000000.00", "CNY 1,000 to CNY 2 million", "1,000元至200万元"),
        ("up_to", None, HIGH, "up_to 2000000.00", "up to CNY 2 million", "最高200万元"),
        ("at_least", LOW, None, "at_least 1000.00", "at least CNY 1,000", "至少1,000元"),
        ("to_confirm", None, None, "to_confirm", "amount to be confirmed", "金额待确认"),
        ("in_kind", None, None, "in_kind", "in kind", "非资金支持"),
    ],
)
def test_an_amount_is_written_down_read_and_said(status, low, high, written, en, zh):
    assert written_amount(Amount(status, low, high, "cash", Text("", ""))) == written
    assert amount_parts(written) == (status, low, high)
    assert say_amount(written) == Text(en, zh)


@pytest.mark.parametrize("written", ["a lot", "", "-5", "1e999999", "NaN", "up_to", "1..", "1 2", "up_to -3"])
def test_what_is_no_amount_stays_as_it_stands(written):
    assert amount_parts(written) is None
    assert say_amount(written) == Text(written, written)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("500000", "500000.00", True), ("500_000", "500,000", True), ("up_to 5", "up_to 5.00", True), ("1..2", "1.00..2.00", True),
        ("5", "up_to 5", False), ("1..2", "1..3", False), ("to_confirm", "0", False), ("500000", "500000.01", False),
    ],
)  # fmt: skip
def test_amounts_agree_when_they_say_the_same(one, other, agree):
    assert amounts_agree(one, other) is agree


@pytest.fixture(scope="module")
def book():
    return read_rulebook(canonical_snapshot(read_catalogue_folder(MINI).to_snapshot()))


def read(book, **changes):
    return read_offers({**book.plain["cp-mini"], **changes}, book.vocabulary, book.lists)


def test_a_whole_policy_is_read_whole(book):
    readable = read(book)

    assert readable.policy == book.policies[0]
    assert readable.unread == ()


@pytest.mark.parametrize(
    "head", [{"title": {"en": "", "zh": ""}}, {"level": "galaxy"}, {"status": None}, {"zones": ["moon"]}, {"new": 1}, {"issued": "soon"}]
)  # fmt: skip
def test_a_faulty_head_keeps_no_offer_from_being_read(book, head):
    readable = read(book, **head)

    assert [offer.key for offer in readable.policy.offers] == ["team", "size"]
    assert readable.unread == ()


def test_a_faulty_requirement_of_the_policy_is_part_of_each_offer(book):
    readable = read(book, requires={"when": "no_such_fact >= 1"})

    assert readable.policy is None
    assert [offer.faults[0].path for offer in readable.unread] == [("requires", "when")] * 2


def test_of_two_offers_with_one_key_the_first_is_read(book):
    offers = book.plain["cp-mini"]["offers"]
    readable = read(book, offers=[*offers, offers[0], None])

    assert [offer.key for offer in readable.policy.offers] == ["team", "size"]
    assert [offer.title for offer in readable.unread] == [Text("Team reward", "团队奖励"), Text("offer 4", "第 4 项")]
