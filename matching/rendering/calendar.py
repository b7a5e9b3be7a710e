"""The dates of a report as a calendar file: an entry for each day on which a window opens or closes or a certificate ends."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Alarm, Calendar, Event, vText

from matching.rendering.dates import Due
from matching.rendering.money import amount_in_short
from matching.rendering.outline import outline_of
from matching.rendering.words import said

# How long before a calendar reminds: papers take their time, and a renewed title takes longer.
REMIND = {"closes": timedelta(days=14), "expires": timedelta(days=60)}


def as_calendar(report: dict[str, Any], language: str) -> bytes:
    """The file (RFC 5545); the same report in the same language gives the same bytes, and the same entries keep their ids."""
    with override(language):
        outline = outline_of(report)
        calendar = Calendar()
        calendar.add("prodid", "-//Changce//Report//EN")
        calendar.add("version", "2.0")
        # As text, so that a name with a line break in it stays a name.
        calendar.add("name", vText(_("Policy report for %(name)s, as of %(day)s") % _whom(report)))
        for due in outline.due:
            calendar.add_component(_event(due, report))
        return bytes(calendar.to_ical())


def _whom(report: dict[str, Any]) -> dict[str, str]:
    return {"name": report["subject"].get("name", ""), "day": report["day"]}


def _event(due: Due, report: dict[str, Any]) -> Event:
    day = date.fromisoformat(due.day)
    event = Event()
    # Not random: whoever takes a later report into the same calendar gets each entry once.
    entry = hashlib.sha256(f"{due.key} {due.what_key} {due.day[:4]}".encode()).hexdigest()
    event.add("uid", f"{entry[:32]}@changce")
    event.add("dtstamp", datetime.combine(date.fromisoformat(report["day"]), time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{due.what}: {said(due.title)}")
    event.add("description", "\n".join(line for line in _about(due, report) if line))
    if due.offer is not None and report["policies"][due.offer["policy"]]["sources"]:
        event.add("url", report["policies"][due.offer["policy"]]["sources"][0])
    event.add("transp", "TRANSPARENT")
    if due.what_key in REMIND:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", said(due.title))
        alarm.add("trigger", -REMIND[due.what_key])
        event.add_component(alarm)
    return event


def _about(due: Due, report: dict[str, Any]) -> Iterator[str]:
    if due.offer is None:
        yield _("Certificate of the company")
        if due.counted_on:
            yield _("Offers that ask for it:")
            yield from (said(offer["title"]) for offer in due.counted_on)
        return
    offer = due.offer
    yield said(report["policies"][offer["policy"]]["title"])
    yield said(offer["clause"])
    yield said(offer["window"]["note"])
    yield amount_in_short(offer["amount"])
    yield said(offer["amount"]["said"])
