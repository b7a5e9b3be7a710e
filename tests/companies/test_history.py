"""The history of the vocabulary: a line for each change, a chain that shows whatever was done past the service."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from companies import actions
from companies.facts import Text, read_vocabulary
from companies.facts.changes import say_changes
from companies.models import Frozen, ListLine, add_lines, first_break, line_of_change
from tests.companies.vocabulary import LISTS, PLAIN
from tests.stack import ROOT, clean_environment


def changed_vocabulary(**more):
    finance = PLAIN["30-finance"]
    facts = [{**fact, **more} if fact["fact"] == "employees" else fact for fact in finance["facts"]]
    vocabulary, faults = read_vocabulary({**PLAIN, "30-finance": {**finance, "facts": facts}}, LISTS)
    assert not faults
    return vocabulary


def test_storing_a_vocabulary_writes_a_line_for_each_entry_that_changes(stored, lin):
    before = ListLine.objects.count()

    actions.store_vocabulary(
        vocabulary=changed_vocabulary(label={"en": "Staff", "zh": "职工数"}), by=lin, why="A clearer word"
    )

    assert before == len(stored) + len(stored.sections)
    line = ListLine.objects.first()
    assert ListLine.objects.count() == before + 1
    assert (line.list_name, line.key, line.deed, line.by, line.why) == (
        "facts", "employees", "changed", lin, "A clearer word",
    )  # fmt: skip
    assert line.said == [Text("the name: “Employees” became “Staff”", "名称：“员工数”改为“职工数”")]


def test_storing_the_same_again_writes_nothing(stored):
    before = ListLine.objects.count()

    actions.store_vocabulary(vocabulary=stored, by=None)

    assert ListLine.objects.count() == before


def test_a_fact_that_is_taken_out_leaves_a_line(stored):
    plain = {**PLAIN, "30-finance": {**PLAIN["30-finance"], "facts": PLAIN["30-finance"]["facts"][1:-1]}}
    vocabulary, faults = read_vocabulary(plain, LISTS)
    assert not faults

    actions.store_vocabulary(vocabulary=vocabulary, by=None)

    gone = ListLine.objects.filter(deed="removed")
    assert {line.key for line in gone} == {"employees", "revenue_per_head"}
    assert gone.get(key="employees").said[0].zh == "删除：员工数（employees）"


def test_changes_are_said_in_sentences_in_both_languages():
    one = {"key": "a", "label": {"en": "Apple", "zh": "苹果"}}
    two = {"key": "b", "label": {"en": "Pear", "zh": "梨"}}
    said = say_changes(
        {"minimum": 0, "choices": [one], "aliases": []},
        {"minimum": "0.5", "choices": [{**one, "aliases": ["A"]}, two], "aliases": ["x", "y"]},
    )

    assert [text.en for text in said] == [
        "the least value: “0” became “0.5”",
        "choice added: Pear (b)",
        "choice “a”: other names: “nothing” became “A”",
        "other names: “nothing” became “x, y”",
    ]
    assert said[1].zh == "新增选项：梨（b）"


@pytest.mark.parametrize("how", ["save", "delete", "update", "bulk"])
def test_a_line_is_not_changed_by_the_models(stored, how):
    line = ListLine.objects.first()
    line.why = "another"
    with pytest.raises(Frozen):
        {
            "save": line.save,
            "delete": line.delete,
            "update": lambda: ListLine.objects.update(why="x"),
            "bulk": ListLine.objects.all().delete,
        }[how]()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE companies_listline SET why = 'x'",
        "UPDATE companies_listline SET digest = 'x'",
        "DELETE FROM companies_listline",
    ],
)
def test_a_line_is_not_changed_by_raw_sql(stored, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def past_the_triggers(statement, *values):
    """What somebody with the keys of the database could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE companies_listline DISABLE TRIGGER USER")
        else:
            for name in ("frozen", "kept"):
                cursor.execute(f"DROP TRIGGER companies_listline_{name}")
        cursor.execute(statement, values)


def test_a_whole_chain_is_as_it_was_written(stored):
    assert first_break(ListLine) is None
    call_command("verify_history")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE companies_listline SET why = 'x' WHERE id = %s",
        "UPDATE companies_listline SET at = '2020-01-01T00:00:00Z' WHERE id = %s",
        "UPDATE companies_listline SET digest = 'abc' WHERE id = %s",
    ],
)
def test_a_line_changed_past_the_triggers_is_named(stored, statement, capsys):
    third = ListLine.objects.order_by("pk")[2].pk

    past_the_triggers(statement, third)

    assert first_break(ListLine).line == third
    with pytest.raises(CommandError):
        call_command("verify_history")
    assert f"line {third} is not as it was written" in capsys.readouterr().out


def test_a_line_taken_out_in_the_middle_is_found_at_the_next_one(stored):
    third, fourth = ListLine.objects.order_by("pk").values_list("pk", flat=True)[2:4]

    past_the_triggers("DELETE FROM companies_listline WHERE id = %s", third)

    assert first_break(ListLine).line == fourth


def test_lines_cut_off_at_the_end_are_found(stored):
    past_the_triggers("DELETE FROM companies_listline WHERE id = %s", ListLine.objects.first().pk)

    found = first_break(ListLine)
    assert found is not None
    assert found.line is None


def write_five(name):
    """Five lines, each in a transaction of its own."""
    for at in range(5):
        with transaction.atomic():
            add_lines([line_of_change("facts", f"{name}-{at}", None, {"fact": name}, by=None, why="")])
    connection.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain(tmp_path):
    names = ["w1", "w2", "w3", "w4"]
    if connection.vendor == "postgresql":
        with ThreadPoolExecutor(len(names)) as writers:
            list(writers.map(write_five, names))
        assert (ListLine.objects.count(), first_break(ListLine)) == (20, None)
        return
    # The database of the tests is in memory and of one process: a file takes real ones.
    environment = clean_environment(tmp_path, DJANGO_SETTINGS_MODULE="changping.settings", PYTHONPATH=str(ROOT))

    def python(code):
        program = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    python("from django.core.management import call_command; call_command('migrate', verbosity=0)")
    with ThreadPoolExecutor(len(names)) as processes:
        writes = [f"from tests.companies.test_history import write_five; write_five('{name}')" for name in names]
        list(processes.map(python, writes))

    said = python(
        "from companies.models import ListLine, first_break\nprint(ListLine.objects.count(), first_break(ListLine))"
    )
    assert said.split() == ["20", "None"]
