"""Running a plan over columns, block by block."""

from collections.abc import Callable
from math import prod
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from matching.engine.plan.bits import Array, Words, words_for
from matching.engine.plan.columnar import Rows
from matching.engine.plan.columns import Columns
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import RANGED_ROWS, Bits, Block, ColumnTest, Ranged, bits_of_codes
from matching.engine.plan.reference import Judge
from matching.engine.plan.results import PlanResult
from matching.engine.plan.scanning import Scanner
from matching.engine.plan.trees import Step
from policies.rules.truth import Truth

BLOCK = 131_072
"""Companies that are computed at once: few calls into numpy, and rows of bits that stay in the cache."""


_KEPT: "WeakKeyDictionary[Plan, dict[str, Array]]" = WeakKeyDictionary()
"""Arrays in which runs of a plan compute, for the next run: fresh memory costs about as much as computing in it."""


def evaluate_plan(
    plan: Plan,
    columns: Columns,
    *,
    on_block: Callable[[int, int], None] | None = None,
    rows: Rows | None = None,
    compiled: bool | None = None,
) -> PlanResult:
    """The verdicts of every offer of the plan for every company of the columns, equal to those of `verdict_of`.

    `on_block` is told after each block how many companies are done, and of how many. `rows` are these very columns as
    rows for expressions, for who wants to go on with what is computed there; at most RANGED_ROWS companies then.
    `compiled` chooses the loops of numba or of numpy, which find the same; without it numba's, where they are loaded
    already or so much is to do that loading them pays at once, and numba is installed.
    """
    run = _run_for(plan, columns, compiled)(plan, columns, rows)
    for start in range(0, columns.rows, run.block_rows):
        stop = min(start + run.block_rows, columns.rows)
        run.block(start, stop)
        if on_block is not None:
            on_block(stop, columns.rows)
    return run.result()


def _run_for(plan: Plan, columns: Columns, compiled: bool | None) -> "type[Run]":
    from matching.engine.plan.compiled import CompiledRun, worthwhile

    if compiled is None:
        compiled = worthwhile(len(plan.offers) * columns.rows)
    return CompiledRun if compiled else Run


class Run:
    """One run: registers of two rows (sure, possible) and, where people or unseen text decide, two more."""

    block_rows = BLOCK

    def __init__(self, plan: Plan, columns: Columns, rows: Rows | None = None) -> None:
        assert rows is None or (rows.columns is columns and columns.rows <= RANGED_ROWS)
        self.plan = plan
        self.columns = columns
        self.rows = rows
        self.judge = Judge(columns, plan.day)
        words = words_for(columns.rows)
        self.found = np.empty((len(plan.offers), 2, words), np.uint64)
        self.judged: dict[int, Words] = {}
        self.assumed: dict[int, Words] = {}
        self.errors: dict[int, Words] = {}
        self._rooms: dict[str, Array] = {}
        self._make_room(min(columns.rows, self.block_rows))

    def _make_room(self, rows: int) -> None:
        self.registers = self._room("registers", (self.plan.registers, 2, words_for(rows)))
        lines = sum(map(len, self.plan.by_column.values()))
        self.scanner = Scanner(self.plan, self._room("lines", (lines, words_for(rows))), rows)
        # Registers of the other two rows; None where they are both equal to the first.
        self.others: list[Array | None] = [None] * self.plan.registers

    def _room(self, name: str, shape: tuple[int, ...]) -> Any:
        """Words with anything in them, which belong to this run until its result is asked for."""
        kept = _KEPT.setdefault(self.plan, {}).pop(name, None)  # at once, so that no other thread gets it too
        if kept is None or kept.size < prod(shape):
            kept = np.empty(prod(shape), np.uint64)
        self._rooms[name] = kept
        return kept[: prod(shape)].reshape(shape)

    def result(self) -> PlanResult:
        """What has been found; nothing more can be computed then."""
        _KEPT[self.plan].update(self._rooms)
        bare = frozenset(at for at, text in enumerate(self.plan.texts) if not text.expressions)
        return PlanResult(
            self.plan.offers, self.columns.rows, self.found[:, 0], self.found[:, 1], self.judged, self.assumed,
            self.errors, bare,
        )  # fmt: skip

    def block(self, start: int, stop: int) -> None:
        """Compute the companies from `start` to `stop`."""
        block = Block(self.columns.slice(start, stop), start, self.judge)
        block.raw = self.scanner.scan(block.columns)
        with np.errstate(all="ignore"):
            block.ranged = ranged_bits(self.plan, block, self.rows)
        here = slice(start // 64, start // 64 + words_for(stop - start))
        self._run_steps(block, here)
        self._note_errors(block, here)

    def _run_steps(self, block: Block, here: slice) -> None:
        registers = [register[:, : here.stop - here.start] for register in self.registers]
        for step in self.plan.steps:
            # A root that nothing else uses is computed where it is kept.
            out = registers[step.out] if step.out >= 0 else self.found[step.offers[0], :, here]
            if step.kind in ("test", "denied"):
                self._leaf(step, block, out)
            elif step.plain and step.parts:
                _combine(step, [registers[part] for part in step.parts], out)
            else:
                self._group(step, block, registers, out)
            if step.offers:
                self._keep(step, out, here)

    def _leaf(self, step: Step, block: Block, out: Array) -> None:
        test = self.plan.tests[step.number]
        raw = block.raw.get(step.number)
        if raw is not None and cast(ColumnTest, test).unknown is Truth.UNKNOWN:
            known = block.known(cast(ColumnTest, test).fact)
            if step.kind == "test":
                out[0] = raw
                np.bitwise_or(raw, block.unknown(cast(ColumnTest, test).fact), out=out[1])
            else:
                np.bitwise_xor(raw, known, out=out[0])
                np.bitwise_xor(raw, block.everyone, out=out[1])
            return
        bits: Bits = test.bits(step.number, block)
        if step.kind == "test":
            out[0], out[1] = bits.sure, bits.possible
        else:
            np.bitwise_xor(bits.possible, block.everyone, out=out[0])
            np.bitwise_xor(bits.sure, block.everyone, out=out[1])
        if not step.plain:
            settled = None if bits.stuck is None else out[0] | bits.stuck
            self.others[step.out] = None if settled is None else np.array([settled, settled])

    def _group(self, step: Step, block: Block, registers: list[Array], out: Array) -> None:
        if not step.plain:
            self.others[step.out] = None
        match step.kind:
            case "judged" | "unseen":
                out[0], out[1] = 0, block.everyone
                judged = block.everyone if step.kind == "judged" else np.zeros_like(block.everyone)
                self.others[step.out] = np.array([judged, block.everyone])
            case "certain" | "impossible":
                out[:] = block.everyone if step.kind == "certain" else 0
            case _:
                _combine(step, [registers[part] for part in step.parts], out)
                # Registers of plain steps keep no others; what stands there belongs to a node that is over.
                kept = [
                    None if plain else self.others[part] for part, plain in zip(step.parts, step.simple, strict=True)
                ]
                if any(other is not None for other in kept):
                    pairs = zip(step.parts, kept, strict=True)
                    parts = [_first_twice(registers[part]) if one is None else one for part, one in pairs]
                    other = np.empty_like(out)
                    _combine(step, parts, other)
                    self.others[step.out] = other

    def _keep(self, step: Step, register: Array, here: slice) -> None:
        other = None if step.plain else self.others[step.out]
        for at in step.offers:
            if step.out >= 0:
                self.found[at, :, here] = register
            if other is None and at not in self.judged:
                continue
            if at not in self.judged:
                # Up to here both were equal to `sure`.
                self.judged[at], self.assumed[at] = self.found[at, 0].copy(), self.found[at, 0].copy()
            self.judged[at][here], self.assumed[at][here] = (register[0], register[0]) if other is None else other

    def _note_errors(self, block: Block, here: slice) -> None:
        for number, offers in self.plan.fallible.items():
            failed = block.ranged[number].error
            if failed is None:
                continue
            for at in offers:
                line = self.errors.setdefault(at, np.zeros(self.found.shape[2], np.uint64))
                line[here] |= failed


def _first_twice(register: Array) -> Array:
    return np.broadcast_to(register[0], register.shape)


def ranged_bits(plan: Plan, block: Block, given: Rows | None = None) -> dict[int, Bits]:
    """The tests with arithmetic and tables, some companies at a time, so that their arrays stay in the cache."""
    codes: dict[int, list[Array]] = {number: [] for number in plan.ranged}
    for start in range(0, block.rows if codes else 0, RANGED_ROWS):
        part = block.columns.slice(start, start + RANGED_ROWS)
        rows = given or Rows(part, plan.vocabulary, plan.derived, plan.day)
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
