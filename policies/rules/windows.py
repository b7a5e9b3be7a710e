"""When one can apply, and whether a policy is in force, on a day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

from companies.facts import Text, show_day
from policies.rules.reading import Path, Reading, write_text

KINDS = ("rolling", "fixed", "yearly", "batches", "no_application", "not_announced")


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `opens` to `closes`, both included; for a yearly window 'MM-DD' of each year."""

    opens: str | None
    closes: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """When an offer can be applied for."""

    kind: str = "not_announced"
    spans: tuple[Span, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class WindowState:
    """A window on a day: open, opens_on, closed, rolling, not_announced or no_application, and its next days."""

    state: str
    opens: date | None
    closes: date | None
    said: Text


def window_on(window: Window, day: date) -> WindowState:
    """What the window is on the day; both of its ends belong to it."""
    if window.kind in ("rolling", "no_application", "not_announced"):
        return _state(window.kind)
    if window.kind == "yearly":
        spans = [
            days
            for span in window.spans
            for year in (day.year - 1, day.year, day.year + 1)
            for days in [_in_year(span, year)]
        ]
    else:
        spans = [(_iso(span.opens), _iso(span.closes)) for span in window.spans]
    spans = [(opens, closes) for opens, closes in spans if opens or closes]
    if not spans:
        return _state("not_announced")
    for opens, closes in sorted(spans, key=lambda span: span[1] or date.max):
        if (opens is None or opens <= day) and (closes is None or day <= closes):
            return _state("open", opens, closes)
    coming = sorted(
        (span for span in spans if span[0] is not None and span[0] > day), key=lambda span: span[0] or date.max
    )
    if coming:
        opens, closes = coming[0]
        return _state("opens_on", opens, closes)
    _, last = max(spans, key=lambda span: span[1] or date.min)
    return _state("closed", None, last)


def say_window(state: str, opens: date | None, closes: date | None) -> Text:
    """The state of a window in words, with its days."""
    match state:
        case "open":
            return _said_open(closes)
        case "opens_on":
            return _said_opens(opens, closes)
        case "closed":
            return _said_closed(closes)
    return _SAID[state]


def _state(state: str, opens: date | None = None, closes: date | None = None) -> WindowState:
    return WindowState(state, opens, closes, say_window(state, opens, closes))


def _iso(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None


def _in_year(span: Span, year: int) -> tuple[date | None, date | None]:
    """The span that opens in this year; one that runs over New Year closes in the next."""
    opens = None if span.opens is None else _day_of(span.opens, year)
    closes = None if span.closes is None else _day_of(span.closes, year)
    if opens is None:
        opens = date(year, 1, 1)
    elif closes is None:
        closes = date(year, 12, 31)
    elif closes < opens:
        closes = _day_of(span.closes or "12-31", year + 1)
    return opens, closes


def _day_of(raw: str, year: int) -> date:
    month, day = int(raw[:2]), int(raw[3:])
    return date(year, month, min(day, monthrange(year, month)[1]))


_SAID = {
    "rolling": Text("open all year", "常年受理"),
    "no_application": Text("no application needed", "免申即享"),
    "not_announced": Text("not announced", "尚未公布"),
}


def _said_open(closes: date | None) -> Text:
    if closes is None:
        return Text("open now", "正在受理")
    said = show_day(closes)
    return Text(f"open until {said.en}", f"正在受理，截至{said.zh}")


def _said_opens(opens: date | None, closes: date | None) -> Text:
    start = show_day(opens) if opens else Text("", "")
    if closes is None:
        return Text(f"opens on {start.en}", f"{start.zh}开始受理")
    end = show_day(closes)
    return Text(f"opens on {start.en}, closes on {end.en}", f"{start.zh}开始受理，{end.zh}截止")


def _said_closed(last: date | None) -> Text:
    if last is None:
        return Text("closed", "已截止")
    said = show_day(last)
    return Text(f"closed since {said.en}", f"已于{said.zh}截止")


def read_window(raw: Any, path: Path, reading: Reading) -> Window:
    """The window; where it cannot be read, one that is not announced."""
    plain = reading.mapping(raw, path)
    if plain is None:
        return Window()
    kind = reading.one_of(plain, "kind", KINDS, path)
    reading.only(plain, ("kind", "opens", "closes", "batches", "note"), path)
    note = reading.text(plain, "note", path)
    if kind is None:
        return Window(note=note)
    if "batches" in plain and kind != "batches":
        reading.fault(
            (*path, "batches"),
            "only a window of kind batches has batches",
            "只有 kind: batches 才有 batches",
            "wrong_shape",
        )
    spans = tuple(_read_span(plain, path, reading, yearly=kind == "yearly"))
    if kind == "batches" and plain.get("batches") is not None:
        for at, item in enumerate(reading.sequence(plain["batches"], (*path, "batches"))):
            batch = reading.mapping(item, (*path, "batches", at))
            if batch is not None:
                reading.only(batch, ("opens", "closes"), (*path, "batches", at))
                spans += tuple(_read_span(batch, (*path, "batches", at), reading, yearly=False))
    if spans and kind in ("rolling", "no_application", "not_announced"):
        reading.fault(path, f"a window of kind {kind} has no days", f"kind: {kind} 不应有日期", "wrong_shape")
        spans = ()
    if kind == "fixed" and not spans:
        reading.fault(path, "a fixed window needs opens or closes", "固定窗口须有 opens 或 closes", "missing")
    return Window(kind, spans, note)


def _read_span(plain: Any, path: Path, reading: Reading, *, yearly: bool) -> list[Span]:
    ends: dict[str, str | None] = {}
    for key in ("opens", "closes"):
        raw = plain.get(key)
        ends[key] = None
        if raw is not None:
            good = _is_month_day(raw) if yearly else reading.day(raw, (*path, key)) is not None
            if yearly and not good:
                reading.fault((*path, key), "write the day of each year as '03-01'", "每年的日期写作 '03-01'", "day")
            ends[key] = raw if good else None
    opens, closes = ends["opens"], ends["closes"]
    if not yearly and opens and closes and closes < opens:
        reading.fault((*path, "closes"), "the window closes before it opens", "截止日早于开始日", "days_contradict")
    return [Span(opens, closes)] if opens or closes else []


def _is_month_day(raw: Any) -> bool:
    try:
        return isinstance(raw, str) and len(raw) == 5 and bool(date.fromisoformat(f"2024-{raw}"))
    except ValueError:
        return False


def write_window(window: Window) -> dict[str, Any]:
    """The window as a plain mapping in canonical order."""
    plain: dict[str, Any] = {"kind": window.kind}
    spans = [{key: day for key, day in (("opens", s.opens), ("closes", s.closes)) if day} for s in window.spans]
    if window.kind == "batches" and spans:
        plain["batches"] = spans
    elif spans:
        plain |= spans[0]
    if window.note is not None:
        plain["note"] = write_text(window.note)
    return plain


def first_day(partial: str) -> date:
    """The first day of 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'."""
    return date.fromisoformat(partial + "-01-01"[len(partial) - 4 :] if len(partial) < 10 else partial)


def last_day(partial: str) -> date:
    """The last day of 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'."""
    if len(partial) == 4:
        return date(int(partial), 12, 31)
    if len(partial) == 7:
        year, month = int(partial[:4]), int(partial[5:])
        return date(year, month, monthrange(year, month)[1])
    return date.fromisoformat(partial)


STATUSES = (
    "in_force", "in_force_presumed", "unknown", "possibly_revised", "partly_superseded", "superseded", "expired_presumed",
)  # fmt: skip


def standing_on(
    status: str,
    effective_from: str | None,
    effective_to: str | None,
    superseded_on: str | None,
    issued: str | None,
    day: date,
) -> str:
    """Whether a policy is in_force, presumed, unknown, not_yet or ended on the day."""
    starts = effective_from or issued
    if starts is not None and day < first_day(starts):
        return "not_yet"
    if effective_to is not None and day > last_day(effective_to):
        return "ended"
    if effective_to is None and superseded_on is not None and day >= first_day(superseded_on):
        return "ended"
    if status in ("superseded", "expired_presumed"):
        # Over by its status; before a known last day it was in force all the same.
        return "presumed" if effective_to is not None or superseded_on is not None else "ended"
    return {"in_force": "in_force", "unknown": "unknown"}.get(status, "presumed")
