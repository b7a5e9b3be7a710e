"""The order of keys in catalogue files. PostgreSQL's JSON forgets the order, so it is said here, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# One list serves every kind of file: no two contexts want the same two keys in opposite orders.
_KEYS = [
    "policy",
    "offer",
    "case",
    "section",
    "fact",
    "key",
    "day",
    "like",
    "facts",
    "when",
    "all",
    "any",
    "at_least",
    "not",
    "judged",
    "not_modelled",
    "title",
    "label",
    "kind",
    "issuer",
    "level",
    "number",
    "issued",
    "effective",
    "status",
    "superseded_by",
    "superseded_on",
    "beneficiary",
    "zones",
    "goals",
    "tags_basis",
    "pillar",
    "pillar_basis",
    "text_seen",
    "checked",
    "members",
    "type",
    "role",
    "validity_years",
    "code_hints",
    "question",
    "help",
    "unit",
    "minimum",
    "maximum",
    "choices",
    "period",
    "derived",
    "fixed",
    "band",
    "by",
    "fact",
    "difference",
    "matching",
    "per_unit",
    "up_to",
    "tax_rate",
    "tax_deduction",
    "tax_credit",
    "tax_bands",
    "choose_one",
    "in_kind",
    "to_confirm",
    "extra",
    "from",
    "to",
    "taxed",
    "amount",
    "rate",
    "of",
    "share",
    "at",
    "less",
    "usual",
    "steps",
    "levels",
    "floor",
    "cap",
    "cap_scope",
    "per",
    "family",
    "group",
    "deal_excludes",
    "highest_only",
    "higher_level_first",
    "needs",
    "granted_by",
    "granted_until",
    "excludes",
    "one_per_period",
    "joint_cap",
    "share_cap",
    "stated",
    "instalments",
    "years",
    "assumption",
    "opens",
    "closes",
    "says",
    "clause",
    "basis",
    "confidence",
    "source",
    "sources",
    "requires",
    "benefit",
    "stacking",
    "window",
    "papers",
    "effort",
    "aliases",
    "note",
    "offers",
    "cases",
    "forget",
    "expect",
    "amounts",
    "en",
    "zh",
]
_RANK = {key: place for place, key in reversed(list(enumerate(_KEYS)))}

# Mappings whose keys are names that people choose: alphabetical, or they would change places with every store.
_OPEN = frozenset({"facts", "expect", "amounts", "levels"})


def in_canonical_order(plain: Any, _name: str | None = None) -> Any:
    """The same value with every mapping's keys in canonical order."""
    if isinstance(plain, Mapping):
        rank: Mapping[str, int] = {} if _name in _OPEN else _RANK
        keys = sorted(plain, key=lambda key: (rank.get(key, len(_KEYS)), key))
        return {key: in_canonical_order(plain[key], key) for key in keys}
    if isinstance(plain, (list, tuple)):
        return [in_canonical_order(item) for item in plain]
    return plain


_EMPTY_IN_LISTS = ("basis", "confidence", "note", "sources")


def canonical_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a reference list without what is empty, so that a row and a file say the same."""
    return {key: item for key, item in entry.items() if item or key not in _EMPTY_IN_LISTS}


def canonical_file(file: str, plain: Any) -> Any:
    """What the file at this path inside the catalogue holds in canonical form."""
    if file.startswith("reference/") and isinstance(plain, list):
        plain = [canonical_entry(entry) if isinstance(entry, Mapping) else entry for entry in plain]
    return in_canonical_order(plain)
