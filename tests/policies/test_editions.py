"""What a second load does: new versions, new releases, work at the desk left alone, old releases still readable."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from policies import actions, rulebook
from policies.catalogue_files import read_catalogue_folder
from policies.models import Frozen, PolicyVersion, Release, State, Zone
from policies.rules.book import UnreadableSnapshot

pytestmark = pytest.mark.django_db
MINI = Path(__file__).parent / "catalogue"


@pytest.fixture
def snapshot():
    return read_catalogue_folder(MINI).to_snapshot()


def renamed(snapshot, title):
    changed = copy.deepcopy(snapshot)
    changed["policies"][0]["title"]["en"] = title
    return changed


def test_a_changed_file_makes_a_version_and_a_release(snapshot):
    actions.load_catalogue(snapshot=snapshot, by=None)

    loaded = actions.load_catalogue(snapshot=renamed(snapshot, "Other measures"), by=None)

    assert loaded.changed == ("policies/cp-mini",)
    assert loaded.release.changes == {"added": [], "changed": ["policies/cp-mini"], "removed": []}
    states = list(PolicyVersion.objects.order_by("number").values_list("number", "state"))
    assert states == [(1, State.RETIRED), (2, State.PUBLISHED)]
    assert rulebook.current().policies[0].title.en == "Other measures"
    assert rulebook.of_release(1).policies[0].title.en == "Mini measures"


def test_a_fault_in_the_middle_changes_nothing(snapshot):
    actions.load_catalogue(snapshot=snapshot, by=None)
    broken = renamed(snapshot, "Other measures")
    broken["lists"]["zones"][0]["label"]["en"] = "Another zone"
    broken["policies"].append({**broken["policies"][0], "policy": "cp-next", "offers": [{"offer": "half"}]})

    with pytest.raises(UnreadableSnapshot):
        actions.load_catalogue(snapshot=broken, by=None)

    assert PolicyVersion.objects.count() == Release.objects.count() == 1
    assert not Zone.objects.filter(label_en="Another zone").exists()


def test_loading_the_same_files_leaves_later_work_alone(snapshot):
    actions.load_catalogue(snapshot=snapshot, by=None)
    Zone.objects.update(label_en="Named at the desk")

    loaded = actions.load_catalogue(snapshot=snapshot, by=None)

    assert loaded.changed == ()
    assert loaded.is_new_release
    assert set(Zone.objects.values_list("label_en", flat=True)) == {"Named at the desk"}
    assert actions.load_catalogue(snapshot=snapshot, by=None, overwrite=True).is_new_release
    assert not Zone.objects.filter(label_en="Named at the desk").exists()


def test_a_file_that_is_gone_retires_its_policy(snapshot):
    actions.load_catalogue(snapshot=snapshot, by=None)

    loaded = actions.load_catalogue(snapshot={**snapshot, "policies": []}, by=None)

    assert loaded.withdrawn == ("policies/cp-mini",)
    assert PolicyVersion.objects.get().state == State.RETIRED
    assert rulebook.current().policies == ()


def test_a_warm_rulebook_takes_one_query(snapshot, django_assert_num_queries):
    actions.load_catalogue(snapshot=snapshot, by=None)
    first = rulebook.current()

    with django_assert_num_queries(1):
        assert rulebook.current() is first


def test_without_a_release_there_is_no_rulebook():
    with pytest.raises(rulebook.NoRelease):
        rulebook.current()
    with pytest.raises(rulebook.NoRelease):
        rulebook.of_release(7)


def test_a_release_cannot_be_changed_by_any_door(snapshot):
    release = actions.load_catalogue(snapshot=snapshot, by=None).release

    release.snapshot = {}
    with pytest.raises(Frozen):
        release.save()
    with pytest.raises(Frozen):
        Release.objects.update(snapshot={})
    with pytest.raises(Frozen):
        Release.objects.all().delete()
    with pytest.raises(Frozen):
        Release.objects.bulk_update([release], ["snapshot"])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE policies_release SET digest = 'x'")


@pytest.mark.parametrize("table", ["policies_release", "policies_policyversion"])
def test_what_was_published_is_not_deleted_by_raw_sql_either(snapshot, table):
    actions.load_catalogue(snapshot=snapshot, by=None)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_a_draft_can_still_be_thrown_away(snapshot):
    actions.load_catalogue(snapshot=snapshot, by=None)
    published = PolicyVersion.objects.get()
    draft = PolicyVersion.objects.create(policy=published.policy, number=2, content=published.content)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM policies_policyversion WHERE id = %s", [draft.pk])

    assert PolicyVersion.objects.get() == published


def test_a_retired_version_never_comes_back(snapshot):
    actions.load_catalogue(snapshot=snapshot, by=None)
    actions.load_catalogue(snapshot={**snapshot, "policies": []}, by=None)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE policies_policyversion SET state = 'draft', published_at = NULL, retired_at = NULL")
