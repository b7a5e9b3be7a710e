"""A comparison as PDF, as a spreadsheet and as CSV: the numbers of the page, as numbers; text that a person typed stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.batches.writing import harmless
from matching.rendering.sheets import AS_TEXT, Rows, formats_of, number, write_sheet
from matching.rendering.side_by_side import Cell, Row, Sum, Table
from matching.rendering.side_by_side_document import as_document
from matching.rendering.words import said


@dataclass(frozen=True, slots=True)
class File:
    """One kind of file."""

    word: str
    content_type: str
    make: Callable[[Table, str, str], bytes]
    """From a table, the company's name and the code of the language. May raise `blocks.NotSet`."""


def as_spreadsheet(table: Table, company: str, language: str) -> bytes:
    """The file (.xlsx): the columns with their sums, the offers, and why; the same table gives the same bytes."""
    file = io.BytesIO()
    with override(language), xlsxwriter.Workbook(file, AS_TEXT) as book:
        day = datetime.combine(date.fromisoformat(table.day), time())
        book.set_properties({"title": _title(table, company), "created": day})
        formats = formats_of(book)
        for name, rows in (
            (_("In short"), _short(table, company)),
            (_("Offers"), _offers(table)),
            (_("Why"), _why(table)),
        ):
            write_sheet(book.add_worksheet(name), rows, formats)
    return file.getvalue()


def as_csv(table: Table, company: str, language: str) -> bytes:
    """One line for each offer in each column, and one for each sum; a mark at the start lets spreadsheets see UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    with override(language):
        for row in _lines(table):
            writer.writerow([harmless(cell) for cell in row])
    return out.getvalue().encode()


FILES = {
    "pdf": File("PDF", "application/pdf", as_document),
    "xlsx": File("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_spreadsheet),
    "csv": File("CSV", "text/csv; charset=utf-8", as_csv),
}


def _title(table: Table, company: str) -> str:
    return _("Side by side: %(name)s, as of %(day)s") % {"name": company, "day": table.day}


def _short(table: Table, company: str) -> Rows:
    yield [_title(table, company), *(column.letter for column in table.columns)]
    yield [_("What is assumed"), *(said(column.name) for column in table.columns)]
    yield [_("Applied for on"), *(column.day for column in table.columns)]
    yield [_("Eligible"), *(column.eligible for column in table.columns)]
    yield [_("Still possible"), *(column.possible for column in table.columns)]
    for name, sums in _sums(table):
        yield [name, *(one.said for one in sums)]
        yield [f"{name}: {_('Lowest amount (CNY)')}", *(number(one.low) for one in sums)]
        yield [f"{name}: {_('Highest amount (CNY)')}", *(number(one.high) for one in sums)]
        yield [f"{name}: {_('estimated tax saving')}", *(one.saving or "" for one in sums)]


def _sums(table: Table) -> Iterator[tuple[str, list[Sum]]]:
    yield _("Best combination now"), [column.now for column in table.columns]
    yield _("Best combination of all that is still possible"), [column.best for column in table.columns]


def _offers(table: Table) -> Rows:
    head: list[Any] = [_("Offer"), _("Policy"), _("Clause"), _("Comes out otherwise")]
    for column in table.columns:
        head += [
            f"{column.letter}: {word}"
            for word in (_("Verdict"), _("Lowest amount (CNY)"), _("Highest amount (CNY)"), _("Amount"), _("Window"))
        ]
    yield [*head, _("Id")]
    for row in _rows(table):
        cells = [part for cell in row.cells for part in _parts(cell)]
        different = ", ".join(cell.column.letter for cell in row.cells if cell.differs)
        yield [said(row.title), said(row.policy_title), said(row.clause), different, *cells, row.id]


def _parts(cell: Cell) -> list[Any]:
    return [
        f"{cell.mark.sign} {cell.mark.word}",
        number(cell.low),
        number(cell.high),
        cell.amount,
        said(cell.window),
    ]


def _why(table: Table) -> Rows:
    first = table.columns[0].letter
    yield [_("Offer"), _("Column"), _("Criterion"), _("Clause"), _("In %(column)s") % {"column": first}, _("Here")]
    for row in _rows(table):
        for cell in row.cells:
            for cause in cell.causes:
                yield [
                    said(row.title), cell.column.letter, cause.sentence, cause.clause,
                    str(cause.before), str(cause.after),
                ]  # fmt: skip


def _lines(table: Table) -> Iterator[list[str]]:
    yield [
        _("Column"), _("What is assumed"), _("Applied for on"), _("Offer"), _("Policy"), _("Clause"), _("Verdict"),
        _("Lowest amount (CNY)"), _("Highest amount (CNY)"), _("Amount"), _("Comes out otherwise"), _("Id"),
    ]  # fmt: skip
    yes, no = _("yes"), _("no")
    for at, column in enumerate(table.columns):
        head = [column.letter, said(column.name), column.day]
        for name, sums in _sums(table):
            one = sums[at]
            yield [*head, name, "", "", "", one.low or "", one.high or "", one.said, "", ""]
        for row in _rows(table):
            cell = row.cells[at]
            yield [
                *head, said(row.title), said(row.policy_title), said(row.clause), f"{cell.mark.sign} {cell.mark.word}",
                cell.low or "", cell.high or "", cell.amount, yes if cell.differs else no, row.id,
            ]  # fmt: skip


def _rows(table: Table) -> list[Row]:
    return [*table.differing, *table.alike]
