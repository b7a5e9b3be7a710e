"""A chunk of rows as columns of cells, whatever the format they came from."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from matching.batches.faults import RowFault


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input the next chunk begins: a byte offset and its line, or for Parquet a row in both."""

    offset: int
    line: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one chunk: their lines, who each company is, and their cells by fact name.

    Cells are an Arrow array or a list of JSON values; identities an Arrow array of text, or None without that column.
    `words` is what the file calls each fact; `faults` has what could not be read as a row at all.
    """

    lines: NDArray[Any]
    identity: dict[str, Any]
    cells: dict[str, Any]
    words: dict[str, str]
    faults: list[RowFault]

    def __len__(self) -> int:
        return len(self.lines)
