"""A plan run by compiled loops instead of calls of numpy: the same words in about half the time, where numba is."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import accumulate, chain
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from matching.engine.plan.bits import Array, Words, words_for
from matching.engine.plan.columns import Column
from matching.engine.plan.compiling import Plan
from matching.engine.plan.criteria import Block, ColumnTest
from matching.engine.plan.evaluating import Run
from matching.engine.plan.results import PlanResult
from matching.engine.plan.scanning import Scanner
from policies.rules.truth import Truth

BLOCK = 131_072
"""Companies that are scanned at once, so that their rows of bits are still near when the steps read them."""

WORDS = 256
"""Words for which all steps are run in turn: their registers have to fit the cache."""

WORTH_LOADING = 2_000_000_000
"""From so many pairs on, loading the loops (0.6 s, once in a process) costs less than it saves."""

_KERNEL = "matching.engine.plan.kernel"


@cache
def available() -> bool:
    """Whether the loops can be loaded; loads them."""
    try:
        import_module(_KERNEL)
    except (ImportError, RuntimeError):  # numba is not there, is not for this numpy, or has nowhere to keep its code
        return False
    return True


def _kernel() -> Any:
    return import_module(_KERNEL)


def worthwhile(pairs: int) -> bool:
    """Whether to use the loops for so many pairs: they are loaded already, or loading them pays at once."""
    return (_KERNEL in sys.modules or pairs >= WORTH_LOADING) and available()


@dataclass(frozen=True, slots=True)
class Program:
    """The steps of a plan as numbers, and where the rows of bits stand that they read."""

    steps: npt.NDArray[np.int32]
    parts: npt.NDArray[np.int32]
    offers: npt.NDArray[np.int32]
    open_offers: tuple[int, ...]
    """The offers in which something is left to people or unseen text."""
    facts: dict[str, int]
    """The row of those who have not answered, for each fact."""
    others: dict[int, int]
    """The first of three rows (sure, possible, stuck), for each test that is more than a row of its column."""
    rows: int
    most: int
    """The highest number of parts that any step needs."""


_PROGRAMS: "WeakKeyDictionary[Plan, Program]" = WeakKeyDictionary()


def program_of(plan: Plan) -> Program:
    """The program of a plan, made once."""
    found = _PROGRAMS.get(plan)
    if found is None:
        found = _PROGRAMS[plan] = _program(plan)
    return found


def _program(plan: Plan) -> Program:
    from matching.engine.plan import kernel

    kinds = {
        "test": kernel.TEST, "denied": kernel.DENIED, "all": kernel.ALL, "any": kernel.ANY, "at_least": kernel.AT_LEAST,
        "judged": kernel.JUDGED, "unseen": kernel.UNSEEN, "certain": kernel.CERTAIN, "impossible": kernel.IMPOSSIBLE,
    }  # fmt: skip
    rows = {number: at for at, number in enumerate(number for numbers in plan.by_column.values() for number in numbers)}
    next_row = len(rows)
    facts: dict[str, int] = {}
    others: dict[int, int] = {}
    for number, test in enumerate(plan.tests):
        if isinstance(test, ColumnTest) and test.unknown is Truth.UNKNOWN:
            if test.fact not in facts:
                facts[test.fact], next_row = next_row, next_row + 1
        else:
            others[number], next_row = next_row, next_row + 3
    open_offers = tuple(at for step in plan.steps if not step.plain for at in step.offers)
    line_of = {offer: line for line, offer in enumerate(open_offers)}
    steps: list[Any] = []
    parts: list[Any] = []
    offers: list[Any] = []
    for step in plan.steps:
        begin, end, number, stuck = len(parts), len(parts) + len(step.parts), step.number, -1
        if step.kind in ("test", "denied"):
            if number in others:
                number, begin, stuck = others[number], others[number] + 1, others[number] + 2
            else:
                number, begin = rows[number], facts[cast(ColumnTest, plan.tests[number]).fact]
        parts += zip(step.parts, step.simple, strict=True)
        first = len(offers)
        offers += [(offer, line_of.get(offer, -1)) for offer in step.offers]
        out = step.out if step.out >= 0 else plan.registers
        steps.append((kinds[step.kind], out, number, begin, end, step.plain, first, len(offers), stuck))
    most = max((step.number for step in plan.steps if step.kind == "at_least"), default=1)

    def table(lines: list[Any], width: int) -> npt.NDArray[np.int32]:
        return np.array(lines, np.int32).reshape(-1, width)

    return Program(table(steps, 9), table(parts, 2), table(offers, 2), open_offers, facts, others, next_row + 1, most)


class CompiledScanner(Scanner):
    """Compares by the compiled loop, and leaves each row of bits in its place among those of the program."""

    def __init__(self, plan: Plan, room: Words) -> None:
        self.plan = plan
        self._lines = room

    def _fulfilled(self, column: Column | None, tests: list[Any], room: Words) -> Sequence[Words] | Words:
        found = super()._fulfilled(column, tests, room)
        if found is not room:
            for own, line in zip(room, found, strict=True):
                own[:] = line
        return room

    def _compare(self, values: Array, lines: list[Any], equal: list[bool], room: Words) -> None:
        _kernel().scan(
            np.ascontiguousarray(values), np.array(lines, values.dtype), np.array(equal, np.bool_), room
        )  # fmt: skip

    def _unite(self, lines: Words, picks: list[list[int]], room: Words) -> Words:
        ends = np.fromiter(accumulate(map(len, picks)), np.int64, len(picks))
        _kernel().unite(lines, np.fromiter(chain.from_iterable(picks), np.int64, ends[-1]), ends, room)
        return room


class CompiledRun(Run):
    """One run by the compiled loops."""

    block_rows = BLOCK

    def _make_room(self, rows: int) -> None:
        program = self.program = program_of(self.plan)
        self.bits = self._room("bits", (program.rows, words_for(rows)))
        self.scanner = CompiledScanner(self.plan, self.bits)
        shape = (self.plan.registers + 1, 2 * WORDS)
        self.registers = self._room("near", shape)
        # Without open offers nothing is ever written to the other two rows.
        self.other_rows = np.empty(shape if program.open_offers else (1, 2 * WORDS), np.uint64)
        self.reached = np.empty((program.most, 2 * WORDS), np.uint64)
        self.by_people = np.empty((2, len(program.open_offers), words_for(self.columns.rows)), np.uint64)

    def result(self) -> PlanResult:
        """What has been found."""
        for line, at in enumerate(self.program.open_offers):
            judged, assumed = self.by_people[:, line]
            if not (np.array_equal(judged, self.found[at, 0]) and np.array_equal(assumed, self.found[at, 0])):
                self.judged[at], self.assumed[at] = judged, assumed
        return super().result()

    def _run_steps(self, block: Block, here: slice) -> None:
        from matching.engine.plan.kernel import run

        program, words = self.program, here.stop - here.start
        for fact, row in program.facts.items():
            self.bits[row, :words] = block.unknown(fact)
        for number, row in program.others.items():
            bits = self.plan.tests[number].bits(number, block)
            self.bits[row, :words], self.bits[row + 1, :words] = bits.sure, bits.possible
            self.bits[row + 2, :words] = 0 if bits.stuck is None else bits.stuck
        self.bits[-1, :words] = block.everyone
        judged, assumed = self.by_people
        for first in range(0, words, WORDS):
            stop = min(first + WORDS, words)
            run(
                program.steps, program.parts, program.offers, self.bits, first, stop, self.registers, self.other_rows,
                self.reached, self.found, judged, assumed, here.start + first,
            )  # fmt: skip
