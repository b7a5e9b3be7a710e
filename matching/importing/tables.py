"""Rows of a small table that somebody sends: CSV, or the first sheet of a workbook. Nothing in it is worked out."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from companies.facts import Text

MOST_BYTES = 1_000_000
MOST_ROWS, MOST_COLUMNS = 1_000, 400
# What a workbook may become when it is unpacked; read as a tree, it takes several times that.
MOST_UNPACKED = 10_000_000


class Unreadable(Exception):
    """A file of which nothing can be taken: why, and what to do, in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True, slots=True)
class Row:
    """A row that says something: its number in the file, and its cells; a formula is a cell like `Formula`."""

    number: int
    cells: tuple[Any, ...]

    def cell(self, column: int) -> Any:
        """What stands in this column; None where the row is shorter."""
        return self.cells[column] if column < len(self.cells) else None


class Formula(str):
    """A cell that would have to be worked out; its text."""

    __slots__ = ()


def read_csv(content: bytes) -> list[Row]:
    """The rows of a CSV file in UTF-8 or GB 18030, with comma, semicolon or tab; raises Unreadable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise Unreadable(
                Text(
                    "The file is no text: save it as “CSV UTF-8” and send it again.",
                    "文件不是文本，请另存为“CSV UTF-8”后重新上传。",
                )
            ) from None
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(",;\t", key=first.count)
    try:
        return _rows(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as fault:
        raise Unreadable(
            Text(f"The file cannot be read as CSV ({fault}).", f"文件无法按 CSV 读取（{fault}）。")
        ) from None


def read_workbook(content: bytes) -> list[Row]:
    """The rows of the first sheet of an XLSX workbook; raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable(
                    Text("The workbook is too large when unpacked. Copy the two columns into a new one.",
                         "工作簿解压后过大，请将所需两列复制到新工作簿后上传。")
                )  # fmt: skip
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
        return _rows([_plain(cell) for cell in row] for row in cells)
    except Unreadable:
        raise
    except Exception as fault:  # the library raises whatever its parsers do
        raise Unreadable(
            Text(
                f"The file cannot be read as a workbook ({type(fault).__name__}). Save it anew as XLSX, or as “CSV UTF-8”.",
                f"文件无法按工作簿读取（{type(fault).__name__}）。请重新保存为 XLSX，或另存为“CSV UTF-8”。",
            )
        ) from None


def _plain(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        return Formula(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _rows(read: Any) -> list[Row]:
    found = []
    for number, cells in enumerate(read, start=1):
        if number > MOST_ROWS:
            raise Unreadable(Text(f"The file has more than {MOST_ROWS:,} rows.", f"文件超过 {MOST_ROWS:,} 行。"))
        kept = tuple(_stripped(one) for one in cells[:MOST_COLUMNS])
        remark = isinstance(kept[0], str) and kept[0].startswith("#") if kept else False
        if any(one not in (None, "") for one in kept) and not remark:
            found.append(Row(number, kept))
    return found


def _stripped(cell: Any) -> Any:
    return cell if isinstance(cell, Formula) or not isinstance(cell, str) else cell.strip()
