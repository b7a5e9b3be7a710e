"""A comparison as a file, read back: the numbers are those of the page."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
import zipfile

import pytest
from django.urls import reverse

from companies.models import Company
from matching.rendering import blocks
from matching.rendering.side_by_side_files import FILES
from tests.matching.rendering.test_files import pages

pytestmark = pytest.mark.django_db
ASKED = {"a-place": "now", "b-place": "city", "c-place": "now", "c-day": "2027-11-30", "c-people": "300"}
_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-11-30T04:00:00Z", tick=False)


@pytest.fixture
def both(look, client, company):
    """The page's table, and a file of the same columns."""

    def get(form, language="en"):
        table = look(language, **{name.replace("-", "_"): value for name, value in ASKED.items()}).context["table"]
        answer = client.get(reverse("matching:compare_file", args=[company.public_id, form]), ASKED)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == FILES[form].content_type
        assert f'.{form}"' in answer.headers["Content-Disposition"]
        return table, answer.content

    return get


def sheet(content: bytes, number: int) -> list[list[str | float | None]]:
    """The cells of one sheet as another program reads them."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        strings = [
            "".join(part.itertext())
            for part in ET.fromstring(parts.read("xl/sharedStrings.xml"))  # our own file
        ]
        root = ET.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))  # our own file
    rows = []
    for row in root.iterfind(".//x:row", _NS):
        cells: dict[str, str | float | None] = {}
        for cell in row.iterfind("x:c", _NS):
            value = cell.find("x:v", _NS)
            raw = None if value is None else value.text
            column = re.match("[A-Z]+", cell.attrib["r"]).group()
            cells[column] = strings[int(raw)] if cell.attrib.get("t") == "s" else None if raw is None else float(raw)
        rows.append(cells)
    columns = sorted({name for cells in rows for name in cells}, key=lambda name: (len(name), name))
    return [[cells.get(name) for name in columns] for cells in rows]


def as_number(amount: str | None) -> float | None:
    return None if amount is None else float(amount)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_spreadsheet_has_the_numbers_of_the_page(both, language):
    table, content = both("xlsx", language)

    short = sheet(content, 1)
    assert short[3][1:] == [column.eligible for column in table.columns]
    assert short[6][1:] == [as_number(column.now.low) for column in table.columns]
    assert short[7][1:] == [as_number(column.now.high) for column in table.columns]
    assert short[11][1:] == [as_number(column.best.high) for column in table.columns]
    offers = {row[-1]: row for row in sheet(content, 2)[1:]}
    rows = [*table.differing, *table.alike]
    assert list(offers) == [row.id for row in rows]
    for row in rows:
        for at, cell in enumerate(row.cells):
            verdict, low, high, amount = offers[row.id][4 + 5 * at : 8 + 5 * at]
            assert verdict == f"{cell.mark.sign} {cell.mark.word}"
            assert (low, high) == (as_number(cell.low), as_number(cell.high))
            assert (amount or "") == cell.amount


def test_the_spreadsheet_says_why(both):
    table, content = both("xlsx")

    why = sheet(content, 3)

    causes = [
        (cell.column.letter, cause.sentence) for row in table.differing for cell in row.cells for cause in cell.causes
    ]
    assert [(row[1], row[2]) for row in why[1:]] == causes


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_csv_has_the_numbers_of_the_page(both, language):
    table, content = both("csv", language)

    head, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert len(head) == 12
    offers = {(line[0], line[-1]): line for line in lines if line[-1]}
    for row in [*table.differing, *table.alike]:
        for cell in row.cells:
            line = offers.pop((cell.column.letter, row.id))
            assert (line[7], line[8], line[9]) == (cell.low or "", cell.high or "", cell.amount)
    assert not offers
    sums = [line for line in lines if not line[-1]]
    assert [(line[7], line[8]) for line in sums] == [
        (one.low or "", one.high or "") for column in table.columns for one in (column.now, column.best)
    ]


@pytest.mark.parametrize("form", FILES)
def test_the_same_question_gives_the_same_bytes(both, form):
    assert both(form)[1] == both(form)[1]


def test_a_name_that_looks_like_a_formula_stays_text(both, company):
    Company.objects.filter(pk=company.pk).update(name="=1+1")

    _table, content = both("xlsx")

    assert "=1+1" in str(sheet(content, 1)[0][0])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_document_has_the_sums_and_the_verdicts_of_the_page(both, language):
    table, content = both("pdf", language)

    # Where a line of the document ends is not what this is about.
    text = "".join(pages(content).split())
    for column in table.columns:
        assert "".join(column.now.said.split()) in text
        assert "".join(column.best.said.split()) in text
    for row in table.differing:
        for cell in row.cells:
            assert "".join(cell.amount.split()) in text
    assert f": {len(table.differing)}".strip(": ") in text


def test_a_document_that_could_not_be_set_is_said_and_leads_back_to_what_was_asked(look, client, company, monkeypatch):
    look()
    monkeypatch.setattr(blocks, "TIME_LIMIT", 0.01)

    answer = client.get(reverse("matching:compare_file", args=[company.public_id, "pdf"]), ASKED, follow=True)

    assert "c-people=300" in answer.redirect_chain[-1][0]
    assert "could not be made in time" in answer.content.decode()


def test_a_file_that_cannot_be_made_leads_back_to_what_was_asked(look, client, company):
    look()
    asked = {**ASKED, "b-people": "many"}

    answer = client.get(reverse("matching:compare_file", args=[company.public_id, "csv"]), asked)

    assert answer.status_code == 302
    assert "b-people=many" in answer.headers["Location"]
    assert client.get(reverse("matching:compare_file", args=[company.public_id, "exe"])).status_code == 404
