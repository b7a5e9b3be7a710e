"""A person's calendar: the days on which what they can apply for opens and closes, at an address that is a secret."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Alarm, Calendar, Event

from companies.models import Company, ProfileVersion
from matching.engine.report import POSSIBLE, group_of
from matching.models import Addressee, MutedPolicy, Watch
from matching.rendering.calendar import REMIND
from matching.rendering.words import said
from policies import rulebook
from policies.rules import OfferText, Situation, evaluate_offer
from policies.rules.book import Rulebook

# How often a calendar program should look again.
AGAIN = timedelta(hours=12)


def new_secret() -> str:
    """What makes an address nobody can guess."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def calendar_of(addressee: Addressee, day: date) -> bytes:
    """The windows of what the person's watched companies have or may yet get, as of the day; no figure, no answer.

    From the rules in force and the newest answers, without a match: it is as true as a report that is made now.
    """
    person = addressee.user
    companies = list(
        Company.objects.visible_to(person)
        .filter(pk__in=Watch.objects.on().filter(membership__user=person).values("membership__company"))
        .order_by("pk")
    )
    muted = set(MutedPolicy.objects.filter(user=person).values_list("policy", flat=True))
    versions = ProfileVersion.objects.newest().filter(company__in=companies)
    with override(addressee.language):
        calendar = Calendar()
        calendar.add("prodid", "-//Changce//News//EN")
        calendar.add("version", "2.0")
        calendar.add("name", _("Changce: when to apply"))
        calendar.add("refresh-interval", AGAIN, {"value": "DURATION"})
        calendar.add("x-published-ttl", "PT12H")
        try:
            book = rulebook.current()
        except rulebook.NoRelease:
            return bytes(calendar.to_ical())
        by_company = {version.company_id: version for version in versions}
        for company in companies:
            if company.pk in by_company:
                # The name only where it tells companies apart: the address may come into other hands.
                name = company.name if len(companies) > 1 else ""
                for event in _events(book, by_company[company.pk], company, name, muted, day):
                    calendar.add_component(event)
        return bytes(calendar.to_ical())


def _events(
    book: Rulebook, version: ProfileVersion, company: Company, name: str, muted: set[str], day: date
) -> Iterator[Event]:
    situation = Situation(book.vocabulary, version.profile(book.vocabulary), day)
    for offer in book.offers:
        if offer.policy in muted or offer.window.kind not in ("fixed", "yearly", "batches"):
            continue
        found = evaluate_offer(offer, situation)
        if group_of(found) not in ("eligible", *POSSIBLE):
            continue
        for what, when in (("opens", found.window.opens), ("closes", found.window.closes)):
            if when is not None and when >= day:
                yield _event(book, offer, company, name, what, when, day)


def _event(book: Rulebook, offer: OfferText, company: Company, name: str, what: str, when: date, day: date) -> Event:
    event = Event()
    # Not random: the same entry keeps its id however often the calendar is fetched.
    entry = hashlib.sha256(f"{company.public_id} {offer.id} {what} {when.year}".encode()).hexdigest()
    event.add("uid", f"{entry[:32]}@changce")
    event.add("dtstamp", datetime.combine(day, time(), UTC))
    event.add("dtstart", when)
    event.add("dtend", when + timedelta(days=1))
    title = said(offer.title.to_plain())
    words = _("Opens: %(offer)s") if what == "opens" else _("Closes: %(offer)s")
    event.add("summary", words % {"offer": f"{title} ({name})" if name else title})
    policy = book.policy(offer.policy)
    if policy is not None:
        event.add("description", said(policy.title.to_plain()))
    event.add("url", settings.SITE_URL + reverse("policies:detail", args=[offer.policy]))
    event.add("transp", "TRANSPARENT")
    if what == "closes":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -REMIND["closes"])
        event.add_component(alarm)
    return event
