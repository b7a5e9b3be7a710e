"""The part of a report that a link shows."""

from typing import Any

from matching.models import Shows
from matching.rendering.parts import Parts, only

_PARTS = {Shows.VERDICTS: Parts(amounts=False, own=False), Shows.AMOUNTS: Parts(own=False), Shows.FIGURES: Parts()}
# Named one by one, so that what is new in reports stays outside until somebody lets it in.
_KEPT = ("schema", "engine", "release", "day", "profile", "summary", "policies", "papers", "groups", "combination")
_KEPT_OF_OFFER = (
    *("id", "offer", "policy", "title", "kind", "clause", "papers", "note", "group", "verdict"),
    *("standing", "strength", "confidence", "window", "amount"),
)


def shared_part(report: dict[str, Any], *, shows: Shows, named: bool) -> dict[str, Any]:
    """The report within a link's scope; what is out of scope is not in it, so no template can let it slip.

    Without the company's own figures there are no criteria either: whether "spends at least 5 million" holds is a figure
    told by halves. Never in it: the digest of the profile, by which somebody could try figures out.
    """
    left = only(report, _PARTS[shows])
    profile, subject = {**left["profile"], "digest": None}, report["subject"] if named else {"name": ""}
    if shows == Shows.FIGURES:
        return {**left, "profile": profile, "subject": subject}
    return {
        **{key: left[key] for key in (*_KEPT, "parts")},
        "profile": profile,
        "subject": subject,
        "offers": [_offer_alone(offer) for offer in left["offers"]],
        "combination": _without_reasons(left["combination"]),
        "comparison": None,
        "missing": [],
    }


def _offer_alone(offer: dict[str, Any]) -> dict[str, Any]:
    """The offer without its findings."""
    empty = {"reasons": [], "judged": [], "not_modelled": [], "missing": [], "finding": None, "route": None}
    return {**{key: offer[key] for key in _KEPT_OF_OFFER}, **empty, "error": None}


def _without_reasons(combination: dict[str, Any] | None) -> dict[str, Any] | None:
    """Which offers go together and what they pay; not why, which says what the company has."""
    if combination is None:
        return None
    return {scope: {**one, "left_out": [], "depends_on": []} for scope, one in combination.items()}
