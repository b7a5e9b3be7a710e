"""Running a plan over columns, block by block."""

from collections.abc import Callable
from fractions import Fraction
from typing import cast

import numpy as np

from matching.engine.plan.bits import Array, Words, words_for
from matching.engine.plan.columnar import Rows
from matching.engine.plan.columns import Columns, NumberColumn
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import RANGED_ROWS, Bits, Block, Ranged, Threshold, bits_of_codes
from matching.engine.plan.reference import Judge
from matching.engine.plan.results import PlanResult
from matching.engine.plan.trees import Step

BLOCK = 131_072
"""Companies that are computed at once: few calls into numpy, and rows of bits that stay in the cache."""
PART = 32_768
"""Companies whose thresholds are computed at once."""


def evaluate_plan(plan: Plan, columns: Columns, *, on_block: Callable[[int, int], None] | None = None) -> PlanResult:
    """The verdicts of every offer of the plan for every company of the columns, equal to those of `verdict_of`.

    `on_block` is told after each block how many companies are done, and of how many.
    """
    run = _Run(plan, columns)
    for start in range(0, columns.rows, BLOCK):
        stop = min(start + BLOCK, columns.rows)
        run.block(start, stop)
        if on_block is not None:
            on_block(stop, columns.rows)
    return run.result()


class _Run:
    """One run: registers of two rows (sure, possible) and, where people or unseen text decide, two more."""

    def __init__(self, plan: Plan, columns: Columns) -> None:
        self.plan = plan
        self.columns = columns
        self.judge = Judge(columns, plan.day)
        words = words_for(columns.rows)
        self.sure = np.empty((len(plan.offers), words), np.uint64)
        self.possible = np.empty((len(plan.offers), words), np.uint64)
        self.judged: dict[int, Words] = {}
        self.assumed: dict[int, Words] = {}
        self.errors: dict[int, Words] = {}
        width = min(words, words_for(BLOCK))
        self.registers = np.empty((plan.registers, 2, width), np.uint64)
        # Registers of the other two rows; None where they are both equal to the first.
        self.others: list[Array | None] = [None] * plan.registers

    def result(self) -> PlanResult:
        bare = frozenset(at for at, text in enumerate(self.plan.texts) if not text.expressions)
        return PlanResult(
            self.plan.offers, self.columns.rows, self.sure, self.possible, self.judged, self.assumed, self.errors, bare
        )

    def block(self, start: int, stop: int) -> None:
        block = Block(self.columns.slice(start, stop), start, self.judge)
        block.raw = raw_bits(self.plan, block.columns)
        with np.errstate(all="ignore"):
            block.ranged = ranged_bits(self.plan, block)
        first, width = start // 64, words_for(stop - start)
        registers = [register[:, :width] for register in self.registers]
        seen: dict[int, Bits] = {}
        for step in self.plan.steps:
            if step.kind in ("test", "denied"):
                bits = seen.pop(step.number, None) or self.plan.tests[step.number].bits(step.number, block)
                if step.number in self.plan.twice:
                    seen[step.number] = bits
                self._leaf(step, bits, block, registers[step.out])
            else:
                self._group(step, block, registers)
            for at in step.offers:
                self._store(at, step.out, registers[step.out], first, width)
        self._note_errors(block, first, width)

    def _leaf(self, step: Step, bits: Bits, block: Block, register: Array) -> None:
        if step.kind == "test":
            register[0], register[1] = bits.sure, bits.possible
        else:
            np.bitwise_xor(bits.possible, block.everyone, out=register[0])
            np.bitwise_xor(bits.sure, block.everyone, out=register[1])
        self.others[step.out] = None
        if bits.stuck is not None:
            settled = register[0] | bits.stuck
            self.others[step.out] = np.array([settled, settled])

    def _group(self, step: Step, block: Block, registers: list[Array]) -> None:
        out = registers[step.out]
        if step.kind in ("judged", "unseen"):
            out[0], out[1] = 0, block.everyone
            judged = block.everyone if step.kind == "judged" else np.zeros_like(block.everyone)
            self.others[step.out] = np.array([judged, block.everyone])
            return
        if step.kind in ("certain", "impossible"):
            out[:] = block.everyone if step.kind == "certain" else 0
            self.others[step.out] = None
            return
        _combine(step, [registers[part] for part in step.parts], out)
        if all(self.others[part] is None for part in step.parts):
            self.others[step.out] = None
            return
        parts = [self._other(part, registers) for part in step.parts]
        other = np.empty_like(out)
        _combine(step, parts, other)
        self.others[step.out] = other

    def _other(self, part: int, registers: list[Array]) -> Array:
        other = self.others[part]
        return np.broadcast_to(registers[part][0], registers[part].shape) if other is None else other

    def _store(self, at: int, out: int, register: Array, first: int, width: int) -> None:
        here = slice(first, first + width)
        self.sure[at, here], self.possible[at, here] = register
        other = self.others[out]
        if other is None and at not in self.judged:
            return
        if at not in self.judged:
            # Up to here both were equal to `sure`.
            self.judged[at], self.assumed[at] = self.sure[at].copy(), self.sure[at].copy()
        self.judged[at][here], self.assumed[at][here] = (register[0], register[0]) if other is None else other

    def _note_errors(self, block: Block, first: int, width: int) -> None:
        for number, offers in self.plan.fallible.items():
            failed = block.ranged[number].error
            if failed is None:
                continue
            for at in offers:
                line = self.errors.setdefault(at, np.zeros(self.sure.shape[1], np.uint64))
                line[first : first + width] |= failed


def raw_bits(plan: Plan, columns: Columns) -> dict[int, Words]:
    """The thresholds, column by column and a part of it at a time, so that the part is in the nearest cache."""
    found: dict[int, Words] = {}
    for name, numbers in plan.by_column.items():
        column = columns.get(name)
        if column is None:
            continue
        assert isinstance(column, NumberColumn), name
        tests = [cast(Threshold, plan.tests[number]) for number in numbers]
        lines = [column.values.dtype.type(test.line_in(column)) for test in tests]
        compare = [np.equal if test.equal else np.greater_equal for test in tests]
        bits = np.zeros((len(tests), words_for(columns.rows)), np.uint64)
        as_bytes = bits.view(np.uint8)
        flags = np.empty((len(tests), min(PART, columns.rows)), np.bool_)
        for start in range(0, columns.rows, PART):
            values = column.values[start : start + PART]
            part = flags[:, : len(values)]
            for at, (line, how) in enumerate(zip(lines, compare, strict=True)):
                how(values, line, out=part[at])
            packed = np.packbits(part, axis=1, bitorder="little")
            as_bytes[:, start // 8 : start // 8 + packed.shape[1]] = packed
        for row, value in column.odd.items():
            for at, test in enumerate(tests):
                bit = np.uint64(1 << row % 64)
                exact = Fraction(value)
                bits[at, row // 64] = bits[at, row // 64] | bit if test.holds_of(exact) else bits[at, row // 64] & ~bit
        found.update(zip(numbers, bits, strict=True))
    return found


def ranged_bits(plan: Plan, block: Block) -> dict[int, Bits]:
    """The tests with arithmetic and tables, some companies at a time, so that their arrays stay in the cache."""
    codes: dict[int, list[Array]] = {number: [] for number in plan.ranged}
    for start in range(0, block.rows if codes else 0, RANGED_ROWS):
        part = block.columns.slice(start, start + RANGED_ROWS)
        rows = Rows(part, plan.vocabulary, plan.derived, plan.day)
        for number, found in codes.items():
            found.append(cast(Ranged, plan.tests[number]).codes(rows, block.start + start, block.judge))
    return {number: bits_of_codes(np.concatenate(found)) for number, found in codes.items()}


def _combine(step: Step, parts: list[Array], out: Array) -> None:
    match step.kind:
        case "all":
            np.bitwise_and(parts[0], parts[1], out=out)
            for part in parts[2:]:
                np.bitwise_and(out, part, out=out)
        case "any":
            np.bitwise_or(parts[0], parts[1], out=out)
            for part in parts[2:]:
                np.bitwise_or(out, part, out=out)
        case "at_least":
            _at_least(step.number, parts, out)


def _at_least(needed: int, parts: list[Array], out: Array) -> None:
    """Line k of `reached` says where k + 1 parts hold: each part lifts every line by the one below it."""
    reached = np.zeros((needed, *out.shape), np.uint64)
    for part in parts:
        for line in range(needed - 1, 0, -1):
            reached[line] |= reached[line - 1] & part
        reached[0] |= part
    out[:] = reached[-1]
