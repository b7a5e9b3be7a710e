"""Finding routes over a small vocabulary, and going them: the changes applied, the offer evaluated anew."""

from datetime import date
from typing import Any

from companies.facts import Profile, Vocabulary, read_profile, read_value, read_vocabulary
from matching.engine.routes import RouteFinder
from policies.rules import OfferText, Situation, Verdict, read_policy, verdict_of

TEXT = {"en": "Text", "zh": "文本"}
DAY = date(2026, 11, 24)


def fact(name: str, kind: str, effort: str = "slow", **more: Any) -> dict[str, Any]:
    label = {"en": name.replace("_", " "), "zh": f"甲{name}"}
    asked = {} if "derived" in more else {"question": label}
    return {"fact": name, "kind": kind, "label": label, "effort": effort, **asked, **more}


def choices(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "label": {"en": key, "zh": f"乙{key}"}} for key in keys]


LISTS = {
    "certificates": [
        {"key": "base_old", "label": {"en": "old base", "zh": "旧基础"}, "validity_years": 3, "granted_until": "2026-03-31"},
        {"key": "base", "label": {"en": "base", "zh": "基础"}, "validity_years": 3},
        {"key": "middle", "label": {"en": "middle", "zh": "中级"}, "validity_years": 3, "needs": ["base_old", "base"]},
        {"key": "top", "label": {"en": "top", "zh": "高级"}, "validity_years": 3, "needs": ["middle"],
         "granted_by": ["p/top-recognition"]},
        {"key": "title", "label": {"en": "title", "zh": "称号"}},
    ]
}  # fmt: skip
VOCABULARY, _FAULTS = read_vocabulary(
    {
        "10-all": {
            "section": {"key": "all", "title": {"en": "All", "zh": "全部"}},
            "facts": [
                fact("staff", "whole", maximum=1000, unit={"en": "people", "zh": "人"}),
                fact("engineers", "whole", "quick", unit={"en": "people", "zh": "人"}),
                fact("revenue", "money", period="y1"),
                fact("before", "money", "fixed"),
                fact("spend", "money", "quick"),
                fact("share", "ratio", minimum=0, maximum=1),
                fact("founded_on", "day", "fixed"),
                fact("moved_on", "day"),
                fact("foreign", "yes_no", "fixed"),
                fact("listed", "yes_no"),
                fact("registered", "yes_no", "quick"),
                fact("district", "one_of", choices=choices("north", "south", "east")),
                fact("fields", "many_of", choices=choices("health", "energy", "robots")),
                fact("certificates", "certificates", choices={"from": "certificates"}),
                fact("ratio", "ratio", derived="spend / revenue"),
                fact("age", "whole", derived="years_since(founded_on)"),
                fact("growth", "ratio", derived="yearly_growth(revenue, before, 2)"),
                fact("large", "yes_no", derived="staff >= 300 and revenue >= 1亿"),
                fact("size", "one_of", derived='"big" if large else "small"', choices=choices("big", "small")),
            ],
        }
    },
    LISTS,
)
assert not _FAULTS, _FAULTS


def an_offer(requires: Any, vocabulary: Vocabulary = VOCABULARY, **more: Any) -> OfferText:
    """An offer with these requirements; `more` are other keys of the offer (`window`) or its policy (`effective`)."""
    window = {"window": more.pop("window")} if "window" in more else {}
    plain = {
        "policy": "p", "title": TEXT, "issuer": TEXT, "level": "district", "status": "in_force", "beneficiary": "company",
        "confidence": "high", "sources": ["https://example.org/"],
        "offers": [
            {"offer": "o", "title": TEXT, "kind": "reward", "requires": requires, "benefit": {"fixed": 1}, **window}
        ],
        **more,
    }  # fmt: skip
    policy, faults = read_policy(plain, vocabulary)
    assert policy is not None, faults
    return policy.offers[0]


def profile_of(vocabulary: Vocabulary = VOCABULARY, **facts: Any) -> Profile:
    profile, faults = read_profile(vocabulary, facts)
    assert not faults, faults
    return profile


def all_of(*conditions: Any) -> dict[str, Any]:
    return {"all": [{"when": one} if isinstance(one, str) else one for one in conditions]}


def any_of(*conditions: Any) -> dict[str, Any]:
    return {"any": [{"when": one} if isinstance(one, str) else one for one in conditions]}


def answer(offer: OfferText, profile: Profile, vocabulary: Vocabulary = VOCABULARY, day: date = DAY) -> dict[str, Any]:
    """What the finder says of the offer; every route was gone and found to lead where it says."""
    said = RouteFinder(Situation(vocabulary, profile, day), LISTS).routes(offer)
    assert said["none"] is None or said["none"]["code"] != "error"
    for route in said["routes"]:
        assert go(route, offer, profile, vocabulary, day).value == route["result"]
        assert route["result"] in ("eligible", "needs_review", "not_modelled")
    return said


def go(route: dict[str, Any], offer: OfferText, profile: Profile, vocabulary: Vocabulary, day: date) -> Verdict:
    """The verdict after all changes of the route, by the reference evaluator."""
    values = {}
    for change in route["changes"]:
        if change["kind"] == "wait":
            day = date.fromisoformat(change["to"])
        else:
            changed = vocabulary.get(change["fact"])
            assert changed is not None
            values[change["fact"]] = read_value(changed, change["to"])
    return verdict_of(offer, Situation(vocabulary, profile.with_values(**values), day))


def changes(requires: Any, **facts: Any) -> list[list[tuple[str, str, Any]]]:
    """For each route its changes as fact, kind and new value."""
    said = answer(an_offer(requires), profile_of(**facts))
    return [[(one["fact"], one["kind"], one["to"]) for one in route["changes"]] for route in said["routes"]]
