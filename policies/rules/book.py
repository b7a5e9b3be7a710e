"""A rulebook: everything the engine reads, made from the snapshot of one release. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from companies.facts import Text, Vocabulary, read_vocabulary
from policies.catalogue_files import canonical_entry
from policies.rules import OfferText, PolicyText, read_policy
from policies.rules.faults import Fault

# Plain JSON: {"lists": {name: [entry]}, "vocabulary": {stem: {"section", "facts"}}, "policies": [policy]}.
Snapshot = Mapping[str, Any]


class UnreadableSnapshot(Exception):
    """A snapshot that does not make a rulebook; `faults` say why, with paths from the top of the snapshot."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        said = "; ".join(f"{'/'.join(map(str, fault.path))}: {fault.message.en}" for fault in self.faults[:5])
        super().__init__(f"{len(self.faults)} faults: {said}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (UnreadableSnapshot, (self.faults,))


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One release, ready to use: its number (0 = not released), digest, vocabulary, reference lists and policies."""

    number: int
    digest: str
    vocabulary: Vocabulary
    lists: Mapping[str, Sequence[Mapping[str, Any]]]
    policies: tuple[PolicyText, ...]
    plain: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False, compare=False)
    """The policies as they stand in their files, by key."""
    _policies: Mapping[str, PolicyText] = field(init=False, repr=False, compare=False)
    _offers: Mapping[str, OfferText] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_policies", {policy.key: policy for policy in self.policies})
        object.__setattr__(self, "_offers", {offer.id: offer for policy in self.policies for offer in policy.offers})

    def __hash__(self) -> int:
        return hash((self.number, self.digest))

    @property
    def offers(self) -> tuple[OfferText, ...]:
        """Every offer, in the order of the policies."""
        return tuple(self._offers.values())

    def policy(self, key: str) -> PolicyText | None:
        """The policy with this key."""
        return self._policies.get(key)

    def offer(self, offer_id: str) -> OfferText | None:
        """The offer called "policy-key/offer-key"."""
        return self._offers.get(offer_id)

    def label(self, name: str, key: str | None) -> Text | None:
        """The label of an entry of a reference list."""
        for entry in self.lists.get(name, ()):
            if entry["key"] == key:
                return Text(entry["label"]["en"], entry["label"]["zh"])
        return None


def canonical_bytes(plain: Any) -> bytes:
    """The one JSON text of a plain value: sorted keys, no blanks, UTF-8."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def snapshot_digest(plain: Any) -> str:
    """SHA-256 of the canonical bytes, as hex."""
    return hashlib.sha256(canonical_bytes(plain)).hexdigest()


def canonical_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot with lists and vocabulary as they are stored; raises UnreadableSnapshot for a faulty vocabulary."""
    lists = {name: [canonical_entry(entry) for entry in entries] for name, entries in snapshot["lists"].items()}
    vocabulary, faults = read_vocabulary(snapshot["vocabulary"], lists)
    if faults:
        raise UnreadableSnapshot(
            [Fault(("vocabulary", *fault.path), fault.message, fault.code, fault.suggestion) for fault in faults]
        )
    policies = sorted(snapshot["policies"], key=lambda policy: str(policy.get("policy")))
    return {"lists": lists, "vocabulary": vocabulary.to_plain(), "policies": policies}


def read_rulebook(snapshot: Snapshot, number: int = 0) -> Rulebook:
    """The rulebook of a snapshot; raises UnreadableSnapshot when any part of it cannot be read."""
    lists = snapshot["lists"]
    vocabulary, unread = read_vocabulary(snapshot["vocabulary"], lists)
    faults = [Fault(("vocabulary", *fault.path), fault.message, fault.code, fault.suggestion) for fault in unread]
    read: list[tuple[PolicyText, Mapping[str, Any]]] = []
    for plain in snapshot["policies"]:
        policy, wrong = read_policy(plain, vocabulary, lists)
        faults.extend(
            Fault(("policies", str(plain.get("policy")), *fault.path), fault.message, fault.code, fault.suggestion)
            for fault in wrong
        )
        if policy is not None:
            read.append((policy, plain))
    if faults:
        raise UnreadableSnapshot(faults)
    return Rulebook(
        number,
        snapshot_digest(snapshot),
        vocabulary,
        lists,
        tuple(policy for policy, _ in read),
        {policy.key: plain for policy, plain in read},
    )
