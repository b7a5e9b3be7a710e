"""A policy and its offers as data: read from the plain mapping of a catalogue file, with every fault and its path."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from companies.facts import Text, Vocabulary
from policies.rules.benefit_files import read_benefit, write_benefit
from policies.rules.benefits import Benefit
from policies.rules.expressions import Expression
from policies.rules.faults import Fault
from policies.rules.reading import CONFIDENCES, Path, Reading, write_text
from policies.rules.requirement_files import read_requirement, write_requirement
from policies.rules.requirements import Criterion, Requirement, both, count_parts, leaves
from policies.rules.stacking import StackingRule, read_stacking, write_stacking
from policies.rules.windows import STATUSES, Window, first_day, last_day, read_window, standing_on, write_window

MOST_NODES = 500
LEVELS = ("national", "municipal", "district")
BASES = ("stated", "inferred", "unconfirmed")
BENEFICIARIES = (
    "company", "person", "investment_agency", "park_operator", "incubator", "maker_and_user", "local_government",
)  # fmt: skip
_POLICY_KEYS = (
    "policy", "title", "issuer", "level", "number", "issued", "effective", "status", "superseded_by", "superseded_on",
    "beneficiary", "zones", "goals", "tags_basis", "pillar", "pillar_basis", "text_seen", "checked", "confidence", "sources",
    "requires", "note", "offers", "cases",
)  # fmt: skip
_OFFER_KEYS = (
    "offer", "title", "kind", "clause", "confidence", "requires", "benefit", "stacking", "window", "papers", "note",
)  # fmt: skip
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_PARTIAL_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Edition:
    """What decides whether a policy is in force on a day; days may be 'YYYY', 'YYYY-MM' or whole."""

    status: str
    issued: str | None = None
    effective_from: str | None = None
    effective_to: str | None = None
    superseded_on: str | None = None

    def standing_on(self, day: date) -> str:
        """Whether the policy is in_force, presumed, unknown, not_yet or ended on the day."""
        return standing_on(self.status, self.effective_from, self.effective_to, self.superseded_on, self.issued, day)


@dataclass(frozen=True, slots=True)
class OfferText:
    """One thing a policy gives: what it asks (`requires`: the policy's tree and its own), what it gives, when and how."""

    key: str
    policy: str
    title: Text
    kind: str
    clause: str | None
    confidence: str
    requires: Requirement
    own: Requirement | None
    """What the offer asks beside what its policy asks of every offer."""
    benefit: Benefit
    stacking: tuple[StackingRule, ...]
    window: Window
    papers: tuple[str, ...]
    note: Text | None
    sources: tuple[str, ...]
    edition: Edition
    expressions: tuple[Expression, ...] = field(init=False, repr=False, compare=False)
    """The computed criteria of the whole tree."""

    def __post_init__(self) -> None:
        computed = tuple(leaf.when for leaf in leaves(self.requires) if isinstance(leaf, Criterion))
        object.__setattr__(self, "expressions", computed)

    @property
    def id(self) -> str:
        """ "policy-key/offer-key": the offer's name in the whole catalogue."""
        return f"{self.policy}/{self.key}"


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One document with its offers; `cases` stay as they stand in the file."""

    key: str
    title: Text
    issuer: Text
    level: str
    number: str | None
    edition: Edition
    superseded_by: str | None
    beneficiary: str
    zones: tuple[str, ...]
    goals: tuple[str, ...]
    tags_basis: str | None
    pillar: str | None
    pillar_basis: str | None
    text_seen: Text | None
    checked: str | None
    confidence: str
    sources: tuple[str, ...]
    requires: Requirement | None
    note: Text | None
    offers: tuple[OfferText, ...]
    cases: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    @property
    def status(self) -> str:
        """What is known of its force."""
        return self.edition.status

    @property
    def issued(self) -> str | None:
        """The day, month or year it was issued."""
        return self.edition.issued

    @property
    def effective_from(self) -> str | None:
        """The first day, month or year in force."""
        return self.edition.effective_from

    @property
    def effective_to(self) -> str | None:
        """The last day, month or year in force."""
        return self.edition.effective_to


def read_policy(
    plain: Any, vocabulary: Vocabulary, lists: Mapping[str, Any] | None = None
) -> tuple[PolicyText | None, list[Fault]]:
    """The policy of a catalogue file, or None, and everything wrong with it (paths point into `plain`)."""
    reading = Reading(vocabulary, lists or {})
    block = reading.mapping(plain, ())
    policy = None if block is None else _read_policy(block, reading)
    return (None if reading.faults else policy), reading.faults


def _read_policy(plain: Mapping[str, Any], reading: Reading) -> PolicyText | None:
    reading.only(plain, _POLICY_KEYS, ())
    key = _key(plain, "policy", (), reading)
    title, issuer = reading.text(plain, "title", (), needed=True), reading.text(plain, "issuer", (), needed=True)
    level = reading.one_of(plain, "level", LEVELS, ())
    edition = _read_edition(plain, reading)
    beneficiary = reading.one_of(plain, "beneficiary", BENEFICIARIES, ())
    confidence = reading.one_of(plain, "confidence", CONFIDENCES, ())
    zones, goals = reading.words(plain, "zones", ()), reading.words(plain, "goals", ())
    reading.from_list("zones", zones, ("zones",))
    reading.from_list("goals", goals, ("goals",))
    pillar = reading.word(plain, "pillar", ())
    if pillar is not None:
        _in_list("pillars", pillar, ("pillar",), reading)
    requires = _read_tree(plain, (), reading)
    sources = reading.words(plain, "sources", ())
    part = PolicyText(
        key or "",
        title or Text("", ""),
        issuer or Text("", ""),
        level or "",
        reading.word(plain, "number", ()),
        edition,
        reading.word(plain, "superseded_by", ()),
        beneficiary or "",
        zones,
        goals,
        reading.one_of(plain, "tags_basis", BASES, (), needed=False),
        pillar,
        reading.one_of(plain, "pillar_basis", BASES, (), needed=False),
        reading.text(plain, "text_seen", ()),
        reading.word(plain, "checked", ()),
        confidence or "",
        sources,
        requires,
        reading.text(plain, "note", ()),
        (),
    )
    rows = plain.get("offers")
    offers = reading.each(rows, ("offers",), lambda row, path: _read_offer(row, path, part, reading), empty=False)
    listed = plain.get("cases") or []
    if not isinstance(listed, list | tuple):
        reading.fault(("cases",), "expected a list of cases here", "此处应为案例列表", "wrong_shape")
        listed = []
    cases = tuple(case for case in listed if isinstance(case, Mapping))
    return replace(part, offers=offers, cases=cases)


def _read_edition(plain: Mapping[str, Any], reading: Reading) -> Edition:
    status = reading.one_of(plain, "status", STATUSES, ())
    effective = reading.mapping(plain.get("effective") or {}, ("effective",)) or {}
    reading.only(effective, ("from", "to"), ("effective",))
    start, end = (
        _partial_day(effective, "from", ("effective",), reading),
        _partial_day(effective, "to", ("effective",), reading),
    )
    if start and end and last_day(end) < first_day(start):
        reading.fault(("effective", "to"), "it ends before it begins", "结束日早于开始日", "days_contradict")
    issued, superseded = _partial_day(plain, "issued", (), reading), _partial_day(plain, "superseded_on", (), reading)
    return Edition(status or "unknown", issued, start, end, superseded)


def _partial_day(plain: Mapping[str, Any], key: str, path: Path, reading: Reading) -> str | None:
    """A year, month or day as text."""
    raw = plain.get(key)
    if raw is None:
        return None
    try:
        if isinstance(raw, str) and _PARTIAL_DAY.fullmatch(raw):
            first_day(raw)
            return raw
    except ValueError:
        pass
    hint = (
        "write '2026', '2026-04' or '2026-04-01', in quotes",
        "日期写作 '2026'、'2026-04' 或 '2026-04-01'（加引号）",
    )
    reading.fault((*path, key), *hint, "day")
    return None


def _key(plain: Mapping[str, Any], name: str, path: Path, reading: Reading) -> str | None:
    raw = reading.word(plain, name, path, needed=True)
    if raw is not None and not _KEY.fullmatch(raw):
        hint = ("a key has small letters, digits and hyphens", "标识只能用小写字母、数字和连字符")
        reading.fault((*path, name), *hint, "bad_key")
    return raw


def _in_list(name: str, key: str, path: Path, reading: Reading) -> None:
    entries = reading.lists.get(name)
    if entries is not None:
        reading.is_known(key, [str(entry["key"]) for entry in entries], path)


def _read_tree(plain: Mapping[str, Any], path: Path, reading: Reading) -> Requirement | None:
    if plain.get("requires") is None:
        return None
    return read_requirement(plain["requires"], (*path, "requires"), reading)


def _read_offer(raw: Any, path: Path, policy: PolicyText, reading: Reading) -> OfferText | None:
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    reading.only(plain, _OFFER_KEYS, path)
    key, title = _key(plain, "offer", path, reading), reading.text(plain, "title", path, needed=True)
    kind = reading.word(plain, "kind", path, needed=True)
    if kind is not None:
        _in_list("benefit_kinds", kind, (*path, "kind"), reading)
    own = _read_tree(plain, path, reading)
    requires = both(policy.requires, own)
    if count_parts(requires) > MOST_NODES:
        reading.fault((*path, "requires"), f"more than {MOST_NODES} nodes", f"超过 {MOST_NODES} 个节点", "too_big")
    papers = reading.words(plain, "papers", path)
    reading.from_list("papers", papers, (*path, "papers"))
    if plain.get("benefit") is None:
        reading.missing("benefit", path)
    benefit = None if plain.get("benefit") is None else read_benefit(plain["benefit"], (*path, "benefit"), reading)
    stacking = reading.each(
        plain.get("stacking") or [], (*path, "stacking"), lambda row, at: read_stacking(row, at, reading)
    )
    window = Window() if plain.get("window") is None else read_window(plain["window"], (*path, "window"), reading)
    confidence = reading.confidence(plain, path) or policy.confidence
    if key is None or title is None or kind is None or benefit is None:
        return None
    clause, note = reading.word(plain, "clause", path), reading.text(plain, "note", path)
    return OfferText(
        key, policy.key, title, kind, clause, confidence, requires, own, benefit, stacking, window, papers, note,
        policy.sources, policy.edition,
    )  # fmt: skip


def write_policy(policy: PolicyText) -> dict[str, Any]:
    """The policy as a plain mapping; reading it gives the same policy again."""
    edition = policy.edition
    plain: dict[str, Any] = {
        "policy": policy.key,
        "title": write_text(policy.title),
        "issuer": write_text(policy.issuer),
        "level": policy.level,
        "number": policy.number,
        "issued": edition.issued,
        "effective": {"from": edition.effective_from, "to": edition.effective_to},
        "status": edition.status,
        "superseded_by": policy.superseded_by,
        "superseded_on": edition.superseded_on,
        "beneficiary": policy.beneficiary,
        "zones": list(policy.zones),
        "goals": list(policy.goals),
        "tags_basis": policy.tags_basis,
        "pillar": policy.pillar,
        "pillar_basis": policy.pillar_basis,
        "text_seen": None if policy.text_seen is None else write_text(policy.text_seen),
        "checked": policy.checked,
        "confidence": policy.confidence,
        "sources": list(policy.sources),
    }
    if policy.requires is not None:
        plain["requires"] = write_requirement(policy.requires)
    if policy.note is not None:
        plain["note"] = write_text(policy.note)
    return {**plain, "offers": [_write_offer(offer) for offer in policy.offers], "cases": list(policy.cases)}


def _write_offer(offer: OfferText) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "offer": offer.key,
        "title": write_text(offer.title),
        "kind": offer.kind,
        "clause": offer.clause,
        "confidence": offer.confidence,
    }
    if offer.own is not None:
        plain["requires"] = write_requirement(offer.own)
    plain["benefit"] = write_benefit(offer.benefit)
    plain["stacking"] = [write_stacking(rule) for rule in offer.stacking]
    plain |= {"window": write_window(offer.window), "papers": list(offer.papers)}
    return plain if offer.note is None else {**plain, "note": write_text(offer.note)}
