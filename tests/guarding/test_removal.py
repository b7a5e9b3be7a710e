"""A right ends at once: also for what was asked before, and for who is signed in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies import actions
from companies.actions import members, partners
from companies.models import ApiKey, Membership, PartnerCompany, Role, User
from companies.models.partners import Scope
from matching import batch_storage, jobs
from matching.actions import exports, request_match
from matching.models import DataExport, MatchReport, MatchRequest
from tests.guarding.scene import CANARIES, DAY, Scene, make_scene, person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch) -> Scene:
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    return make_scene()


def api(path: str, secret: str):
    return Client().get(f"/api/v1/{path}", headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def asked(scene) -> MatchRequest:
    """A match that the partner asked for and that nobody has done yet."""
    link = PartnerCompany.objects.get(reference=CANARIES["reference"])
    return request_match(profile_version=link.company.latest_version, day=DAY.replace(day=26), by=scene.partner)


def test_a_key_revoked_after_the_question_opens_nothing_of_the_answer(scene, asked):
    key, secret = actions.make_key(partner=scene.partner, label="x", scopes=Scope.values, by=None)
    assert api(f"matches/{asked.public_id}", secret).status_code == 200
    actions.revoke_key(key=key, by=None)

    assert jobs.do_next()

    report = MatchReport.objects.get(request=asked)
    for path in (f"matches/{asked.public_id}", f"reports/{report.public_id}", "matches", "companies"):
        assert api(path, secret).status_code == 401


def test_a_partner_that_gave_the_company_up_before_the_answer_does_not_see_it(scene, asked):
    partners.withdraw(link=PartnerCompany.objects.get(reference=CANARIES["reference"]), by=scene.lin)

    jobs.do_next()

    assert api(f"matches/{asked.public_id}", scene.secrets["API key"]).status_code == 404
    for report in MatchReport.objects.filter(request=asked):
        assert api(f"reports/{report.public_id}", scene.secrets["API key"]).status_code == 404


def test_a_scope_that_is_taken_away_ends_with_the_next_request(scene):
    key = ApiKey.objects.get(label=CANARIES["key label"])
    assert api("companies", scene.secrets["API key"]).status_code == 200

    ApiKey.objects.filter(pk=key.pk).update(scopes=["evaluate"])

    assert api("companies", scene.secrets["API key"]).status_code == 403


def test_who_is_removed_while_signed_in_sees_nothing_with_the_next_click(scene):
    wei = person("wei")
    company = Membership.objects.get(user=scene.lin).company
    membership = Membership.objects.create(company=company, user=wei, role=Role.EDITOR)
    browser = signed_in(wei)
    report = MatchReport.objects.filter(request__company=company).first()
    pages = [
        reverse("companies:detail", args=[company.public_id]),
        reverse("matching:report", args=[report.public_id]),
        reverse("matching:report_file", args=[report.public_id, "json"]),
    ]
    assert [browser.get(page).status_code for page in pages] == [200] * 3

    members.end_membership(membership=membership, by=scene.lin)

    assert [browser.get(page).status_code for page in pages] == [404] * 3
    assert browser.post(reverse("matching:ask", args=[company.public_id]), {"day": "2026-11-25"}).status_code == 404


def test_an_editor_made_a_reader_writes_nothing_with_the_next_click(scene):
    wei = person("wei")
    company = Membership.objects.get(user=scene.lin).company
    membership = Membership.objects.create(company=company, user=wei, role=Role.EDITOR)
    browser = signed_in(wei)
    before = company.latest_version.number

    members.change_role(membership=membership, role=Role.READER, by=scene.lin)
    answer = browser.post(reverse("companies:section", args=[company.public_id, "basics"]), {"employees": "99"})

    assert answer.status_code in (403, 404)
    company.refresh_from_db()
    assert company.latest_version.number == before


def test_an_account_that_is_switched_off_is_out_with_the_next_click(scene):
    browser = signed_in(scene.lin)
    assert browser.get(reverse("account:home")).status_code == 200

    User.objects.filter(pk=scene.lin.pk).update(is_active=False)

    assert browser.get(reverse("account:home")).status_code == 302


def test_a_changed_password_ends_every_other_session(scene):
    browser = signed_in(scene.lin)
    scene.lin.set_password("another pass phrase 42")
    scene.lin.save()

    assert browser.get(reverse("account:home")).status_code == 302


def test_a_file_of_data_asked_for_before_somebody_left_has_nothing_of_the_company(scene):
    wei = person("wei")
    company = Membership.objects.get(user=scene.lin).company
    membership = Membership.objects.create(company=company, user=wei, role=Role.READER)
    exports.ask_for_export(by=wei)
    members.end_membership(membership=membership, by=scene.lin)
    assert jobs.do_next()

    made = DataExport.objects.get(user=wei)
    with batch_storage.store().open(made.file) as file:
        assert CANARIES["name"].encode() not in file.read()
