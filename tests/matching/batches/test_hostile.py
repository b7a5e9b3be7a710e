"""Files that are no tables, or not what they say: a clear message in both languages, and nothing half-written."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matching.batches.faults import BatchFault
from tests.matching.batches.scene import match_few as match
from tests.matching.batches.scene import read_result
from tests.stack import ROOT

HEADER = b"id,name,employees,established\n"


def sparse(path: Path) -> None:
    """Two gigabytes in one line, of which the disk holds next to nothing."""
    with path.open("wb") as opened:
        opened.write(HEADER + b"1,")
        opened.truncate(2 << 30)


def broken_parquet(path: Path) -> None:
    pq.write_table(pa.table({"id": ["1"], "employees": [4]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


HOSTILE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("a.csv", lambda path: path.write_bytes(b""), "empty"),
    "blank": ("a.csv", lambda path: path.write_bytes(b"\n\n\n"), "no header"),
    "header only": ("a.csv", lambda path: path.write_bytes(HEADER), "no rows"),
    "remarks only": ("a.csv", lambda path: path.write_bytes(b"# one\n# two\n"), "no header"),
    "no rows of JSON": ("a.ndjson", lambda path: path.write_bytes(b"\n \n"[:1]), "no rows"),
    "neither encoding": ("a.csv", lambda path: path.write_bytes(HEADER + b"1,\xff\xff,4,yes\n"), "option encoding"),
    "NUL in the header": ("a.csv", lambda path: path.write_bytes(b"id,na\0me,employees\n1,a,2\n"), "NUL"),
    "endless line": ("a.csv", sparse, "longer than"),
    "long row": ("a.csv", lambda path: path.write_bytes(HEADER + b"1," + b"x" * 1_000_001 + b",4,yes\n"), "longer than"),
    "quote not closed": ("a.csv", lambda path: path.write_bytes(HEADER + b'1,"a,4,yes\n2,b,5,no\n'), "never closed"),
    "two million columns": ("a.csv", lambda path: path.write_bytes(b"a," * 450_000 + b"a\n1\n"), "columns"),
    "very many columns": ("a.csv", lambda path: path.write_bytes(b"ab," * 2_000_000 + b"\n1\n"), "longer than"),
    "other ending": ("a.xlsx", lambda path: path.write_bytes(HEADER), "must end in"),
    "Excel called CSV": ("a.csv", lambda path: path.write_bytes(b"PK\x03\x04" + b"\0" * 50), "Excel"),
    "gzip called CSV": ("a.csv", lambda path: path.write_bytes(b"\x1f\x8b\x08" + b"\0" * 50), "gzip"),
    "CSV called Parquet": ("a.parquet", lambda path: path.write_bytes(HEADER), "not a Parquet"),
    "cut Parquet": ("a.parquet", broken_parquet, "cut off or damaged"),
    "folder": ("a.csv", lambda path: path.mkdir(), "folder"),
    "nothing there": ("a.csv", lambda path: None, "No such file"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_nothing_left_behind(tmp_path, what):
    name, make, said = HOSTILE[what]
    make(tmp_path / name)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(BatchFault) as refused:
        match(tmp_path / name, tmp_path / "result.csv")

    assert said in refused.value.message.en
    assert refused.value.message.zh != ""
    assert sorted(tmp_path.iterdir()) == before


def test_the_result_may_not_be_the_input(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b"1,a,4,yes\n")

    with pytest.raises(BatchFault, match="different files"):
        match(path, path)

    assert path.read_bytes() == HEADER + b"1,a,4,yes\n"


ROWS = {
    "two cells too few": (b"1,a\n", "This row has 2 cells"),
    "a cell too many": (b"1,a,4,yes,no\n", "This row has 5 cells"),
    "not a number": (b"1,a,many,yes\n", "not a number"),
    "NUL": (b"1,a\0b,4,yes\n", "invisible control character"),
    "NUL in an answer": (b"1,a,4\0,yes\n", "invisible control character"),
    "long name": (b"1," + b"x" * 201 + b",4,yes\n", "at most 200"),
    "says nothing": (b",,,\n", "says nothing"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ROWS)
def test_a_bad_row_goes_to_the_rejects_and_the_good_ones_are_matched(tmp_path, what):
    bad, said = ROWS[what]
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b"1,good,4,yes\n" + bad + b'3,"good, too",5,no\n\n4,good,,\n')

    summary = match(path, tmp_path / "result.csv", missing=False)

    assert (summary.matched, summary.rejected) == (3, 1)
    line, *_, reason = summary.rejects.read_text(encoding="utf-8-sig").splitlines()[1].split(",", 3)
    assert line == "3"
    assert said in reason
    assert {row["id"] for row in read_result(tmp_path / "result.csv")} == {"1", "3", "4"}


@pytest.mark.slow
def test_lenient_leaves_the_bad_answer_out_and_lists_it_all_the_same(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b"1,a,many,yes\n")

    summary = match(path, tmp_path / "result.csv", lenient=True, missing=False)

    assert (summary.matched, summary.rejected, summary.left_out) == (1, 0, 1)
    assert "2,employees,many," in summary.rejects.read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_rows_that_do_not_fit_a_named_encoding_are_rejected_one_by_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b"1,\xff\xfe,4,yes\n2,b,5,no\n")

    summary = match(path, tmp_path / "result.csv", encoding="utf-8", missing=False)

    assert (summary.matched, summary.rejected) == (1, 1)
    assert "does not fit" in summary.rejects.read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_text_that_a_spreadsheet_takes_for_a_formula_is_made_harmless(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b'1,"=HYPERLINK(""http://x"")",4,yes\n2,@SUM(A1),=1+1,yes\n')

    summary = match(path, tmp_path / "result.csv", lenient=True, missing=False)

    assert {row["name"] for row in read_result(tmp_path / "result.csv")} == {'\'=HYPERLINK("http://x")', "'@SUM(A1)"}
    assert ",'=1+1," in summary.rejects.read_text(encoding="utf-8-sig")


JSON_ROWS = {
    "no JSON": ('{"id": "1", "employees": 4', "not JSON"),
    "a list": ("[1, 2]", "not a JSON object"),
    "a key twice": ('{"id": "1", "employees": 4, "employees": 5}', "twice"),
    "two words for one fact": ('{"id": "1", "employees": 4, "Employees": 5}', "same fact"),
    "unknown fact": ('{"id": "1", "employes": 4}', "Did you mean"),
    "NaN": ('{"id": "1", "employees": NaN}', "not a number"),
    "infinite": ('{"id": "1", "employees": 1e999}', "too large"),
    "very deep": ("[" * 100_000, "not JSON"),
    "many digits": ('{"id": "1", "employees": ' + "9" * 5000 + "}", "not JSON"),
    "half a sign": ('{"id": "1", "legal_form": "\\ud800"}', "invisible control character"),
    "facts of no kind": ('{"id": "1", "facts": [1]}', "must be an object"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", JSON_ROWS)
def test_a_bad_line_of_json_is_rejected_and_the_good_ones_are_matched(tmp_path, what):
    bad, said = JSON_ROWS[what]
    path = tmp_path / "a.ndjson"
    path.write_text('{"id": 7, "employees": 4}\n' + bad + '\n{"id": "8", "facts": {"employees": "5"}}\n')

    summary = match(path, tmp_path / "result.ndjson", missing=False)

    assert (summary.matched, summary.rejected) == (2, 1)
    assert said in summary.rejects.read_text(encoding="utf-8-sig")
    assert {row["id"] for row in read_result(tmp_path / "result.ndjson")} == {"7", "8"}


FULL = """
import resource, sys
from pathlib import Path
from matching.batches.faults import BatchFault
from tests.matching.batches.scene import match_few as match
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    match(Path(sys.argv[1]), Path(sys.argv[2]), chunk=50, missing=False)
except BatchFault as fault:
    print(fault.message.en)
    sys.exit(2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_full_disk_stops_the_batch_with_what_was_done_kept(tmp_path, ending):
    path, out = tmp_path / "a.csv", tmp_path / f"result.{ending}"
    path.write_bytes(HEADER + b"".join(b"%d,company,%d,yes\n" % (at, at) for at in range(400)))
    whole = tmp_path / f"whole.{ending}"
    match(path, whole, chunk=50, missing=False)

    command = [sys.executable, "-c", FULL, str(path), str(out), str(whole.stat().st_size // 2)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stdout
    assert "run the same command to go on" in done.stdout
    assert not out.exists()
    assert match(path, out, chunk=50, missing=False).resumed > 0
    assert out.read_bytes() == whole.read_bytes()


def test_a_folder_that_may_not_be_written_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(HEADER + b"1,a,4,yes\n")

    with pytest.raises(BatchFault, match=r"/proc/result\.csv"):  # where not even root may write
        match(path, Path("/proc/result.csv"))


MEMORY = """
import resource, sys
from pathlib import Path
from tests.matching.batches.scene import match_few as match
match(Path(sys.argv[1]), Path(sys.argv[2]), chunk=1000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_stays_flat_whatever_the_size_of_the_file(tmp_path):
    peaks = []
    for count in (3_000, 30_000):
        path = tmp_path / f"{count}.csv"
        path.write_bytes(HEADER + b"".join(b"%d,company,%d,yes\n" % (at, at) for at in range(count)))
        command = [sys.executable, "-c", MEMORY, str(path), str(tmp_path / f"{count}.parquet")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout))

    assert peaks[1] < peaks[0] * 1.25
