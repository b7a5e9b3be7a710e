"""Plain decimal numerals of a whole column at once: digits, at most one point, perhaps a minus sign before."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_LONGEST = 20
_MOST_DIGITS = 18
_POWERS = 10 ** np.arange(_MOST_DIGITS + 1, dtype=np.int64)


def read_plain_numbers(
    cells: Any, places: int, low: int | None, high: int | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whole numbers of 10 ** -places for the cells that are plain and within bounds, and which cells those are.

    For them the number is exactly what `read_value` gives; all other cells are left to it.
    """
    if pa.types.is_signed_integer(cells.type):
        return _typed(cells, places, low, high)
    if not pa.types.is_string(cells.type):
        return np.zeros(len(cells), np.int64), np.zeros(len(cells), bool)
    _, at, text = cells.buffers()
    rows = len(cells)
    offsets = (
        np.frombuffer(at, np.int32, rows + 1, cells.offset * 4).astype(np.int64) if rows else np.zeros(1, np.int64)
    )
    signs = np.frombuffer(text, np.uint8) if text is not None and text.size else np.zeros(1, np.uint8)
    numbers, plain = np.zeros(rows, np.int64), np.zeros(rows, bool)
    all_lengths = np.diff(offsets)
    if cells.null_count:
        all_lengths = np.where(np.asarray(cells.is_valid()), all_lengths, 0)
    # Most are nothing but digits, which Arrow reads several times as fast.
    digits = np.asarray(pc.ascii_is_decimal(cells).fill_null(False)) & (all_lengths + places <= _MOST_DIGITS)
    numbers[digits] = np.asarray(cells.filter(pa.array(digits)).cast(pa.int64())) * 10**places
    plain |= digits
    chosen = np.flatnonzero((all_lengths > 0) & (all_lengths <= _LONGEST) & ~digits)
    if len(chosen):
        numbers[chosen], plain[chosen] = _read(signs, offsets[chosen], all_lengths[chosen], places)
    plain &= _within(numbers, low, high)
    numbers[~plain] = 0
    return numbers, plain


def _read(
    signs: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], places: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """All cells side by side, one sign of each at a time."""
    value, digits = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int8)
    after, pointed = np.zeros(len(starts), np.int8), np.zeros(len(starts), bool)
    negative = signs[starts] == ord("-")
    fine = np.ones(len(starts), bool)
    for at in range(int(lengths.max())):
        here = lengths > at
        sign = signs[np.minimum(starts + at, len(signs) - 1)]
        digit = sign - np.uint8(ord("0"))
        is_digit = (digit < 10) & here
        is_point = (sign == ord(".")) & here
        room = is_digit & (digits < _MOST_DIGITS)
        value = np.where(room, value * 10 + digit, value)
        digits += is_digit
        after += is_digit & pointed
        allowed = is_digit | (is_point & ~pointed) | ~here
        fine &= allowed | negative if at == 0 else allowed
        pointed |= is_point
    last = signs[starts + lengths - 1] - np.uint8(ord("0"))
    fine &= (last < 10) & (after <= places) & (digits - after + places <= _MOST_DIGITS)
    scaled = value * _POWERS[np.clip(places - after, 0, _MOST_DIGITS)]
    return np.where(negative, -scaled, scaled), fine


def _typed(cells: Any, places: int, low: int | None, high: int | None) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    whole = np.asarray(cells.cast(pa.int64()).fill_null(0))
    edge = 10 ** (_MOST_DIGITS - places)
    plain = np.asarray(cells.is_valid()) & (whole > -edge) & (whole < edge)
    numbers = np.where(plain, whole, 0) * 10**places
    plain &= _within(numbers, low, high)
    return np.where(plain, numbers, 0), plain


def _within(numbers: NDArray[np.int64], low: int | None, high: int | None) -> NDArray[np.bool_]:
    fine = np.ones(len(numbers), bool)
    if low is not None:
        fine &= numbers >= max(low, -(2**63))
    if high is not None:
        fine &= numbers <= min(high, 2**63 - 1)
    return fine
