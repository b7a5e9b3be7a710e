"""Findings as JSON: what a report stores, and pages, files and partners read."""

from datetime import date
from decimal import Decimal
from typing import Any

from companies.facts import Text
from policies.rules.amounts import Amount
from policies.rules.findings import Finding, OfferFinding


def finding_to_plain(found: OfferFinding) -> dict[str, Any]:
    """The finding as JSON: words as {"en", "zh"}, ISO days, money as "1234.00"."""
    window = found.window
    return {
        "verdict": found.verdict.value,
        "finding": None if found.finding is None else _node_to_plain(found.finding),
        "reasons": [_node_to_plain(reason) for reason in found.reasons],
        "missing": list(found.missing),
        "judged": [_node_to_plain(leaf) for leaf in found.judged],
        "not_modelled": [_node_to_plain(leaf) for leaf in found.not_modelled],
        "amount": amount_to_plain(found.amount),
        "window": {
            "state": window.state,
            "opens": _iso(window.opens),
            "closes": _iso(window.closes),
            "said": window.said.to_plain(),
            "note": _words(found.window_note),
        },
        "standing": found.standing,
        "strength": found.strength,
        "confidence": found.confidence,
        "error": found.error,
    }


def amount_to_plain(amount: Amount) -> dict[str, Any]:
    """The amount as JSON; money as "1234.00", None for an end that is not known."""
    return {
        "status": amount.status,
        "low": _money(amount.low),
        "high": _money(amount.high),
        "nature": amount.nature,
        "said": amount.said.to_plain(),
        "missing": list(amount.missing),
        "per": amount.per,
        "instalments": [
            {"when": part.when.to_plain(), "low": _money(part.low), "high": _money(part.high)}
            for part in amount.instalments
        ],
    }


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _node_to_plain(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "status": finding.status.value,
        "sentence": finding.sentence.to_plain(),
        "required": _words(finding.required),
        "actual": _words(finding.actual),
        "facts": [
            {
                "fact": seen.name,
                "label": seen.label.to_plain(),
                "shown": _words(seen.shown),
                "source": seen.source,
                "on": _iso(seen.on),
                "derived": seen.derived,
            }
            for seen in finding.facts
        ],
        "clause": _words(finding.clause),
        "source": finding.source,
        "confidence": finding.confidence,
        "note": _words(finding.note),
        "missing": list(finding.missing),
        "children": [_node_to_plain(child) for child in finding.children],
    }


def _words(text: Text | None) -> dict[str, str] | None:
    return None if text is None else text.to_plain()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
