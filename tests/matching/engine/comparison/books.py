"""A rulebook of a small district: two zones, a park, a ladder of titles, and an offer for each."""

from datetime import date
from typing import Any

from companies.facts import Profile, read_profile, read_vocabulary
from policies.rules import read_policy
from policies.rules.book import Rulebook
from tests.matching.engine.routes.paths import TEXT, choices, fact

DAY = date(2026, 11, 24)


def _zone(key: str, en: str, **facts: Any) -> dict[str, Any]:
    return {"key": key, "label": {"en": en, "zh": f"丙{en}"}, "facts": facts} if facts else {"key": key, "label": TEXT}


LISTS = {
    "zones": [
        _zone("free", "Free zone", registered_district="changping", in_free_zone=True),
        _zone("high", "High park", registered_district="changping", zgc_park="changping_park"),
        _zone("whole-city", "Whole city"),
    ],
    "certificates": [
        {"key": "base", "label": {"en": "base", "zh": "基础"}, "validity_years": 3},
        {"key": "middle", "label": {"en": "middle", "zh": "中级"}, "validity_years": 3, "needs": ["base"]},
        {"key": "hnte", "label": {"en": "high-tech", "zh": "高新"}, "validity_years": 3},
    ],
}
_DISTRICTS = choices("changping", "haidian", "other_beijing", "outside_beijing")
VOCABULARY, _FAULTS = read_vocabulary(
    {
        "10-all": {
            "section": {"key": "all", "title": {"en": "All", "zh": "全部"}},
            "facts": [
                fact("established", "yes_no"),
                fact("founding_day", "day", "fixed"),
                fact("business_registration_completed", "yes_no", "quick"),
                fact("registered_district", "one_of", choices=_DISTRICTS),
                fact("tax_district", "one_of", choices=_DISTRICTS),
                fact("in_free_zone", "yes_no"),
                fact("zgc_park", "one_of", choices=choices("changping_park", "haidian_park", "none")),
                fact("park", "one_of", choices=choices("first_park", "second_park", "third_park", "none")),
                fact("certificates", "certificates", choices={"from": "certificates"}),
                fact("spend", "money"),
            ],
        }
    },
    LISTS,
)
assert not _FAULTS, _FAULTS

OFFERS = {
    "free": ({"all": [{"when": "in_free_zone"}]}, {"fixed": 100}),
    "high": ({"all": [{"when": 'zgc_park == "changping_park"'}]}, {"rate": "10%", "of": "spend"}),
    "district": ({"all": [{"when": 'registered_district == "changping"'}, {"when": 'tax_district == "changping"'}]}, {"fixed": 20}),
    "park": ({"all": [{"when": 'park in ["second_park", "third_park"]'}]}, {"fixed": 5}),
    "tech": ({"all": [{"when": 'holds("hnte")'}]}, {"fixed": 7}),
    "middle": ({"all": [{"when": 'holds("middle")'}]}, {"fixed": 9}),
    "always": ({"all": [{"when": "spend >= 0"}]}, {"fixed": 1}),
}  # fmt: skip


def book(**edition: Any) -> Rulebook:
    """The district's one policy with all its offers; `edition` are other keys of the policy."""
    plain = {
        "policy": "p", "title": TEXT, "issuer": TEXT, "level": "district", "status": "in_force", "beneficiary": "company",
        "confidence": "high", "sources": ["https://example.org/"],
        "offers": [
            {"offer": key, "title": TEXT, "kind": "reward", "requires": requires, "benefit": benefit}
            for key, (requires, benefit) in OFFERS.items()
        ],
        **edition,
    }  # fmt: skip
    policy, faults = read_policy(plain, VOCABULARY)
    assert policy is not None, faults
    return Rulebook(0, "", VOCABULARY, LISTS, (policy,))


def company(**facts: Any) -> Profile:
    """A company in the free zone, with two titles; `facts` say otherwise."""
    usual = {
        "established": True, "registered_district": "changping", "tax_district": "changping", "in_free_zone": True,
        "zgc_park": "none", "park": "none", "spend": 1000,
        "certificates": [
            {"kind": "base", "issued": "2025-01-01", "expires": "2028-01-01"},
            {"kind": "hnte", "issued": "2024-06-01", "expires": "2027-05-31"},
        ],
    }  # fmt: skip
    profile, faults = read_profile(VOCABULARY, {**usual, **facts})
    assert not faults, faults
    return profile
