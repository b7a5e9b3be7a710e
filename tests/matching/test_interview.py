"""The interview: from the first page to a report without an account, one question after another."""

import html
import re

import pytest
from django.urls import reverse

from companies.actions import save_answers
from companies.models import Company, ProfileDraft, Visit, Visitor
from companies.visitors import MOST_HELD
from matching import jobs
from matching.interview import views
from matching.models import Interview, MatchReport, MatchRequest
from policies import rulebook

START = "/start/"


def begin(client, **typed):
    """Starts with a company, and gives it and the address of its interview."""
    answer = client.post(START, {"name": "", "founded": "yes", **typed})
    assert answer.status_code == 302, answer.content.decode()
    return Company.objects.latest("pk"), answer.headers["Location"]


def question(company, fact):
    return reverse("matching:question", args=[company.public_id, fact])


def reply(client, company, fact, **typed):
    return client.post(question(company, fact), {"fields": fact, **typed}, follow=True)


def read(answer):
    return html.unescape(answer.content.decode())


@pytest.fixture
def started(client, release, silent_bell):
    return begin(client)[0]


def test_from_the_first_page_to_the_report_without_an_account(client, release, silent_bell):
    assert "Does the company exist already?" in read(client.get(START))
    company, page = begin(client, name="Nobody's Robotics")

    assert "What can Nobody's Robotics get?" in read(client.get(page))
    answer = reply(client, company, "rd_expense_y1", rd_expense_y1="200万")
    assert "CNY 2 million" in read(answer)
    asked = client.post(reverse("matching:ask", args=[company.public_id]))
    jobs.do_next()
    report = client.get(asked.headers["Location"], follow=True)

    assert report.status_code == 200
    assert "Nobody's Robotics" in read(report)
    assert MatchReport.objects.get().model()["summary"]["counts"]["eligible"] == 2


def test_whether_it_is_founded_is_an_answer_already(client, release):
    founded, _page = begin(client)
    planned, page = begin(client, founded="no")

    assert founded.latest_version.answers["established"]["value"] is True
    assert planned.latest_version.answers["established"]["value"] is False
    assert not planned.founded
    assert "Ruled out</dt><dd>1" in read(client.get(page))


def test_a_name_can_be_left_out_in_both_languages(client, release):
    assert begin(client)[0].name == "My company"
    client.post(START, {"founded": "yes"}, headers={"Accept-Language": "zh-hans"})
    assert Company.objects.latest("pk").name == "我的企业"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "a\x00b", "founded": "yes"}, "control character"),
        ({"name": "a" * 201, "founded": "yes"}, "at most 200"),
        ({"name": "Kept Ltd"}, "Say whether the company is registered"),
        ({"name": "Kept Ltd", "founded": "maybe"}, "alert-danger"),
    ],
)
def test_a_bad_start_is_explained_and_what_was_typed_is_kept(client, release, typed, said):
    answer = client.post(START, typed)

    assert answer.status_code == 422
    assert said in read(answer)
    assert typed["name"].replace("\x00", "") in read(answer).replace("\x00", "")
    assert not Company.objects.exists()


def test_the_question_says_why_it_is_asked_and_in_which_clause(client, started):
    page = read(client.get(question(started, "rd_expense_y1")))

    assert "How much R&D?" in page
    assert "The answer counts for offers: 1, in policies: 1." in page
    assert "research-reward" in page
    assert "Small measures" in page
    assert "Art. 1" in page


def test_the_side_panel_follows_each_answer(client, started):
    page = read(client.get(reverse("matching:interview", args=[started.public_id])))
    assert "Decided: 1 of 3 offers" in page
    assert "You can get now</dt><dd>1 · CNY 500,000" in page

    page = read(reply(client, started, "employees", employees="1000"))

    assert "Decided: 2 of 3 offers" in page
    assert "You can get now</dt><dd>2 · CNY 1.3 million" in page


def test_i_do_not_know_yet_leads_to_the_next_question_and_is_not_asked_again(client, started):
    for fact in ("employees", "rd_expense_y1"):
        page = read(reply(client, started, fact, unknown="1"))

    assert "Nothing is left to ask" in page
    assert question(started, "employees") in page
    assert started.latest_version.answers.keys() == {"established"}


def test_an_empty_answer_is_i_do_not_know_yet(client, started):
    reply(client, started, "employees", employees="")

    assert Interview.objects.get().declined == ["employees"]


def test_an_answer_can_be_changed_and_taken_back(client, started):
    reply(client, started, "employees", employees="1000")
    assert 'value="1000"' in read(client.get(question(started, "employees")))

    reply(client, started, "employees", employees="3")
    assert started.latest_version.answers["employees"]["value"] == 3
    reply(client, started, "employees", unknown="1")

    assert "employees" not in started.latest_version.answers


def test_back_leads_through_the_questions_in_their_order(client, started):
    reply(client, started, "employees", employees="1000")
    page = read(reply(client, started, "rd_expense_y1", rd_expense_y1="1"))

    assert re.search(rf'href="{question(started, "rd_expense_y1")}">Back', page)
    earlier = read(client.get(question(started, "rd_expense_y1")))
    assert re.search(rf'href="{question(started, "employees")}">Back', earlier)


def test_what_cannot_be_read_is_asked_again_as_it_was_typed(client, started):
    page = reply(client, started, "employees", employees="many <b>")

    assert page.redirect_chain[-1][0] == question(started, "employees")
    assert 'value="many &lt;b&gt;"' in page.content.decode()
    assert 'role="alert"' in read(page)
    assert "employees" not in started.latest_version.answers

    reply(client, started, "employees", employees="12")
    assert not ProfileDraft.objects.exists()


@pytest.mark.parametrize("answer", [{"unknown": "1"}, {"employees": ""}], ids=["not known yet", "nothing"])
def test_taking_back_what_could_not_be_read_leaves_nothing_of_it(client, started, answer):
    reply(client, started, "employees", employees="lots")
    page = read(reply(client, started, "employees", **answer))

    assert not ProfileDraft.objects.exists()
    assert Interview.objects.get().declined == ["employees"]
    assert "lots" not in read(client.get(question(started, "employees")))
    assert "Noted:" in page


def test_taking_one_back_keeps_what_is_typed_for_its_neighbours(client, started):
    typed = {"typed": "some", "message": {"en": "x", "zh": "x"}, "path": []}
    ProfileDraft.objects.create(company=started, section="basics", typed={"employees": typed, "rd_expense_y1": typed})

    reply(client, started, "rd_expense_y1", unknown="1")

    assert ProfileDraft.objects.get().typed == {"employees": typed}


def test_a_slip_in_one_answer_leaves_what_was_typed_for_another(client, started):
    reply(client, started, "employees", employees="many")
    reply(client, started, "rd_expense_y1", rd_expense_y1="much")

    assert 'value="many"' in read(client.get(question(started, "employees")))
    assert 'value="much"' in read(client.get(question(started, "rd_expense_y1")))


def test_the_whole_form_is_one_step_away(client, release, started):
    page = read(client.get(reverse("matching:interview", args=[started.public_id])))

    assert reverse("companies:section", args=[started.public_id, "basics"]) in page


@pytest.mark.parametrize("name", ["nothing", "employees-"])
def test_a_fact_that_is_not_there_is_not_found(client, started, name):
    assert client.get(question(started, name)).status_code == 404


def test_another_visitor_and_another_person_find_nothing(client, client_of, started, release, zhou):
    reply(client, started, "employees", employees="3")
    asked = client.post(reverse("matching:ask", args=[started.public_id])).headers["Location"]
    jobs.do_next()
    report = MatchReport.objects.get()
    pages = [
        reverse("matching:interview", args=[started.public_id]), question(started, "employees"), asked,
        report.get_absolute_url(), reverse("matching:report_file", args=[report.public_id, "json"]),
    ]  # fmt: skip
    other = client_of()
    begin(other)
    person = client_of(zhou)

    assert [client.get(page, follow=True).status_code for page in pages] == [200] * 5
    assert [other.get(page).status_code for page in pages] == [404] * 5
    assert [person.get(page).status_code for page in pages] == [404] * 5
    assert other.post(question(started, "employees"), {"employees": "9"}).status_code == 404
    assert started.latest_version.answers["employees"]["value"] == 3


def test_who_holds_nothing_is_sent_to_sign_in(client_of, started):
    answer = client_of().get(reverse("matching:interview", args=[started.public_id]))

    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_a_member_is_interviewed_too_and_a_reader_is_not(client_of, company, version, lin, wei):
    page = reverse("matching:interview", args=[company.public_id])

    assert client_of(lin).get(page).status_code == 200
    assert client_of(wei).get(page).status_code == 403


def test_a_person_starts_with_a_company_of_their_own(client, release, lin):
    client.force_login(lin)
    company, _page = begin(client, name="Lin's second")

    assert company.memberships.get().user == lin
    assert not Visit.objects.exists()


def test_hostile_names_and_answers_stay_text(client, release):
    company, page = begin(client, name='"><script>alert(1)</script>')
    reply(client, company, "employees", employees="<script>alert(2)</script>")

    for shown in (page, question(company, "employees"), START, company.get_absolute_url()):
        assert b"<script>alert" not in client.get(shown).content


def test_a_browser_starts_only_so_many(client, release):
    for _ in range(MOST_HELD):
        begin(client)

    answer = client.post(START, {"name": "One more", "founded": "yes"})

    assert answer.status_code == 429
    assert "One more" in read(answer)
    assert Company.objects.count() == MOST_HELD


def test_a_network_starts_only_so_many_in_an_hour(client_of, release, monkeypatch):
    monkeypatch.setattr(views, "STARTS_AN_HOUR", 2)
    for _ in range(2):
        begin(client_of())

    assert client_of().post(START, {"founded": "yes"}).status_code == 429
    assert Company.objects.count() == 2


def test_without_a_catalogue_the_page_says_so(client, db):
    _company, page = begin(client)

    answer = client.get(page)

    assert answer.status_code == 503
    assert "has not been loaded yet" in read(answer)


def test_a_question_takes_as_many_queries_after_many_answers_as_after_none(client, started, django_assert_num_queries):
    page = reverse("matching:interview", args=[started.public_id])
    client.get(page)
    with django_assert_num_queries(7):
        client.get(page)
    vocabulary = rulebook.current().vocabulary
    for number in range(5):
        save_answers(company=started, answers={"employees": number}, by=Visitor(), vocabulary=vocabulary)
    with django_assert_num_queries(7):
        client.get(page)


def test_a_page_has_no_inline_script_or_style(client, started):
    page = client.get(reverse("matching:interview", args=[started.public_id])).content.decode()

    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_a_visitor_cancels_and_runs_again(client, started):
    client.post(reverse("matching:ask", args=[started.public_id]))
    match = MatchRequest.objects.get()

    client.post(reverse("matching:cancel", args=[match.public_id]))
    client.post(reverse("matching:run_again", args=[match.public_id]))

    match.refresh_from_db()
    assert match.state == "queued"
    assert match.asked_by is None
