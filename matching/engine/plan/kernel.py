"""The plan's two inner loops as machine code; needs numba, which is not there everywhere (see `compiled`)."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

TEST, DENIED, ALL, ANY, AT_LEAST, JUDGED, UNSEEN, CERTAIN, IMPOSSIBLE = range(9)
"""The kinds of steps as numbers."""


def _compare_64(sign: str) -> Any:
    """A function (values, first, line): the results of comparing 64 neighbouring values, as one word.

    Written as one comparison of 64 lanes, because loops over bits are not turned into vector instructions.
    """

    @intrinsic
    def compare(_context: Any, values: Any, first: Any, line: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            number, place = context.get_value_type(signature.args[0].dtype), ir.IntType(32)
            lanes = ir.VectorType(number, 64)
            start = builder.bitcast(builder.gep(array.data, [arguments[1]]), lanes.as_pointer())
            nothing = ir.Constant(lanes, ir.Undefined)
            one = builder.insert_element(nothing, arguments[2], ir.Constant(place, 0))
            lines = builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(place, 64), [0] * 64))
            compared = builder.icmp_signed(sign, builder.load(start, align=number.width // 8), lines)
            return builder.bitcast(compared, ir.IntType(64))

        return types.uint64(values, types.int64, values.dtype), generate

    return compare


_at_least_64, _equal_64 = _compare_64(">="), _compare_64("==")
_PART = 32
"""Words of a column that are compared with all lines in turn: 16 KiB of values at most, for the inner cache."""


_WORDS = types.Array(types.uint64, 2, "C")
_RESULT = types.Array(types.uint64, 3, "C")
_TABLE = types.Array(types.int32, 2, "C")


def _values(number: Any) -> Any:
    return types.Array(number, 1, "C", readonly=True)


_SCANS = [
    types.void(_values(number), _values(number), _values(types.boolean), types.Array(types.uint64, 2, "A"))
    for number in (types.int32, types.int64, types.uint8, types.uint16, types.uint32)
]
"""Each compiled once, whatever else is true of the arrays (a file's are read-only)."""
_ROWS = types.Array(types.uint64, 2, "A")
_UNITE = types.void(types.Array(types.uint64, 2, "A", readonly=True), _values(types.int64), _values(types.int64), _ROWS)
_RUN = types.void(
    _TABLE, _TABLE, _TABLE, _WORDS, types.int64, types.int64, _WORDS, _WORDS, _WORDS, _RESULT, _WORDS, _WORDS,
    types.int64,
)  # fmt: skip


@njit(_SCANS, cache=True, nogil=True, error_model="numpy")
def scan(values: Any, lines: Any, equal: Any, found: Any) -> None:
    """Row k of `found` says which values are at least (or equal to) line k; bits past the last value are 0."""
    whole = len(values) // 64
    for start in range(0, whole, _PART):
        stop = min(start + _PART, whole)
        for at in range(len(lines)):
            line, row = lines[at], found[at]
            if equal[at]:
                for word in range(start, stop):
                    row[word] = _equal_64(values, word * 64, line)
            else:
                for word in range(start, stop):
                    row[word] = _at_least_64(values, word * 64, line)
    for at in range(len(lines) if len(values) % 64 else 0):
        last = np.uint64(0)
        for bit in range(len(values) % 64):
            value = values[whole * 64 + bit]
            if value == lines[at] or (value > lines[at] and not equal[at]):
                last |= np.uint64(1) << np.uint64(bit)
        found[at, whole] = last


@njit(_UNITE, cache=True, nogil=True, error_model="numpy")
def unite(lines: Any, picks: Any, ends: Any, found: Any) -> None:
    """Row k of `found` is the union of the lines picked from where the row before ended up to `ends[k]`."""
    first = 0
    for k in range(len(ends)):
        own, last = found[k], ends[k]
        own[:] = 0
        for at in range(first, last):
            line = lines[picks[at]]
            for i in range(len(own)):
                own[i] |= line[i]
        first = last


@njit(cache=True, nogil=True, error_model="numpy")
def _combine(
    kind: int, needed: int, parts: Any, first: int, last: int, rows: Any, out: int, many: int, reached: Any
) -> None:
    """What `all`, `any` and `at_least` make of the parts; `out` is none of them."""
    one, two, at = parts[first, 0], parts[first + 1, 0], first + 2
    # Three or two parts in one loop: each row is read once, and what they make is written once.
    if kind == ALL:
        if at < last:
            three, at = parts[at, 0], at + 1
            for i in range(many):
                rows[out, i] = rows[one, i] & rows[two, i] & rows[three, i]
        else:
            for i in range(many):
                rows[out, i] = rows[one, i] & rows[two, i]
        while at < last:
            one, two = parts[at, 0], parts[min(at + 1, last - 1), 0]
            for i in range(many):
                rows[out, i] &= rows[one, i] & rows[two, i]
            at += 2
    elif kind == ANY:
        if at < last:
            three, at = parts[at, 0], at + 1
            for i in range(many):
                rows[out, i] = rows[one, i] | rows[two, i] | rows[three, i]
        else:
            for i in range(many):
                rows[out, i] = rows[one, i] | rows[two, i]
        while at < last:
            one, two = parts[at, 0], parts[min(at + 1, last - 1), 0]
            for i in range(many):
                rows[out, i] |= rows[one, i] | rows[two, i]
            at += 2
    else:
        # Line k says where k + 1 parts hold: each part lifts every line by the one below it.
        for line in range(needed):
            for i in range(many):
                reached[line, i] = 0
        for k in range(first, last):
            more = parts[k, 0]
            for line in range(needed - 1, 0, -1):
                for i in range(many):
                    reached[line, i] |= reached[line - 1, i] & rows[more, i]
            for i in range(many):
                reached[0, i] |= rows[more, i]
        for i in range(many):
            rows[out, i] = reached[needed - 1, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _leaf(kind: int, rows: Any, fulfil: int, unknown: int, first: Any, registers: Any, out: int, many: Any) -> None:
    """What a test, or its denial, makes of those who fulfil it and those who have not answered. A store for each loop:
    those with two are not turned into vector instructions."""
    everyone = len(rows) - 1
    if kind == TEST:
        for i in range(many):
            registers[out, i] = rows[fulfil, first + i]
        for i in range(many):
            registers[out, many + i] = rows[fulfil, first + i] | rows[unknown, first + i]
    else:
        for i in range(many):
            registers[out, many + i] = rows[everyone, first + i] ^ rows[fulfil, first + i]
        for i in range(many):
            registers[out, i] = registers[out, many + i] & ~rows[unknown, first + i]


@njit(_RUN, cache=True, nogil=True, error_model="numpy")
def run(
    steps: Any, parts: Any, offers: Any, rows: Any, first: Any, stop: int, registers: Any, others: Any, reached: Any,
    found: Any, judged: Any, assumed: Any, place: Any,
) -> None:  # fmt: skip
    """Run all steps on the words from `first` to `stop` of the rows; roots go to `found` from word `place` on.

    A register is two rows one after the other, surely and possibly true; `others` has the two for people and unseen
    text, where a step is not plain. The last of `rows` is everyone. Loops index whole arrays: a view for each step
    would cost more than its work.
    """
    # Of unsigned numbers numba knows that they count from the front; with others no loop becomes vector instructions.
    count, everyone = stop - first, len(rows) - 1
    first, place, many = np.uint64(first), np.uint64(place), np.uint64(count)
    for at in range(len(steps)):
        kind, out, number, begin, end = steps[at, 0], steps[at, 1], steps[at, 2], steps[at, 3], steps[at, 4]
        plain, stuck = steps[at, 5], steps[at, 8]
        if kind <= DENIED:
            _leaf(kind, rows, number, begin, first, registers, out, many)
        elif kind <= AT_LEAST:
            _combine(kind, number, parts, begin, end, registers, out, 2 * count, reached)
        else:
            for i in range(many):
                registers[out, i] = rows[everyone, first + i] if kind == CERTAIN else np.uint64(0)
                registers[out, many + i] = np.uint64(0) if kind == IMPOSSIBLE else rows[everyone, first + i]
        if not plain:
            if kind <= DENIED:
                for i in range(many):
                    open_ = rows[stuck, first + i] if stuck >= 0 else np.uint64(0)
                    others[out, i] = others[out, many + i] = registers[out, i] | open_
            elif kind <= AT_LEAST:
                for k in range(begin, end):
                    part = parts[k, 0]
                    for i in range(many if parts[k, 1] else 0):  # nothing below is left to people
                        others[part, i] = others[part, many + i] = registers[part, i]
                _combine(kind, number, parts, begin, end, others, out, 2 * count, reached)
            else:
                for i in range(many):
                    others[out, i] = rows[everyone, first + i] if kind == JUDGED else np.uint64(0)
                    others[out, many + i] = rows[everyone, first + i]
        for k in range(steps[at, 6], steps[at, 7]):
            offer, line = offers[k, 0], offers[k, 1]
            for i in range(many):
                found[offer, 0, place + i] = registers[out, i]
            for i in range(many):
                found[offer, 1, place + i] = registers[out, many + i]
            if line >= 0:
                for i in range(many):
                    judged[line, place + i] = others[out, i]
                    assumed[line, place + i] = others[out, many + i]
