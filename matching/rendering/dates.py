"""The days of a report for reading: windows and certificates in one list, and their place on a line of months."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.rendering import words
from matching.rendering.anchors import anchor_of

WHAT: Final[dict[str, str | Promise]] = {
    "opens": _("opens"),
    "closes": _("closes"),
    "expires": _("valid until"),
}
# What the line of months shows at least and at most.
_LEAST, _MOST = 12, 36


@dataclass(frozen=True, slots=True)
class Due:
    """A day to keep in mind: of an offer's window, or the last day of a certificate that offers count on."""

    day: str
    what_key: str
    """A key of WHAT."""
    title: dict[str, str]
    offer: dict[str, Any] | None
    """The offer whose window it is."""
    counted_on: list[dict[str, Any]]
    """The offers that ask for the certificate."""
    key: str
    """Names the same day again in a later report: the offer's id, or the fact and kind of the certificate."""

    @property
    def what(self) -> str | Promise:
        """What happens on the day, in a word."""
        return WHAT[self.what_key]

    @property
    def anchor(self) -> str:
        """The place of the offer on the page; nothing for a certificate."""
        return "" if self.offer is None else anchor_of(self.offer["id"])


@dataclass(frozen=True, slots=True)
class Span:
    """One line of the timeline: from where to where, in hundredths of its width, and what stands beside it."""

    title: dict[str, str]
    anchor: str
    start: float
    width: float
    opens: str | None
    closes: str | None
    is_certificate: bool
    runs_on: bool
    """Whether it goes on after the end of the line."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A month written under the timeline."""

    place: float
    said: str
    side: str
    """How the text stands to its place: start, middle or end."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Windows and certificates on one line of months; and how many offers have no day, by the state of their window."""

    ticks: list[Tick]
    spans: list[Span]
    without_day: list[tuple[str | Promise, int]]


def days_of(report: Mapping[str, Any], offers: Mapping[str, dict[str, Any]]) -> list[Due]:
    """Every day ahead, the nearest first."""
    windows = [
        Due(due["day"], due["what"], offers[due["offer"]]["title"], offers[due["offer"]], [], due["offer"])
        for due in report["summary"]["due"]
    ]
    certificates = [
        Due(
            held["expires"], "expires", held["label"], None, [offers[one] for one in held["offers"] if one in offers],
            f"{held['fact']} {held['kind']}",
        )
        for held in report.get("validity", ())
    ]  # fmt: skip
    return sorted([*windows, *certificates], key=lambda due: due.day)


def timeline_of(report: Mapping[str, Any], open_offers: Iterable[dict[str, Any]]) -> Timeline:
    """The line from the day of the report's month on, a year at least and three at most."""
    listed = list(open_offers)
    first = date.fromisoformat(report["day"]).replace(day=1)
    dated = [offer for offer in listed if offer["window"]["opens"] or offer["window"]["closes"]]
    certificates = report.get("validity", ())
    ends = [offer["window"]["closes"] or offer["window"]["opens"] for offer in dated]
    last = max([*ends, *(held["expires"] for held in certificates)], default=report["day"])
    months = min(max(_months_between(first, date.fromisoformat(last)) + 1, _LEAST), _MOST)
    months += -months % 3  # thirds, so that every tick is the first of a month
    line = _Line(first, months)
    spans = [
        line.span(offer["title"], anchor_of(offer["id"]), offer["window"]["opens"], offer["window"]["closes"])
        for offer in dated
        if offer["window"]["state"] != "closed"
    ]
    spans += [line.span(held["label"], "", held["issued"], held["expires"], certificate=True) for held in certificates]
    without: dict[str, int] = {}
    for offer in listed:
        if offer not in dated or offer["window"]["state"] == "closed":
            state = offer["window"]["state"]
            without[state] = without.get(state, 0) + 1
    return Timeline(
        line.ticks(),
        sorted(spans, key=lambda span: span.closes or "9"),
        [(words.WINDOWS[state], without[state]) for state in words.WINDOWS if state in without],
    )


class _Line:
    def __init__(self, first: date, months: int) -> None:
        self.first, self.months = first, months
        self.days = (_month_after(first, months) - first).days

    def place(self, day: str) -> float:
        return round((date.fromisoformat(day) - self.first).days / self.days * 100, 1)

    def span(
        self, title: dict[str, str], anchor: str, opens: str | None, closes: str | None, certificate: bool = False
    ) -> Span:
        start = 0.0 if opens is None else min(max(self.place(opens), 0.0), 98.5)
        end = 100.0 if closes is None else min(self.place(closes), 100.0)
        # One day would have no width and could not be seen.
        width = round(max(end - start, 1.5), 1)
        runs_on = closes is None or self.place(closes) > 100
        return Span(title, anchor, start, width, opens, closes, certificate, runs_on)

    def ticks(self) -> list[Tick]:
        sides = ("start", "middle", "middle", "end")
        return [
            Tick(self.place(day.isoformat()), f"{day:%Y-%m}", side)
            for at, side in enumerate(sides)
            for day in [_month_after(self.first, self.months * at // 3)]
        ]


def _months_between(one: date, other: date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month


def _month_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
