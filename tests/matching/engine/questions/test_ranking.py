"""Which missing facts a report names first, and the money it says hangs on them."""

from matching.engine.questions import missing_facts
from tests.spec.vocabulary import VOCABULARY


def offer(key, missing, *, low=None, high=None, status="to_confirm", amount_missing=()):
    amount = {"status": status, "low": low, "high": high, "nature": "cash", "missing": list(amount_missing)}
    return {"id": key, "missing": list(missing), "amount": amount}


def names(*offers):
    return [entry["fact"] for entry in missing_facts(offers, VOCABULARY)]


def test_the_fact_that_touches_most_verdicts_comes_first():
    assert names(offer("a", ["staff", "foreign"]), offer("b", ["foreign", "listed"])) == ["foreign", "staff", "listed"]


def test_a_fact_that_settles_an_offer_alone_comes_before_one_that_needs_another():
    assert names(offer("a", ["staff", "listed"]), offer("b", ["foreign"])) == ["foreign", "staff", "listed"]


def test_the_money_at_stake_breaks_ties():
    small = offer("a", ["staff"], low="100.00", high="200.00", status="range")
    large = offer("b", ["listed"], low=None, high="300.00", status="up_to")

    assert names(small, large) == ["listed", "staff"]


def test_an_amount_to_be_confirmed_weighs_more_than_a_known_nothing():
    in_kind = offer("a", ["staff"], status="in_kind")
    to_confirm = offer("b", ["listed"])

    assert names(in_kind, to_confirm) == ["listed", "staff"]


def test_the_stake_is_the_sum_of_the_ends_and_says_which_are_open():
    offers = [
        offer("a", ["foreign"], low="100.00", high="200.50", status="range"),
        offer("b", ["foreign"], high="1000.00", status="up_to"),
        offer("c", ["foreign"]),
    ]

    (entry,) = missing_facts(offers, VOCABULARY)

    assert entry["stake"] == {"low": "100.00", "high": "1200.50", "low_open": True, "high_open": False, "to_confirm": 1}


def test_an_unknown_amount_is_never_0():
    (entry,) = missing_facts([offer("a", ["foreign"])], VOCABULARY)

    assert entry["stake"] == {"low": None, "high": None, "low_open": False, "high_open": False, "to_confirm": 1}


def test_an_offer_is_counted_once_when_the_fact_decides_its_verdict_and_its_amount():
    both = offer("a", ["spend"], low="5.00", high="9.00", status="range", amount_missing=["spend"])

    (entry,) = missing_facts([both], VOCABULARY)

    assert (entry["verdicts"], entry["amounts"]) == (["a"], ["a"])
    assert entry["stake"]["high"] == "9.00"


def test_a_fact_that_only_makes_an_amount_known_comes_after_those_that_decide_verdicts():
    rich = offer("a", [], low="5.00", high="900.00", status="range", amount_missing=["spend"])

    assert names(rich, offer("b", ["listed"])) == ["listed", "spend"]


def test_equal_facts_stand_in_the_order_of_the_form():
    assert names(offer("a", ["listed", "staff", "foreign"])) == ["staff", "foreign", "listed"]
