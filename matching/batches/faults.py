"""What can be wrong with a batch: the whole file, or one answer in one row."""

from dataclasses import dataclass
from typing import Any

from companies.facts import Text


class BatchFault(Exception):
    """A batch that cannot go on, said in both languages. What was done so far stays only if `resumable`."""

    def __init__(self, message: Text, *, resumable: bool = False) -> None:
        super().__init__(message.en)
        self.message = message
        self.resumable = resumable

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (self.message, self.resumable))


def _again(message: Text, resumable: bool) -> BatchFault:
    return BatchFault(message, resumable=resumable)


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in one row: its line in the file, the column as the file calls it, what stood there, and why.

    `code` stays the same whatever the message says.
    """

    line: int
    field: str
    value: str
    code: str
    message: Text
