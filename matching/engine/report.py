"""A company's report: every offer of a release, evaluated for one profile as of one day, as plain data.

Pure: values in, values out. Same rulebook, profile, day and subject give the same bytes
(`canonical_text`), which is how a stored report can be checked years later.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from companies.facts import Profile, Text
from matching.engine.bundles import combine_offers
from matching.engine.comparison import compare_variants, standard_variants
from matching.engine.questions import missing_facts
from matching.engine.routes import RouteFinder
from matching.engine.totals import worth_by_nature
from matching.engine.validity import validity_days
from policies.rules import (
    OfferFinding,
    OfferText,
    PolicyText,
    Situation,
    Verdict,
    evaluate_offer,
    finding_to_plain,
    say_clause,
)
from policies.rules.book import Rulebook

# Raise it when the same inputs can give other bytes than before.
ENGINE_VERSION = "3"
SCHEMA = "changce.report/3"

# The groups of a report in reading order. An edition that is over, or not yet in force, is no verdict:
# its offers stand apart, whatever their verdict, because nobody can apply for them on the day.
GROUPS = (
    *(str(verdict.value) for verdict in (Verdict.ELIGIBLE, Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED)),
    *(str(verdict.value) for verdict in (Verdict.NOT_MODELLED, Verdict.INELIGIBLE, Verdict.ERROR)),
    "not_yet",
    "ended",
)
POSSIBLE = ("needs_review", "undetermined", "not_modelled")

# What a change, an answer or time can turn into more than it is.
WITH_ROUTE = ("undetermined", "ineligible")

BEFORE_STACKING = Text(
    en="Sums are before stacking rules are applied: offers that exclude or cap each other are all counted.",
    zh="合计未考虑叠加规则：互斥或共用上限的支持事项均计入。",
)


def make_report(
    rulebook: Rulebook,
    profile: Profile,
    day: date,
    subject: Mapping[str, str],
    *,
    on_offer: Callable[[int, int], None] | None = None,
    compare: bool = True,
    look_for_routes: Callable[[], bool] = lambda: True,
) -> dict[str, Any]:
    """Evaluate every offer and tell the story; `subject` is whom it is for and goes in unchanged.

    `compare` adds the company elsewhere, next year and with other titles (`standard_variants`), else it is None.

    `look_for_routes` is asked before each offer whether to look for what it would take, which is None without: somebody
    who waits for a page does not wait as long as a worker can.

    `on_offer(done, total)` is called after each offer, so that a worker can say it still lives.
    A fault in one offer gives that offer the verdict `error` and leaves the others as they are.
    """
    situation = Situation(rulebook.vocabulary, profile, day)
    finder = RouteFinder(situation, rulebook.lists)
    listed = [(policy, offer) for policy in rulebook.policies for offer in policy.offers]
    offers = []
    for done, (policy, offer) in enumerate(listed, start=1):
        offers.append(_entry(policy, offer, situation, finder if look_for_routes() else None))
        if on_offer is not None:
            on_offer(done, len(listed))
    groups = _grouped(offers)
    open_offers = [offer for offer in offers if offer["group"] in ("eligible", *POSSIBLE)]
    open_ids = {offer["id"] for offer in open_offers}
    open_texts = [offer for _policy, offer in listed if offer.id in open_ids]
    return {
        "schema": SCHEMA,
        "engine": ENGINE_VERSION,
        "release": {"number": rulebook.number, "digest": rulebook.digest},
        "day": day.isoformat(),
        "subject": dict(subject),
        "profile": _profile_seen(rulebook, profile),
        "summary": _summary(offers, groups, day),
        "groups": groups,
        "offers": offers,
        "comparison": _compared(rulebook, profile, day) if compare else None,
        "policies": {policy.key: _policy_seen(policy) for policy in rulebook.policies},
        "papers": _papers_seen(offers, rulebook),
        "combination": combine_offers(offers, rulebook.policies, situation),
        "missing": missing_facts(open_offers, rulebook.vocabulary),
        "validity": validity_days(profile, rulebook.vocabulary, open_texts, day),
    }


def _compared(rulebook: Rulebook, profile: Profile, day: date) -> dict[str, Any]:
    return compare_variants(rulebook, profile, standard_variants(rulebook, profile, day), day=day)


def _entry(policy: PolicyText, offer: OfferText, situation: Situation, finder: RouteFinder | None) -> dict[str, Any]:
    found = evaluate_offer(offer, situation)
    group = group_of(found)
    return {
        **finding_to_plain(found),
        "id": offer.id,
        "offer": offer.key,
        "policy": policy.key,
        "title": _text(offer.title),
        "kind": offer.kind,
        "clause": _text(say_clause(offer.clause)),
        "papers": list(offer.papers),
        "note": _text(offer.note),
        "group": group,
        "route": finder.routes(offer, found.verdict) if finder is not None and group in WITH_ROUTE else None,
    }


def group_of(found: OfferFinding) -> str:
    """The group of a report in which the offer stands."""
    return found.standing if found.standing in ("ended", "not_yet") else found.verdict.value


def _grouped(offers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups that have offers, each in the order: the highest known amount first, unknown last."""
    groups = []
    for key in GROUPS:
        members = sorted((o for o in offers if o["group"] == key), key=_by_amount)
        if members:
            groups.append({"group": key, "offers": [offer["id"] for offer in members]})
    return groups


def _by_amount(offer: Mapping[str, Any]) -> tuple[bool, Decimal, str]:
    amount = offer["amount"]
    known = amount["high"] if amount["high"] is not None else amount["low"]
    return known is None, -Decimal(known or 0), offer["id"]


def _summary(offers: list[dict[str, Any]], groups: list[dict[str, Any]], day: date) -> dict[str, Any]:
    eligible = [offer for offer in offers if offer["group"] == "eligible"]
    possible = [offer for offer in offers if offer["group"] in POSSIBLE]
    sizes = {group["group"]: len(group["offers"]) for group in groups}
    return {
        "counts": {"offers": len(offers), **{key: sizes.get(key, 0) for key in GROUPS}},
        "worth": {
            "eligible": worth_by_nature(offer["amount"] for offer in eligible),
            "possible": worth_by_nature(offer["amount"] for offer in possible),
            "note": _text(BEFORE_STACKING),
        },
        "due": _due([*eligible, *possible], day),
        "strength": _tally(offer["strength"] for offer in eligible),
        "confidence": _tally(offer["confidence"] for offer in [*eligible, *possible]),
    }


def _due(offers: Iterable[Mapping[str, Any]], day: date) -> list[dict[str, str]]:
    """The days still ahead on which a window closes or opens, the nearest first."""
    days = []
    for offer in offers:
        for what in ("closes", "opens"):
            when = offer["window"].get(what)
            if when is not None and when >= day.isoformat():
                days.append({"day": when, "what": what, "offer": offer["id"]})
    return sorted(days, key=lambda due: (due["day"], due["what"], due["offer"]))


def _tally(words: Iterable[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for word in words:
        counted[word] = counted.get(word, 0) + 1
    return counted


def _profile_seen(rulebook: Rulebook, profile: Profile) -> dict[str, Any]:
    asked = [fact.name for fact in rulebook.vocabulary.asked]
    given = [profile.answers[name] for name in asked if name in profile.answers]
    return {
        "digest": profile.digest(rulebook.vocabulary),
        "asked": len(asked),
        "answered": len(given),
        "sources": _tally(answer.source.value for answer in given),
    }


def _policy_seen(policy: PolicyText) -> dict[str, Any]:
    return {
        "key": policy.key,
        "title": _text(policy.title),
        "issuer": _text(policy.issuer),
        "level": policy.level,
        "number": policy.number,
        "issued": policy.issued,
        "effective_from": _day(policy.effective_from),
        "effective_to": _day(policy.effective_to),
        "status": policy.status,
        "confidence": policy.confidence,
        "sources": list(policy.sources),
        "zones": list(policy.zones),
        "pillar": policy.pillar,
    }


def _papers_seen(offers: Iterable[Mapping[str, Any]], rulebook: Rulebook) -> dict[str, Any]:
    """What the papers named by the offers are called."""
    wanted = {key for offer in offers for key in offer["papers"]}
    return {row["key"]: row["label"] for row in rulebook.lists.get("papers", ()) if row["key"] in wanted}


def _text(said: Text | None) -> dict[str, str] | None:
    return None if said is None else {"en": said.en, "zh": said.zh}


def _day(day: date | str | None) -> str | None:
    return day.isoformat() if isinstance(day, date) else day
