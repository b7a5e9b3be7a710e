"""Routes as plain JSON: each change with its gap in the fact's unit, the day it can be met, and the window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from companies.facts import UNKNOWN, Certificate, Fact, Kind, Text, show_day, write_value
from matching.engine.routes.aims import (
    Aim,
    Holding,
    Within,
    added,
)
from matching.engine.routes.search import MOST_CHANGES, Found, Search, Walker
from matching.engine.routes.wording import Told, equals
from policies.rules import OfferText, Verdict, window_on
from policies.rules.numerals import joined

_LEADS_TO = {
    Verdict.ELIGIBLE: Text("Then every criterion holds.", "则全部条件均满足。"),
    Verdict.NEEDS_REVIEW: Text(
        "Then all that can be computed holds; a human judgement remains.", "则可计算的条件均满足，仍需人工评审。"
    ),
    Verdict.NOT_MODELLED: Text(
        "Then all that can be computed holds; part of the text is not modelled.",
        "则可计算的条件均满足，仍有部分条款未建模。",
    ),
}
_NONE = {
    "fixed": Text("What fails cannot be changed.", "不满足的条件无法改变。"),
    "too_many": Text(f"More than {MOST_CHANGES} changes would be needed.", f"需要改变的事项超过{MOST_CHANGES}项。"),
    "given_up": Text("No short route was found.", "未找到较短的达标路径。"),
    "ended": Text("The policy is no longer in force.", "该政策已失效。"),
    "not_yet": Text("The policy is not yet in force.", "该政策尚未施行。"),
    "ends_before": Text("The policy ends before any route could be completed.", "在达标之前该政策即已失效。"),
    "error": Text("The offer could not be evaluated.", "该事项无法计算。"),
    "met": Text("Nothing that can be computed is missing.", "可计算的条件均已满足。"),
}


def none_to_plain(code: str, blocked: Sequence[Fact] = ()) -> dict[str, Any]:
    """Why an offer has no route, as JSON; `blocked` are the facts that fail and cannot be changed."""
    said = _NONE[code]
    if blocked:
        labels = joined([fact.label for fact in blocked], ", ", "、")
        said = Text(f"What fails cannot be changed: {labels.en}.", f"不满足的条件无法改变：{labels.zh}。")
    return {"code": code, "said": said.to_plain(), "facts": [fact.name for fact in blocked]}


def search_to_plain(search: Search, offer: OfferText, walker: Walker) -> dict[str, Any]:
    """The routes of one offer as JSON, and why there is none."""
    return {
        "routes": [_route(found, offer, walker) for found in search.found],
        "none": None if search.none is None else none_to_plain(search.none, [walker.fact(n) for n in search.blocked]),
    }


def _route(found: Found, offer: OfferText, walker: Walker) -> dict[str, Any]:
    day, today = found.state.day, walker.situation.day
    beside = _beside(found, offer, walker)
    aims = sorted(found.state.aims, key=lambda item: walker.order[item[0]])
    changes = [_change(name, aim, found, walker, beside.get(name, ())) for name, aim in aims]
    if day > today:
        changes.append(_waiting(day, today))
    # What is quick stands first, questions before everything: they cost nothing.
    changes.sort(key=lambda change: _ORDER[change["effort"]])
    earliest, not_before, said = _earliest(changes, day, today, walker)
    window = _window(offer, earliest, not_before, today)
    listed = joined([Text(change["said"]["en"], change["said"]["zh"]) for change in changes], "; ", "；")
    leads = _LEADS_TO[found.verdict]
    return {
        "changes": changes,
        "result": found.verdict.value,
        "earliest": None if earliest is None else earliest.isoformat(),
        "not_before": None if not_before is None else not_before.isoformat(),
        "earliest_said": said.to_plain(),
        "window": window,
        "said": {"en": f"{listed.en}. {leads.en}", "zh": f"{listed.zh}。{leads.zh}"},
    }


_ORDER = {"none": 0, "quick": 1, "slow": 2, "time": 3}


def _beside(found: Found, offer: OfferText, walker: Walker) -> dict[str, tuple[str, ...]]:
    """For each number the other changed numbers with which it was worked out: with others it would be another one."""
    numbers = {name for name, aim in found.state.aims if isinstance(aim, Within)}
    beside: dict[str, dict[str, None]] = {}
    if len(numbers) > 1:
        for condition in walker.conditions.bottom_of(offer):
            together = [name for name in condition.facts if name in numbers]
            for name in together:
                beside.setdefault(name, {}).update(dict.fromkeys(other for other in together if other != name))
    return {name: tuple(others) for name, others in beside.items()}


def _change(name: str, aim: Aim, found: Found, walker: Walker, beside: tuple[str, ...]) -> dict[str, Any]:
    fact, now = walker.fact(name), walker.situation.profile.value(name)
    value = found.profile.value(name)
    asks = walker.is_question(name, aim, found.state.day)
    told = Told(fact, aim, now, value, asks)
    said = told.said()
    if beside and not (isinstance(aim, Within) and aim.example):
        others = [(walker.fact(other), found.profile.value(other)) for other in beside]
        listed = joined([equals(other, is_then) for other, is_then in others], ", ", "、")
        said = Text(f"{said.en} [with {listed.en}]", f"{said.zh}【按{listed.zh}计】")
    plain: dict[str, Any] = {
        "fact": name,
        "label": fact.label.to_plain(),
        "kind": told.kind(),
        "from": None if now is UNKNOWN else write_value(fact, now),
        "to": write_value(fact, value),
        "any_of": told.any_of(),
        "gap": told.gap(),
        "said": said.to_plain(),
        "example": isinstance(aim, Within) and aim.example,
        "effort": "none" if asks else fact.effort.value,
        "chain": _chain(aim, value, now, found.state.day, walker) if fact.kind is Kind.CERTIFICATES else [],
    }
    return plain


def _chain(aim: Aim, value: Any, now: Any, day: date, walker: Walker) -> list[dict[str, Any]]:
    """The titles to get, one after another, with the offers under which they are granted."""
    if not isinstance(aim, Holding) or now is UNKNOWN:
        return []
    held = walker.held(day)
    steps: dict[str, None] = {}
    for one in sorted(added(value, now), key=Certificate.order):
        if one.kind not in held:
            steps |= dict.fromkeys(walker.ladder.chain(one.kind, held, day))
    fact = next(fact for fact in walker.vocabulary.asked if fact.kind is Kind.CERTIFICATES)
    return [
        {
            "key": key,
            "label": (choice.label if (choice := fact.choice(key)) else Text(key, key)).to_plain(),
            "needs": list(walker.ladder.needs(key)),
            "granted_by": list(walker.ladder.granted_by(key)),
        }
        for key in steps
    ]


def _waiting(day: date, today: date) -> dict[str, Any]:
    days, said = (day - today).days, show_day(day)
    return {
        "fact": None,
        "label": Text("Time", "时间").to_plain(),
        "kind": "wait",
        "from": today.isoformat(),
        "to": day.isoformat(),
        "any_of": [],
        "gap": {"amount": str(days), "shown": Text(f"{days} days", f"{days}天").to_plain()},
        "said": Text(f"Wait until {said.en}", f"等到{said.zh}").to_plain(),
        "example": False,
        "effort": "time",
        "chain": [],
    }


def _earliest(
    changes: Iterable[Mapping[str, Any]], day: date, today: date, walker: Walker
) -> tuple[date | None, date | None, Text]:
    """The first day on which the route can be complete, the day before which it surely is not, and both in words."""
    real = [change for change in changes if change["kind"] not in ("find_out", "wait")]
    if not real:
        said = show_day(day)
        if day == today:
            return day, day, Text("At once, if the answers are so.", "如答案如此，即刻达标。")
        return day, day, Text(f"On {said.en}.", f"{said.zh}。")
    not_before = day
    if any(walker.fact(change["fact"]).period == "y1" for change in real):
        # The figure of the last full year can only be another one when this year is over.
        not_before = max(not_before, date(today.year + 1, 1, 1))
    said = show_day(not_before)
    unknown = Text("How long the changes take is not known", "变更所需时间未知")
    if not_before == today:
        return None, None, Text(f"{unknown.en}.", f"{unknown.zh}。")
    return None, not_before, Text(f"{unknown.en}; not before {said.en}.", f"{unknown.zh}，不早于{said.zh}。")


_WINDOWS = {
    "in_time": Text("open then", "届时可以申报"),
    "next_window": Text("in a later one", "须等下一次申报"),
    "not_announced": Text("none announced", "尚未公布"),
    "closed": Text("closed by then", "届时已截止"),
    "unknown": Text("whether it is in time is not known", "能否赶上未知"),
}


def _window(offer: OfferText, earliest: date | None, not_before: date | None, today: date) -> dict[str, Any]:
    """The window on the first day that can be named, and whether the route is in time for it."""
    state = window_on(offer.window, earliest or not_before or today)
    word = {
        "rolling": "in_time", "no_application": "in_time", "open": "in_time", "opens_on": "next_window",
        "closed": "closed", "not_announced": "not_announced",
    }[state.state]  # fmt: skip
    if earliest is None and word == "in_time" and state.closes is not None:
        word = "unknown"
    said = _WINDOWS[word]
    return {
        "state": word,
        "opens": None if state.opens is None else state.opens.isoformat(),
        "closes": None if state.closes is None else state.closes.isoformat(),
        "said": (
            said if word == "not_announced" else Text(f"{said.en} ({state.said.en})", f"{said.zh}（{state.said.zh}）")
        ).to_plain(),
    }
