"""Parquet files of a few kilobytes that stand for gigabytes: refused with a message, in bounded memory."""

import io
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matching.batches.bounded_memory import MOST_BYTES, bounded_memory
from matching.batches.parquet_footers import _Reader, _write_struct, take_apart, whole_file
from tests.stack import ROOT

ROWS, LONG = 400, "x" * 1_000_000


def dictionary(path: Path) -> None:
    numbers = pa.array([0] * ROWS, pa.int32())
    names = pa.DictionaryArray.from_arrays(numbers, [LONG])
    pq.write_table(pa.table({"id": [str(at) for at in range(ROWS)], "legal_form": names}), path, compression="zstd")


def shared_beginnings(path: Path) -> None:
    _write_texts(path, column_encoding={"id": "PLAIN", "legal_form": "DELTA_BYTE_ARRAY"})


def pages(path: Path) -> None:
    _write_texts(path, data_page_size=1 << 30)


def lists(path: Path) -> None:
    many = pa.array([[True] * 1_000_000] * 50)
    pq.write_table(pa.table({"id": [str(at) for at in range(50)], "employees": many}), path, compression="zstd")


def footer(path: Path) -> None:
    whole = io.BytesIO()
    pq.write_table(pa.table({"id": ["1"]}), whole)
    parts = take_apart(whole.getvalue())
    described = _Reader(parts.footer).struct()
    row_groups, columns = 4, 1
    described[row_groups][1][1][0][columns] = (9, (12, [{2: (6, 4)}] * 900_000))
    written = bytearray()
    _write_struct(written, described)
    path.write_bytes(whole_file(parts.body, bytes(written)))


def _write_texts(path: Path, **how: object) -> None:
    table = pa.table({"id": [str(at) for at in range(ROWS)], "legal_form": [LONG] * ROWS})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, **how)


BOMBS: dict[str, Callable[[Path], None]] = {
    "a dictionary": dictionary,
    "texts that share their beginning": shared_beginnings,
    "pages that pack well": pages,
    "lists": lists,
    "a footer": footer,
}
MATCH = """
import resource, sys
from pathlib import Path
from matching.batches.faults import BatchFault
from tests.matching.batches.scene import match_few
good = Path(sys.argv[1]).with_name("good.csv")
good.write_text("id,employees\\n1,4\\n")
match_few(good, good.with_name("out.csv"), missing=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    match_few(Path(sys.argv[1]), good.with_name("result.csv"), missing=False)
except BatchFault as fault:
    print(fault.message.en)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", BOMBS)
def test_a_small_parquet_file_that_stands_for_gigabytes_is_refused_in_bounded_memory(tmp_path, what):
    path = tmp_path / "bomb.parquet"
    BOMBS[what](path)

    done = subprocess.run(
        [sys.executable, "-c", MATCH, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )

    assert done.returncode == 0, done.stderr[-2000:]
    *said, grown = done.stdout.splitlines()
    assert int(grown) <= MOST_BYTES >> 20
    assert "cannot be read as Parquet" in said[0] or "would take more than" in said[0]


@pytest.mark.slow
def test_the_wall_is_taken_down_again():
    before = resource.getrlimit(resource.RLIMIT_AS), pa.default_memory_pool().backend_name
    with pytest.raises(pa.ArrowException), bounded_memory(1 << 20):
        pa.allocate_buffer(1 << 30)

    assert (resource.getrlimit(resource.RLIMIT_AS), pa.default_memory_pool().backend_name) == before
