"""News for reading: what was, what is, why, and where to look, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.facts import show_day
from companies.models import User
from matching.models import MatchReport, VerdictChange
from matching.news.telling import WITHOUT_BULK, Told, tell
from matching.rendering.money import money_range
from matching.rendering.words import GROUPS, STATUSES, Mark, said
from policies.models import PolicyVersion
from policies.rules.windows import say_window


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is another than it was."""

    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """A criterion whose answer is another one."""

    clause: str
    sentence: str
    was: Mark | None
    now: Mark | None


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One change, as a person reads it."""

    change: VerdictChange
    title: str
    policy: str
    """The key of its policy; "" for the best combination."""
    policy_title: str
    in_catalogue: bool
    """Whether the policy has a page in the release that brought the change."""
    lines: list[Line]
    causes: list[str]
    criteria: list[CriterionLine]
    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    """Of the best combination: the offers that came and went."""

    @property
    def found_at(self) -> datetime | None:
        """When it was found."""
        return self.change.run.finished_at


def with_sides(changes: Any) -> Any:
    """The changes with all that `items_of` reads, and the newest report of each company."""
    newest = MatchReport.objects.filter(request__company=OuterRef("company")).order_by("-pk")
    return (
        changes.select_related("company", "run__release", "run__compared_with__release")
        .defer(*WITHOUT_BULK)
        .annotate(report=Subquery(newest.values("public_id")[:1]))
    )


def news_of(person: User, *, before: tuple[int, int] | None = None) -> Any:
    """What this person is told, the newest first; `before`: what is older than this run and change."""
    news = with_sides(VerdictChange.objects.visible_to(person).news_for(person))
    if before is not None:
        news = news.older_than(*before)
    return news.order_by("-run__sequence", "pk")


def items_of(changes: Iterable[VerdictChange]) -> list[NewsItem]:
    """The changes in the active language."""
    told = tell(changes)
    published = _publications(told)
    return [_combination(one) if one.change.offer == "" else _item(one, published) for one in told]


def _item(told: Told, published: Mapping[tuple[str, int], PolicyVersion]) -> NewsItem:
    key = told.change.offer.partition("/")[0]
    policy = None if told.book is None else told.book.policy(key)
    return NewsItem(
        change=told.change,
        title=told.change.offer if told.offer is None else said(told.offer.title.to_plain()),
        policy=key,
        policy_title=key if policy is None else said(policy.title.to_plain()),
        in_catalogue=told.after.book is not None and told.after.book.policy(key) is not None,
        lines=_lines(told),
        causes=_causes(told, published.get((key, told.change.run.release_id))),
        criteria=[_criterion(one) for one in told.criteria],
    )


def _lines(told: Told) -> list[Line]:
    one = told.change
    lines = []
    if "verdict" in told.changed:
        lines.append(Line(_("Verdict"), _verdict(one.before), _verdict(one.after)))
    if "amount" in told.changed:
        lines.append(Line(_("Amount"), _amount(one.before_amount), _amount(one.after_amount)))
    if "window" in told.changed:
        lines.append(Line(_("Window"), _window(one.before_window), _window(one.after_window)))
    return lines


def _combination(told: Told) -> NewsItem:
    one = told.change
    was, now = one.before_combination, one.after_combination
    # The database promises both for a change without an offer.
    assert was is not None
    assert now is not None
    had, has = (dict.fromkeys([*side["offers"], *(side["otherwise"] or ())]) for side in (was, now))
    return NewsItem(
        change=one,
        title=_("Your best combination"),
        policy="",
        policy_title="",
        in_catalogue=False,
        lines=[Line(_("Together"), _together(was), _together(now))],
        causes=_causes(told, None),
        criteria=[],
        added=[_named(told, name) for name in has if name not in had],
        dropped=[_named(told, name) for name in had if name not in has],
    )


def _named(told: Told, offer: str) -> str:
    for side in (told.after, told.before):
        found = None if side.book is None else side.book.offer(offer)
        if found is not None:
            return said(found.title.to_plain())
    return offer


def _verdict(verdict: str) -> str:
    return str(GROUPS[verdict].word) if verdict else _("not in the catalogue")


def _amount(amount: Mapping[str, Any] | None) -> str:
    if amount is None:
        return _("no amount")
    if amount["status"] == "in_kind":
        return _("in kind")
    if amount["status"] == "to_confirm":
        return _("amount to be confirmed")
    return money_range(amount["low"], amount["high"])


def _together(side: Mapping[str, Any]) -> str:
    if not side["offers"]:
        return _("nothing yet")
    if side["low"] is None and side["high"] is None:
        return _("in kind, or not known yet")
    known = money_range(side["low"], side["high"])
    return _("%(sum)s or more") % {"sum": known} if side["open"] else known


def _window(window: Mapping[str, Any] | None) -> str:
    if window is None:
        return ""
    if window["state"] in ("ended", "not_yet"):
        return str(GROUPS[window["state"]].word)
    opens, closes = (None if day is None else date.fromisoformat(day) for day in (window["opens"], window["closes"]))
    return say_window(window["state"], opens, closes).said(get_language())


def _criterion(plain: Mapping[str, Any]) -> CriterionLine:
    was, now = (None if plain[side] is None else STATUSES[plain[side]] for side in ("before", "after"))
    return CriterionLine(said(plain["clause"]), said(plain["sentence"]), was, now)


def _causes(told: Told, published: PolicyVersion | None) -> list[str]:
    one = told.change
    said_of = {
        "profile": lambda: _your_answers(told),
        "release": lambda: _new_rules(told, published),
        "day": lambda: _days(told),
        "engine": lambda: (
            _("the evaluation itself was corrected (engine %(edition)s)") % {"edition": one.run.engine_version}
        ),
    }
    return [said_of[cause]() for cause in told.causes]


def _your_answers(told: Told) -> str:
    book = told.after.book
    asked = [] if book is None else [book.vocabulary.get(name) for name in told.facts]
    labels = [fact.label.said(get_language()) for fact in asked if fact is not None]
    if not labels:
        return _("your answers had changed")
    return _("your answers had changed: %(facts)s") % {"facts": _(", ").join(labels)}


def _new_rules(told: Told, published: PolicyVersion | None) -> str:
    run = told.change.run
    if published is not None and published.published_at is not None:
        day = show_day(timezone.localdate(published.published_at)).said(get_language())
        return _("edition %(number)s of the policy was published on %(day)s (release %(release)s)") % {
            "number": published.number, "day": day, "release": run.release.number,
        }  # fmt: skip
    return _("other rules are in force (release %(release)s)") % {"release": run.release.number}


def _days(told: Told) -> str:
    was, now = told.before.run, told.change.run
    if was is None:
        return _("days have passed")
    days = [show_day(run.day).said(get_language()) for run in (was, now)]
    return _("days have passed, from %(was)s to %(now)s") % {"was": days[0], "now": days[1]}


def _publications(told: Iterable[Told]) -> dict[tuple[str, int], PolicyVersion]:
    """By policy and release of the run: the edition that was published since the run before."""
    wanted = [one for one in told if "release" in one.causes and one.change.offer and one.before.run is not None]
    keys = {one.change.offer.partition("/")[0] for one in wanted}
    if not keys:
        return {}
    rows = PolicyVersion.objects.filter(policy__key__in=keys, published_at__isnull=False).select_related("policy")
    versions = list(rows.defer("content").order_by("published_at"))
    found = {}
    for one in wanted:
        assert one.before.run is not None
        key, since, until = one.change.offer.partition("/")[0], one.before.run.release, one.change.run.release
        for version in versions:
            if version.policy.key == key and since.created_at < version.published_at <= until.created_at:  # type: ignore[operator]
                found[key, one.change.run.release_id] = version
    return found
