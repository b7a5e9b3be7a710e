"""Cells mean the same, read as columns, as each read by itself; headers are taken in every form of their words."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import UNKNOWN, Fact, Kind, ValueFault, read_value
from matching.batches.answers import AnswerReader
from matching.batches.certificate_cells import CertificateReader, write_certificates
from matching.batches.faults import BatchFault
from matching.batches.files import look_over
from matching.batches.headers import read_headers
from matching.batches.records import read_records
from tests.companies.vocabulary import small_vocabulary
from tests.matching.batches.scene import match, read_result, rows_of, rulebook, write_csv

VOCABULARY = small_vocabulary()
FACTS = {fact.name: fact for fact in VOCABULARY.asked}

_numerals = st.from_regex(r"\A-?[0-9]{0,20}(\.[0-9]{0,8})?(e[0-9])?(万|%| |元|人)?\Z")
_words = st.sampled_from(
    ["", " ", "yes", "否", "1", "0", "不知道", "I don't know yet", "none", "无", "nan", "inf", "-inf", "-", ".", "5.", ".5",
     "00012", "1,200,000", "1e3", "2000万", "５％", "health", "医药健康;energy", "energy、health", "health; energy",
     "energy ；health;energy", "health;none", "health;", "health;energi", "公司", "enterprise", "hnte",
     "hnte@2023-11-25..2026-11-24", "hnte@2023-11-25; 小巨人@..2027-01-01#7", "hnte@2027-01-01..2026-01-01", "hnte; hnte",
     "hnte@2020-01-01; hnte@2023-01-01", "2024-03-12", "2024年3月12日", "2024-02-30", "1899-01-01", "9" * 30, "a\u202eb"],
)  # fmt: skip
_cells = st.lists(st.one_of(_numerals, _words, st.text(max_size=6)), min_size=1, max_size=12)


def slowly(fact: Fact, cell: object) -> object:
    """What a cell means, read by itself: a value, UNKNOWN, or the message of its fault."""
    try:
        if fact.kind is Kind.CERTIFICATES and isinstance(cell, str):
            return CertificateReader(fact).read(cell)
        return read_value(fact, cell)
    except ValueFault as fault:
        return fault.message


def by_columns(fact: Fact, cells: object, count: int) -> list[object]:
    columns, faults = AnswerReader(VOCABULARY).columns({fact.name: cells}, count)
    found: list[object] = [columns.profile(row).value(fact.name) for row in range(count)]
    for fault in faults:
        assert found[fault.row] is UNKNOWN
        found[fault.row] = fault.message
    return found


def same(fact: Fact, found: object, wanted: object) -> bool:
    if fact.kind is Kind.CERTIFICATES and isinstance(wanted, frozenset) and isinstance(found, frozenset):
        # Columns keep no numbers of certificates: no rule asks for them.
        return {(one.kind, one.issued, one.expires) for one in found} == {
            (one.kind, one.issued, one.expires) for one in wanted
        }
    return found == wanted


@pytest.mark.slow
@pytest.mark.parametrize("name", FACTS)
@given(cells=_cells)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_text_cells_mean_what_each_means_by_itself(name, cells):
    fact = FACTS[name]
    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]

    found = by_columns(fact, pa.array(cells, pa.string()), len(cells))

    for cell, value in zip(cells, found, strict=True):
        assert same(fact, value, slowly(fact, cell)), cell


_json = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.decimals(allow_nan=True, allow_infinity=True, places=3),
    st.sampled_from([["health"], [], ["health", "energy"], {"kind": "hnte"}, [{"kind": "hnte", "issued": "2024-01-01"}]]),
    _words,
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", FACTS)
@given(cells=st.lists(_json, min_size=1, max_size=8))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_json_cells_mean_what_each_means_by_itself(name, cells):
    fact = FACTS[name]

    found = by_columns(fact, cells, len(cells))

    for cell, value in zip(cells, found, strict=True):
        assert same(fact, value, slowly(fact, cell)), cell


@pytest.mark.parametrize("name", ["employees", "revenue_y1", "market_share", "score", "net_profit_y1"])
def test_typed_numbers_mean_what_each_means_by_itself(name):
    fact = FACTS[name]
    whole = [0, 1, -1, 5, 100, 101, 10**12, 10**12 + 1, 2**62, None]
    real = [0.0, 0.1, 0.05, 1.5, -2.25, float("nan"), float("inf"), 1e300, 12345.678, None]
    exact = [Decimal("0.10"), Decimal("1000000000000.00"), Decimal("99.99"), None]

    for cells in (pa.array(whole), pa.array(real), pa.array(exact, pa.decimal128(20, 2))):
        found = by_columns(fact, cells, len(cells))
        assert found == [slowly(fact, cell) for cell in cells.to_pylist()]


def test_a_number_that_is_none_is_a_fault_and_no_value():
    columns, faults = AnswerReader(VOCABULARY).columns({"score": pa.array([np.nan, np.inf, 1.0])}, 3)

    assert [fault.row for fault in faults] == [0, 1]
    assert columns.profile(2).value("score") == 1


def test_certificates_are_written_as_they_are_read():
    fact = FACTS["certificates"]
    cell = "hnte@2023-11-25..2026-11-24#GR1; little_giant@..2027-01-01"

    held = CertificateReader(fact).read(cell)

    assert write_certificates(held) == cell
    assert write_certificates(frozenset()) == "none"


@pytest.mark.slow
def test_headers_in_either_language_or_by_name_give_the_same_result(tmp_path):
    rows = rows_of(2)
    facts = {fact.name: fact for fact in rulebook().vocabulary.asked}
    forms = {
        "name": lambda word: word,
        "en": lambda word: facts[word].label.en if word in facts else word,
        "zh": lambda word: facts[word].label.zh if word in facts else {"id": "编号", "name": "企业名称"}[word],
    }
    found = []
    for form, said in forms.items():
        path = write_csv(tmp_path / f"{form}.csv", [{said(word): cell for word, cell in row.items()} for row in rows])
        match(path, tmp_path / f"{form}-result.ndjson")
        found.append((tmp_path / f"{form}-result.ndjson").read_bytes())

    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_encodings_and_delimiters_are_found_out(tmp_path, encoding, delimiter):
    rows = [{"企业名称": "示例，“甲”公司\n二行", "员工数": "40", "是否已设立": "是"}]
    label = next(fact for fact in rulebook().vocabulary.asked if fact.name == "employees").label.zh
    founded = next(fact for fact in rulebook().vocabulary.asked if fact.name == "established").label.zh
    rows = [{"企业名称": "示例“甲”公司", label: "40", founded: "是"}, {"企业名称": '乙"公司', label: "", founded: "否"}]
    path = write_csv(tmp_path / "companies.csv", rows, encoding=encoding, delimiter=delimiter)

    match(path, tmp_path / "result.csv")

    assert {row["name"] for row in read_result(tmp_path / "result.csv")} == {"示例“甲”公司", '乙"公司'}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["id", "employes"], "employees"),
        (["id", "employees", "Employees"], "mean the same"),
        (["id", "编号", "employees"], "mean the same"),
        (["employees", ""], "has no name"),
        (["revenue_per_head"], "computed from other facts"),
        (["id", "name"], "no column is a fact"),
        (["employees"] * 2001, "columns"),
    ],
)
def test_a_header_that_cannot_be_meant_is_refused_before_any_work(tmp_path, words, said):
    with pytest.raises(BatchFault) as refused:
        read_headers(tmp_path / "companies.csv", words, VOCABULARY)

    assert said in refused.value.message.en
    assert refused.value.message.zh


def test_columns_that_name_no_fact_can_be_left_out(tmp_path):
    headers = read_headers(tmp_path / "companies.csv", ["address", "employees"], VOCABULARY, skip_unknown=True)

    assert [header.fact.name if header.fact else None for header in headers] == [None, "employees"]


def test_messages_call_a_kept_file_what_its_sender_calls_it(tmp_path):
    kept = tmp_path / "7f3a"
    kept.write_bytes(b"id,employees\n1," + b"x" * 1_000_001)

    with pytest.raises(BatchFault) as refused:
        look_over(kept, shown=Path("companies.csv"))

    assert refused.value.message.en.startswith("companies.csv:2: ")
    assert "7f3a" not in refused.value.message.en + refused.value.message.zh


def test_blank_lines_cost_no_chunk_of_their_own(tmp_path):
    path = tmp_path / "companies.csv"
    path.write_bytes(b"id,employees\r\n" + b"\n\r\n" * 5_000 + b"1,4\n" + b"\n" * 5_000 + b"2,5")
    file = look_over(path)

    with path.open("rb") as opened:
        chunks = [records for records in read_records(file, opened, 0, 1, 2) if len(records)]

    assert [records.record(at) for records in chunks for at in range(len(records))] == [
        b"id,employees\r\n", b"1,4\n", b"2,5",
    ]  # fmt: skip
    assert [records.lines.tolist() for records in chunks] == [[1, 10_002], [15_003]]


@pytest.mark.parametrize("before", [0, 3_000_000, 4_194_300])
def test_a_line_beyond_the_limit_is_named_wherever_it_stands(tmp_path, before):
    path = tmp_path / "companies.csv"
    path.write_bytes(b"id\n" + b"1\n" * (before // 2) + b"x" * 1_000_001 + b"\n" + b"1\n" * 3_000_000)

    with pytest.raises(BatchFault) as refused:
        look_over(path)

    assert refused.value.message.en.startswith(f"{path}:{before // 2 + 2}: this line is longer")
