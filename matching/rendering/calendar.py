"""The dates of a report as a calendar file: one entry for each day on which something opens or closes."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Alarm, Calendar, Event

from matching.rendering.outline import Due, outline_of
from matching.rendering.words import said

# How long before something closes a calendar reminds of it: papers take their time.
REMIND = timedelta(days=14)


def as_calendar(report: dict[str, Any], language: str) -> bytes:
    """The file (RFC 5545); the same report in the same language gives the same bytes, and the same entries keep their ids."""
    with override(language):
        outline = outline_of(report)
        calendar = Calendar()
        calendar.add("prodid", "-//Changce//Report//EN")
        calendar.add("version", "2.0")
        calendar.add("name", _("Policy report for %(name)s, as of %(day)s") % _whom(report))
        for due in outline.due:
            calendar.add_component(_event(due, report))
        return bytes(calendar.to_ical())


def _whom(report: dict[str, Any]) -> dict[str, str]:
    return {"name": report["subject"].get("name", ""), "day": report["day"]}


def _event(due: Due, report: dict[str, Any]) -> Event:
    day, offer = date.fromisoformat(due.day), due.offer
    policy = report["policies"][offer["policy"]]
    event = Event()
    # Not random: whoever takes a later report into the same calendar gets each entry once.
    entry = hashlib.sha256(f"{offer['id']} {due.what_key} {due.day[:4]}".encode()).hexdigest()
    event.add("uid", f"{entry[:32]}@changce")
    event.add("dtstamp", datetime.combine(date.fromisoformat(report["day"]), time(), UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{due.what}: {said(offer['title'])}")
    lines = [said(policy["title"]), said(offer["clause"]), said(offer["window"]["note"]), said(offer["amount"]["said"])]
    event.add("description", "\n".join(line for line in lines if line))
    if policy["sources"]:
        event.add("url", policy["sources"][0])
    event.add("transp", "TRANSPARENT")
    if due.what_key == "closes":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", said(offer["title"]))
        alarm.add("trigger", -REMIND)
        event.add_component(alarm)
    return event
