"""Matching a file of companies into a file of results: in chunks, resumable, all or nothing under the final name."""

import hashlib
import multiprocessing
import multiprocessing.connection
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from companies.facts import Text, Vocabulary
from matching.batches.faults import BatchFault
from matching.batches.files import InputFile, format_of, look_over, say_why, unreadable
from matching.batches.headers import words_learned
from matching.batches.parquet_footers import MAGIC, joined_footer
from matching.batches.portions import OPENERS, has_uscc, portions
from matching.batches.progress import Progress, Workplace
from matching.batches.results import Shape
from matching.batches.rows import Place
from matching.batches.work import Done, Orders, Worker, rejects_header, rejects_lines
from matching.batches.writing import csv_header
from matching.engine.plan import VERDICTS
from matching.engine.plan.criteria import RANGED_ROWS
from policies.rules import Verdict
from policies.rules.book import Rulebook

CHUNK = RANGED_ROWS
"""Rows that are matched at once; fewer where they are long."""
EDITION = 2
"""Raise it when a batch begun by the program before this one must not be continued by it."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a batch is read and what its result shows."""

    language: str = "en"
    encoding: str | None = None
    lenient: bool = False
    skip_unknown: bool = False
    wide: bool = False
    verdicts: tuple[Verdict, ...] = VERDICTS
    missing: bool = True
    restart: bool = False
    processes: int = 1
    chunk: int = CHUNK


@dataclass(frozen=True, slots=True)
class Step:
    """What is done after a chunk: its rows, and how much of the input, as a share, before it and after it."""

    rows: int
    before: float
    done: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a batch. `resumed` is the number of rows that an earlier run had done.

    `not_yet` are the columns of facts that are asked today and that the release does not have.
    """

    matched: int
    rejected: int
    left_out: int
    resumed: int
    verdicts: dict[str, int]
    rejects: Path
    not_yet: tuple[str, ...] = ()


def run_batch(
    path: Path,
    out: Path,
    *,
    rulebook: Rulebook,
    day: date,
    today: Vocabulary | None = None,
    rejects: Path | None = None,
    options: Options | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Summary:
    """Match every company of the file and write the result; raises BatchFault with what to do about it.

    Killed at any moment, the same call goes on after the last finished chunk and gives the same bytes. `today` is the
    vocabulary that companies are asked now: a file may use its words, and what the release does not have is not evaluated.
    """
    options = options or Options()
    rejects = rejects or out.with_name(out.stem + ".rejects.csv")
    kind = format_of(out)
    _refuse_same_place(path, out, rejects)
    with ExitStack() as stack:
        helpers = _Helpers(options.processes) if options.processes > 1 else None
        if helpers is not None:
            stack.callback(helpers.close)
        file = look_over(path, options.encoding)
        try:
            opened = stack.enter_context(path.open("rb"))
        except OSError as fault:
            raise unreadable(path, fault) from fault
        learned = words_learned(rulebook.vocabulary, today) if today is not None else {}
        source, start = OPENERS[file.format](
            file, opened, rulebook.vocabulary, skip_unknown=options.skip_unknown, learned=learned
        )
        orders = Orders(
            rulebook.offers, rulebook.vocabulary, day, options.language, kind,
            Shape(options.wide, options.verdicts, has_uscc(source), options.missing), options.lenient, source,
        )  # fmt: skip
        place = Workplace(out, rejects, footers=kind == "parquet")
        key = _key(file, rulebook, day, options, kind, _learned(source))
        progress = _saved(place, key, options.restart)
        resumed = progress.matched + progress.rejected if progress else 0
        place.open(progress)
        stack.callback(place.close)
        run = _Run(file, opened, orders, options, place, progress or Progress(key, start.offset, start.line), helpers)
        try:
            run.go(on_step)
        except BatchFault as fault:
            if not fault.resumable:
                place.give_up()
            raise
        except OSError as fault:
            raise _stopped(out, fault, run.progress) from fault
        done = run.progress
    counts = {verdict.value: count for verdict, count in zip(VERDICTS, done.verdicts, strict=False)}
    not_yet = tuple(one.word for one in getattr(source, "headers", ()) if one.learned and one.fact is None)
    return Summary(done.matched, done.rejected, done.left_out, resumed, counts, rejects, not_yet)


def _learned(source: Any) -> list[tuple[str, str]]:
    """The words newer than the release that the reading of this file depends on, with what they mean."""
    if hasattr(source, "headers"):
        return [(one.word, one.learned) for one in source.headers if one.learned]
    return sorted(source.learned.items())


def _refuse_same_place(path: Path, out: Path, rejects: Path) -> None:
    places = [one.resolve() for one in (path, out, rejects)]
    if len(set(places)) < 3:
        raise BatchFault(
            Text(
                "Input, result and rejects must be three different files.",
                "输入文件、结果文件和拒收文件必须是三个不同的文件。",
            )
        )
    for target in (out, rejects):
        if target.is_dir():
            raise BatchFault(Text(f"{target} is a folder, not a file.", f"{target} 是文件夹，不是文件。"))
        if not target.parent.is_dir():
            raise BatchFault(Text(f"There is no folder {target.parent}.", f"文件夹 {target.parent} 不存在。"))


def _key(
    file: InputFile, rulebook: Rulebook, day: date, options: Options, kind: str, learned: list[tuple[str, str]]
) -> dict[str, Any]:
    shown = (options.language, options.lenient, options.skip_unknown, options.wide, options.missing, options.chunk)
    verdicts = [verdict.value for verdict in options.verdicts]
    how = repr((EDITION, kind, file.format, file.encoding, *shown, verdicts, *learned))
    return {
        "input": file.digest,
        "release": rulebook.digest,
        "day": day.isoformat(),
        "options": hashlib.blake2b(how.encode(), digest_size=16).hexdigest(),
    }


_CHANGED = {
    "input": Text("the input file has changed", "输入文件已改变"),
    "release": Text("the release is another", "发布版不同"),
    "day": Text("the day is another", "日期不同"),
    "options": Text("the options are others", "选项不同"),
}


def _saved(place: Workplace, key: dict[str, Any], restart: bool) -> Progress | None:
    progress = None if restart else place.saved()
    if progress is None:
        return None
    changed = [said for part, said in _CHANGED.items() if progress.key.get(part) != key[part]]
    if changed:
        en, zh = "; ".join(said.en for said in changed), "；".join(said.zh for said in changed)
        raise BatchFault(
            Text(
                f"{place.out}: an unfinished batch stands here, and it does not fit: {en}. "
                "Begin anew with --restart, or choose another result file.",
                f"{place.out}：此处有未完成的批量匹配，但{zh}。请用 --restart 重新开始，或另选结果文件。",
            ),
            resumable=True,
        )
    return progress


def _stopped(out: Path, fault: OSError, progress: Progress) -> BatchFault:
    what = say_why(fault)
    rows = progress.matched + progress.rejected
    return BatchFault(
        Text(
            f"{out}: {what.en}. Nothing stands under this name. {rows:,} companies are done and kept; "
            "make room and run the same command to go on.",
            f"{out}：{what.zh}。结果文件尚未生成；已完成并保留 {rows:,} 家企业，腾出空间后运行同一命令即可继续。",
        ),
        resumable=True,
    )


class _Run:
    """One run over what is left of the input."""

    def __init__(
        self, file: InputFile, opened: BinaryIO, orders: Orders, options: Options, place: Workplace,
        progress: Progress, helpers: "_Helpers | None",
    ) -> None:  # fmt: skip
        self.file = file
        self.opened = opened
        self.orders = orders
        self.options = options
        self.place = place
        self.progress = progress
        self.helpers = helpers

    def go(self, on_step: Callable[[Step], None] | None) -> None:
        """Do every chunk that is left, and give the files their names."""
        if not self.progress.lengths:
            self._begin()
        before = self._share()
        for portion_end, done in self._done(self._portions()):
            self._take(portion_end, done)
            if on_step is not None:
                on_step(Step(done.matched + done.rejected, before, self._share()))
            before = self._share()
        self._end()

    def _share(self) -> float:
        if self.file.format == "parquet":
            return self.progress.offset / max(self.orders.source.total, 1)
        return self.progress.offset / max(self.file.size, 1)

    def _begin(self) -> None:
        self.place.append("rejects", rejects_header(self.orders.language))
        if self.orders.format == "parquet":
            self.place.append("result", MAGIC)
        # Of a table without rows: its columns are the header, and the schema of a result in which nothing was matched.
        empty = Worker(self.orders).empty()
        if self.orders.format == "csv":
            self.place.append("result", csv_header(empty.header))
        if self.orders.format == "parquet":
            self._append_group(empty.result, empty.footer)
        self.place.keep(self.progress)

    def _portions(self) -> Iterator[tuple[Any, Place]]:
        at = Place(self.progress.offset, self.progress.line)
        yield from portions(self.file, self.opened, self.orders.source, at, self.options.chunk)

    def _done(self, given: Iterator[tuple[Any, Place]]) -> Iterator[tuple[Place, Done]]:
        """What each portion gives, in their order, whoever does it."""
        if self.helpers is not None:
            yield from self.helpers.done(self.orders, given)
            return
        worker = Worker(self.orders)
        for portion, end in given:
            yield end, worker.do(portion)

    def _take(self, end: Place, done: Done) -> None:
        progress = self.progress
        self._append_group(done.result, done.footer)
        self.place.append("rejects", rejects_lines(done.faults, self.orders.language))
        progress.offset, progress.line = end.offset, end.line
        progress.chunks += 1
        progress.matched += done.matched
        progress.rejected += done.rejected
        progress.left_out += done.left_out
        counts = list(done.verdicts) or [0] * len(VERDICTS)
        progress.verdicts = [a + b for a, b in zip(progress.verdicts or [0] * len(VERDICTS), counts, strict=True)]
        self.place.keep(progress)

    def _append_group(self, result: bytes, footer: bytes) -> None:
        if footer:
            at = self.place.length("result")
            self.place.append("footers", at.to_bytes(8, "little") + len(footer).to_bytes(4, "little") + footer)
        self.place.append("result", result)

    def _end(self) -> None:
        if self.orders.format == "parquet":
            self.place.append("result", joined_footer(_footers(self.place.read("footers"))))
        self.place.finish()


def _footers(kept: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(kept):
        offset = int.from_bytes(kept[at : at + 8], "little")
        length = int.from_bytes(kept[at + 8 : at + 12], "little")
        yield offset, kept[at + 12 : at + 12 + length]
        at += 12 + length


_workers: dict[bytes, Worker] = {}


def _do(orders: bytes, portion: Any) -> Done:
    worker = _workers.get(orders)
    if worker is None:
        _workers.clear()
        worker = _workers[orders] = Worker(pickle.loads(orders))
    return worker.do(portion)


def _end_with_parent() -> None:
    """Watch over the process that began this one: a helper would wait for work for ever after its kill."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    sentinel = parent.sentinel

    def watch() -> None:
        multiprocessing.connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _context() -> Any:
    """How helpers begin: as copies of a process that has loaded the program and done nothing else, where there is fork.

    A copy of this process might stand still for ever, since it may have threads.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


class _Helpers:
    """Other processes that do chunks. They begin to load the program as soon as there is one."""

    def __init__(self, processes: int) -> None:
        context = _context()
        self.pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent)
        self.processes = processes
        for _ in range(processes):
            self.pool.submit(usual_processes)

    def done(self, orders: Orders, portions: Iterator[tuple[Any, Place]]) -> Iterator[tuple[Place, Done]]:
        """What each portion gives, in their order; a few more are under way, so that nobody waits."""
        packed = pickle.dumps(orders)
        waiting: deque[tuple[Place, Future[Done]]] = deque()
        try:
            for portion, end in portions:
                waiting.append((end, self.pool.submit(_do, packed, portion)))
                if len(waiting) > self.processes + 1:
                    end, future = waiting.popleft()
                    yield end, future.result()
            while waiting:
                end, future = waiting.popleft()
                yield end, future.result()
        except BrokenProcessPool as fault:
            said = Text("A process of this batch was ended from outside; run the same command to go on.",
                        "本批量匹配的一个进程被外部终止；运行同一命令即可继续。")  # fmt: skip
            raise BatchFault(said, resumable=True) from fault

    def close(self) -> None:
        """End the processes."""
        self.pool.shutdown(wait=True, cancel_futures=True)


def usual_processes() -> int:
    """As many processes as there are processors for this one, at most four."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, 4)
