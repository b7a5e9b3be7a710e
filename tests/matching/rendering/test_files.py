"""A report as PDF, spreadsheet and calendar: made from the one outline, the same bytes each time, and harmless to open."""

from __future__ import annotations

import io
import re
import threading
import xml.etree.ElementTree as ET
import zipfile
from datetime import date

import pypdfium2
import pytest
from icalendar import Calendar

from companies.facts import Profile, read_profile
from matching.engine.report import make_report
from matching.management.commands.match import Command
from matching.rendering import blocks
from matching.rendering.blocks import NotSet
from matching.rendering.calendar import as_calendar
from matching.rendering.document import as_document
from matching.rendering.spreadsheet import as_spreadsheet
from policies.rules.book import canonical_snapshot, read_rulebook
from tests.matching.catalogue import POLICY, SNAPSHOT

pytestmark = pytest.mark.slow
NAME = "=1+1 *昌平* #include <x> 𠮷"
WINDOW = {"kind": "fixed", "opens": "2026-12-01", "closes": "2027-01-15"}
MAKERS = {"pdf": as_document, "xlsx": as_spreadsheet, "ics": as_calendar}


@pytest.fixture(scope="module")
def report() -> dict:
    offers = [
        {**offer, "window": WINDOW} if offer["offer"] == "founding-reward" else offer for offer in POLICY["offers"]
    ]
    rules = read_rulebook(canonical_snapshot({**SNAPSHOT, "policies": [{**POLICY, "offers": offers}]}), 1)
    profile, faults = read_profile(rules.vocabulary, {"established": True, "employees": 40})
    assert not faults
    assert isinstance(profile, Profile)
    return make_report(rules, profile, date(2026, 11, 30), {"name": NAME})


def pages(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in opened)


def cells(xlsx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as parts:
        return "".join(ET.fromstring(parts.read("xl/sharedStrings.xml")).itertext())  # our own file


@pytest.mark.parametrize("form", MAKERS)
def test_the_same_report_gives_the_same_bytes(report, form):
    assert MAKERS[form](report, "en") == MAKERS[form](report, "en")


@pytest.mark.parametrize(("language", "title"), [("en", "founding-reward"), ("zh-hans", "founding-reward（中文）")])
def test_each_form_is_in_the_readers_language(report, language, title):
    events = Calendar.from_ical(as_calendar(report, language)).walk("VEVENT")
    told = [pages(as_document(report, language)), cells(as_spreadsheet(report, language)), str(events[0]["summary"])]

    for text in told:
        assert title in text
        assert ("（中文）" in text) == (language == "zh-hans")


def test_the_document_says_every_verdict_and_keeps_markup_as_text(report):
    text = pages(as_document(report, "en"))

    assert NAME in text.replace("\r\n", " ")
    for said in ("Eligible", "Not decided yet", "founding-reward", "large-team", "research-reward", "CNY 500,000"):
        assert said in text


def test_a_document_that_takes_too_long_is_given_up(report, monkeypatch):
    monkeypatch.setattr(blocks, "TIME_LIMIT", 0.01)

    with pytest.raises(NotSet):
        as_document(report, "en")


def test_where_too_many_are_set_at_once_the_next_one_is_given_up(report, monkeypatch):
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(blocks, "_places", full)
    monkeypatch.setattr(blocks, "TIME_LIMIT", 0.01)

    # It waits for a place, not for the typesetter, of which the same limit says something else.
    with pytest.raises(NotSet, match="others were being set"):
        as_document(report, "en")


def test_the_spreadsheet_has_no_formula_and_no_link_whatever_the_company_is_called(report):
    with zipfile.ZipFile(io.BytesIO(as_spreadsheet(report, "en"))) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
        names = " ".join(parts.namelist())

    assert len(sheets) == 6
    assert not re.search("<f>|<hyperlink", "".join(sheets))
    assert not re.search("externalLink|vba|macro", names)
    assert NAME in cells(as_spreadsheet(report, "en"))


def test_amounts_in_the_spreadsheet_are_numbers_that_can_be_summed(report):
    with zipfile.ZipFile(io.BytesIO(as_spreadsheet(report, "en"))) as parts:
        offers = parts.read("xl/worksheets/sheet2.xml").decode()

    assert len(re.findall(r"<v>500000</v>", offers)) == 2


def test_the_calendar_has_each_day_once_and_reminds_before_the_end(report):
    opens, closes = Calendar.from_ical(as_calendar(report, "en")).walk("VEVENT")

    assert [one.decoded("dtstart") for one in (opens, closes)] == [date(2026, 12, 1), date(2027, 1, 15)]
    assert [len(one.walk("VALARM")) for one in (opens, closes)] == [0, 1]
    assert opens["uid"] != closes["uid"]


def test_entries_of_a_later_report_replace_those_of_the_earlier(report):
    later = {**report, "day": "2026-11-31"[:8] + "29"}

    def ids(one):
        return [event["uid"] for event in Calendar.from_ical(as_calendar(one, "en")).walk("VEVENT")]

    assert ids(report) == ids(later)


def test_the_command_offers_every_form():
    parser = Command().create_parser("manage.py", "match")

    (forms,) = [action.choices for action in parser._actions if action.dest == "format"]
    assert forms == ["json", "text", "html", "pdf", "xlsx", "ics"]
