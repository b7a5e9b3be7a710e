"""What is otherwise than in the report before: at a glance on the report's page, and on a page of its own."""

import pytest
from django.urls import reverse

from companies.actions import save_answers
from matching import jobs
from matching.models import MatchReport
from policies import rulebook


def at(name, report):
    return reverse(f"matching:{name}", args=[report.public_id])


@pytest.fixture
def reports(ask, company, lin, release):
    """Two reports of Lin's company: in between it grew from 40 to 1,200 people."""
    ask()
    jobs.do_next()
    vocabulary = rulebook.of_release(release.number).vocabulary
    saved = save_answers(
        company=company, answers={"established": True, "employees": 1200}, by=lin, vocabulary=vocabulary
    )
    ask(profile_version=saved.version)
    jobs.do_next()
    return list(MatchReport.objects.order_by("pk"))


def test_the_first_report_has_nothing_to_be_compared_with(client, lin, reports):
    client.force_login(lin)
    first, _second = reports

    assert b"Since your report of" not in client.get(first.get_absolute_url()).content
    assert client.get(at("since", first)).status_code == 404


def test_a_later_report_says_at_a_glance_what_is_otherwise(client, lin, reports):
    client.force_login(lin)

    page = client.get(reports[1].get_absolute_url()).content.decode()

    assert "Since your report of" in page
    assert "Eligible 1 → <strong>2</strong>" in page
    assert "your answers." in " ".join(page.split())
    assert at("since", reports[1]) in page


def test_the_page_of_its_own_names_the_answer_and_the_offer(client, lin, reports):
    client.force_login(lin)

    page = " ".join(client.get(at("since", reports[1])).content.decode().split())

    assert "Employees: 40 → <strong>1,200</strong>" in page
    assert f"{reports[1].get_absolute_url()}#offer-cp-small-2026--large-team" in page
    assert "Because of: your answers" in page


def test_it_is_told_in_chinese_too(client, lin, reports):
    client.force_login(lin)

    page = client.get(at("since", reports[1]), headers={"Accept-Language": "zh-hans"}).content.decode()

    assert "与您" in page
    assert "Since" not in page


def test_a_stranger_finds_nothing(client, zhou, reports):
    client.force_login(zhou)

    assert client.get(at("since", reports[1])).status_code == 404


def test_another_company_s_report_is_not_the_one_before(client, lin, zhou, reports, release, silent_bell):
    from datetime import date

    from companies.actions import found_company
    from matching import actions

    other = found_company(name="Zhou's", by=zhou)
    version = actions.version_to_match(company=other, by=zhou)
    actions.request_match(profile_version=version, day=date(2026, 11, 24), by=zhou)
    jobs.do_next()
    client.force_login(zhou)

    assert b"Since your report of" not in client.get(MatchReport.objects.latest("pk").get_absolute_url()).content


def test_the_database_is_asked_only_so_much(client, lin, reports, django_assert_num_queries):
    client.force_login(lin)
    client.get(at("since", reports[1]))

    with django_assert_num_queries(8):
        client.get(at("since", reports[1]))
