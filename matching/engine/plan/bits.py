"""Rows of bits, sixty-four to a word: bit i of the row is company i; bits past the last company are always 0."""

from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]

ALL_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def words_for(rows: int) -> int:
    """How many words hold so many bits."""
    return (rows + 63) // 64


def pack(flags: Flags) -> Words:
    """The flags as words."""
    packed = np.packbits(flags, bitorder="little")
    if len(packed) % 8:
        packed = np.concatenate([packed, np.zeros(-len(packed) % 8, np.uint8)])
    return packed.view(np.uint64)


def unpack(words: Words, rows: int) -> Flags:
    """The first so many bits as flags."""
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8), count=rows, bitorder="little").view(np.bool_)


def every_row(rows: int) -> Words:
    """Ones for the companies, zeros past the last one."""
    words = np.full(words_for(rows), ALL_ONES)
    if rows % 64:
        words[-1] = np.uint64((1 << rows % 64) - 1)
    return words


def no_row(rows: int) -> Words:
    """Zeros."""
    return np.zeros(words_for(rows), np.uint64)


def count_bits(words: Words) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def places_of(words: Words, rows: int) -> npt.NDArray[np.int64]:
    """The numbers of the companies whose bit is set, ascending."""
    return np.flatnonzero(unpack(words, rows)).astype(np.int64, copy=False)
