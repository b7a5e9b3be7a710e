"""The file to fill in: a row for each question, with how to answer it, as a workbook or as CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator

import xlsxwriter

from companies.facts import Fact, Profile, Text, Vocabulary, show_value
from matching.batches.templates import example_cell
from matching.batches.writing import csv_cell

_HEAD = (
    Text("fact", "事实项"),
    Text("question", "问题"),
    Text("answer", "回答"),
    Text("now", "现有回答"),
    Text("for example", "例如"),
)
_WIDTHS = (28, 60, 24, 24, 32)


def template(vocabulary: Vocabulary, profile: Profile, language: str, ending: str) -> bytes:
    """The template as `xlsx` or `csv`, with what is known beside the empty answers; an empty answer changes nothing."""
    rows = list(_rows(vocabulary, profile, language))
    return _workbook(rows) if ending == "xlsx" else _csv(rows)


def _rows(vocabulary: Vocabulary, profile: Profile, language: str) -> Iterator[list[str]]:
    yield [one.said(language) for one in _HEAD]
    for fact in vocabulary.asked:
        answer = profile.get(fact.name)
        now = show_value(fact, answer.value).said(language) if answer else ""
        yield [fact.name, _question(fact).said(language), "", now, example_cell(fact, language)]


def _question(fact: Fact) -> Text:
    return fact.question or fact.label


def _workbook(rows: list[list[str]]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True, "text_wrap": True})
        # Text, so that 5% and 2024-03-12 stay what was typed.
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width, text)
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell, bold if number == 0 else text)
        sheet.freeze_panes(1, 0)
    return written.getvalue()


def _csv(rows: list[list[str]]) -> bytes:
    return ("\ufeff" + "".join(",".join(map(csv_cell, row)) + "\r\n" for row in rows)).encode()
