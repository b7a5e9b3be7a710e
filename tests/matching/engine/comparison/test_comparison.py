"""The table by hand: which variants there are, what each gets, and what tells them apart."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import Answer, Profile, Text
from matching.engine.canonical import canonical_text
from matching.engine.comparison import Variant, compare_variants, standard_variants
from matching.engine.comparison.verdicts import SharedVerdicts
from policies.rules import Situation, verdict_of
from tests.matching.engine.comparison.books import DAY, book, company
from tests.matching.engine.questions.rulebooks import answered, rulebook
from tests.spec.test_properties import answers, trees
from tests.spec.vocabulary import VOCABULARY as SMALL

TECH = {"kind": "hnte", "issued": "2024-06-01", "expires": "2027-05-31"}
NAME = Text("Other", "其他")


def compared(*variants, **facts):
    return compare_variants(book(), company(**facts), [Variant("now", Text("As now", "现状")), *variants], day=DAY)


def groups(result, offer):
    (row,) = [row for row in result["differences"] if row["id"] == f"p/{offer}"]
    return {key: cell["group"] for key, cell in row["cells"].items()}


def standard(**facts):
    return {variant.key: variant for variant in standard_variants(book(), company(**facts), DAY)}


def test_only_the_offers_that_differ_are_in_the_table():
    result = compared(Variant("moved", NAME, {"in_free_zone": Answer(False)}))

    assert [row["id"] for row in result["differences"]] == ["p/free"]
    assert result["alike"] == 6
    assert groups(result, "free") == {"now": "eligible", "moved": "ineligible"}


def test_an_amount_that_differs_is_a_difference():
    result = compared(Variant("more", NAME, {"spend": Answer(2000)}), zgc_park="changping_park")
    (row,) = result["differences"]

    assert row["id"] == "p/high"
    assert [row["cells"][key]["amount"]["high"] for key in ("now", "more")] == ["100.00", "200.00"]


def test_an_offer_that_cannot_be_had_has_no_amount():
    result = compared(Variant("moved", NAME, {"in_free_zone": Answer(False)}))

    assert result["differences"][0]["cells"]["moved"] == {
        "verdict": "ineligible",
        "group": "ineligible",
        "amount": None,
    }


def test_each_variant_counts_and_adds_up():
    now, moved = compared(Variant("moved", NAME, {"in_free_zone": Answer(False)}))["variants"]

    assert now["counts"] == {"eligible": 4, "ineligible": 3}
    assert moved["counts"] == {"eligible": 3, "ineligible": 4}
    assert now["worth"]["eligible"]["all"]["high"] == "128.00"
    assert moved["worth"]["eligible"]["all"]["high"] == "28.00"
    assert now["combination"]["now"]["high"]["total"]["high"] == "128.00"


def test_a_variant_says_what_it_changes():
    _, moved = compared(Variant("moved", NAME, {"in_free_zone": Answer(False), "zgc_park": None}))["variants"]

    assert [(one["fact"], one["from"], one["to"]) for one in moved["changes"]] == [
        ("in_free_zone", True, False),
        ("zgc_park", "none", None),
    ]
    assert moved["changes"][1]["shown"]["to"] == {"en": "not known yet", "zh": "尚不清楚"}


def test_what_a_variant_forgets_is_open():
    result = compared(Variant("forgot", NAME, {"in_free_zone": None}))

    assert groups(result, "free") == {"now": "eligible", "forgot": "undetermined"}


def test_a_title_that_ends_within_the_year_is_over_next_year():
    result = compared(Variant("next-year", NAME, {}, date(2027, 11, 24)))

    assert groups(result, "tech") == {"now": "eligible", "next-year": "ineligible"}


def test_a_policy_that_ends_within_the_year_is_over_next_year():
    variants = [Variant("now", NAME), Variant("next-year", NAME, {}, date(2027, 11, 24))]

    result = compare_variants(book(effective={"from": "2026-01-01", "to": "2026-12-31"}), company(), variants, day=DAY)

    assert result["variants"][1]["counts"] == {"ended": 7}


def test_two_variants_cannot_share_a_key():
    with pytest.raises(ValueError, match="same key"):
        compared(Variant("now", NAME))


def test_the_standard_set_of_a_company():
    assert list(standard()) == [
        "now", "zone-high", "zones-all", "park", "district", "city", "with-middle", "without-hnte", "next-year",
    ]  # fmt: skip


def test_a_zone_alone_means_in_no_other_zone():
    answers = standard()["zone-high"].answers

    assert (answers["in_free_zone"].value, answers["zgc_park"].value) == (False, "changping_park")


def test_a_place_elsewhere_in_the_city_leaves_the_district_with_its_tax():
    answers = standard()["city"].answers

    assert [answers[name].value for name in ("registered_district", "tax_district", "in_free_zone", "park")] == [
        "other_beijing", "other_beijing", False, "none",
    ]  # fmt: skip


def test_of_the_parks_that_rules_name_the_first_stands_for_all():
    assert standard()["park"].answers["park"].value == "second_park"
    assert "park" not in standard(park="third_park")


def test_the_next_title_is_the_next_step_of_the_ladder():
    assert "with-base" in standard(certificates=[TECH])
    assert "with-hnte" in standard(certificates=[])
    assert "with-middle" not in standard(
        certificates=[{"kind": "middle", "issued": "2026-01-01", "expires": "2029-01-01"}]
    )


def test_a_title_that_is_over_is_not_held():
    assert "with-hnte" in standard(certificates=[{**TECH, "expires": "2026-11-23"}])


def test_a_company_that_is_only_planned_is_compared_as_if_founded():
    variants = standard(established=False, business_registration_completed=False, certificates=[])

    assert not [key for key in variants if key.startswith(("with-", "without-"))]
    assert {name: answer.value for name, answer in variants["founded"].answers.items()} == {
        "established": True,
        "business_registration_completed": True,
        "founding_day": DAY,
    }


def test_a_company_of_which_nothing_is_known_has_its_places_too():
    keys = [variant.key for variant in standard_variants(book(), Profile({}), DAY)]

    assert keys[:6] == ["now", "zone-free", "zone-high", "zones-all", "park", "district"]


def test_the_same_comparison_gives_the_same_bytes():
    variants = standard_variants(book(), company(), DAY)

    first, second = (compare_variants(book(), company(), variants, day=DAY) for _ in range(2))

    assert canonical_text(first) == canonical_text(second)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True)
@given(tree=trees, known=answers, other=answers, later=st.booleans())
def test_a_variant_has_the_verdict_of_a_company_that_is_so(tree, known, other, later):
    (offer,) = rulebook(({"all": [tree]}, {"fixed": 1})).offers
    now, then = answered(**known), answered(**other)
    day = date(2027, 11, 24) if later else DAY
    shared = SharedVerdicts(Situation(SMALL, now, DAY))
    changed = frozenset({*now.answers, *then.answers})

    assert shared.variant(now, frozenset(), DAY).of(offer) is verdict_of(offer, Situation(SMALL, now, DAY))
    assert shared.variant(then, changed, day).of(offer) is verdict_of(offer, Situation(SMALL, then, day))
    assert shared.variant(now, frozenset(), DAY).of(offer) is verdict_of(offer, Situation(SMALL, now, DAY))
