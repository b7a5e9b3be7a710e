"""The shipped catalogue: clean, loaded whole or not at all, frozen once published, exported byte for byte."""

from __future__ import annotations

import filecmp
import shutil
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint import lint_catalogue
from policies.models import Frozen, PolicyVersion, Release

MINI = Path(__file__).parent / "catalogue"


def test_the_shipped_catalogue_is_clean_and_holds_every_policy():
    folder = read_catalogue_folder(Path(CATALOGUE_DIR))
    found = lint_catalogue(folder, date(2026, 11, 24))

    assert [fault for fault in found if fault.severity == "fault"] == []
    assert len(list((Path(CATALOGUE_DIR) / "policies").glob("*.yaml"))) == 55


@pytest.mark.django_db
def test_loading_twice_changes_nothing_the_second_time():
    call_command("load_catalogue", MINI, verbosity=0)
    call_command("load_catalogue", MINI, verbosity=0)

    assert Release.objects.count() == 1
    assert PolicyVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_fault_anywhere_loads_nothing(tmp_path):
    folder = tmp_path / "catalogue"
    shutil.copytree(MINI, folder)
    policy = folder / "policies" / "cp-mini.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("employees >= 20", "employes >= 20"), encoding="utf-8")

    with pytest.raises((CommandError, SystemExit)):
        call_command("load_catalogue", folder, verbosity=0)

    assert not Release.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("source", [MINI, Path(CATALOGUE_DIR)], ids=["small", "shipped"])
def test_exporting_gives_the_same_bytes(tmp_path, source):
    call_command("load_catalogue", source, verbosity=0)

    call_command("export_catalogue", tmp_path / "out", verbosity=0)

    files = sorted(path.relative_to(source) for path in source.rglob("*.yaml"))
    assert files == sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.yaml"))
    same, different, failed = filecmp.cmpfiles(source, tmp_path / "out", map(str, files), shallow=False)
    assert (different, failed) == ([], [])
    assert len(same) == len(files)


@pytest.mark.django_db
def test_what_is_published_cannot_be_changed_by_any_door():
    call_command("load_catalogue", MINI, verbosity=0)
    version = PolicyVersion.objects.get()

    version.content = {}
    with pytest.raises(Frozen):
        version.save()
    with pytest.raises(Frozen):
        PolicyVersion.objects.update(content={})
    with pytest.raises(Frozen):
        version.delete()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE policies_policyversion SET digest = 'x'")
