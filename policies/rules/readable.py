"""What of a half-written draft can be evaluated: the offers that can be read, and why the others cannot. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from companies.facts import Text, Vocabulary
from policies.rules.documents import PolicyText, read_policy
from policies.rules.faults import Fault


@dataclass(frozen=True, slots=True)
class Unread:
    """An offer that cannot be evaluated as it stands, and what is wrong with it."""

    title: Text
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Readable:
    """The policy with those of its offers that can be read (None where there is none), and the others."""

    policy: PolicyText | None
    unread: tuple[Unread, ...]


def read_offers(content: Mapping[str, Any], vocabulary: Vocabulary, lists: Mapping[str, Any] | None) -> Readable:
    """As much of the draft as can be evaluated.

    What is still missing or wrong in the head keeps no offer from being evaluated; a faulty requirement of the policy
    keeps all of them, because it is part of each.
    """
    rows = content.get("offers")
    offers = list(rows) if isinstance(rows, list) else []
    policy, faults = read_policy(content, vocabulary, lists)
    wrong: dict[int, list[Fault]] = {}
    for fault in faults:
        if len(fault.path) > 1 and fault.path[0] == "offers" and isinstance(fault.path[1], int):
            wrong.setdefault(fault.path[1], []).append(fault)
    shared = [fault for fault in faults if fault.path[:1] == ("requires",)]
    _note_twins(offers, wrong)
    good = [] if shared else [offer for at, offer in enumerate(offers) if at not in wrong]
    if policy is None or len(good) < len(offers):
        head = _mended(content, {fault.path[0] for fault in faults if fault.path})
        policy, _faults = read_policy({**head, "offers": good}, vocabulary, lists) if good else (None, [])
    unread = [
        Unread(_title(offers[at], at), tuple(wrong.get(at, shared)))
        for at in range(len(offers))
        if at in wrong or shared
    ]
    return Readable(policy, tuple(unread))


def _note_twins(offers: list[Any], wrong: dict[int, list[Fault]]) -> None:
    seen: set[str] = set()
    for at, offer in enumerate(offers):
        key = offer.get("offer") if isinstance(offer, Mapping) else None
        if isinstance(key, str) and key in seen:
            said = Text(f"another offer has the key “{key}”", f"另有支持事项使用标识“{key}”")
            wrong.setdefault(at, []).append(Fault(("offers", at, "offer"), said, "duplicate-id"))
        elif isinstance(key, str):
            seen.add(key)


def _mended(content: Mapping[str, Any], faulty: set[str | int]) -> dict[str, Any]:
    """The head with something readable in place of what cannot be read: none of it decides who is eligible."""
    key = str(content.get("policy"))
    stand_in: dict[str, Any] = {
        "title": {"en": key, "zh": key},
        "issuer": {"en": "-", "zh": "-"},
        "level": "district",
        "status": "unknown",
        "beneficiary": "company",
        "confidence": "low",
    }
    kept = {name: value for name, value in content.items() if name not in faulty}
    return {**kept, **{name: value for name, value in stand_in.items() if name in faulty or not kept.get(name)}}


def _title(offer: Any, at: int) -> Text:
    plain = offer if isinstance(offer, Mapping) else {}
    title = plain.get("title") if isinstance(plain.get("title"), Mapping) else {}
    assert isinstance(title, Mapping)
    name = str(plain.get("offer") or "")
    en, zh = str(title.get("en") or name), str(title.get("zh") or name)
    return Text(en or zh or f"offer {at + 1}", zh or en or f"第 {at + 1} 项")
