"""Boundary cases at the desk: looked at for one offer at a time, and added as they were shown."""

from __future__ import annotations

import copy

import pytest
from django.urls import reverse
from django.utils import timezone

from policies import actions
from tests.policies.conftest import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(mini, chen):
    return actions.start_draft(policy=mini, by=chen)


def page_of(version):
    return reverse("desk:boundaries", args=[version.policy.key, version.number])


def digests(answer):
    """The digest of each boundary case by what it is called on the page."""
    return {edge.boundary.said.en: edge.digest for edge in answer.context["edges"].found}


def rewrite(draft, by, how):
    content = copy.deepcopy(draft.content)
    how(content)
    return actions.save_draft(version=draft, content=content, by=by, seen=draft.digest)


def test_those_that_came_out_right_join_the_draft_under_a_name_in_both_languages(enter, draft, chen):
    client = enter(chen)
    answer = client.get(page_of(draft))
    name = "R&D ratio is at least 5 %: just above"

    answer = client.post(page_of(draft), {"offer": "team", "case": digests(answer)[name]})

    assert answer.url == page_of(draft) + "?offer=team"
    draft.refresh_from_db()
    case = draft.content["cases"][-1]
    assert case["case"] == "team: R&D ratio is at least 5 %: just above / 研发投入占比 不低于 5%：略高于"
    assert case["expect"] == {"team": "eligible"}
    assert actions.faults_of(draft, timezone.localdate()) == []
    answer = client.get(page_of(draft))
    assert name not in digests(answer)
    assert "Example cases added: 1." in answer.content.decode()


def test_what_an_example_case_shows_already_is_not_offered_whatever_its_name(enter, draft, chen):
    client = enter(chen)
    answer = client.get(page_of(draft))
    edge = answer.context["edges"].found[0]
    rewrite(draft, chen, lambda content: content["cases"].append({**edge.boundary.case, "case": "mine"}))

    assert edge.boundary.said.en not in digests(client.get(page_of(draft)))


def test_another_offer_is_a_link_away(enter, draft, chen):
    answer = enter(chen).get(page_of(draft), {"offer": "size"})

    assert answer.context["edges"].offer.key == "size"
    assert '?offer=team"' in answer.content.decode()


def test_what_others_saved_elsewhere_does_not_hinder(enter, draft, chen, xu):
    client = enter(chen)
    chosen = list(digests(client.get(page_of(draft))).values())[:2]
    rewrite(draft, xu, lambda content: content.update(number="2") or content["cases"].pop())

    client.post(page_of(draft), {"offer": "team", "case": chosen})

    draft.refresh_from_db()
    assert len(draft.content["cases"]) == 8
    assert draft.content["number"] == "2"


def test_what_comes_out_otherwise_meanwhile_is_told_and_the_rest_stays_chosen(enter, draft, chen, xu):
    client = enter(chen)
    found = digests(client.get(page_of(draft)))
    chosen = [found["Employees is at least 20: just above"], found["R&D ratio is at least 5 %: just above"]]

    def stricter(content):
        content["offers"][0]["requires"]["all"][0]["when"] = "employees >= 18"

    draft = rewrite(draft, xu, stricter)
    answer = client.post(page_of(draft), {"offer": "team", "case": chosen})

    assert answer.status_code == 409
    assert "Nothing was added" in answer.content.decode()
    ticked = [edge.digest for edge in answer.context["edges"].found if edge.is_chosen]
    assert ticked == [found["R&D ratio is at least 5 %: just above"]]
    assert client.post(page_of(draft), {"offer": "team", "case": ticked}).status_code == 302


def test_sent_twice_they_are_added_once(enter, draft, chen):
    client = enter(chen)
    sent = {"offer": "team", "case": next(iter(digests(client.get(page_of(draft))).values()))}
    client.post(page_of(draft), sent)

    assert client.post(page_of(draft), sent).status_code == 409

    draft.refresh_from_db()
    assert len(draft.content["cases"]) == 8


def test_nothing_chosen_adds_nothing(enter, draft, chen):
    answer = enter(chen).post(page_of(draft), {"offer": "team"})

    assert answer.status_code == 409
    assert "Nothing was chosen." in answer.content.decode()


def test_they_join_no_version_that_stands_still_and_only_who_may_write_adds(enter, draft, mini, chen):
    version, client = mini.versions.published().get(), enter(chen)
    answer = client.get(page_of(version))
    assert 'type="checkbox"' not in answer.content.decode()
    sent = {"offer": "team", "case": next(iter(digests(answer).values()))}

    assert client.post(page_of(version), sent).status_code == 409
    assert enter(staff("other", "reviewer")).post(page_of(draft), sent).status_code == 403

    assert len(mini.versions.published().get().content["cases"]) == 7


def test_offers_that_can_be_read_are_shown_while_another_is_faulty(enter, draft, chen):
    def broken(content):
        content["offers"][0]["requires"]["all"][0]["when"] = "employes >= 18"

    answer = enter(chen).get(page_of(rewrite(draft, chen, broken)))

    assert answer.context["edges"].offer.key == "size"
    assert "Not shown, because they cannot be read yet" in answer.content.decode()
