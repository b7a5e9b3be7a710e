"""Facts that were added after the release: files may name them at once, and the release decides what is evaluated."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from companies import actions
from companies.facts import read_vocabulary
from policies import rulebook
from tests.matching.batches.scene import read_result
from tests.matching.test_commands import run

NEW = {"fact": "roof_pv", "kind": "number", "label": {"en": "Roof PV", "zh": "屋顶光伏"},
       "question": {"en": "How many kW?", "zh": "多少千瓦？"}, "effort": "slow"}  # fmt: skip


def with_vocabulary(**changes):
    """The vocabulary as it stands, with the new fact, and employees changed like this."""
    sheets = rulebook.current().vocabulary.to_plain()
    stem = min(sheets)
    for sheet in sheets.values():
        sheet["facts"] = [{**fact, **changes} if fact["fact"] == "employees" else fact for fact in sheet["facts"]]
    sheets[stem]["facts"].append(NEW)
    vocabulary, faults = read_vocabulary(sheets, {"certificates": [], "papers": []})
    assert not faults
    return vocabulary


@pytest.fixture
def added(release):
    actions.store_vocabulary(vocabulary=with_vocabulary(), by=None)


ROW = {"id": "1", "employees": "1000", "established": "yes", "roof_pv": "520"}


def written(tmp_path, ending):
    path = tmp_path / f"companies.{ending}"
    match ending:
        case "csv":
            path.write_text(",".join(ROW) + "\n" + ",".join(ROW.values()) + "\n", encoding="utf-8")
        case "ndjson":
            path.write_text(json.dumps(ROW), encoding="utf-8")
        case "parquet":
            pq.write_table(pa.table({name: [cell] for name, cell in ROW.items()}), path)
    return str(path)


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_a_fact_that_the_release_does_not_know_yet_is_no_reason_to_refuse_the_file(added, tmp_path, ending):
    out = tmp_path / "r.ndjson"

    code, _, complaint = run("match_batch", written(tmp_path, ending), "--out", str(out), "--processes", "1")

    assert (code, complaint) == (0, "")
    verdicts = {row["offer"]: row["verdict"] for row in read_result(out)}
    assert verdicts["cp-small-2026/large-team"] == "eligible"


def test_the_result_is_the_same_bytes_with_and_without_the_new_fact(added, tmp_path):
    with_it, without = written(tmp_path, "csv"), tmp_path / "without.csv"
    without.write_text("id,employees,established\n1,1000,yes\n", encoding="utf-8")

    for path, name in ((with_it, "a"), (str(without), "b")):
        assert run("match_batch", path, "--out", str(tmp_path / f"{name}.csv"), "--processes", "1")[0] == 0

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_columns_that_were_not_evaluated_are_named(added, tmp_path):
    _, printed, _ = run("match_batch", written(tmp_path, "csv"), "--out", str(tmp_path / "r.csv"), "--processes", "1")

    assert "Not evaluated, because release 1 does not know these facts yet: roof_pv." in printed


@pytest.mark.parametrize("ending", ["csv", "ndjson"])
def test_the_template_asks_the_new_fact_at_once_and_reads_back(added, tmp_path, ending):
    _, template, _ = run("match_batch", "--template", ending)
    path = tmp_path / f"template.{ending}"
    path.write_text(template, encoding="utf-8")

    code, _, complaint = run("match_batch", str(path), "--out", str(tmp_path / "r.csv"), "--processes", "1")

    assert ("Roof PV" if ending == "csv" else "roof_pv") in template
    assert (code, complaint) == (0, "")


def test_the_template_of_a_named_release_asks_what_that_release_asks(added):
    _, template, _ = run("match_batch", "--template", "csv", "--release", "1")

    assert "Roof PV" not in template


def test_a_fact_that_was_renamed_is_found_by_its_new_word_and_evaluated(release, tmp_path):
    label = {"en": "Staff on the payroll", "zh": "在册职工"}
    actions.store_vocabulary(vocabulary=with_vocabulary(label=label), by=None)
    path = tmp_path / "companies.csv"
    path.write_text("id,在册职工,established\n1,1000,yes\n", encoding="utf-8")

    assert run("match_batch", str(path), "--out", str(tmp_path / "r.csv"), "--processes", "1")[0] == 0

    verdicts = {row["offer"]: row["verdict"] for row in read_result(tmp_path / "r.csv")}
    assert verdicts["cp-small-2026/large-team"] == "eligible"


def test_the_old_and_the_new_word_of_one_fact_are_the_same_column_twice(release, tmp_path):
    label = {"en": "Staff on the payroll", "zh": "在册职工"}
    actions.store_vocabulary(vocabulary=with_vocabulary(label=label), by=None)
    path = tmp_path / "companies.csv"
    path.write_text("id,在册职工,employees\n1,1000,1000\n", encoding="utf-8")

    code, _, complaint = run("match_batch", str(path), "--out", str(tmp_path / "r.csv"), "--processes", "1")

    assert code == 2
    assert "mean the same" in complaint
