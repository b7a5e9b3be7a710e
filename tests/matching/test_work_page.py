"""The operator's page: how the work goes, and failed work again; for who has the right, and never a company's figures."""

from __future__ import annotations

import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from changping import health
from companies.models import User
from matching.models import MatchRequest, Reason, State

PAGE = "/admin/work/"


def staff(role: str | None) -> Client:
    person = User.objects.create_user(f"{role}@example.com", "a-long-password", is_staff=True)
    if role:
        person.groups.add(Group.objects.get(name=role))
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": ""})
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture(autouse=True)
def _parts(monkeypatch):
    monkeypatch.setattr(health, "QUESTIONS", {"database": lambda: True, "worker": lambda: False})


@pytest.fixture
def failed(ask):
    def one() -> MatchRequest:
        request = ask()
        MatchRequest.objects.filter(pk=request.pk).update(
            state=State.FAILED,
            reason=Reason.ENGINE_FAULT,
            last_error="ZeroDivisionError at sums.py:7",
            finished_at=Now(),
        )
        return request

    return one


def test_an_operator_sees_what_failed_and_why(failed):
    request = failed()

    text = staff("operator").get(PAGE).content.decode()

    assert str(request.public_id) in text
    assert "ZeroDivisionError at sums.py:7" in text
    assert "The engine failed on this profile" in text
    assert "is missing" in text
    assert request.company.name not in text


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher", "analyst", "support", None])
def test_other_staff_neither_see_it_nor_run_anything_again(failed, role):
    request = failed()
    client = staff(role)

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}match/{request.public_id}/again/").status_code == 403
    assert MatchRequest.objects.get(pk=request.pk).state == State.FAILED


def test_who_is_no_staff_is_sent_to_sign_in(client, db):
    assert client.get(PAGE).status_code == 302
    assert client.post(f"{PAGE}match/{uuid.uuid4()}/again/").status_code == 302


def test_a_failed_match_is_run_again_and_only_once(failed, silent_bell, django_capture_on_commit_callbacks):
    request = failed()
    client = staff("operator")

    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("admin:work_again", args=["match", request.public_id]), follow=True)
    second = client.post(reverse("admin:work_again", args=["match", request.public_id]), follow=True)

    assert "It waits for a worker now." in first.content.decode()
    assert "nothing was changed" in second.content.decode()
    assert MatchRequest.objects.get(pk=request.pk).state == State.QUEUED
    assert silent_bell


@pytest.mark.parametrize("kind", ["match", "batch", "run", "delivery", "no-such-kind"])
def test_work_that_is_not_there_is_not_found(db, kind):
    assert staff("operator").post(f"{PAGE}{kind}/{uuid.uuid4()}/again/").status_code == 404


def test_work_is_not_run_again_by_a_link(failed):
    assert staff("operator").get(f"{PAGE}match/{failed().public_id}/again/").status_code == 405


def test_the_page_is_there_in_chinese_and_from_the_front_of_the_administration(failed):
    failed()
    client = staff("operator")

    assert f'href="{PAGE}"' in client.get("/admin/").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert "重新运行" in client.get(PAGE).content.decode()


def test_the_page_asks_no_more_of_many_failures_than_of_one(
    failed, django_assert_max_num_queries, django_assert_num_queries
):
    client = staff("operator")
    failed()
    with django_assert_max_num_queries(45) as once:
        client.get(PAGE)
    for _ in range(3):
        failed()
    with django_assert_num_queries(len(once)):
        client.get(PAGE)
