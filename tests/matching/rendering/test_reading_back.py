"""The same numbers in every form: each is read back with another library than the one that wrote it, and compared with the report."""

from __future__ import annotations

import io
import re
from datetime import datetime
from decimal import Decimal

import openpyxl
import pypdfium2
import pytest
import vobject

from matching.rendering.calendar import as_calendar
from matching.rendering.document import as_document
from matching.rendering.html import as_html
from matching.rendering.money import money_range, total_in_short
from matching.rendering.outline import outline_of
from matching.rendering.spreadsheet import as_spreadsheet
from matching.rendering.text import as_text
from tests.matching.rendering.sixty import HOSTILE, sixty_offers

pytestmark = pytest.mark.slow
LANGUAGES = ["en", "zh-hans"]
SHEETS = {"en": ("Offers", "Best combination", "Dates"), "zh-hans": ("支持事项", "最优组合", "日期")}
A4 = (595, 842)


@pytest.fixture(scope="module")
def report() -> dict:
    return sixty_offers()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def document(report, language):
    opened = pypdfium2.PdfDocument(as_document(report, language))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def book(report, language):
    return openpyxl.load_workbook(io.BytesIO(as_spreadsheet(report, language)))


def rows(sheet) -> list[tuple]:
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]


def lines(document) -> list[list[str]]:
    """The lines of each page, from top to bottom."""
    return [page.get_textpage().get_text_bounded().splitlines() for page in document]


def squeezed(text: str) -> str:
    """Without spaces and line breaks: a document breaks lines where it likes."""
    return re.sub(r"[\s\u200b\ufffe]", "", text)


def money_of(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def cell_money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


def test_each_offer_has_the_same_ends_in_the_spreadsheet(report, book, language):
    offers = book[SHEETS[language][0]]

    read = {row[-1]: (cell_money(row[2]), cell_money(row[3])) for row in rows(offers)}

    assert read == {
        offer["id"]: (money_of(offer["amount"]["low"]), money_of(offer["amount"]["high"])) for offer in report["offers"]
    }


def test_the_best_combinations_come_to_the_same_in_the_spreadsheet(report, book, language):
    sums = [row for row in rows(book[SHEETS[language][1]]) if len(row) < 7 or row[6] is None]

    found = [(cell_money(row[2]), cell_money(row[3])) for row in sums]

    expected = [report["combination"][scope] for scope in ("now", "possible")]
    assert found == [(money_of(one["low"]["total"]["low"]), money_of(one["high"]["total"]["high"])) for one in expected]


def test_the_sum_of_a_combination_can_be_worked_out_again_from_its_lines(book, language, report):
    title = "Best combination now" if language == "en" else "目前的最优组合"
    lines_ = [row for row in rows(book[SHEETS[language][1]]) if str(row[0]).startswith(title) and row[6]]

    assert not report["combination"]["now"]["high"]["caps"]
    assert sum(cell_money(row[3]) or 0 for row in lines_) == money_of(
        report["combination"]["now"]["high"]["total"]["high"]
    )


def test_pages_text_and_document_say_the_same_sums_and_amounts(report, document, language):
    from django.utils.translation import override

    with override(language):
        outline = outline_of(report)
        said = [outline.eligible.total, outline.possible.total]
        said += [
            money_range(offer["amount"]["low"], offer["amount"]["high"])
            for offer in report["offers"]
            if offer["amount"]["low"] or offer["amount"]["high"]
        ]
        assert outline.eligible.total == total_in_short(report["combination"]["now"]["high"]["total"])

    forms = [squeezed("\n".join(line for page in lines(document) for line in page))]
    forms += [squeezed(as_html(report, language)), squeezed(as_text(report, language))]

    for form in forms:
        assert [sentence for sentence in said if squeezed(sentence) not in form] == []


def test_a_calendar_program_reads_every_day_of_the_report(report, language):
    calendar = vobject.readOne(as_calendar(report, language).decode())

    read = sorted((event.dtstart.value.isoformat(), event.uid.value) for event in calendar.vevent_list)

    days = [due["day"] for due in report["summary"]["due"]] + [held["expires"] for held in report["validity"]]
    assert [day for day, _uid in read] == sorted(days)
    assert len({uid for _day, uid in read}) == len(read)
    assert len(days) > 20


def test_days_in_the_spreadsheet_are_days(report, book, language):
    found = [row[0] for row in rows(book[SHEETS[language][2]])]

    assert all(isinstance(day, datetime) for day in found)
    days = [due["day"] for due in report["summary"]["due"]] + [held["expires"] for held in report["validity"]]
    assert [day.date().isoformat() for day in found] == sorted(days)


def test_no_cell_is_a_formula_and_no_cell_a_link(book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]

    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []


def test_hostile_names_and_numbers_stay_text_in_every_form(report, document, book, language):
    first = next(iter(book))
    text = squeezed("\n".join(lines(document)[0]))
    page = as_html(report, language)
    calendar = as_calendar(report, language).decode()

    assert HOSTILE in first["A1"].value
    assert squeezed(HOSTILE) in text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "=1+1,&quot;x&quot;&lt;i&gt;" in page
    assert "<i>" not in page
    assert calendar.count("\r\nBEGIN:VEVENT") == len(vobject.readOne(calendar).vevent_list)


def test_a_name_with_line_breaks_opens_no_entry_of_its_own():
    named = sixty_offers("Lin\r\nEND:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT")

    calendar = as_calendar(named, "en").decode()

    assert "SUMMARY:x" not in calendar.splitlines()
    assert len(vobject.readOne(calendar).vevent_list) == len(named["summary"]["due"]) + 1


def test_nothing_of_the_document_lies_outside_its_pages(document):
    assert len(document) > 10
    for page in document:
        text = page.get_textpage()
        assert tuple(round(side) for side in page.get_size()) == A4
        boxes = [text.get_rect(at) for at in range(text.count_rects())]
        assert all(
            left >= 40 and right <= A4[0] - 40 and bottom >= 20 and top <= A4[1] - 40
            for left, bottom, right, top in boxes
        )


def test_no_offer_s_heading_stands_alone_at_the_foot_of_a_page(document):
    for page in lines(document):
        told = [line for line in page if line.strip()]
        headings = [at for at, line in enumerate(told) if re.match(r"[✓✗?◆…⋯■→!] ?Offer \d", line)]
        # The rest of the title, the amount with the policy, a first line of what is asked, and the foot.
        assert not headings or len(told) - headings[-1] > 4, told[-4:]


def test_a_very_long_name_is_broken_not_cut():
    name = "W" * 120 + "昌平" * 60

    with pypdfium2.PdfDocument(as_document(sixty_offers(name), "en")) as opened:
        page = opened[0].get_textpage()
        assert name in squeezed(page.get_text_bounded())
        assert all(page.get_rect(at)[2] <= A4[0] - 40 for at in range(page.count_rects()))


def test_the_document_is_tagged_and_says_its_language(report, language):
    written = as_document(report, language)

    assert b"/MarkInfo" in written
    assert b"/StructTreeRoot" in written
    assert re.search(rb"/Lang ?\(zh" if language == "zh-hans" else rb"/Lang ?\(en", written)
