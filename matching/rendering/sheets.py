"""Rows as a sheet of a spreadsheet: text stays text, money is a number, a day is a day, columns are as wide as what they hold."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

# What a cell holds, by the file format; what is longer is cut, because the library would leave it out.
_LONGEST_CELL = 32_767
# Money as a number that can be summed; a cell holds fifteen digits exactly.
_MONEY = "#,##0.00"
_DAY = "yyyy-mm-dd"
# XML cannot hold these at all.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTHS = (12, 60)

# Text stays text, whatever it begins with: a company may be called “=1+1”.
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

Rows = Iterator[list[Any]]


def formats_of(book: Any) -> dict[str, Any]:
    """How the cells of a book look."""
    return {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "money": book.add_format({"num_format": _MONEY, "valign": "top"}),
        "day": book.add_format({"num_format": _DAY, "valign": "top", "align": "left"}),
    }


def write_sheet(sheet: Any, rows: Rows, formats: dict[str, Any]) -> None:
    """Writes the rows, the first as the heading, which can be filtered; a `float` is money, None is an empty cell."""
    widths: list[int] = []
    at = 0
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            widths += [0] * (column + 1 - len(widths))
            if isinstance(value, date):
                sheet.write_datetime(at, column, datetime.combine(value, time()), formats["day"])
            elif isinstance(value, float | int):
                sheet.write_number(at, column, value, formats["money" if isinstance(value, float) else "text"])
                widths[column] = max(widths[column], 16)
            elif value is not None:
                text = _UNWRITABLE.sub("", str(value))[:_LONGEST_CELL]
                sheet.write_string(at, column, text, formats["text" if at else "head"])
                widths[column] = max(widths[column], sum(1 if sign.isascii() else 2 for sign in text))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width, _WIDTHS[0]), _WIDTHS[1]))
    sheet.freeze_panes(1, 0)
    if at:
        sheet.autofilter(0, 0, at, len(widths) - 1)


def number(amount: str | None) -> float | None:
    """Money given as text as a number for a cell."""
    return None if amount is None else float(amount)
