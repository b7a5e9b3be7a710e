"""The reach of a version at the desk: what is counted, what it is compared with, who sees it, and what leaves as a file."""

from __future__ import annotations

import csv
import io
from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.actions import found_company, save_answers
from companies.models import FactRecord, User
from matching import snapshots
from matching.desk.reach import counted, population
from policies import actions
from tests.policies.conftest import staff

pytestmark = pytest.mark.django_db

IN = {"sectors": ["health"], "employees": "30", "stage": "growing"}


@pytest.fixture(autouse=True)
def snapshot_dir(settings, tmp_path):
    settings.SNAPSHOT_DIR = tmp_path / "snapshots"
    return settings.SNAPSHOT_DIR


@pytest.fixture
def crowd(db):
    """Founds so many companies with these answers."""
    numbers, lin = count(1), User.objects.create_user("lin@example.com")

    def found(times, **answers):
        vocabulary = FactRecord.objects.vocabulary()
        companies = [found_company(name=f"Company {next(numbers)}", by=lin) for _ in range(times)]
        for company in companies:
            assert not save_answers(company=company, answers=answers, by=lin, vocabulary=vocabulary).faults
        return companies

    return found


def page_of(version, name="reach"):
    return reverse(f"desk:{name}", args=[version.policy.key, version.number])


def shown(answer):
    return {one.title.en: one for one in answer.context["shown"].offers}


def asks_more(content):
    team = next(offer for offer in content["offers"] if offer["offer"] == "team")
    team["requires"] = {"all": [{"when": "employees >= 40", "clause": "Art. 3"}]}


def table_in(answer):
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    return {(row[1], row[3], row[4]): row[5] for row in rows[1:]}


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_at_the_desk_sees_exact_counts(enter, change, crowd, role, language):
    crowd(2, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    client = enter(staff("other", role))
    client.cookies["django_language"] = language

    answer = client.get(page_of(change()))

    assert answer.status_code == 200
    assert shown(answer)["Team reward"].count == 2
    assert "Company 1" not in answer.content.decode()


@pytest.mark.parametrize("role", ["analyst", "support", None])
@pytest.mark.parametrize("page", ["reach", "reach_csv"])
def test_nobody_else_does(enter, change, role, page):
    version = change()
    person = User.objects.create_user("other@example.com") if role is None else staff("other", role)

    assert enter(person).get(page_of(version, page)).status_code == 404


@pytest.mark.parametrize("page", ["reach", "reach_csv"])
def test_who_is_not_signed_in_is_asked_to(client, change, page):
    assert client.get(page_of(change(), page)).status_code == 302


def test_who_works_at_the_desk_without_the_right_to_counts_does_not_see_them(enter, change):
    writer = staff("writer")
    from django.contrib.auth.models import Permission

    writer.user_permissions.add(Permission.objects.get(codename="write_draft"))
    version = change()
    client = enter(User.objects.get(pk=writer.pk))

    assert client.get(page_of(version)).status_code == 404
    doors = client.get(reverse("desk:version", args=[version.policy.key, version.number])).context["doors"]
    assert "desk:reach" not in [door.url_name for door in doors]


def test_the_version_page_leads_there(enter, change, chen):
    version = change()

    answer = enter(chen).get(reverse("desk:version", args=[version.policy.key, version.number]))

    assert page_of(version) in answer.content.decode()


def test_who_gains_and_who_loses_against_what_is_in_force(enter, change, chen, crowd):
    crowd(6, **IN, rd_expense_y1="300万", revenue_y1="1000万")
    crowd(7, **{**IN, "employees": "50"}, rd_expense_y1="300万", revenue_y1="6000万")
    crowd(3, **{**IN, "employees": "45"}, rd_expense_y1="0", revenue_y1="6000万")
    crowd(1, sectors=["robotics"], employees="90")
    crowd(2, listed=True)

    answer = enter(chen).get(page_of(change(asks_more)))

    team = shown(answer)["Team reward"]
    assert team.count == 10
    assert (team.changes.before, team.changes.gained, team.changes.lost) == (13, 3, 6)
    assert {one.key: one.count for one in team.bar} == {
        "eligible": 10, "needs_review": 0, "undetermined": 2, "near": 7, "ineligible": 0,
    }  # fmt: skip
    assert [count for _criterion, count in team.near_by] == [6, 1]
    assert team.money.said == "CNY 2.13 million"
    assert (team.changes.money_before.said, team.changes.more) == ("CNY 3.9 million", "−CNY 1.77 million")
    sectors = {line.label.en: (line.companies, line.eligible, line.lost) for line in team.groups[0].lines}
    assert sectors == {"Health": (16, 10, 6), "Robotics": (1, 0, 0), "not known": (2, 0, 0)}
    assert [group.key for group in team.groups] == ["sector", "zone"]
    size = shown(answer)["Size reward"]
    assert (size.changes.gained, size.changes.lost) == (0, 0)


def test_an_offer_that_is_taken_away_is_lost_to_all_who_had_it(enter, change, chen, crowd):
    crowd(5, **IN, rd_expense_y1="300万", revenue_y1="1000万")

    answer = enter(chen).get(page_of(change(lambda content: content["offers"].pop(0))))

    team = shown(answer)["Team reward"]
    assert team.is_gone
    assert (team.changes.before, team.changes.lost) == (5, 5)
    assert answer.context["shown"].lost == 5


def test_a_company_that_answers_otherwise_is_counted_otherwise_at_once(enter, change, chen, crowd):
    company = crowd(1, **IN, rd_expense_y1="300万", revenue_y1="1000万")[0]
    client, version = enter(chen), change()
    before = shown(client.get(page_of(version)))["Team reward"].count

    save_answers(company=company, answers={"employees": "3"}, by=company.members.first() or User.objects.first(), vocabulary=FactRecord.objects.vocabulary())  # fmt: skip

    assert before == 1
    assert shown(client.get(page_of(version)))["Team reward"].count == 0


def test_what_was_counted_is_not_counted_again(enter, change, chen, crowd, monkeypatch):
    crowd(1, **IN)
    client, version = enter(chen), change()
    first = shown(client.get(page_of(version)))

    monkeypatch.setattr(counted, "count_reach", lambda *_: pytest.fail("counted again"))

    assert shown(client.get(page_of(version))) == first


def test_another_day_is_counted_for_itself(enter, change, chen, crowd):
    certificates = [{"kind": "hnte", "issued": "2024-01-01", "expires": "2027-01-01"}]
    crowd(1, **IN, revenue_y1="6000万", certificates=certificates)
    client, version = enter(chen), change()

    on = [
        shown(client.get(page_of(version), {"day": day}))["Size reward"].count for day in ("2026-12-31", "2027-02-01")
    ]

    assert on == [1, 0]
    assert client.get(page_of(version), {"day": "1800-01-01"}).status_code == 422


def test_a_fact_added_a_moment_ago_is_counted_too(enter, change, chen, crowd):
    crowd(2, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    client, version = enter(chen), change()
    client.get(page_of(version))
    label = {"en": "Patents", "zh": "专利数"}
    plain = {"fact": "patents", "kind": "whole", "label": label, "question": label, "effort": "slow"}
    actions.add_fact(section="basics", plain=plain, by=chen)

    team = shown(client.get(page_of(change_again(version, chen, "patents >= 1"))))["Team reward"]

    assert (team.count, team.changes.before, team.changes.lost) == (0, 2, 2)


def change_again(version, by, when):
    content = {**version.content, "offers": [dict(offer) for offer in version.content["offers"]]}
    content["offers"][0]["requires"] = {"all": [{"when": when, "clause": "Art. 3"}]}
    return actions.save_draft(version=version, content=content, by=by, seen=version.digest)


def test_while_answers_have_to_be_read_the_page_says_how_far_it_is(enter, change, chen, crowd, monkeypatch):
    crowd(7, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    monkeypatch.setattr(population, "SECONDS", 0)
    monkeypatch.setattr(population, "AT_ONCE", 3)
    client, version = enter(chen), change()

    answers = [client.get(page_of(version)) for _ in range(4)]
    files = client.get(page_of(version, "reach_csv"))

    assert [one.context["counted"].progress and one.context["counted"].progress.done for one in answers] == [
        3,
        6,
        None,
        None,
    ]
    assert "Companies read: 3 of 7" in answers[0].content.decode()
    assert 'hx-trigger="load' in answers[0].content.decode()
    assert shown(answers[-1])["Team reward"].count == 7
    assert files.status_code == 200


def test_the_file_waits_until_all_is_read(enter, change, chen, crowd, monkeypatch):
    crowd(7, **IN)
    monkeypatch.setattr(population, "SECONDS", 0)
    monkeypatch.setattr(population, "AT_ONCE", 3)
    version = change()

    answer = enter(chen).get(page_of(version, "reach_csv"))

    assert answer.url == page_of(version)


def test_a_disk_that_keeps_nothing_is_said_and_a_few_companies_are_counted_anyway(
    enter, change, chen, crowd, monkeypatch
):
    crowd(7, **IN, rd_expense_y1="300万", revenue_y1="6000万")
    monkeypatch.setattr(snapshots, "_save", lambda *_: None)
    client, version = enter(chen), change()

    counted_at_once = client.get(page_of(version))
    monkeypatch.setattr(population, "AT_ONCE", 3)
    crowd(1, listed=True)
    not_counted = client.get(page_of(version))

    assert shown(counted_at_once)["Team reward"].count == 7
    assert "cannot be kept on this server" in not_counted.content.decode()


def test_counts_cost_the_same_queries_however_many_companies_there_are(
    enter, change, chen, crowd, django_assert_num_queries
):
    crowd(2, **IN)
    client, version = enter(chen), change()
    client.get(page_of(version))
    save = page_of(version)

    with django_assert_num_queries(21):
        client.get(save)
    crowd(9, **IN)
    client.get(save)
    with django_assert_num_queries(21):
        client.get(save)


def test_an_offer_that_cannot_be_read_is_named_and_the_others_are_counted(enter, change, chen, crowd):
    crowd(1, **IN, rd_expense_y1="300万", revenue_y1="6000万")

    answer = enter(chen).get(page_of(change(lambda content: content["offers"][1].update(requires={"when": "no such"}))))

    assert [offer.title.en for offer in answer.context["readable"].unread] == ["Size reward"]
    assert shown(answer)["Team reward"].count == 1


def test_an_empty_draft_says_that_there_is_nothing_to_count(enter, chen):
    version = actions.start_draft(key="cp-empty-2026", by=chen)

    answer = enter(chen).get(page_of(version))

    assert "no offer yet that can be counted" in answer.content.decode()
    assert enter(chen).get(page_of(version, "reach_csv")).status_code == 302


def test_with_no_company_at_all_everything_is_nought(enter, change, chen):
    answer = enter(chen).get(page_of(change()))

    assert answer.status_code == 200
    assert answer.context["shown"].companies == 0


def test_the_file_hides_what_is_about_few_and_what_would_tell_it(enter, change, chen, crowd):
    crowd(60, **IN, rd_expense_y1="300万", revenue_y1="1000万")
    crowd(2, **{**IN, "employees": "50"}, rd_expense_y1="0", revenue_y1="6000万")

    answer = enter(chen).get(page_of(change(asks_more), "reach_csv"))

    rows = table_in(answer)
    assert answer["Content-Disposition"] == (
        f'attachment; filename="reach-cp-mini-2-{timezone.localdate().isoformat()}.csv"'
    )
    assert rows["", "all companies", "companies"] == "62"
    assert rows["Team reward", "all companies", "eligible"] == "hidden"
    assert rows["Team reward", "all companies", "become eligible"] == "hidden"
    assert rows["Team reward", "all companies", "eligible no more"] == "60"
    assert rows["Team reward", "all companies", "eligible by the version in force"] == "hidden"
    assert rows["Team reward", "all companies", "money at least: eligible"] == "hidden"
    assert rows["Team reward", "Robotics", "eligible"] == "0"
    assert not {number for number in rows.values() if number in {"1", "2", "3", "4"}}
    assert "Company 1" not in answer.content.decode()


def test_a_title_that_a_spreadsheet_would_compute_stays_text(enter, change, chen, crowd):
    crowd(1, **IN)
    title = {"en": "=1+1 <script>alert(1)</script>", "zh": "=1+1"}
    version = change(lambda content: content["offers"][0].update(title=title))
    client = enter(chen)

    page, file = client.get(page_of(version)), client.get(page_of(version, "reach_csv"))

    assert "<script>alert" not in page.content.decode()
    assert "\n=1" not in file.content.decode()
    assert "'=1+1" in file.content.decode()
