"""Explanation trees as JSON for one company, spliced from pieces rendered once per offer.

The words are those of the reference evaluator: its findings for a company of which nothing is known are written once,
with gaps where the statuses go. The company's own values stand once, beside all trees, under `values`.
"""

import json
from collections.abc import Iterable
from typing import Any

from companies.facts import Profile, write_value
from matching.engine.plan.codes import STATUSES
from matching.engine.plan.one import OneCompany, Pieces, ProfileStatuses
from matching.engine.plan.results import VERDICTS
from policies.rules import Finding, Situation, Verdict, evaluate_offer, finding_to_plain

SHOWN = (Verdict.ELIGIBLE, Verdict.UNDETERMINED)
"""The verdicts whose trees are sent unasked."""

# A key's text as JSON has it; inside a string the quotes would be escaped, so it is found nowhere else.
_STATUS_GAP, _VERDICT_GAP = b'"status":null', b'"verdict":null'
_STATUS_WORDS = [f'"status":"{status}"'.encode() for status in STATUSES]
_VERDICT_WORDS = [f'"verdict":"{verdict}"'.encode() for verdict in VERDICTS]
_SHOWN_CODES = [VERDICTS.index(verdict) for verdict in SHOWN]


def explain(statuses: ProfileStatuses, profile: Profile, offers: Iterable[int] | None = None) -> bytes:
    """The trees of these offers (by number; default: the eligible and undetermined ones) as JSON.

    `{"day", "offers": [{"id", "verdict", "finding"}], "values": {fact: value}}`. A finding has kind, status, sentence,
    required, clause, source, confidence, note and children as `finding_to_plain` has them, and `facts` by name. An
    offer that could not be computed has null for a finding.
    """
    one = statuses.one
    wanted = _shown(statuses) if offers is None else list(offers)
    found: list[bytes] = []
    facts: set[str] = set()
    for at in wanted:
        pieces = one.pieces.get(at)
        if pieces is None:
            pieces = one.pieces[at] = _rendered(one, at)
        code = statuses.verdicts[at]
        if VERDICTS[code] is Verdict.ERROR:
            pieces = Pieces([pieces.texts[0], b"", b',"finding":null}'], frozenset())
        spliced = pieces.texts[:]
        spliced[1] = _VERDICT_WORDS[code]
        spliced[3::2] = [_STATUS_WORDS[number] for number in statuses.nodes[one.trees[at]].tolist()][
            : len(spliced) // 2 - 1
        ]
        found.append(b"".join(spliced))
        facts |= pieces.facts
    values = _json({name: _written(one, profile, name) for name in sorted(facts)})
    return b"".join(
        (_json({"day": one.day.isoformat()})[:-1], b',"offers":[', b",".join(found), b'],"values":', values, b"}")
    )


def _shown(statuses: ProfileStatuses) -> list[int]:
    verdicts, (first, second) = statuses.verdicts, _SHOWN_CODES
    return ((verdicts == first) | (verdicts == second)).nonzero()[0].tolist()


def _written(one: OneCompany, profile: Profile, name: str) -> Any:
    answer, fact = profile.answers.get(name), one.vocabulary.get(name)
    return None if answer is None or fact is None else write_value(fact, answer.value)


def _rendered(one: OneCompany, at: int) -> Pieces:
    """The offer's text cut at the verdict and at each status, with empty places between."""
    offer = one.offers[at]
    found = evaluate_offer(offer, Situation(one.vocabulary, Profile({}), one.day))
    tree = finding_to_plain(found)["finding"]
    text = _json({"id": offer.id, "verdict": None, "finding": None if tree is None else _without_company(tree)})
    before, _, after = text.partition(_VERDICT_GAP)
    pieces = [before, b""]
    for piece in after.split(_STATUS_GAP):
        pieces += [piece, b""]
    return Pieces(pieces[:-1], frozenset() if found.finding is None else frozenset(_facts(found.finding)))


def _without_company(node: dict[str, Any]) -> dict[str, Any]:
    """The node without what a company's answers change."""
    kept = {name: part for name, part in node.items() if name not in ("actual", "missing")}
    facts, children = [seen["fact"] for seen in node["facts"]], [_without_company(child) for child in node["children"]]
    return {**kept, "status": None, "facts": facts, "children": children}


def _facts(finding: Finding) -> Iterable[str]:
    for seen in finding.facts:
        yield seen.name
    for child in finding.children:
        yield from _facts(child)


def _json(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
