"""A catalogue small enough to know by heart, in the shape of the catalogue's files."""

from typing import Any

from policies.models import Release
from policies.rules.book import snapshot_digest


def both(words: str) -> dict[str, str]:
    return {"en": words, "zh": f"{words}（中文）"}


def fact(name: str, kind: str, label: str, question: str) -> dict[str, Any]:
    return {"fact": name, "kind": kind, "label": both(label), "question": both(question), "effort": "slow"}


VOCABULARY = {
    "10-basics": {
        "section": {"key": "basics", "title": both("Basics")},
        "facts": [
            fact("established", "yes_no", "Established", "Is it founded?"),
            fact("employees", "whole", "Employees", "How many people?"),
            fact("rd_expense_y1", "money", "R&D spend", "How much R&D?"),
        ],
    }
}


def offer(key: str, when: str, benefit: dict[str, Any]) -> dict[str, Any]:
    return {
        "offer": key,
        "title": both(key),
        "kind": "reward",
        "clause": "Art. 2",
        "confidence": "high",
        "requires": {"all": [{"when": when, "clause": "Art. 1"}]},
        "benefit": benefit,
        "stacking": [],
        "window": {"kind": "rolling"},
        "papers": ["business_licence"],
    }


POLICY = {
    "policy": "cp-small-2026",
    "title": both("Small measures"),
    "issuer": both("The district"),
    "level": "district",
    "number": None,
    "issued": "2026",
    "effective": {"from": None, "to": None},
    "status": "in_force_presumed",
    "superseded_by": None,
    "superseded_on": None,
    "beneficiary": "company",
    "zones": [],
    "goals": [],
    "tags_basis": "inferred",
    "pillar": None,
    "pillar_basis": "unconfirmed",
    "text_seen": both("whole text"),
    "checked": "2026-11",
    "confidence": "high",
    "sources": ["https://example.org/policy"],
    "note": both("An example."),
    "offers": [
        offer("founding-reward", "established", {"fixed": 500000}),
        offer("large-team", "employees >= 1000", {"fixed": 800000}),
        offer("research-reward", "rd_expense_y1 >= 100万", {"rate": "10%", "of": "rd_expense_y1", "cap": 1000000}),
    ],
    "cases": [],
}

SNAPSHOT = {
    "lists": {
        "papers": [{"key": "business_licence", "label": both("Business licence")}],
        "benefit_kinds": [{"key": "reward", "label": both("Reward")}],
        "levels": [{"key": "district", "label": both("District")}],
        **{name: [] for name in ("zones", "goals", "pillars", "sectors", "places", "certificates")},
    },
    "vocabulary": VOCABULARY,
    "policies": [POLICY],
}


def publish_small_release() -> Release:
    """The small catalogue as release 1."""
    return Release.objects.create(number=1, digest=snapshot_digest(SNAPSHOT), snapshot=SNAPSHOT)
