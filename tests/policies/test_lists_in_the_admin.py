"""The reference lists in the administration: each change is in the history, and none leaves the facts unreadable."""

from __future__ import annotations

import pytest
from django.urls import reverse

from companies.models import FactRecord, ListLine
from policies import actions
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.models import Sector

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(admin_client, admin_user, enter):
    """A superuser with a second factor, and the catalogue of the product."""
    actions.load_catalogue(snapshot=read_catalogue_folder(CATALOGUE_DIR).to_snapshot(), by=None)
    return enter(admin_user)


def sent(**changes):
    return {
        "key": "quantum", "label_en": "Quantum", "label_zh": "量子科技", "sources": "[]", "extra": "{}",
        "basis": "", "confidence": "", "note_en": "", "note_zh": "", "why": "通知第二条", **changes,
    }  # fmt: skip


def test_an_entry_that_was_added_is_a_choice_at_once_and_a_line_of_the_history(admin, admin_user):
    assert admin.post(reverse("admin:policies_sector_add"), sent()).status_code == 302

    assert FactRecord.objects.vocabulary().get("sectors").choice("quantum").label.zh == "量子科技"
    line = ListLine.objects.get(list_name="sectors", key="quantum")
    assert (line.by, line.why, line.deed) == (admin_user, "通知第二条", "added")


@pytest.mark.parametrize(
    "wrong", [{"extra": '{"label": 1}'}, {"extra": "[]"}, {"sources": '{"a": 1}'}, {"label_zh": ""}]
)
def test_what_could_not_be_read_is_refused_at_its_field_and_nothing_typed_is_lost(admin, wrong):
    page = admin.post(reverse("admin:policies_sector_add"), sent(**wrong))

    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert 'value="Quantum"' in page.content.decode()
    assert not Sector.objects.filter(key="quantum").exists()


def test_an_entry_with_which_no_fact_could_be_read_is_refused(admin):
    assert actions.entry_faults(Sector(key="quantum", label_en="", label_zh=""))
    assert not actions.entry_faults(Sector(key="quantum", label_en="Quantum", label_zh="量子科技"))


def test_an_entry_is_taken_out_only_at_the_desk_which_knows_what_uses_it(admin):
    row = Sector.objects.create(key="quantum", label_en="Quantum", label_zh="量子科技")

    assert admin.post(reverse("admin:policies_sector_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert Sector.objects.filter(key="quantum").exists()


def test_a_new_entry_stands_at_the_end(admin):
    admin.post(reverse("admin:policies_sector_add"), sent())

    assert Sector.objects.last().key == "quantum"
