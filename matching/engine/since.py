"""What is otherwise in a report than in an earlier one of the same company, and what brought it about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.facts import Profile, Vocabulary, show_value
from matching.engine.report import group_of
from policies.rules import Situation, amount_to_plain, evaluate_offer
from policies.rules.book import Rulebook

CAUSES = ("profile", "release", "day")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report was made from, and the report."""

    report: Mapping[str, Any]
    book: Rulebook
    profile: Callable[[Vocabulary], Profile]
    """The answers as far as a vocabulary knows them: the earlier answers are also tried under the later rules."""

    @property
    def day(self) -> date:
        """As of when."""
        return date.fromisoformat(self.report["day"])


def since(before: Asked, after: Asked) -> dict[str, Any]:
    """The differences, as plain data.

    {"before", "after": {"day", "release", "engine"} of each; "facts": [{"fact", "label", "before", "after"}], the answers
    given anew in words, None for none; "totals": {"now", "possible"}: {"before", "after"}, the best combinations where their
    sums differ; "offers": [{"id", "title", "before", "after", "windows", "criteria", "causes"}] that stand otherwise}.

    `before` and `after` of an offer are {"group", "amount"}, None where the release has no such offer; "windows" is the words
    before and after, or None; "criteria" as in `criteria_changed`; "causes" of CAUSES and "engine". An input is a cause where
    exchanging it alone changes the offer, at either end: what is told was tried, not guessed.
    """
    old, new = before.report, after.report
    was, now = ({offer["id"]: offer for offer in report["offers"]} for report in (old, new))
    offers = []
    for key in dict.fromkeys([*now, *was]):
        if key in was and key in now and _standing(was[key]) == _standing(now[key]):
            continue
        offers.append(_told(key, was.get(key), now.get(key), before, after))
    return {
        "before": _inputs(old),
        "after": _inputs(new),
        "facts": _facts(before, after),
        "totals": dict(_totals(old, new)),
        "offers": offers,
    }


def _inputs(report: Mapping[str, Any]) -> dict[str, Any]:
    return {"day": report["day"], "release": report["release"]["number"], "engine": report["engine"]}


def _standing(offer: Mapping[str, Any]) -> tuple[Any, ...]:
    amount, window = offer["amount"], offer["window"]
    return (
        offer["group"],
        amount["status"],
        amount["low"],
        amount["high"],
        window["state"],
        window["opens"],
        window["closes"],
    )


def _facts(before: Asked, after: Asked) -> list[dict[str, Any]]:
    vocabulary = after.book.vocabulary
    was, now = before.profile(vocabulary), after.profile(vocabulary)
    changed = []
    for fact in vocabulary.asked:
        pair = [answer and answer.value for answer in (was.get(fact.name), now.get(fact.name))]
        if pair[0] != pair[1]:
            shown = [None if value is None else show_value(fact, value).to_plain() for value in pair]
            changed.append({"fact": fact.name, "label": fact.label.to_plain(), "before": shown[0], "after": shown[1]})
    return changed


def _totals(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for scope in ("now", "possible"):
        was, now = ((report.get("combination") or {}).get(scope) for report in (old, new))
        if was is not None and now is not None and _ends(was) != _ends(now):
            yield scope, {"before": was, "after": now}


def _ends(combination: Mapping[str, Any]) -> tuple[Any, ...]:
    return combination["low"]["total"]["low"], combination["high"]["total"]["high"], bool(combination["candidates"])


def _told(
    key: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, before: Asked, after: Asked
) -> dict[str, Any]:
    shown = now or was
    assert shown is not None
    windows = None
    if was is not None and now is not None and was["window"]["said"] != now["window"]["said"]:
        windows = {"before": was["window"]["said"], "after": now["window"]["said"]}
    return {
        "id": key,
        "title": shown["title"],
        "before": _cell(was),
        "after": _cell(now),
        "windows": windows,
        "criteria": _criteria(was, now),
        "causes": _causes(key, before, after),
    }


def _cell(offer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if offer is None:
        return None
    out_of_reach = offer["group"] in ("ineligible", "ended", "not_yet", "error")
    return {"group": offer["group"], "amount": None if out_of_reach else offer["amount"]}


def _causes(key: str, before: Asked, after: Asked) -> list[str]:
    """Which inputs, exchanged alone, change how the offer stands: put into the earlier question, or taken out of the later."""
    ends = ((before.profile, before.book, before.day), (after.profile, after.book, after.day))
    stands = [_evaluated(key, *end) for end in ends]
    causes = []
    for at, cause in enumerate(CAUSES):
        for end in (0, 1):
            tried = list(ends[end])
            tried[at] = ends[1 - end][at]
            if _evaluated(key, *tried) != stands[end]:  # type: ignore[arg-type]
                causes.append(cause)
                break
    if not causes and before.report["engine"] != after.report["engine"]:
        return ["engine"]
    return causes


def _evaluated(key: str, profile: Callable[[Vocabulary], Profile], book: Rulebook, day: date) -> tuple[Any, ...] | None:
    offer = book.offer(key)
    if offer is None:
        return None
    found = evaluate_offer(offer, Situation(book.vocabulary, profile(book.vocabulary), day))
    amount, window = amount_to_plain(found.amount), found.window
    return group_of(found), amount["status"], amount["low"], amount["high"], window.state, window.opens, window.closes


def _criteria(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The criteria whose answer is another one, by their sentence and clause; None where there was no such criterion."""
    old, new = dict(_leaves(was)), dict(_leaves(now))
    return [
        {
            "sentence": (new.get(key) or old[key])["sentence"],
            "clause": (new.get(key) or old[key])["clause"],
            "before": old[key]["status"] if key in old else None,
            "after": new[key]["status"] if key in new else None,
        }
        for key in dict.fromkeys([*new, *old])
        if key not in old or key not in new or old[key]["status"] != new[key]["status"]
    ]


def _leaves(offer: Mapping[str, Any] | None) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    waiting = [] if offer is None or offer["finding"] is None else [offer["finding"]]
    while waiting:
        node = waiting.pop()
        waiting.extend(reversed(node["children"]))
        if not node["children"]:
            yield (node["sentence"]["en"], node["sentence"]["zh"], (node["clause"] or {}).get("en")), node
