"""What people send comes back in files that spreadsheets open: nothing of it is live, and what is honest stays as it was."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
import xlsxwriter

from matching.batches.writing import csv_cell, harmless
from matching.rendering.sheets import AS_TEXT, formats_of, write_sheet
from matching.rendering.spreadsheet import as_spreadsheet
from tests.matching.rendering.sixty import sixty_offers

HOSTILE = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x.example\",\"y\")", " =1+1", "   @SUM(A1)", "\t=1+1", "\r=1+1",
    "\n=1+1", "\u3000=1+1", "\u00a0=1+1", "\ufeff=1+1", "\u200b=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "=WEBSERVICE(\"http://x.example\")",
]  # fmt: skip
HONEST = ["-12.5", "+86", "Qinghe & Co.", "3 = 3", "电－商", "北京清河生物科技有限公司"]


def is_live(cell: str) -> bool:
    """Whether a spreadsheet would work it out: by its first sign that is no blank, in either width."""
    first = cell.lstrip("\t\r\n \u3000\u00a0\ufeff\u200b")[:1]
    return first in "=+-@＝＋－＠" and first != ""


@pytest.mark.parametrize("said", HOSTILE)
def test_no_hostile_cell_is_live_and_no_honest_one_is_changed(said):
    assert is_live(said), "the table of hostile values has one that is none"
    (row,) = csv.reader(io.StringIO(f"{csv_cell(harmless(said))},x\n", newline=""))

    assert not is_live(row[0])
    assert row[0] == "'" + said
    assert [harmless(one) for one in HONEST] == HONEST


def test_there_are_twenty_hostile_values_and_six_honest_ones():
    assert (len(set(HOSTILE)), len(set(HONEST))) == (20, 6)


def test_in_a_workbook_every_one_is_text_and_as_it_was():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, AS_TEXT) as book:
        write_sheet(book.add_worksheet("x"), [["head"], *[[one] for one in HOSTILE + HONEST]], formats_of(book))

    cells = [row[0] for row in openpyxl.load_workbook(file)["x"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[-6:]] == HONEST


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE[:6])
def test_no_cell_of_a_report_is_a_formula_that_somebody_wrote(name):
    book = openpyxl.load_workbook(io.BytesIO(as_spreadsheet(sixty_offers(name), "en")))

    live = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [one for one in live if name.strip() in str(one)]
