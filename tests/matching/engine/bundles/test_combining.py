"""What a report says of the best combination: sums, reasons, the runner-up and what it depends on."""

import random

import pytest

from matching.engine.bundles import combine_offers
from matching.engine.canonical import canonical_text
from tests.matching.engine.bundles.catalogue import (
    a_policy,
    an_offer,
    combined,
    ids,
    report_and_situation,
    rulebook_of,
)

HIGHEST = {"highest_only": "g", "clause": "Art. 5"}
TAX = {"tax_credit": {"rate": "10%", "of": "rd_expense_y1"}}
UNPRICED = {"to_confirm": {"en": "not published", "zh": "未公布"}}
IN_KIND = {"in_kind": {"en": "a desk", "zh": "工位"}}


def only(entries, code):
    (entry,) = [entry for entry in entries if entry["code"] == code]
    return entry


def test_of_a_group_the_highest_is_chosen_and_the_other_says_why_it_is_left_out():
    best = combined(an_offer("small", {"fixed": 500000}, HIGHEST), an_offer("large", {"fixed": 800000}, HIGHEST))

    assert ids(best["low"]) == ids(best["high"]) == ["large"]
    assert best["same"]
    assert best["proven"]
    assert best["low"]["total"]["low"] == best["low"]["total"]["high"] == "800000.00"
    (left_out,) = best["left_out"]
    assert (left_out["offer"], left_out["code"], left_out["because"]) == ("p/small", "highest_only", ["p/large"])
    assert left_out["said"]["en"] == (
        "“small” gives way to “large”: of these offers only one, the highest, counts (Art. 5)."
    )
    assert left_out["said"]["zh"] == (
        "“small（中文）”让位于“large（中文）”：这些事项从高不重复，只能享受一项（第5条）。"
    )


def test_the_runner_up_says_what_it_would_give_up():
    best = combined(
        an_offer("small", {"fixed": 500000}, HIGHEST),
        an_offer("large", {"fixed": 800000}, HIGHEST),
        an_offer("free", {"fixed": 100}),
    )

    runner_up = best["runner_up"]
    assert (runner_up["added"], runner_up["dropped"]) == (["p/small"], ["p/large"])
    assert (runner_up["less"], runner_up["at"], runner_up["open"], runner_up["proven"]) == (
        "300000.00",
        "low",
        False,
        True,
    )
    assert runner_up["set"]["total"]["low"] == "500100.00"


def test_without_any_conflict_there_is_no_runner_up_and_nothing_is_left_out():
    best = combined(an_offer("a", {"fixed": 1}), an_offer("b", UNPRICED), an_offer("c", IN_KIND, kind="service"))

    assert ids(best["low"]) == ["a", "b", "c"]
    assert best["runner_up"] is None
    assert best["left_out"] == best["depends_on"] == []


def test_what_has_no_price_is_in_and_named_as_not_counted():
    total = combined(an_offer("a", {"fixed": 1}), an_offer("b", UNPRICED), an_offer("c", IN_KIND, kind="service"))[
        "low"
    ]["total"]

    assert (total["offers"], total["priced"], total["to_confirm"], total["in_kind"], total["low"]) == (
        3,
        1,
        1,
        1,
        "1.00",
    )


def test_only_unknown_amounts_have_no_sum():
    total = combined(an_offer("b", UNPRICED))["low"]["total"]

    assert total["low"] is None
    assert total["high"] is None


def test_a_rival_of_unknown_amount_says_from_where_on_it_would_be_better():
    best = combined(an_offer("unpriced", UNPRICED, HIGHEST), an_offer("known", {"fixed": 500000}, HIGHEST))

    assert ids(best["low"]) == ["known"]
    depends = only(best["depends_on"], "amount")
    assert depends["offers"] == ["p/unpriced"]
    assert depends["more_than"] == {"low": "500000.00", "high": "500000.00"}
    assert "more than CNY 500,000" in depends["said"]["en"]
    assert "超过50万元" in depends["said"]["zh"]
    assert best["runner_up"]["open"]


def test_a_rival_that_can_never_give_enough_is_nothing_to_depend_on():
    best = combined(an_offer("up-to", {"up_to": 400000}, HIGHEST), an_offer("known", {"fixed": 500000}, HIGHEST))

    assert best["depends_on"] == []


def test_help_in_kind_that_was_left_out_for_money_is_left_to_the_reader():
    best = combined(an_offer("desk", IN_KIND, HIGHEST, kind="service"), an_offer("known", {"fixed": 500000}, HIGHEST))

    assert ids(best["low"]) == ["known"]
    (depends,) = best["depends_on"]
    assert (depends["code"], depends["more_than"]) == ("in_kind", None)
    assert "cannot be weighed here against “known”" in depends["said"]["en"]


def test_ranges_can_have_another_winner_at_each_end():
    best = combined(
        an_offer("sure", {"fixed": 500000}, HIGHEST),
        an_offer("perhaps", {"rate": "10%", "of": "rd_expense_y1", "floor": 100000, "cap": 900000}, HIGHEST),
    )

    assert (ids(best["low"]), ids(best["high"]), best["same"]) == (["sure"], ["perhaps"], False)
    depends = only(best["depends_on"], "range")
    assert depends["facts"] == ["rd_expense_y1"]
    assert {left_out["at"] for left_out in best["left_out"]} == {"low", "high"}


def test_a_rival_compared_with_a_range_names_the_amount_that_is_surely_enough():
    best = combined(
        an_offer("unpriced", UNPRICED, HIGHEST),
        an_offer("range", {"rate": "10%", "of": "rd_expense_y1", "floor": 100000, "cap": 900000}, HIGHEST),
    )

    depends = only(best["depends_on"], "amount")
    assert depends["more_than"] == {"low": "100000.00", "high": "900000.00"}
    assert "more than CNY 900,000 (perhaps already more than CNY 100,000" in depends["said"]["en"]


def test_two_rivals_of_unknown_amount_are_chosen_by_level_and_depend_on_each_other():
    rules = {"highest_only": "g"}
    best = combined(
        an_offer("district", UNPRICED, rules), policies=[a_policy("n", "national", an_offer("nation", UNPRICED, rules))]
    )

    assert [offer["id"] for offer in best["low"]["offers"]] == ["n/nation"]
    assert "whose amount is not known either" in only(best["depends_on"], "amount")["said"]["en"]


def test_the_higher_level_comes_first_though_it_gives_less():
    rule = {"higher_level_first": "class", "clause": "Art. 4"}
    best = combined(
        an_offer("district", {"fixed": 900}, rule),
        policies=[a_policy("n", "national", an_offer("nation", {"fixed": 100}, rule))],
    )

    assert [offer["id"] for offer in best["low"]["offers"]] == ["n/nation"]
    (left_out,) = best["left_out"]
    assert (left_out["code"], left_out["because"]) == ("higher_level_first", ["n/nation"])
    assert best["runner_up"] is None


@pytest.mark.parametrize(
    ("deal", "chosen", "code"), [(True, ["b"], None), (False, ["a", "b"], None), (None, ["a", "b"], "deal")]
)
def test_a_case_by_case_deal_shuts_the_list(deal, chosen, code):
    answers = {} if deal is None else {"case_by_case_deal": deal}
    best = combined(an_offer("a", {"fixed": 1}, {"deal_excludes": True}), an_offer("b", {"fixed": 1}), **answers)

    assert ids(best["low"]) == chosen
    assert [entry["code"] for entry in best["depends_on"]] == ([code] if code else [])
    assert [entry["code"] for entry in best["left_out"]] == (["deal"] if deal else [])


def test_an_award_that_is_needed_first_may_have_been_granted_before():
    best = combined(
        an_offer("second", {"fixed": 5}, {"needs": ["p/first"], "clause": "Item 1"}),
        an_offer("first", {"fixed": 5}, when="rented"),
        rented=False,
    )

    assert ids(best["low"]) == []
    assert only(best["left_out"], "needs_absent")["because"] == ["p/first"]
    assert only(best["depends_on"], "award")["offers"] == ["p/second"]


def test_what_loses_the_award_it_needs_says_so():
    best = combined(
        an_offer("follow-up", {"fixed": 5}, {"needs": ["p/small"]}),
        an_offer("small", {"fixed": 5}, HIGHEST),
        an_offer("large", {"fixed": 500}, HIGHEST),
    )

    assert [(entry["offer"], entry["code"], entry["because"]) for entry in best["left_out"]] == [
        ("p/follow-up", "needs", ["p/small"]),
        ("p/small", "highest_only", ["p/large"]),
    ]


def test_a_joint_cap_cuts_the_sum_and_says_by_how_much():
    rule = {"joint_cap": {"group": "g", "amount": 1000, "per": "company"}, "clause": "Art. 9"}
    best = combined(
        an_offer("a", {"fixed": 800}, rule), an_offer("b", {"fixed": 500}, {"joint_cap": rule["joint_cap"]})
    )

    assert best["low"]["total"]["low"] == "1000.00"
    assert [offer["capped"] for offer in best["low"]["offers"]] == [True, True]
    (cap,) = best["low"]["caps"]
    assert (cap["low_cut"], cap["high_cut"]) == ("300.00", "300.00")
    assert cap["said"]["en"] == "“a” and “b” together pay at most CNY 1,000 for one company (Art. 9)."
    assert best["left_out"] == []


def test_a_yearly_cap_acts_on_each_years_instalments():
    shares = [
        {"share": "50%", "when": {"en": "at once", "zh": "首期"}},
        {"share": "50%", "when": {"en": "later", "zh": "次期"}},
    ]
    rule = {"joint_cap": {"group": "g", "amount": 1000, "per": "year"}}
    best = combined(
        an_offer("parts", {"fixed": 1600, "instalments": shares}, rule), an_offer("once", {"fixed": 500}, rule)
    )

    # 800 + 500 in the first year, of which 1,000 are paid, then 800.
    assert best["low"]["total"]["low"] == "1800.00"
    assert best["low"]["by_year"] == [
        {"year": 1, "low": "1000.00", "high": "1000.00"},
        {"year": 2, "low": "800.00", "high": "800.00"},
    ]
    assert any("one a year" in note["en"] for note in best["notes"])


def test_up_to_three_years_promises_one_of_them():
    (offer,) = combined(an_offer("rent", {"rate": "50%", "of": "rd_expense_y1", "years": 3}), rd_expense_y1=200)["low"][
        "offers"
    ]

    assert (offer["low"], offer["high"]) == ("100.00", "300.00")


def test_a_highest_amount_for_the_whole_is_not_taken_for_each_year():
    (offer,) = combined(an_offer("project", {"up_to": 500, "cap_scope": "project", "years": 2}))["low"]["offers"]
    (fixed,) = combined(an_offer("project", {"fixed": 500, "cap_scope": "project", "years": 2}))["low"]["offers"]

    assert (offer["low"], offer["high"]) == (None, "500.00")
    assert (fixed["low"], fixed["high"]) == ("500.00", "500.00")


SHARE = {"share_cap": {"of": "own_contribution", "share": "100%", "per": "year"}, "clause": "Art. 8"}


def test_a_cap_by_the_companys_own_contribution_is_shared_by_the_offers_of_the_policy():
    best = combined(an_offer("a", {"fixed": 800}, SHARE), an_offer("b", {"fixed": 500}, SHARE), own_contribution=900)

    assert best["low"]["total"]["low"] == best["low"]["total"]["high"] == "900.00"
    assert best["depends_on"] == []


def test_a_cap_that_is_not_known_promises_nothing_and_is_asked_for():
    best = combined(an_offer("a", {"fixed": 800}, SHARE), an_offer("b", {"fixed": 500}, SHARE))

    assert best["low"]["total"]["low"] is None
    assert best["low"]["total"]["high"] == "1300.00"
    assert only(best["depends_on"], "cap")["facts"] == ["own_contribution"]


def test_cash_and_tax_savings_count_together_and_stand_apart():
    best = combined(
        an_offer("cash", {"fixed": 500}, HIGHEST),
        an_offer("tax", TAX, HIGHEST, kind="tax"),
        an_offer("more", {"fixed": 7}),
        rd_expense_y1=9000,
    )

    assert ids(best["low"]) == ["more", "tax"]
    assert best["low"]["by_nature"]["tax_saving"]["low"] == "900.00"
    assert best["low"]["by_nature"]["cash"]["low"] == "7.00"
    assert any("tax savings both count" in note["en"] for note in best["notes"])


def test_now_counts_what_is_eligible_and_possible_what_may_still_be():
    offers = (an_offer("sure", {"fixed": 5}), an_offer("maybe", {"fixed": 5}, when="rented"))
    ended = a_policy("old", "district", an_offer("gone", {"fixed": 5}), status="superseded", superseded_on="2020-01-01")

    now, possible = (combined(*offers, scope=scope, policies=[ended]) for scope in ("now", "possible"))
    refused = combined(*offers, scope="possible", policies=[ended], rented=False)

    assert (ids(now["low"]), ids(possible["low"]), ids(refused["low"])) == (["sure"], ["maybe", "sure"], ["sure"])


def test_rules_in_words_are_listed_as_caveats_once():
    said = {"stated": {"en": "Not twice for one project.", "zh": "同一项目不得重复。"}, "clause": "Art. 3"}
    best = combined(an_offer("a", {"fixed": 5}, said), an_offer("b", {"fixed": 5}, said))

    (stated,) = best["stated"]
    assert stated["offers"] == ["p/a", "p/b"]
    assert stated["said"]["zh"] == "同一项目不得重复。"


def test_the_same_bytes_whatever_order_the_offers_come_in():
    rulebook = rulebook_of(
        a_policy("p", "district", *(an_offer(f"o{at}", {"fixed": at}, HIGHEST) for at in range(1, 8)))
    )
    report, situation = report_and_situation(rulebook, {})
    mixed = list(report["offers"])
    random.Random(1).shuffle(mixed)

    one, other = (combine_offers(entries, rulebook.policies, situation) for entries in (report["offers"], mixed))

    assert canonical_text(one) == canonical_text(other)
