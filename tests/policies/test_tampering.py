"""Whoever changes one line, entry or edition in the database itself is found out, and what was changed is named."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from companies.models import Chain, FactRecord, ListLine, SectionRecord, add_lines, first_break
from policies import actions
from policies.models import Deed, HistoryLine, PolicyVersion, Release, Sector
from policies.models.tampering import changed_past_the_service
from policies.rules.book import snapshot_digest

pytestmark = pytest.mark.django_db


def without_triggers(*tables):
    """What somebody with the keys of the database can do first."""
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                continue
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")


def raw(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def verified(capsys):
    """What the command says, and whether it found something."""
    found = False
    try:
        call_command("verify_history")
    except CommandError:
        found = True
    return capsys.readouterr().out, found


@pytest.fixture
def worked_on(mini, chen):
    """A catalogue with changes of every kind in its history."""
    actions.start_draft(policy=mini, by=chen, why="a draft")
    actions.add_entry(
        list_name="sectors", plain={"key": "quantum", "label": {"en": "Quantum", "zh": "量子"}}, by=chen, why="new"
    )
    actions.add_section(plain={"key": "energy", "title": {"en": "Energy", "zh": "能源"}}, by=chen)
    return mini


def test_what_was_done_through_the_service_is_in_order(worked_on, capsys):
    said, found = verified(capsys)

    assert not found
    assert "as they were written" in said


@pytest.mark.parametrize("model", [HistoryLine, ListLine])
@pytest.mark.parametrize("what", ["why", "digest"])
def test_one_line_that_was_changed_is_named(worked_on, capsys, model, what):
    table, line = (
        model._meta.db_table,
        model.objects.order_by("pk")[1].pk if model is ListLine else model.objects.last().pk,
    )
    without_triggers(table)

    raw(f"UPDATE {table} SET {what} = 'x' WHERE id = %s", line)

    said, found = verified(capsys)
    assert found
    assert f"{model._meta.label}: line {line} is not as it was written" in said


@pytest.mark.parametrize("model", [HistoryLine, ListLine])
def test_a_history_that_was_emptied_is_found(worked_on, capsys, model):
    table = model._meta.db_table
    without_triggers(table)

    raw(f"TRUNCATE {table}" if connection.vendor == "postgresql" else f"DELETE FROM {table}")

    said, found = verified(capsys)
    assert found
    assert f"{model._meta.label}: lines are missing at the end" in said


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE policies_sector SET label_en = 'Other' WHERE key = 'quantum'", "sectors/quantum is not what"),
        ("DELETE FROM policies_sector WHERE key = 'quantum'", "sectors/quantum is not what"),
        ("UPDATE companies_sectionrecord SET title_zh = '别的' WHERE key = 'energy'", "sections/energy is not what"),
        ("UPDATE companies_factrecord SET label_en = 'Other' WHERE name = 'employees'", "facts/employees is not what"),
    ],
)
def test_an_entry_that_was_changed_past_the_service_is_named(worked_on, capsys, statement, named):
    raw(statement)

    said, found = verified(capsys)
    assert found
    assert named in said
    assert "lines, as they were written" in said


def test_an_edition_and_a_release_that_were_changed_past_the_service_are_named(worked_on, capsys):
    without_triggers("policies_policyversion", "policies_release")
    version, release = PolicyVersion.objects.published().get(), Release.objects.get()

    raw("UPDATE policies_policyversion SET content = %s WHERE id = %s", '{"policy": "cp-mini"}', version.pk)
    raw("UPDATE policies_release SET snapshot = %s WHERE id = %s", "{}", release.pk)

    said, _found = verified(capsys)
    assert f"the edition cp-mini {version.number} is not what was published" in said
    assert f"release {release.number} is not as it was made" in said


def test_content_changed_together_with_its_digest_is_still_not_what_the_history_says(worked_on):
    without_triggers("policies_policyversion")
    digest = snapshot_digest({"policy": "cp-mini"})
    raw("UPDATE policies_policyversion SET content = %s, digest = %s", '{"policy": "cp-mini"}', digest)

    assert any("cp-mini 1" in said.en for said in changed_past_the_service())


def test_rows_that_are_older_than_the_history_are_not_suspected(mini):
    Sector.objects.create(key="old", label_en="Old", label_zh="旧")
    FactRecord.objects.create(
        name="old_fact", section=SectionRecord.objects.first(), kind="yes_no", label_en="Old", label_zh="旧"
    )

    assert not list(changed_past_the_service())


def test_lines_written_before_there_was_a_chain_are_sealed_in_their_order(mini, chen):
    """What migration 0006 does to them."""
    without_triggers("policies_historyline")
    raw("DELETE FROM policies_historyline")
    Chain.objects.filter(name="policies.HistoryLine").delete()
    now = timezone.now()
    HistoryLine.objects.bulk_create(
        HistoryLine(policy=mini, number=1, deed=Deed.SAVED, by=chen if at else None, why=f"第 {at} 行", at=now, previous=f"none-{at}")
        for at in range(3)
    )  # fmt: skip
    assert first_break(HistoryLine) is not None
    before = MigrationExecutor(connection).loader.project_state([("policies", "0006_chain")]).apps

    import_module("policies.migrations.0006_chain").seal(before, None)

    assert first_break(HistoryLine) is None
    assert [line.why for line in HistoryLine.objects.order_by("pk")] == ["第 0 行", "第 1 行", "第 2 行"]
    add_lines([HistoryLine(policy=mini, number=1, deed=Deed.SAVED, by=chen, why="later")])
    assert (first_break(HistoryLine), HistoryLine.objects.count()) == (None, 4)
