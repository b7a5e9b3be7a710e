"""Columns hold exactly what the profiles say: through building, saving, slicing, taking and patching."""

import resource
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import Answer, Certificate, Kind, Profile, Vocabulary
from matching.engine.plan import Columns, columns_of
from tests.spec.vocabulary import VOCABULARY

generated = settings(max_examples=100, deadline=None, derandomize=True)
certificates = st.sampled_from(
    [
        Certificate("hnte"),
        Certificate("hnte", None, date(2026, 11, 24)),
        Certificate("title", date(2027, 1, 1)),
        Certificate("gone", date(2020, 1, 1), date(2023, 1, 1)),
    ]
)
values = {
    "staff": st.sampled_from([0, 19, 300, 10**17]),
    "revenue": st.sampled_from([Decimal(0), Decimal("49999999.99"), Decimal(10) ** 17, Decimal("1E+20")]),
    "share": st.sampled_from(
        [
            Decimal(0),
            Decimal("0.05"),
            Decimal("-3.000001"),
            Decimal("0.1234567"),
            Decimal("0.2500000000000000000000000000000001"),
        ]
    ),
    "foreign": st.booleans(),
    "stage": st.sampled_from(["seed", "grown", "gone"]),
    "fields": st.frozensets(st.sampled_from(["health", "energy", "gone"])),
    "founded_on": st.sampled_from([date(1900, 1, 1), date(2024, 2, 29)]),
    "certificates": st.frozensets(certificates),
}
profiles = st.fixed_dictionaries({}, optional=values).map(
    lambda known: Profile({name: Answer(value) for name, value in known.items()})
)
many = st.lists(profiles, max_size=140)


def read_back(columns):
    return [columns.profile(row) for row in range(columns.rows)]


@pytest.mark.slow
@generated
@given(many)
def test_a_saved_file_gives_the_same_companies_again(tmp_path_factory, given_profiles):
    path = tmp_path_factory.mktemp("columns") / "companies.arrow"
    columns = columns_of(VOCABULARY, iter(given_profiles))

    columns.save(path)

    assert read_back(columns) == given_profiles
    assert read_back(Columns.load(path, VOCABULARY)) == given_profiles


@pytest.mark.slow
@generated
@given(many, st.randoms(use_true_random=False))
def test_slices_and_selections_are_the_companies_they_name(given_profiles, random):
    columns = columns_of(VOCABULARY, given_profiles)
    total = len(given_profiles)
    rows = [random.randrange(total) for _ in range(total)]
    start, stop = sorted((random.randint(0, total), random.randint(0, total)))

    assert read_back(columns.take(np.array(rows, np.int64))) == [given_profiles[row] for row in rows]
    assert read_back(columns.slice(start, stop)) == given_profiles[start:stop]
    assert read_back(columns.slice(64, total)) == given_profiles[64:]


@pytest.mark.slow
@generated
@given(many, st.data())
def test_patched_columns_are_those_built_from_the_newer_profiles(given_profiles, data):
    total = len(given_profiles)
    rows = data.draw(st.lists(st.integers(0, max(total - 1, 0)), unique=True, max_size=total))
    newer = data.draw(st.lists(profiles, min_size=len(rows), max_size=len(rows)))
    wanted = list(given_profiles)
    for row, profile in zip(rows, newer, strict=True):
        wanted[row] = profile

    patched = columns_of(VOCABULARY, given_profiles).patched(rows, newer)

    assert read_back(patched) == wanted


def test_an_empty_set_is_not_the_missing_set():
    columns = columns_of(VOCABULARY, [Profile({"fields": Answer(frozenset())}), Profile({})])

    assert columns.profile(0).value("fields") == frozenset()
    assert columns.profile(1).get("fields") is None


def test_what_is_no_number_does_not_pass_the_door():
    for wrong in (Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(ValueError, match="revenue"):
            columns_of(VOCABULARY, [Profile({"revenue": Answer(wrong)})])


def test_a_company_that_is_not_there_cannot_be_patched():
    columns = columns_of(VOCABULARY, [Profile({})])

    with pytest.raises(ValueError, match="no such company"):
        columns.patched([1], [Profile({})])


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.arrow"
    table = pa.table({"a": [1]})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)

    with pytest.raises(ValueError, match="does not hold columns"):
        Columns.load(path, VOCABULARY)


def test_a_file_is_refused_once_a_fact_is_of_another_kind(tmp_path):
    columns_of(VOCABULARY, [Profile({"staff": Answer(20)})]).save(tmp_path / "companies.arrow")
    facts = tuple(replace(fact, kind=Kind.MONEY) if fact.name == "staff" else fact for fact in VOCABULARY.facts)

    with pytest.raises(ValueError, match="make the columns anew"):
        Columns.load(tmp_path / "companies.arrow", Vocabulary(VOCABULARY.sections, facts))


def test_facts_that_are_gone_are_left_out_of_a_file(tmp_path):
    known = {"staff": Answer(20), "fields": Answer(frozenset({"health"})), "listed": Answer(True)}
    columns_of(VOCABULARY, [Profile(known)]).save(tmp_path / "companies.arrow")
    facts = tuple(fact for fact in VOCABULARY.facts if fact.name not in ("staff", "fields"))

    columns = Columns.load(tmp_path / "companies.arrow", Vocabulary(VOCABULARY.sections, facts))

    assert columns.profile(0) == Profile({"listed": Answer(True)})


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path):
    path = tmp_path / "companies.arrow"
    columns_of(VOCABULARY, [Profile({"staff": Answer(1)})]).save(path)
    larger = columns_of(VOCABULARY, [Profile({"staff": Answer(20)})] * 20_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            larger.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [file.name for file in tmp_path.iterdir()] == ["companies.arrow"]
    assert read_back(Columns.load(path, VOCABULARY)) == [Profile({"staff": Answer(1)})]
