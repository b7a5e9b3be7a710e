"""The list of findings on the home page of the desk: made once a release and day, filtered, set aside and taken up."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from policies import actions, jobs
from policies.lint import WorkItem
from policies.models import Deed, Frozen, HealthCheck, HistoryLine, PolicyVersion, SetAside
from tests.policies.conftest import staff

pytestmark = pytest.mark.django_db
HOME = "/desk/"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def check(mini, today):
    return jobs.check_health(today)


@pytest.fixture
def item(check):
    """Something about a policy that is found today."""
    plain = {
        "key": "a" * 64, "code": "window-past", "severity": "soon", "policy": "cp-mini", "offer": "team",
        "message": {"en": "the window closed on 2026-01-31", "zh": "申报已截止"},
        "title": {"en": "Team <b>reward</b>", "zh": "团队奖励"}, "due": "2026-01-31",
    }  # fmt: skip
    check.items = [plain, *check.items]
    check.save()
    return WorkItem.from_plain(plain)


def page_of(item):
    return reverse("desk:finding", args=[item.key])


def test_a_release_is_looked_through_once_a_day(mini, today):
    made = jobs.health_of_the_day(today)

    assert made is not None
    assert made.items
    assert jobs.health_of_the_day(today) is None
    assert jobs.health_of_the_day(today + timedelta(days=1)) is not None
    assert jobs.health_of_the_day(today + timedelta(days=40)) is not None
    assert HealthCheck.objects.filter(day__lte=today + timedelta(days=1)).count() == 0, "old ones are not kept"


def test_nothing_is_looked_through_without_a_release(db, today):
    assert jobs.health_of_the_day(today) is None
    assert jobs.check_health(today) is None


def test_the_home_page_lists_what_was_found_as_text(enter, chen, item):
    said = enter(chen).get(HOME).content.decode()

    assert "Team &lt;b&gt;reward&lt;/b&gt;" in said
    assert "the window closed on 2026-01-31" in said
    assert page_of(item) in said
    assert "There is a newer release" not in said


def test_the_home_page_says_so_while_nothing_was_looked_through(enter, chen, mini):
    assert "has not been looked through yet" in enter(chen).get(HOME).content.decode()


def test_the_home_page_says_when_the_list_is_not_of_today(enter, chen, item):
    HealthCheck.objects.update(day=timezone.localdate() - timedelta(days=1))

    assert "There is a newer release or day" in enter(chen).get(HOME).content.decode()


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("group=days", True), ("group=facts", False), ("severity=soon", True), ("severity=info", False), ("policy=MINI", True),
        ("policy=nowhere", False), ("aside=1", False), ("group=%00%3Cscript%3E", False),
    ],
)  # fmt: skip
def test_the_list_is_filtered(enter, chen, item, query, is_shown):
    said = enter(chen).get(f"{HOME}?{query}").content.decode()

    assert ("the window closed on 2026-01-31" in said) is is_shown
    assert "<script>" not in said.replace("<script src", "")


def test_a_curator_sets_a_finding_aside_until_a_day_and_it_is_in_the_history(enter, chen, item, today):
    client = enter(chen)
    until = today + timedelta(days=10)

    client.post(page_of(item), {"until": until.isoformat(), "why": "The notice is due next week"})

    assert "the window closed on 2026-01-31" not in client.get(HOME).content.decode()
    aside = client.get(f"{HOME}?aside=1").content.decode()
    assert "The notice is due next week" in aside
    assert "chen@example.com" in aside
    line = HistoryLine.objects.get(deed=Deed.SET_ASIDE)
    assert (line.policy.key, line.by) == ("cp-mini", chen)
    assert until.isoformat() in line.why


def test_it_comes_back_after_the_day_and_when_it_says_something_else(chen, item, today):
    actions.set_aside(item=item, until=today + timedelta(days=3), why="Later", by=chen, day=today)

    assert item.key in SetAside.objects.standing(today + timedelta(days=3))
    assert item.key not in SetAside.objects.standing(today + timedelta(days=4))
    assert "b" * 64 not in SetAside.objects.standing(today)


def test_a_finding_set_aside_is_taken_up_again(enter, chen, item, today):
    client = enter(chen)
    actions.set_aside(item=item, until=today + timedelta(days=3), why="Later", by=chen, day=today)

    client.post(reverse("desk:take_up", args=[item.key]))
    client.post(reverse("desk:take_up", args=[item.key]))

    assert "the window closed on 2026-01-31" in client.get(HOME).content.decode()
    assert HistoryLine.objects.filter(deed=Deed.TAKEN_UP).count() == 1


@pytest.mark.parametrize(("days", "why"), [(-1, "x"), (400, "x"), (3, ""), (3, "  ")])
def test_nothing_rests_for_ever_or_without_a_reason(enter, chen, item, today, days, why):
    response = enter(chen).post(page_of(item), {"until": (today + timedelta(days=days)).isoformat(), "why": why})

    assert response.status_code == 400
    assert not SetAside.objects.exists()


def test_words_on_findings_never_change(chen, item, today):
    row = actions.set_aside(item=item, until=today, why="Later", by=chen, day=today)

    with pytest.raises(Frozen):
        SetAside.objects.update(until=None)
    with pytest.raises(Frozen):
        row.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        SetAside.objects.all()._raw_delete("default")
    assert SetAside.objects.count() == 1


@pytest.mark.parametrize("role", ["reviewer", "publisher"])
def test_only_curators_set_aside(enter, item, role, today):
    client = enter(staff("other", role))

    assert client.get(page_of(item)).status_code == 200
    assert client.post(page_of(item), {"until": today.isoformat(), "why": "x"}).status_code == 403
    assert client.post(reverse("desk:take_up", args=[item.key])).status_code == 403
    assert not SetAside.objects.exists()


@pytest.mark.parametrize("role", ["analyst", "support", "nobody"])
def test_for_everybody_else_there_is_no_list(enter, item, role):
    client = enter(staff("other", role))

    assert client.get(page_of(item)).status_code == 404
    assert client.post(reverse("desk:check_health")).status_code == 404


def test_a_finding_that_is_gone_has_no_page(enter, chen, item):
    client = enter(chen)

    assert client.get(reverse("desk:finding", args=["b" * 64])).status_code == 404
    assert client.get(reverse("desk:check_health")).status_code == 405


def test_the_catalogue_is_looked_through_on_request(enter, gao, mini):
    client = enter(gao)

    said = client.post(reverse("desk:check_health"), follow=True).content.decode()

    assert "The catalogue was looked through" in said
    assert HealthCheck.objects.count() == 1


def test_a_version_in_review_that_cannot_be_published_is_on_the_list(mini, chen, today):
    version = actions.start_draft(policy=mini, by=chen)
    content = copy.deepcopy(version.content)
    content["offers"][0]["requires"]["all"][0]["when"] = "employees >= 30"
    version = actions.save_draft(version=version, content=content, by=chen, seen=version.digest)
    quiet = jobs.check_health(today)
    actions.send_to_review(version=version, by=chen)

    loud = jobs.check_health(today)

    assert PolicyVersion.objects.get(pk=version.pk).state == "in_review"
    assert not any(plain["code"] == "review-faulty" for plain in quiet.items)
    assert any(plain["code"] == "review-faulty" for plain in loud.items)


def test_the_list_takes_few_queries_however_long_it_is(enter, chen, item, today, django_assert_max_num_queries):
    HealthCheck.objects.update(items=[item.to_plain() | {"key": f"{at:064x}"} for at in range(300)])
    client = enter(chen)
    client.get(HOME)

    with django_assert_max_num_queries(11):
        client.get(HOME)
    with django_assert_max_num_queries(7):
        client.get(reverse("desk:finding", args=[f"{3:064x}"]))
