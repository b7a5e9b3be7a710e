"""A policy as a plain mapping (one catalogue file): reading with every fault, writing in canonical order."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from companies.facts import Text, Vocabulary

from policies.rules.benefit_files import read_benefit, write_benefit
from policies.rules.benefits import ToConfirm
from policies.rules.faults import Fault
from policies.rules.policy_text import Case, Edition, OfferText, PolicyText
from policies.rules.reading import Path, Reading, write_text
from policies.rules.requirement_files import read_requirement, write_requirement
from policies.rules.requirements import Requirement, both, count_parts
from policies.rules.stacking import read_stacking, write_stacking
from policies.rules.windows import STATUSES, first_day, last_day, read_window, write_window

BENEFICIARIES = (
    "company",
    "person",
    "investment_agency",
    "park_operator",
    "incubator",
    "maker_and_user",
    "local_government",
)
BASES = ("stated", "inferred", "unconfirmed")
VERDICTS = ("eligible", "needs_review", "undetermined", "not_modelled", "ineligible")
MOST_PARTS = 500

_POLICY_KEYS = (
    "policy", "title", "issuer", "level", "number", "issued", "effective", "status", "superseded_by", "superseded_on", "beneficiary",
    "zones", "goals", "tags_basis", "pillar", "pillar_basis", "text_seen", "checked", "confidence", "sources", "note", "requires",
    "offers", "cases",
)  # fmt: skip
_OFFER_KEYS = (
    "offer", "title", "kind", "clause", "confidence", "requires", "benefit", "stacking", "window", "papers", "note",
)  # fmt: skip
_KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_AMOUNT = re.compile(
    r"to_confirm|in_kind|(?:(?:up_to|at_least) )?[0-9]+(?:\.[0-9]{1,2})?(?:\.\.[0-9]+(?:\.[0-9]{1,2})?)?"
)
_PARTIAL_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def read_policy(
    plain: Any, vocabulary: Vocabulary, lists: Mapping[str, Any] | None = None
) -> tuple[PolicyText | None, list[Fault]]:
    """The policy, and every fault found; None when there is any fault.

    `lists` are the reference lists by name (zones, goals, pillars, levels, papers, benefit_kinds), each a list of
    `{key, ...}`; keys are checked against the lists that are given.
    """
    reading = Reading(vocabulary, lists or {})
    mapping = reading.mapping(plain, ())
    if mapping is None:
        return None, reading.faults
    reading.only(mapping, _POLICY_KEYS, ())
    policy = _read_policy(mapping, reading)
    return (policy if not reading.faults else None), reading.faults


def _read_policy(plain: Mapping[str, Any], reading: Reading) -> PolicyText:
    effective = reading.mapping(plain.get("effective") or {}, ("effective",)) or {}
    reading.only(effective, ("from", "to"), ("effective",))
    requires = None if plain.get("requires") is None else read_requirement(plain["requires"], ("requires",), reading)
    blank = Text("", "")
    policy = PolicyText(
        key=_key(plain, "policy", (), reading),
        title=reading.text(plain, "title", (), needed=True) or blank,
        issuer=reading.text(plain, "issuer", (), needed=True) or blank,
        level=_listed(plain, "level", "levels", reading) or "",
        number=reading.word(plain, "number", ()),
        issued=_partial_day(plain, "issued", (), reading),
        effective_from=_partial_day(effective, "from", ("effective",), reading),
        effective_to=_partial_day(effective, "to", ("effective",), reading),
        status=reading.one_of(plain, "status", STATUSES, ()) or "unknown",
        superseded_by=reading.word(plain, "superseded_by", ()),
        superseded_on=_partial_day(plain, "superseded_on", (), reading),
        beneficiary=reading.one_of(plain, "beneficiary", BENEFICIARIES, ()) or "company",
        zones=_keys(plain, "zones", reading),
        goals=_keys(plain, "goals", reading),
        tags_basis=reading.one_of(plain, "tags_basis", BASES, (), needed=False),
        pillar=_listed(plain, "pillar", "pillars", reading, needed=False),
        pillar_basis=reading.one_of(plain, "pillar_basis", BASES, (), needed=False),
        text_seen=reading.text(plain, "text_seen", ()),
        checked=_partial_day(plain, "checked", (), reading),
        confidence=reading.confidence(plain, (), needed=True) or "low",
        sources=reading.words(plain, "sources", ()),
        note=reading.text(plain, "note", ()),
        requires=requires,
        offers=(),
        cases=(),
    )
    _check_days(policy, reading)
    offers = _read_offers(plain, policy, reading)
    _check_size(policy, offers, reading)
    return _completed(policy, offers, _read_cases(plain, offers, reading))


def _completed(policy: PolicyText, offers: tuple[OfferText, ...], cases: tuple[Case, ...]) -> PolicyText:
    from dataclasses import replace

    return replace(policy, offers=offers, cases=cases)


def _key(plain: Mapping[str, Any], name: str, path: Path, reading: Reading) -> str:
    key = reading.word(plain, name, path, needed=True)
    if key is not None and (len(key) > 100 or not _KEY.fullmatch(key)):
        reading.fault(
            (*path, name), "a key has small letters, digits, - and _ only", "键只能用小写字母、数字、- 和 _", "key"
        )
    return key or ""


def _listed(plain: Mapping[str, Any], key: str, name: str, reading: Reading, *, needed: bool = True) -> str | None:
    """A key of a reference list."""
    raw = reading.word(plain, key, (), needed=needed)
    entries = reading.lists.get(name)
    if raw is not None and entries is not None:
        reading.is_known(raw, [str(entry["key"]) for entry in entries if "key" in entry], (key,))
    return raw


def _keys(plain: Mapping[str, Any], name: str, reading: Reading) -> tuple[str, ...]:
    keys = reading.words(plain, name, ())
    reading.from_list(name, keys, (name,))
    return keys


def _partial_day(plain: Mapping[str, Any], key: str, path: Path, reading: Reading) -> str | None:
    raw = plain.get(key)
    if raw is None:
        return None
    try:
        if isinstance(raw, str) and _PARTIAL_DAY.fullmatch(raw):
            first_day(raw)
            return raw
    except ValueError:
        pass
    message = ("write '2026', '2026-04' or '2026-04-01', in quotes", "写作 '2026'、'2026-04' 或 '2026-04-01'（加引号）")
    reading.fault((*path, key), *message, "day")
    return None


def _check_days(policy: PolicyText, reading: Reading) -> None:
    start, end = policy.effective_from, policy.effective_to
    if start is not None and end is not None and last_day(end) < first_day(start):
        reading.fault(("effective", "to"), "ends before it starts", "终止日早于生效日", "days_contradict")
    if policy.issued is not None and end is not None and last_day(end) < first_day(policy.issued):
        reading.fault(("effective", "to"), "ends before it was issued", "终止日早于发布日", "days_contradict")
    if (
        policy.superseded_on is not None
        and policy.issued is not None
        and last_day(policy.superseded_on) < first_day(policy.issued)
    ):
        reading.fault(("superseded_on",), "superseded before it was issued", "废止日早于发布日", "days_contradict")


def _check_size(policy: PolicyText, offers: tuple[OfferText, ...], reading: Reading) -> None:
    for at, offer in enumerate(offers):
        parts = count_parts(offer.requires)
        if parts > MOST_PARTS:
            message = (
                f"the tree has {parts} parts, at most {MOST_PARTS} are allowed",
                f"规则树有 {parts} 个部分，最多 {MOST_PARTS} 个",
            )
            reading.fault(("offers", at, "requires") if offer.own else ("requires",), *message, "too_many_nodes")


def _read_offers(plain: Mapping[str, Any], policy: PolicyText, reading: Reading) -> tuple[OfferText, ...]:
    if plain.get("offers") is None:
        reading.missing("offers", ())
        return ()
    edition = policy.edition
    offers = reading.each(
        plain["offers"], ("offers",), lambda raw, path: _read_offer(raw, path, edition, policy.requires, reading)
    )
    seen: set[str] = set()
    for at, offer in enumerate(offers):
        if offer.key in seen:
            reading.fault(
                ("offers", at, "offer"), f"“{offer.key}” is there twice", f"“{offer.key}”重复", "duplicate_key"
            )
        seen.add(offer.key)
    return offers


def _read_offer(
    raw: Any, path: Path, edition: Edition, shared: Requirement | None, reading: Reading
) -> OfferText | None:
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    reading.only(plain, _OFFER_KEYS, path)
    own = None if plain.get("requires") is None else read_requirement(plain["requires"], (*path, "requires"), reading)
    benefit = None
    if plain.get("benefit") is None:
        reading.missing("benefit", path)
    else:
        benefit = read_benefit(plain["benefit"], (*path, "benefit"), reading)
    kind, papers = reading.word(plain, "kind", path, needed=True), reading.words(plain, "papers", path)
    kinds = reading.lists.get("benefit_kinds")
    if kind is not None and kinds is not None:
        reading.is_known(kind, [str(entry["key"]) for entry in kinds], (*path, "kind"))
    reading.from_list("papers", papers, (*path, "papers"))
    if plain.get("window") is None:
        reading.missing("window", path)
    blank = Text("", "")
    return OfferText(
        key=_key(plain, "offer", path, reading),
        edition=edition,
        title=reading.text(plain, "title", path, needed=True) or blank,
        kind=kind or "",
        clause=reading.word(plain, "clause", path),
        confidence=reading.confidence(plain, path) or edition.confidence,
        own=own,
        requires=both(shared, own),
        benefit=benefit or ToConfirm(text=blank),
        stacking=reading.each(
            plain.get("stacking") or [], (*path, "stacking"), lambda r, p: read_stacking(r, p, reading)
        ),
        window=read_window(plain.get("window") or {"kind": "not_announced"}, (*path, "window"), reading),
        papers=papers,
        note=reading.text(plain, "note", path),
    )


def _read_cases(plain: Mapping[str, Any], offers: tuple[OfferText, ...], reading: Reading) -> tuple[Case, ...]:
    offer_keys = [offer.key for offer in offers]
    names: list[str] = []

    def read(raw: Any, path: Path) -> Case | None:
        case = _read_case(raw, path, offer_keys, names, reading)
        if case is not None:
            names.append(case.name)
        return case

    return reading.each(plain.get("cases") or [], ("cases",), read)


def _read_case(raw: Any, path: Path, offers: list[str], earlier: list[str], reading: Reading) -> Case | None:
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    reading.only(plain, ("case", "day", "like", "facts", "forget", "expect", "amounts"), path)
    name, like = reading.word(plain, "case", path, needed=True) or "", reading.word(plain, "like", path)
    if name in earlier:
        reading.fault((*path, "case"), f"“{name}” is there twice", f"“{name}”重复", "duplicate_key")
    if like is not None:
        reading.is_known(like, earlier, (*path, "like"))
    day = reading.day(plain.get("day"), (*path, "day"))
    facts = reading.mapping(plain.get("facts") or {}, (*path, "facts")) or {}
    expect = reading.mapping(plain.get("expect") or {}, (*path, "expect")) or {}
    amounts = reading.mapping(plain.get("amounts") or {}, (*path, "amounts")) or {}
    for table, key in ((expect, "expect"), (amounts, "amounts")):
        for offer in table:
            reading.is_known(offer, offers, (*path, key, offer))
    for offer, verdict in expect.items():
        reading.is_known(verdict, VERDICTS, (*path, "expect", offer))
    for offer, amount in amounts.items():
        if not _AMOUNT.fullmatch(str(amount)):
            hint = 'to_confirm, in_kind, "500000", "100000..500000", "up_to 500000", "at_least 1"'
            reading.fault((*path, "amounts", offer), f"write one of: {hint}", f"写作：{hint}", "amount")
    return Case(
        name, day or date(2000, 1, 1), like, dict(facts), reading.words(plain, "forget", path),
        {key: str(verdict) for key, verdict in expect.items()}, {key: str(amount) for key, amount in amounts.items()},
    )  # fmt: skip


def write_policy(policy: PolicyText) -> dict[str, Any]:
    """The policy as a plain mapping in canonical key order; reading it gives the same policy again."""
    plain: dict[str, Any] = {
        "policy": policy.key, "title": write_text(policy.title), "issuer": write_text(policy.issuer), "level": policy.level,
        "number": policy.number, "issued": policy.issued,
        "effective": {"from": policy.effective_from, "to": policy.effective_to},
        "status": policy.status, "superseded_by": policy.superseded_by, "superseded_on": policy.superseded_on,
        "beneficiary": policy.beneficiary, "zones": list(policy.zones), "goals": list(policy.goals),
        "tags_basis": policy.tags_basis, "pillar": policy.pillar, "pillar_basis": policy.pillar_basis,
        "text_seen": None if policy.text_seen is None else write_text(policy.text_seen), "checked": policy.checked,
        "confidence": policy.confidence, "sources": list(policy.sources),
        "note": None if policy.note is None else write_text(policy.note),
    }  # fmt: skip
    if policy.requires is not None:
        plain["requires"] = write_requirement(policy.requires)
    plain["offers"] = [_write_offer(offer) for offer in policy.offers]
    plain["cases"] = [_write_case(case) for case in policy.cases]
    return plain


def _write_offer(offer: OfferText) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "offer": offer.key, "title": write_text(offer.title), "kind": offer.kind, "clause": offer.clause, "confidence": offer.confidence,
    }  # fmt: skip
    if offer.own is not None:
        plain["requires"] = write_requirement(offer.own)
    plain |= {
        "benefit": write_benefit(offer.benefit), "stacking": [write_stacking(rule) for rule in offer.stacking],
        "window": write_window(offer.window), "papers": list(offer.papers),
    }  # fmt: skip
    return plain | ({} if offer.note is None else {"note": write_text(offer.note)})


def _write_case(case: Case) -> dict[str, Any]:
    plain: dict[str, Any] = {"case": case.name, "day": case.day.isoformat()}
    if case.like is not None:
        plain["like"] = case.like
    if case.facts:
        plain["facts"] = dict(case.facts)
    if case.forget:
        plain["forget"] = list(case.forget)
    plain["expect"] = dict(case.expect)
    return plain | ({"amounts": dict(case.amounts)} if case.amounts else {})
