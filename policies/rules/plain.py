"""Findings as JSON: texts as {en, zh}, days as ISO text, money as "1234.00"."""

from datetime import date
from decimal import Decimal
from typing import Any

from companies.facts import Text

from policies.rules.amounts import Amount
from policies.rules.findings import FactSeen, Finding
from policies.rules.offers import OfferFinding
from policies.rules.windows import WindowState


def finding_to_plain(found: OfferFinding) -> dict[str, Any]:
    """The whole finding of an offer, ready for JSON."""
    return {
        "offer": found.offer,
        "verdict": found.verdict.value,
        "finding": _finding(found.finding),
        "reasons": [_finding(leaf) for leaf in found.reasons],
        "missing": list(found.missing),
        "judged": [_finding(leaf) for leaf in found.judged],
        "not_modelled": [_finding(leaf) for leaf in found.not_modelled],
        "amount": amount_to_plain(found.amount),
        "window": window_to_plain(found.window),
        "standing": found.standing,
        "strength": found.strength,
        "confidence": found.confidence,
        "error": found.error,
    }


def _finding(node: Finding) -> dict[str, Any]:
    return {
        "kind": node.kind,
        "status": node.status.value,
        "sentence": _text(node.sentence),
        "required": _text(node.required),
        "actual": _text(node.actual),
        "facts": [_fact(seen) for seen in node.facts],
        "clause": node.clause,
        "source": node.source,
        "confidence": node.confidence,
        "missing": list(node.missing),
        "note": _text(node.note),
        "count": node.count,
        "children": [_finding(child) for child in node.children],
    }


def _fact(seen: FactSeen) -> dict[str, Any]:
    return {
        "name": seen.name,
        "label": _text(seen.label),
        "shown": _text(seen.shown),
        "source": seen.source,
        "on": _day(seen.on),
        "derived": seen.derived,
    }


def amount_to_plain(amount: Amount) -> dict[str, Any]:
    """An amount, ready for JSON."""
    return {
        "status": amount.status,
        "low": _money(amount.low),
        "high": _money(amount.high),
        "nature": amount.nature,
        "said": _text(amount.said),
        "missing": list(amount.missing),
        "per": amount.per,
    }


def window_to_plain(window: WindowState) -> dict[str, Any]:
    """A window on a day, ready for JSON."""
    return {
        "state": window.state,
        "opens": _day(window.opens),
        "closes": _day(window.closes),
        "said": _text(window.said),
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "zh": text.zh}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
