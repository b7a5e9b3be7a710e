"""Routes by hand: which changes, how far, in which order, and when."""

from datetime import date

import pytest

from tests.matching.engine.routes.paths import DAY, all_of, an_offer, answer, any_of, changes, profile_of

ROWS = [
    ("a count that is three short", all_of("staff >= 20"), {"staff": 17}, [[("staff", "raise", 20)]]),
    ("more than so many needs one more", all_of("staff > 20"), {"staff": 17}, [[("staff", "raise", 21)]]),
    ("a count that is too high", all_of("staff <= 300"), {"staff": 305}, [[("staff", "lower", 300)]]),
    ("a fen short", all_of("spend >= 100万"), {"spend": "999999.99"}, [[("spend", "raise", "1000000.00")]]),
    ("below is a fen below", all_of("spend < 100万"), {"spend": 1000000}, [[("spend", "lower", "999999.99")]]),
    ("a share in steps of a hundredth of a per cent", all_of("share > 5%"), {"share": "5%"}, [[("share", "raise", "0.0501")]]),
    ("a sum is met by either part", all_of("spend + revenue >= 100"), {"spend": 10, "revenue": 20},
     [[("spend", "raise", "80.00")], [("revenue", "raise", "90.00")]]),
    ("a ratio is met by its numerator, or by a smaller denominator", all_of("ratio >= 5%"), {"spend": 100, "revenue": 4000},
     [[("spend", "raise", "200.00")], [("revenue", "lower", "2000.00")]]),
    ("growth is met by the exact power", all_of("growth >= 10%"), {"revenue": 100, "before": 100}, [[("revenue", "raise", "121.00")]]),
    ("a band is met on its next line", all_of("band(staff, [0, 0], [20, 5], [50, 9]) >= 6"), {"staff": 3}, [[("staff", "raise", 50)]]),
    ("one raise helps several criteria", all_of("staff >= 20", "staff >= 30", "staff + engineers >= 20"), {"staff": 1, "engineers": 0},
     [[("staff", "raise", 30)]]),
    ("a chain of comparisons", all_of("20 <= staff < 300"), {"staff": 400}, [[("staff", "lower", 299)]]),
    ("changes that contradict each other are no route", all_of("staff >= 20", "staff <= 10"), {"staff": 15}, []),
    ("a choice", all_of('district == "north"'), {"district": "south"}, [[("district", "set", "north")]]),
    ("not a choice", all_of('district != "south"'), {"district": "south"}, [[("district", "set", "north")]]),
    ("two criteria about one choice", all_of('district in ["north", "east"]', 'district in ["east", "south"]'),
     {"district": "south"}, [[("district", "set", "east")]]),
    ("one more of a set", all_of('"health" in fields'), {"fields": ["energy"]}, [[("fields", "add", ["energy", "health"])]]),
    ("out of a set", all_of('"energy" not in fields'), {"fields": ["energy", "health"]}, [[("fields", "set", ["health"])]]),
    ("into and out of a set", all_of('"health" in fields', '"energy" not in fields'), {"fields": ["energy"]},
     [[("fields", "add", ["health"])]]),
    ("yes instead of no", all_of("registered"), {"registered": False}, [[("registered", "set", True)]]),
    ("no instead of yes", all_of("not listed"), {"listed": True}, [[("listed", "set", False)]]),
    ("fixed facts are never changed", all_of("foreign"), {"foreign": False}, []),
    ("a fixed fact in a ratio is left alone", all_of("revenue / before >= 2"), {"revenue": 100, "before": 100},
     [[("revenue", "raise", "200.00")]]),
    ("an unknown fact is found out", all_of("staff >= 20"), {}, [[("staff", "find_out", 20)]]),
    ("an unknown fixed fact is found out too", all_of("foreign"), {}, [[("foreign", "find_out", True)]]),
    ("known and unknown facts stay apart", all_of("staff >= 20", "listed"), {"staff": 17},
     [[("listed", "find_out", True), ("staff", "raise", 20)]]),
    ("finding out comes before changing", any_of("staff >= 20", "listed"), {"staff": 1}, [[("listed", "find_out", True)], [("staff", "raise", 20)]]),
    ("the cheaper branch comes first", any_of("listed", "registered"), {"listed": False, "registered": False},
     [[("registered", "set", True)], [("listed", "set", True)]]),
    ("fewer changes come first", any_of(all_of("registered", "spend >= 5"), "listed"),
     {"listed": False, "registered": False, "spend": 1}, [[("listed", "set", True)], [("spend", "raise", "5.00"), ("registered", "set", True)]]),
    ("two of three", {"at_least": 2, "of": [{"when": "foreign"}, {"when": "registered"}, {"when": "listed"}]},
     {"foreign": False, "registered": False, "listed": True}, [[("registered", "set", True)]]),
    ("what is denied has to fail", {"not": any_of("staff >= 300", "listed")}, {"staff": 300, "listed": False}, [[("staff", "lower", 299)]]),
    ("a derived yes is taken apart", all_of("not large"), {"staff": 300, "revenue": 100000000},
     [[("revenue", "lower", "99999999.99")], [("staff", "lower", 299)]]),
    ("a derived choice is taken apart", all_of('size == "small"'), {"staff": 300, "revenue": 100000000},
     [[("revenue", "lower", "99999999.99")], [("staff", "lower", 299)]]),
    ("a title that must not be held is only found out", all_of('not holds("base")'), {}, [[("certificates", "find_out", [])]]),
    ("what either of two unknown facts can settle alone is asked alone", all_of("share >= (5% if foreign else 4%)"), {},
     [[("share", "find_out", "0.05")]]),
    ("of no spending no revenue makes a share", all_of("ratio >= 5%"), {"spend": 0},
     [[("revenue", "find_out", "1000000.00"), ("spend", "raise", "50000.00")]]),
    ("one answer that goes further saves another", all_of("share >= 5%", "share >= band(revenue, [0, 6%], [5000万, 4%])"), {},
     [[("share", "find_out", "0.06")], [("revenue", "find_out", "50000000.00"), ("share", "find_out", "0.05")]]),
    ("two unknown facts of one ratio are found out together", all_of("ratio >= 5%", "revenue >= 100"), {},
     [[("revenue", "find_out", "100.00"), ("spend", "find_out", "5.00")]]),
    ("a value beyond the bounds of its fact is no route", all_of("staff >= 1001"), {"staff": 1}, []),
    ("a day that can be chosen", all_of('moved_on >= day("2026-12-01")'), {"moved_on": "2026-11-01"}, [[("moved_on", "raise", "2026-12-01")]]),
    ("judged and unseen parts are not waited for", all_of("registered", {"judged": {"en": "A", "zh": "甲"}}), {"registered": False},
     [[("registered", "set", True)]]),
]  # fmt: skip


@pytest.mark.parametrize(("requires", "facts", "routes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_changes_of_the_routes(requires, facts, routes):
    assert changes(requires, **facts) == routes


def test_the_gap_is_said_in_the_unit_of_the_fact():
    (route,) = answer(an_offer(all_of("staff >= 20")), profile_of(staff=17))["routes"]
    (change,) = route["changes"]

    assert change["gap"] == {"amount": "3", "shown": {"en": "3 people", "zh": "3人"}}
    assert change["said"] == {
        "en": "staff: 3 people short (now 17 people, 20 people needed)",
        "zh": "甲staff：还差3人（现为17人，需达到20人）",
    }


def test_money_is_text_and_short_by_the_exact_amount():
    (route,) = answer(an_offer(all_of("spend >= 310万")), profile_of(spend=1900000))["routes"]
    (change,) = route["changes"]

    assert (change["from"], change["to"], change["gap"]["amount"]) == ("1900000.00", "3100000.00", "1200000.00")
    assert change["said"]["en"] == "spend: CNY 1.2 million short (now CNY 1.9 million, CNY 3.1 million needed)"


def test_a_share_is_short_by_percentage_points():
    (route,) = answer(an_offer(all_of("share >= 5%")), profile_of(share="3%"))["routes"]

    assert route["changes"][0]["gap"] == {"amount": "0.02", "shown": {"en": "2 percentage points", "zh": "2个百分点"}}


def test_what_is_found_out_has_no_gap_and_costs_no_effort():
    (route,) = answer(an_offer(all_of("staff >= 20")), profile_of())["routes"]
    (change,) = route["changes"]

    assert (change["from"], change["gap"], change["effort"]) == (None, None, "none")
    assert change["said"]["en"] == "Find out: staff (needed: at least 20 people)"
    assert route["earliest"] == "2026-11-24"


def test_figures_that_hang_together_say_so():
    (route,) = answer(an_offer(all_of("ratio >= 5%")), profile_of())["routes"]

    assert [(change["fact"], change["example"], change["said"]["en"]) for change in route["changes"]] == [
        ("revenue", True, "Find out: revenue (for example CNY 1 million)"),
        ("spend", False, "Find out: spend (needed: at least CNY 50,000) [with revenue CNY 1 million]"),
    ]


def test_nobody_gives_a_certificate_back():
    held = [{"kind": "base", "issued": "2025-01-01", "expires": "2026-12-31"}]

    (route,) = answer(an_offer(all_of('not holds("base")')), profile_of(certificates=held))["routes"]

    assert [(change["kind"], change["to"]) for change in route["changes"]] == [("wait", "2027-01-01")]


def test_age_is_waited_for_to_the_day():
    (route,) = answer(an_offer(all_of("age >= 3")), profile_of(founded_on="2024-02-29"))["routes"]
    (change,) = route["changes"]

    assert (change["kind"], change["to"], route["earliest"]) == ("wait", "2027-02-28", "2027-02-28")
    assert change["gap"]["amount"] == "96"


def test_no_wait_makes_a_company_younger():
    said = answer(an_offer(all_of("age < 2")), profile_of(founded_on="2020-01-01"))

    assert (said["routes"], said["none"]["code"]) == ([], "fixed")


def test_a_certificate_that_ends_while_waiting_has_to_be_held_again():
    held = [{"kind": "base", "issued": "2024-01-01", "expires": "2026-12-31"}]
    offer = an_offer(all_of("age >= 3", 'holds("base")'))

    (route,) = answer(offer, profile_of(founded_on="2024-02-01", certificates=held))["routes"]

    assert [change["kind"] for change in route["changes"]] == ["hold", "wait"]


def test_a_certificate_comes_with_the_chain_behind_it():
    offer = an_offer(all_of('holds("top")'))

    (route,) = answer(offer, profile_of(certificates=[]))["routes"]
    (change,) = route["changes"]

    assert [step["key"] for step in change["chain"]] == ["base", "middle", "top"]
    assert change["chain"][-1]["granted_by"] == ["p/top-recognition"]
    assert change["said"]["en"] == "Hold a valid certificate: top"


def test_the_chain_begins_above_what_is_held():
    held = [{"kind": "base_old", "issued": "2025-01-01", "expires": "2028-01-01"}]

    (route,) = answer(an_offer(all_of('holds("top")')), profile_of(certificates=held))["routes"]

    assert [step["key"] for step in route["changes"][0]["chain"]] == ["middle", "top"]


def test_of_several_titles_the_one_with_the_shortest_chain_is_named_first():
    (route,) = answer(an_offer(all_of('holds("top", "middle", "base")')), profile_of(certificates=[]))["routes"]

    assert [step["key"] for step in route["changes"][0]["chain"]] == ["base"]
    assert route["changes"][0]["any_of"] == ["base", "middle", "top"]


def test_a_title_that_is_no_longer_granted_is_not_proposed():
    offer = an_offer(all_of('holds("base_old")'))

    assert answer(offer, profile_of(certificates=[]))["none"]["code"] == "fixed"
    assert answer(offer, profile_of(certificates=[]), day=date(2026, 3, 31))["routes"]


def test_the_last_day_of_a_held_certificate_is_found_out():
    held = [{"kind": "base", "issued": "2025-01-01"}]

    (route,) = answer(an_offer(all_of('holds("base")')), profile_of(certificates=held))["routes"]

    assert route["changes"][0]["kind"] == "find_out"


def test_an_offer_whose_criteria_hold_has_no_route():
    said = answer(an_offer(all_of("staff >= 20")), profile_of(staff=20))

    assert (said["routes"], said["none"]["code"]) == ([], "met")


def test_what_cannot_be_changed_is_named():
    said = answer(an_offer(all_of("foreign", "staff >= 20")), profile_of(foreign=False, staff=1))

    assert (said["none"]["code"], said["none"]["facts"]) == ("fixed", ["foreign"])
    assert said["none"]["said"]["en"] == "What fails cannot be changed: foreign."


def test_anything_above_nothing_is_not_said_as_a_fen():
    (route,) = answer(an_offer(all_of("spend > 0")), profile_of(spend=0))["routes"]

    assert route["changes"][0]["said"]["en"] == "spend: more than CNY 0 (now CNY 0)"


def test_what_is_added_to_a_set_leaves_the_rest():
    (route,) = answer(an_offer(all_of('"health" in fields')), profile_of(fields=["energy"]))["routes"]

    assert route["changes"][0]["said"]["en"] == "fields: health in addition (now energy)"


def test_an_offer_that_needs_five_changes_says_so():
    offer = an_offer(all_of("staff >= 20", "spend >= 5", "listed", "registered", 'district == "north"'))
    profile = profile_of(staff=1, spend=1, listed=False, registered=False, district="south")

    said = answer(offer, profile)

    assert (said["routes"], said["none"]["code"]) == ([], "too_many")
    assert said["none"]["said"]["en"] == "More than 4 changes would be needed."


def test_an_offer_of_a_policy_that_is_over_has_no_route():
    offer = an_offer(all_of("listed"), effective={"from": "2020-01-01", "to": "2025-12-31"})

    assert answer(offer, profile_of(listed=False))["none"]["code"] == "ended"


def test_waiting_past_the_end_of_the_policy_is_no_route():
    offer = an_offer(all_of("age >= 3"), effective={"from": "2020-01-01", "to": "2027-01-31"})

    assert answer(offer, profile_of(founded_on="2024-02-01"))["none"]["code"] == "ends_before"


WINDOWS = [
    ("rolling", {"kind": "rolling"}, "in_time"),
    ("open on the day", {"kind": "fixed", "opens": "2027-01-01", "closes": "2027-02-28"}, "in_time"),
    ("closed the day before", {"kind": "fixed", "opens": "2027-01-01", "closes": "2027-02-27"}, "closed"),
    ("opens later", {"kind": "yearly", "opens": "03-01", "closes": "04-30"}, "next_window"),
    ("not announced", {"kind": "not_announced"}, "not_announced"),
]


@pytest.mark.parametrize(("window", "state"), [row[1:] for row in WINDOWS], ids=[row[0] for row in WINDOWS])
def test_the_earliest_day_is_held_against_the_window(window, state):
    offer = an_offer(all_of("age >= 3"), window=window)

    (route,) = answer(offer, profile_of(founded_on="2024-02-29"))["routes"]

    assert route["window"]["state"] == state


def test_how_long_a_change_takes_is_not_made_up():
    (route,) = answer(an_offer(all_of("registered")), profile_of(registered=False))["routes"]

    assert (route["earliest"], route["not_before"]) == (None, None)
    assert route["earliest_said"]["en"] == "How long the changes take is not known."


def test_last_years_figure_can_only_change_with_the_next_year():
    (route,) = answer(an_offer(all_of("revenue >= 100")), profile_of(revenue=90))["routes"]

    assert (route["earliest"], route["not_before"]) == (None, "2027-01-01")


def test_the_same_question_gives_the_same_routes():
    offer = an_offer(any_of(all_of("ratio >= 5%", "staff >= 20"), all_of("listed", 'holds("top")')))
    profile = profile_of(spend=1, revenue=100, listed=False, certificates=[])

    assert answer(offer, profile, day=DAY) == answer(offer, profile, day=DAY)
