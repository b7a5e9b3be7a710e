"""What is written into a policy or a name stays text: the page has the same elements as with plain words."""

from __future__ import annotations

import copy
from typing import Any

import html5lib
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions import found_company
from companies.models import User
from matching import jobs
from matching.actions import request_match, version_to_match
from matching.models import MatchReport
from policies.models import Policy, PolicyVersion, Release, State
from policies.rules.book import snapshot_digest
from tests.guarding.payloads import MARK, SCRIPTS
from tests.guarding.scene import DAY, signed_in
from tests.matching.catalogue import POLICY, SNAPSHOT

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def snapshot_saying(title: str, body: str) -> dict[str, Any]:
    """The small catalogue with these words wherever a curator writes free text."""
    snapshot, policy = copy.deepcopy(SNAPSHOT), copy.deepcopy(POLICY)

    def both(said: str) -> dict[str, str]:
        return {"en": said, "zh": said}

    policy |= {"title": both(title), "note": both(body), "issuer": both(body), "text_seen": both(body)}
    for one in policy["offers"]:
        one |= {"title": both(title), "clause": body}
        one["requires"]["all"].append({"judged": both(body), "clause": body})
        one["requires"]["all"].append({"not_modelled": both(body), "clause": body})
    return {**snapshot, "policies": [policy]}


def published(title: str, body: str) -> None:
    snapshot = snapshot_saying(title, body)
    last = Release.objects.order_by("number").last()
    Release.objects.create(number=(last.number if last else 0) + 1, digest=snapshot_digest(snapshot), snapshot=snapshot)


@pytest.fixture
def policy(db) -> Policy:
    policy = Policy.objects.create(key=POLICY["policy"])
    content = copy.deepcopy(POLICY)
    fields = {**PolicyVersion.columns(content), "content": content, "digest": snapshot_digest(content)}
    PolicyVersion.objects.create(policy=policy, number=1, state=State.PUBLISHED, published_at=timezone.now(), **fields)
    return policy


def shape(answer: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Every element of a page with the names of its attributes: what markup makes, and text never does."""
    assert answer.status_code == 200, answer.status_code
    tree = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    return [(str(one.tag), tuple(sorted(one.attrib))) for one in tree.iter() if isinstance(one.tag, str)]


def pages(name: str) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """The pages on which a policy or a company's name is shown, for who sees them."""
    lin, _made = User.objects.get_or_create(email="lin@example.com")
    client = signed_in(lin)
    company = found_company(name=name, by=lin)
    version = version_to_match(company=company, by=lin)
    request_match(profile_version=version, day=DAY, by=lin)
    assert jobs.do_next()
    report = MatchReport.objects.order_by("-pk").first()
    assert report is not None
    addresses = [
        reverse("policies:list"), reverse("policies:detail", args=[POLICY["policy"]]), reverse("companies:detail", args=[company.public_id]),
        reverse("matching:report", args=[report.public_id]), reverse("matching:share", args=[report.public_id]),
        reverse("companies:members", args=[company.public_id]),
    ]  # fmt: skip
    found = {
        address.replace(str(company.public_id), "C").replace(str(report.public_id), "R"): shape(client.get(address))
        for address in addresses
    }
    company.delete()
    return found


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    monkeypatch.setattr("matching.tasks.ring", lambda: True)


def test_there_are_forty_two_of_them():
    assert len(set(SCRIPTS)) == 42
    assert all(MARK in one for one in SCRIPTS)


def test_no_text_becomes_an_element_of_any_page(policy):
    published("plain words", "plain words")
    plain = pages("plain words")

    for payload in SCRIPTS:
        published(payload, payload)
        assert pages(payload[:200].replace("\n", " ")) == plain, payload


def test_a_page_that_took_text_for_markup_would_be_found(policy, monkeypatch):
    published("plain words", "plain words")
    plain = pages("plain words")
    published(SCRIPTS[0], SCRIPTS[0])
    monkeypatch.setattr("django.template.base.conditional_escape", str)
    monkeypatch.setattr("django.template.base.render_value_in_context", lambda value, context: str(value))

    assert pages("plain words") != plain


def test_what_a_person_types_is_shown_as_text_where_it_is_refused(db):
    client = Client()
    for payload in SCRIPTS:
        answer = client.post(reverse("account_login"), {"login": payload, "password": "x"})
        assert f"alert('{MARK}')</script>" not in answer.content.decode()
        found = client.get(reverse("policies:list"), {"q": payload, "zone": payload})
        assert f"<script>alert('{MARK}')" not in found.content.decode()
