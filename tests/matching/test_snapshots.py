"""The kept columns: equal to columns read anew, whatever happened to the companies or to the files."""

import random

import numpy as np
import pytest

from companies.actions import found_company, save_answers
from companies.models import Company, ProfileVersion
from matching import snapshots
from matching.actions import version_to_match
from matching.engine.plan import Columns
from matching.stored_answers import stored_columns
from policies import rulebook


@pytest.fixture
def vocabulary(release):
    return rulebook.of_release(release.number).vocabulary


@pytest.fixture
def answer(lin, vocabulary):
    def give(company=None, **answers):
        company = company or found_company(name="Example", by=lin)
        assert not save_answers(company=company, answers=answers, by=lin, vocabulary=vocabulary).faults
        version_to_match(company=company, by=lin)
        return company

    return give


@pytest.fixture
def kept(vocabulary):
    """The columns of all companies, and the profiles as the database has them."""

    def read():
        found = list(ProfileVersion.objects.newest().order_by("company_id"))
        companies = np.array([version.company_id for version in found], np.int64)
        versions = np.array([version.pk for version in found], np.int64)
        columns = snapshots.columns_for(vocabulary, 0, companies, versions)
        values = [{n: a.value for n, a in v.profile(vocabulary).answers.items()} for v in found]
        return columns, values

    return read


def values_in(columns: Columns):
    profiles = [columns.profile(row) for row in range(columns.rows)]
    return [{name: answer.value for name, answer in profile.answers.items()} for profile in profiles]


def test_patched_columns_are_those_read_anew(answer, kept):
    dice = random.Random(5)
    for _ in range(12):
        answer(established=True, employees=dice.randrange(100))
    for _ in range(15):
        company = Company.objects.order_by("?").first()
        match dice.randrange(4):
            case 0:
                answer(employees=dice.randrange(100), rd_expense_y1="1.5")
            case 1:
                company.delete()
            case 2:
                answer(company, established=None, rd_expense_y1=str(dice.randrange(100)))
            case 3:
                answer(company, employees=dice.randrange(100))

        columns, values = kept()

        assert values_in(columns) == values


def test_only_what_changed_is_read_again(answer, kept, django_assert_num_queries, monkeypatch):
    companies = [answer(employees=number) for number in range(4)]
    kept()
    answer(companies[1], employees=77)
    found = list(ProfileVersion.objects.newest().order_by("company_id").values_list("company", "pk"))
    ids, versions = np.array(found, np.int64).T
    asked = []
    monkeypatch.setattr(snapshots, "stored_columns", lambda *args: asked.append(args[1]) or stored_columns(*args))

    columns = snapshots.columns_for(rulebook.current().vocabulary, 0, ids, versions)

    assert [[len(answers) for answers in one] for one in asked] == [[1]]
    assert columns.profile(1).value("employees") == 77
    with django_assert_num_queries(1):  # the vocabulary's release
        snapshots.columns_for(rulebook.current().vocabulary, 0, ids, versions)


@pytest.mark.parametrize("harm", ["lost", "cut off", "emptied", "list lost", "list garbled", "foreign"])
def test_a_harmed_file_costs_time_but_no_result(answer, kept, snapshot_dir, harm):
    for number in range(3):
        answer(employees=number)
    kept()
    (columns_file,) = snapshot_dir.rglob("*.arrow")
    (members_file,) = snapshot_dir.rglob("*.json")
    match harm:
        case "lost":
            columns_file.unlink()
        case "cut off":
            columns_file.write_bytes(columns_file.read_bytes()[:200])
        case "emptied":
            columns_file.write_bytes(b"")
        case "list lost":
            members_file.unlink()
        case "list garbled":
            members_file.write_text('{"columns": ')
        case "foreign":
            members_file.write_text(members_file.read_text().replace('"companies": [', '"companies": [0, '))

    columns, values = kept()

    assert values_in(columns) == values
    assert values_in(kept()[0]) == values


def test_old_columns_are_taken_away_and_nothing_is_left_lying(answer, kept, snapshot_dir):
    company = answer(employees=1)
    kept()
    answer(company, employees=2)

    kept()

    assert len(list(snapshot_dir.rglob("*.arrow"))) == 1
    assert len(list(snapshot_dir.rglob("*.json"))) == 1
    assert len(list(snapshot_dir.rglob("*.part"))) == 0


def test_a_disk_that_takes_nothing_costs_no_result(answer, kept, snapshot_dir):
    answer(employees=1)
    snapshot_dir.write_text("a file is where the folder should be")

    columns, values = kept()

    assert values_in(columns) == values


def test_the_folder_is_private(answer, kept, snapshot_dir):
    answer(employees=1)
    kept()

    for path in snapshot_dir.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_columns_for_an_earlier_vocabulary_are_forgotten_and_nothing_else(answer, kept, vocabulary, snapshot_dir):
    answer(employees=1)
    kept()
    earlier = snapshot_dir / f"{'0' * 20}-1"
    earlier.mkdir()
    (earlier / "0-abc.arrow").write_bytes(b"old")
    (earlier / "0.json").write_text("{}")
    (snapshot_dir / "photographs").mkdir()

    snapshots.forget_others(vocabulary)

    assert {path.name for path in snapshot_dir.iterdir()} == {snapshots.edition_of(vocabulary), "photographs"}
    assert values_in(kept()[0]) == [{"employees": 1}]
