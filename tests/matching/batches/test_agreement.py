"""Every row of a result is what the reference evaluator says, from each format to each format."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policies.rules import Verdict
from tests.matching.batches.scene import expected_rows, match, read_result, rows_of, write_csv

COMPANIES = 6


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return rows_of(COMPANIES)


@pytest.fixture(scope="module")
def wanted(rows) -> list[dict[str, object]]:
    return expected_rows(rows)


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    if path.suffix == ".csv":
        return write_csv(path, rows)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    with path.open("w", encoding="utf-8") as opened:
        for row in rows:
            facts = {name: cell for name, cell in row.items() if name not in ("id", "name") and cell}
            opened.write(json.dumps({"id": row["id"], "name": row["name"], "facts": facts}) + "\n")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("source", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("target", ["csv", "ndjson", "parquet"])
def test_every_row_is_what_the_reference_evaluator_says(tmp_path, rows, wanted, source, target):
    path = _write(tmp_path / f"companies.{source}", rows)

    summary = match(path, tmp_path / f"result.{target}")

    assert read_result(tmp_path / f"result.{target}") == wanted
    assert (summary.matched, summary.rejected) == (COMPANIES, 0)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["csv", "ndjson", "parquet"])
def test_the_wide_result_says_the_same(tmp_path, rows, wanted, target):
    path = _write(tmp_path / "companies.csv", rows)

    match(path, tmp_path / f"result.{target}", wide=True)

    found = read_result(tmp_path / f"result.{target}")
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    by_company = {row["id"]: row for row in found}
    for one in wanted:
        row = by_company[one["id"]]
        assert row[one["offer"]] == one["verdict"]
        for part in ("amount_status", "amount_low", "amount_high", "missing"):
            assert row[f"{one['offer']} {part}"] == one[part], (one["id"], one["offer"], part)


@pytest.mark.slow
def test_only_the_verdicts_asked_for_are_written(tmp_path, rows, wanted):
    path = _write(tmp_path / "companies.csv", rows)

    match(path, tmp_path / "result.parquet", verdicts=(Verdict.ELIGIBLE, Verdict.UNDETERMINED))

    kept = [row for row in wanted if row["verdict"] in ("eligible", "undetermined")]
    assert read_result(tmp_path / "result.parquet") == kept
