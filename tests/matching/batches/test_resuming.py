"""A batch that is killed goes on where it was, and ends with the same bytes as one that was left alone."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matching.batches.faults import BatchFault
from matching.batches.progress import Workplace
from matching.batches.running import Options, run_batch
from tests.matching.batches.scene import DAY, few_offers, rows_of, write_csv
from tests.matching.batches.scene import match_few as match
from tests.stack import ROOT, wait_until

ROWS = 300

RUN = """
import sys, time
from pathlib import Path
from tests.matching.batches.scene import match_few as match
import matching.batches.progress as progress
keep = progress.Workplace.keep
def slow_keep(self, kept):
    time.sleep(0.02)
    keep(self, kept)
    time.sleep(0.02)
progress.Workplace.keep = slow_keep
match(Path(sys.argv[1]), Path(sys.argv[2]), chunk=20, processes=int(sys.argv[3]), missing=False)
"""


@pytest.fixture(scope="module")
def companies(tmp_path_factory) -> Path:
    rows = rows_of(20) * (ROWS // 20)
    rows = [
        {**row, "id": str(at), "employees": "-1" if at % 50 == 7 else row["employees"]} for at, row in enumerate(rows)
    ]
    return write_csv(tmp_path_factory.mktemp("batch") / "companies.csv", rows)


def start(companies: Path, out: Path, processes: int = 1) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", RUN, str(companies), str(out), str(processes)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def children_of(pid: int | str) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def progress_of(out: Path) -> Path:
    return out.with_name(out.name + ".progress")


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_killed_at_any_moment_the_same_command_ends_with_the_same_bytes(tmp_path, companies, ending):
    whole, out = tmp_path / f"whole.{ending}", tmp_path / f"result.{ending}"
    summary = match(companies, whole, chunk=20, missing=False)
    chance = random.Random(ending)

    kills = 0
    for _ in range(3):
        process = start(companies, out)
        before = progress_of(out).read_bytes() if progress_of(out).exists() else b""
        while process.poll() is None and (not progress_of(out).exists() or progress_of(out).read_bytes() == before):
            time.sleep(0.005)
        time.sleep(chance.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += process.returncode == -signal.SIGKILL
        assert out.exists() is False or process.returncode == 0
        if out.exists():
            break
    resumed = match(companies, out, chunk=20, missing=False)

    assert kills >= 1
    assert out.read_bytes() == whole.read_bytes()
    assert resumed.rejects.read_bytes() == summary.rejects.read_bytes()
    assert summary.matched + summary.rejected == ROWS
    assert summary.rejected == ROWS // 50
    assert (resumed.matched, resumed.rejected, resumed.verdicts) == (
        summary.matched, summary.rejected, summary.verdicts,
    )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"result.{ending}", "result.rejects.csv", f"whole.{ending}", "whole.rejects.csv",
    ]  # fmt: skip


@pytest.mark.slow
def test_processes_side_by_side_give_the_same_bytes_as_one(tmp_path, companies):
    match(companies, tmp_path / "one.parquet", chunk=50, missing=False)

    process = start(companies, tmp_path / "two.parquet", processes=2)

    assert process.wait(timeout=120) == 0
    match(companies, tmp_path / "one.parquet", chunk=20, missing=False)
    assert (tmp_path / "two.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()


@pytest.mark.slow
def test_helpers_end_with_the_process_that_was_killed(tmp_path, companies):
    process = start(companies, tmp_path / "result.csv", processes=2)
    wait_until(progress_of(tmp_path / "result.csv").exists, what="the first chunk")
    helpers = [pid for child in children_of(process.pid) for pid in children_of(child)]

    process.kill()
    process.wait()

    assert len(helpers) == 2
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in helpers), what="the helpers' end")


class Stop(Exception):
    """Stands for a kill between two chunks."""


def stop_after_first(step) -> None:
    raise Stop


def stopped(companies: Path, out: Path) -> None:
    with pytest.raises(Stop):
        run_batch(
            companies, out, rulebook=few_offers(), day=DAY, options=Options(chunk=100, missing=False),
            on_step=stop_after_first,
        )  # fmt: skip


@pytest.mark.slow
def test_another_input_or_day_or_option_does_not_go_on_from_what_was_done(tmp_path, companies):
    path, out = tmp_path / "companies.csv", tmp_path / "result.csv"
    path.write_bytes(companies.read_bytes())
    stopped(path, out)

    with pytest.raises(BatchFault, match="options are others"):
        match(path, out, chunk=100, missing=False, lenient=True)
    path.write_bytes(companies.read_bytes().replace(b"\n2,", b"\n2002,"))
    with pytest.raises(BatchFault, match="input file has changed"):
        match(path, out, chunk=100, missing=False)

    assert not out.exists()
    assert match(path, out, chunk=100, missing=False, restart=True).resumed == 0
    assert b"\n2002," in out.read_bytes()


@pytest.mark.slow
def test_what_an_earlier_run_did_is_not_done_again(tmp_path, companies):
    out = tmp_path / "result.csv"
    stopped(companies, out)

    assert match(companies, out, chunk=100, missing=False).resumed == 100


@pytest.mark.slow
def test_two_batches_do_not_write_the_same_result(tmp_path, companies):
    out = tmp_path / "result.csv"
    other = Workplace(out, tmp_path / "result.rejects.csv", footers=False)
    other.open(None)

    with pytest.raises(BatchFault, match="another batch"):
        match(companies, out, missing=False)
    other.close()
