"""Asking the reference evaluator about some companies: slow, always right, each distinct company once."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from companies.facts import Vocabulary
from matching.engine.plan.bits import Array, Words
from matching.engine.plan.columns import (
    CertificateColumn,
    ChoiceColumn,
    Column,
    Columns,
    NumberColumn,
    SetColumn,
    YesNoColumn,
)
from policies.rules import Expression, Situation, Truth, expression_facts
from policies.rules.faults import RuleFault
from policies.rules.situation import asked_facts
from policies.rules.verdicts import JUDGED, truths_of_criterion

NO, UNKNOWN, YES, STUCK, ERROR = range(5)
MOST_REMEMBERED = 100_000
"""Answers that are kept for one question, so that a million companies that all differ do not fill the memory."""
_CODES = {Truth.NO: NO, Truth.UNKNOWN: UNKNOWN, Truth.YES: YES}


def facts_behind(expression: Expression, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The asked facts that the expression comes down to; all there are, where a derived fact on the way is faulty."""
    try:
        return tuple(sorted(asked_facts(expression_facts(expression), vocabulary)))
    except RuleFault:
        return tuple(sorted(fact.name for fact in vocabulary.asked))


def truth_code(when: Expression, situation: Situation) -> int:
    """What the reference evaluator says of a criterion: no, unknown, yes, stuck (for a person to judge) or error."""
    try:
        sides, _ = truths_of_criterion(when, situation)
    except MemoryError:
        raise
    except Exception:
        return ERROR
    return STUCK if sides is JUDGED else _CODES[sides.holds.computed]


class Judge:
    """Answers for rows of one set of columns and remembers what it was asked: equal companies are judged once."""

    def __init__(self, columns: Columns, day: date) -> None:
        self.columns = columns
        self.day = day
        self.asked = 0
        """How many companies the reference evaluator has seen."""
        self._remembered: dict[Any, dict[bytes, Any]] = {}
        self._sets: dict[tuple[Any, ...], int] = {}

    def truths(self, key: str, when: Expression, names: tuple[str, ...], rows: Array) -> npt.NDArray[np.uint8]:
        """The truth codes of a criterion for these companies."""
        answers = self.answers(key, names, rows, lambda situation: truth_code(when, situation))
        return np.array(answers, np.uint8)

    def answers(self, key: Any, names: tuple[str, ...], rows: Array, ask: Callable[[Situation], Any]) -> Sequence[Any]:
        """What `ask` says of each of these companies, of which it sees only the facts named."""
        remembered = self._remembered.setdefault(key, {})
        if not len(rows):
            return []
        if len(remembered) > MOST_REMEMBERED:
            remembered.clear()
        distinct, first, inverse = _distinct(self._signs(names, rows))
        found = []
        for sign, at in zip(distinct, first.tolist(), strict=True):
            if sign not in remembered:
                profile = self.columns.profile(int(rows[at]), names)
                remembered[sign] = ask(Situation(self.columns.vocabulary, profile, self.day))
                self.asked += 1
            found.append(remembered[sign])
        return [found[at] for at in inverse.tolist()]

    def _signs(self, names: tuple[str, ...], rows: Array) -> npt.NDArray[np.int64]:
        """A line of whole numbers for each company: the same line for the same answers, and only then."""
        lines = [np.zeros((len(rows), 1), np.int64)]
        for name in names:
            column = self.columns.get(name)
            if column is not None:
                lines += self._sign(column, rows)
        return np.ascontiguousarray(np.concatenate(lines, axis=1))

    def _sign(self, column: Column, rows: Array) -> list[Array]:
        known = _bit(column.known, rows)
        match column:
            case YesNoColumn(yes=yes):
                return [(known + _bit(yes, rows))[:, None]]
            case NumberColumn(values=values, odd=odd):
                if odd:
                    known = known + np.array([1 + row if row in odd else 0 for row in rows.tolist()])
                return [known[:, None], values[rows].astype(np.int64)[:, None]]
            case ChoiceColumn(codes=codes):
                return [codes[rows].astype(np.int64)[:, None]]
            case SetColumn(members=members):
                held = [_bit(line, rows) for line in members]
                return [known[:, None], *(line[:, None] for line in _folded(held))]
            case CertificateColumn():
                return [known[:, None], self._held(column, rows)[:, None]]
        raise TypeError(column)

    def _held(self, column: CertificateColumn, rows: Array) -> Array:
        first = np.searchsorted(column.rows, rows)
        last = np.searchsorted(column.rows, rows, side="right")
        numbers = np.zeros(len(rows), np.int64)
        for at in np.flatnonzero(last > first).tolist():
            entries = slice(first[at], last[at])
            held = tuple(
                sorted(
                    zip(*(part[entries].tolist() for part in (column.kind, column.issued, column.expires)), strict=True)
                )
            )
            numbers[at] = self._sets.setdefault(held, len(self._sets) + 1)
        return numbers


def _bit(words: Words, rows: Array) -> npt.NDArray[np.int64]:
    return (words[rows >> 6] >> (rows & 63).astype(np.uint64) & np.uint64(1)).astype(np.int64)


def _folded(held: list[npt.NDArray[np.int64]]) -> list[npt.NDArray[np.int64]]:
    """The bits of up to 62 keys as one number each."""
    return [
        sum((line << at for at, line in enumerate(held[start : start + 62])), np.zeros_like(held[0]))
        for start in range(0, len(held), 62)
    ]


def _distinct(signs: npt.NDArray[np.int64]) -> tuple[list[bytes], Array, Array]:
    whole = signs.view(np.dtype((np.void, signs.dtype.itemsize * signs.shape[1]))).ravel()
    distinct, first, inverse = np.unique(whole, return_index=True, return_inverse=True)
    return [one.tobytes() for one in distinct], first, inverse


__all__ = ["ERROR", "NO", "STUCK", "UNKNOWN", "YES", "Judge", "facts_behind", "truth_code"]
