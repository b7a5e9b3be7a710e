"""Taking times fairly: rounds in which every engine has its turn, ratios within a round, medians of those."""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `goal` is what we want of it (">= 25", "<= 1.8"), for the reader only."""

    part: str
    what: str
    value: float
    unit: str
    goal: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        sign, bound = self.goal.split()
        return self.value >= float(bound) if sign == ">=" else self.value <= float(bound)

    def to_json(self) -> str:
        """One line."""
        goal = {} if self.goal is None else {"goal": self.goal, "reached": self.reached}
        shown = {
            "bench": self.part,
            "what": self.what,
            "value": _short(self.value),
            "unit": self.unit,
            **goal,
            **self.more,
        }
        return json.dumps(shown, ensure_ascii=False)


def _short(value: float) -> float:
    return float(f"{value:.4g}")


@dataclass
class Sheet:
    """Where figures go: one JSON line each as they come, and a table at the end."""

    out: Callable[[str], Any]
    file: TextIO | None = None
    figures: list[Figure] = field(default_factory=list)

    def say(self, part: str, what: str, value: float, unit: str, *, goal: str | None = None, **more: Any) -> None:
        """Note a figure."""
        figure = Figure(part, what, value, unit, goal, more)
        self.figures.append(figure)
        self._line(figure.to_json())

    def note(self, part: str, sentence: str) -> None:
        """Note why a part, or a peer, has no figure."""
        self._line(json.dumps({"bench": part, "note": sentence}, ensure_ascii=False))

    def _line(self, line: str) -> None:
        self.out(line)
        if self.file is not None:
            self.file.write(line + "\n")
            self.file.flush()

    def table(self) -> list[str]:
        """The figures in columns, with their sizes and whether each goal is reached."""
        said = {None: "", True: "yes", False: "NO"}
        rows = [("part", "what", "of", "value", "unit", "goal", "reached")] + [
            (f.part, f.what, _sizes(f.more), f"{_short(f.value):,g}", f.unit, f.goal or "", said[f.reached])
            for f in self.figures
        ]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        return [
            "  ".join(
                cell.rjust(width) if at == _VALUE else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]


_VALUE = 3


def _sizes(more: Mapping[str, Any]) -> str:
    """How many companies and offers a figure is of."""
    return " × ".join(f"{more[name]:,} {name}" for name in ("companies", "offers") if name in more)


Work = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Timed:
    """Something to time, with what has to be made anew before each time and is not timed."""

    work: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None
    scale: float = 1.0
    """By how much to multiply, where a peer is timed on a sample."""


def interleaved(
    rounds: int, runs: Mapping[str, Timed], *, clock: Callable[[], float] = time.process_time
) -> dict[str, list[float]]:
    """Seconds of each, round by round, after one turn of each that is not counted.

    The usual clock counts the processor time of this process (all its threads), so that neighbours on a busy machine
    distort less; where another process does the work, give `time.perf_counter`.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, timed in runs.items():
            ready = timed.prepare()
            began = clock()
            timed.work(ready)
            if turn:
                seconds[name].append((clock() - began) * timed.scale)
            del ready
    return seconds


def ratios(seconds: Mapping[str, list[float]], of: str) -> dict[str, tuple[float, float, float]]:
    """How many times longer than `of` each other took: median, lowest and highest of the rounds."""
    found = {}
    for name, times in seconds.items():
        if name != of:
            each = [one / base for one, base in zip(times, seconds[of], strict=True)]
            found[name] = (statistics.median(each), min(each), max(each))
    return found


def median_seconds(work: Work, rounds: int) -> float:
    """The median time of so many runs, after one that is not counted."""
    return statistics.median(interleaved(rounds, {"it": Timed(lambda _: work())})["it"])


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, so that no engine profits from a second."""
    if not hasattr(os, "sched_setaffinity"):  # only Linux can
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
