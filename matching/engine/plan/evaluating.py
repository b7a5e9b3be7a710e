"""Running a plan over columns, block by block."""

from collections.abc import Callable

import numpy as np

from matching.engine.plan.bits import Array, Words, words_for
from matching.engine.plan.columns import Columns
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import Bits, Block
from matching.engine.plan.reference import Judge
from matching.engine.plan.results import PlanResult
from matching.engine.plan.trees import Step

BLOCK = 131_072
"""Companies that are computed at once: few calls into numpy, and rows of bits that stay in the cache."""


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
        first, width = start // 64, words_for(stop - start)
        registers = [register[:, :width] for register in self.registers]
        seen: dict[int, Bits] = {}
        errors: dict[int, Words] = {}
        for step in self.plan.steps:
            if step.kind in ("criterion", "denied"):
                bits = seen.pop(step.number, None) or self.plan.tests[step.number].bits(block)
                if step.number in self.plan.twice:
                    seen[step.number] = bits
                if bits.error is not None:
                    errors[step.number] = bits.error
                self._leaf(step, bits, block, registers[step.out])
            else:
                self._group(step, block, registers)
            for at in step.offers:
                self._store(at, step.out, registers[step.out], first, width)
        if errors:
            self._note_errors(errors, first, width)

    def _leaf(self, step: Step, bits: Bits, block: Block, register: Array) -> None:
        if step.kind == "criterion":
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

    def _note_errors(self, errors: dict[int, Words], first: int, width: int) -> None:
        for at, criteria in enumerate(self.plan.criteria_of):
            for number in criteria:
                if number in errors:
                    line = self.errors.setdefault(at, np.zeros(self.sure.shape[1], np.uint64))
                    line[first : first + width] |= errors[number]


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
