"""Trying a version at the desk: on whom, what comes out, and that nothing of it is kept."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.actions import found_company, save_answers
from companies.models import FactRecord, Membership, ProfileVersion
from matching import actions as matching
from matching.desk.trying import trials
from matching.jobs.matches import evaluate
from matching.models import MatchReport, MatchRequest
from policies import actions
from policies.models import HistoryLine
from tests.policies.conftest import staff

pytestmark = pytest.mark.django_db

KNOWN = {
    "employees": "25", "rd_expense_y1": "300万", "revenue_y1": "6000万", "sectors": ["health"], "stage": "growing",
    "certificates-none": "1",
}  # fmt: skip
FIELDS = "employees rd_expense_y1 revenue_y1 sectors stage certificates"


def page_of(version):
    return reverse("desk:try", args=[version.policy.key, version.number])


def company_of(person, **answers):
    company = found_company(name="Qinghe Biotech", by=person)
    vocabulary = FactRecord.objects.vocabulary()
    assert not save_answers(company=company, answers=answers, by=person, vocabulary=vocabulary).faults
    return company


def results_of(answer):
    return {one.offer: (one.verdict, one.amount) for one in answer.context["trial"].results}


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_at_the_desk_may_try(enter, change, role, language):
    client = enter(staff("other", role))
    client.cookies["django_language"] = language

    answer = client.post(page_of(change()), {"try-on": "nobody", "fields": FIELDS, **KNOWN})

    assert answer.status_code == 200
    assert results_of(answer) == {"team": ("eligible", "300000.00"), "size": ("ineligible", "100000.00")}


@pytest.mark.parametrize("role", ["analyst", "support", "nobody"])
def test_for_everybody_else_there_is_no_such_page(enter, change, role):
    client, draft = enter(staff("other", role)), change()

    assert client.get(page_of(draft)).status_code == 404
    assert client.post(page_of(draft), {"try-on": "nobody", **KNOWN}).status_code == 404


def test_a_company_is_there_for_its_members_only(enter, change, chen, xu):
    company, draft = company_of(xu, employees=25), change()
    named = {"try-on": f"company:{company.public_id}"}

    client = enter(chen)
    assert "Qinghe Biotech" not in client.get(page_of(draft)).content.decode()
    for answer in (client.get(page_of(draft), named), client.post(page_of(draft), named)):
        assert answer.status_code == 404
    Membership.objects.create(company=company, user=chen)
    answer = client.get(page_of(draft), named)
    assert "Qinghe Biotech" in answer.content.decode()
    assert answer.context["subject"].profile.value("employees") == 25


@pytest.mark.parametrize(
    "named", ["company:", "company:no-id", "case:none such", "example:../profile", "anything", "case"]
)
def test_whom_nobody_knows_is_not_found(enter, change, chen, named):
    assert enter(chen).get(page_of(change()), {"try-on": named}).status_code == 404


def test_the_result_is_that_of_the_report_once_it_is_published(enter, change, chen, gao, fang, xu, silent_bell):
    def stricter(content):
        content["offers"][0]["requires"]["all"][0]["when"] = "employees >= 19"
        content["cases"][1]["facts"]["employees"] = 18

    draft = change(stricter)
    answers = {"rd_expense_y1": "300万", "revenue_y1": "6000万", "sectors": ["health"], "stage": "growing"}
    company = company_of(xu, employees=19, certificates=[], **answers)
    tried = enter(xu).get(page_of(draft), {"try-on": f"company:{company.public_id}"}).context["trial"]

    version = actions.approve(version=actions.send_to_review(version=draft, by=chen), by=gao)
    actions.publish(version=version, by=fang)
    request = matching.request_match(profile_version=company.latest_version, day=timezone.localdate(), by=xu, key="k")
    report = evaluate(MatchRequest.objects.with_question().get(pk=request.pk))

    assert [(one.offer, one.verdict) for one in tried.results] == [("team", "eligible"), ("size", "ineligible")]
    assert tried.outline.report["offers"] == report["offers"]


def test_nothing_of_a_try_is_stored_and_no_figure_gets_into_an_address(enter, change, xu):
    company, draft = company_of(xu, employees=25), change()
    before = [model.objects.count() for model in (HistoryLine, ProfileVersion, MatchRequest, MatchReport)]
    client = enter(xu)
    for named in (f"company:{company.public_id}", "case:at every line", "nobody"):
        answer = client.post(page_of(draft), {"try-on": named, "fields": FIELDS, **KNOWN})
        assert answer.status_code == 200  # shown at once, not after a way round through an address

    assert [model.objects.count() for model in (HistoryLine, ProfileVersion, MatchRequest, MatchReport)] == before
    assert company.latest_version.answers["employees"]["value"] == 25


def test_each_answer_can_be_not_known(enter, change, chen):
    draft = change()

    answer = enter(chen).post(page_of(draft), {"try-on": "case:at every line", "fields": FIELDS, "sectors": "health"})

    assert results_of(answer)["team"] == ("undetermined", "10000.00..1000000.00")
    assert "not answered yet" in answer.content.decode()


def test_without_time_for_routes_the_rest_is_there_and_the_page_says_so(enter, change, chen, monkeypatch):
    monkeypatch.setattr(trials, "SECONDS_FOR_ROUTES", -1)

    answer = enter(chen).post(page_of(change()), {"try-on": "nobody", "fields": FIELDS, **KNOWN})

    assert results_of(answer)["size"][0] == "ineligible"
    assert "what it would take is not shown: 1" in answer.content.decode()


def test_an_example_case_is_tried_as_of_its_day_and_fills_the_form(enter, change, chen):
    answer = enter(chen).get(page_of(change()), {"try-on": "case:too few people"})

    assert results_of(answer)["team"][0] == "ineligible"
    assert answer.context["day"].isoformat() == "2026-11-24"
    fields = {field.name: field.typed for field in answer.context["facts"].fields}
    assert (fields["employees"], fields["sectors"]) == ("19", ["health"])


def test_only_what_the_version_reads_is_asked_through_derived_facts(enter, change, chen):
    asked = {field.name for field in enter(chen).get(page_of(change())).context["facts"].fields}

    assert {"employees", "rd_expense_y1", "revenue_y1", "sectors", "stage", "certificates"} == asked


def test_what_can_be_read_is_tried_while_other_parts_are_faulty(enter, change, chen):
    def broken(content):
        content["title"] = {"en": "", "zh": ""}
        content["level"] = "galaxy"
        content["offers"][1]["requires"]["all"][0]["when"] = "revenu_y1 >= 5000万"

    answer = enter(chen).post(page_of(change(broken)), {"try-on": "nobody", "fields": FIELDS, **KNOWN})

    assert results_of(answer) == {"team": ("eligible", "300000.00")}
    said = answer.content.decode()
    assert "These offers cannot be tried yet" in said
    assert "unknown fact “revenu_y1”" in said


def test_a_draft_without_anything_that_can_be_tried_says_why(enter, change, chen):
    def broken(content):
        content["requires"] = {"all": [{"when": "no such thing"}]}

    answer = enter(chen).get(page_of(change(broken)))

    assert "There is no offer yet that can be tried." in answer.content.decode()
    assert len(answer.context["readable"].unread) == 2


def test_it_is_compared_with_the_version_in_force(enter, change, chen):
    def stricter(content):
        content["offers"][0]["requires"]["all"][0]["when"] = "employees >= 30"
        content["offers"][1]["offer"] = "scale"
        content["offers"][0]["stacking"] = []

    draft = change(stricter)
    trial = enter(chen).post(page_of(draft), {"try-on": "nobody", "fields": FIELDS, **KNOWN}).context["trial"]

    said = {one.title.en: (one.before, one.after) for one in trial.compared}
    assert trial.others == 3
    before, after = said["Team reward"]
    assert (before.mark.word, before.amount, after.mark.word, after.amount) == (
        "Eligible", "CNY 300,000", "Not eligible", "",
    )  # fmt: skip


def test_a_version_in_force_is_not_compared_with_itself(enter, mini, chen):
    answer = enter(chen).get(page_of(mini.versions.get()), {"try-on": "case:at every line"})

    assert answer.context["trial"].compared == []


def test_answers_that_cannot_be_read_stay_as_typed(enter, change, chen):
    answer = enter(chen).post(page_of(change()), {"try-on": "nobody", "fields": FIELDS, "employees": "<b>many</b>"})

    assert answer.status_code == 422
    assert "&lt;b&gt;many&lt;/b&gt;" in answer.content.decode()
    assert answer.context["trial"] is None


@pytest.mark.parametrize("day", ["soon", "1850-01-01"])
def test_a_day_that_is_none_is_sent_back(enter, change, chen, day):
    answer = enter(chen).post(page_of(change()), {"try-on": "nobody", "fields": FIELDS, "try-day": day})

    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()


def kept_by(client, draft, answer, **changes):
    """Presses the button that keeps what the page shows."""
    form = answer.context["keep"]
    sent = {
        "try-on": answer.context["subject"].key,
        "fields": FIELDS,
        "try-day": answer.context["day"].isoformat(),
        **KNOWN,
    }
    sent |= {"try-do": "keep", "keep-name": "ours", "keep-offers": [one.offer for one, ticked in form.lines if ticked]}
    return client.post(page_of(draft), sent | {"keep-seen": form["seen"].value()} | changes)


@pytest.fixture
def tried(enter, change, chen):
    """A curator's browser, the draft, and the page with a result."""
    client, draft = enter(chen), change()
    sent = {"try-on": "nobody", "fields": FIELDS, "try-day": "2026-11-24", **KNOWN}
    return client, draft, client.post(page_of(draft), sent)


def test_what_came_out_right_becomes_an_example_case_in_one_click(tried):
    client, draft, answer = tried

    answer = kept_by(client, draft, answer)

    assert answer.url == reverse("desk:write_cases", args=["cp-mini", 2]) + "#case-7"
    draft.refresh_from_db()
    assert draft.content["cases"][-1] == {
        "case": "ours",
        "day": "2026-11-24",
        "facts": {
            "certificates": [], "employees": 25, "rd_expense_y1": "3000000.00", "revenue_y1": "60000000.00", "sectors": ["health"],
            "stage": "growing",
        },
        "expect": {"team": "eligible", "size": "ineligible"},
        "amounts": {"team": "300000.00"},
    }  # fmt: skip
    assert actions.faults_of(draft, timezone.localdate()) == []


def test_only_what_is_ticked_is_expected(tried):
    client, draft, answer = tried

    kept_by(client, draft, answer, **{"keep-offers": ["size"]})

    draft.refresh_from_db()
    assert draft.content["cases"][-1]["expect"] == {"size": "ineligible"}


@pytest.mark.parametrize(
    "changes",
    [{"keep-name": ""}, {"keep-name": "too small"}, {"keep-name": "a\u202eb"}, {"keep-offers": []}, {"keep-offers": ["other"]}],
)  # fmt: skip
def test_a_case_without_a_name_of_its_own_or_anything_right_is_not_kept(tried, changes):
    client, draft, answer = tried

    answer = kept_by(client, draft, answer, **changes)

    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    draft.refresh_from_db()
    assert len(draft.content["cases"]) == 7


def test_what_was_not_seen_is_not_kept_until_it_is(tried, chen, xu):
    client, draft, answer = tried
    content = {**draft.content, "offers": [dict(offer) for offer in draft.content["offers"]]}
    content["offers"][0] |= {"requires": {"all": [{"when": "employees >= 300"}]}}
    actions.save_draft(version=draft, content=content, by=xu, seen=draft.digest)

    answer = kept_by(client, draft, answer)
    assert answer.status_code == 422
    assert "This is not what you saw" in answer.content.decode()
    answer = kept_by(client, draft, answer)

    draft.refresh_from_db()
    assert answer.status_code == 302
    assert draft.content["cases"][-1]["expect"]["team"] == "ineligible"


def test_answers_changed_since_the_result_are_not_kept_unseen(tried):
    client, draft, answer = tried

    answer = kept_by(client, draft, answer, employees="26")

    assert answer.status_code == 422


def test_a_companys_own_figures_do_not_become_an_example_case(enter, change, chen):
    company, draft = company_of(chen, employees=25), change()
    client, named = enter(chen), f"company:{company.public_id}"
    answer = client.get(page_of(draft), {"try-on": named})
    assert "do not become one" in answer.content.decode()

    answer = client.post(
        page_of(draft), {"try-on": named, "try-do": "keep", "keep-name": "ours", "keep-offers": ["team"]}
    )

    assert answer.status_code == 422
    draft.refresh_from_db()
    assert len(draft.content["cases"]) == 7


def test_only_who_may_write_keeps_a_case_and_only_in_a_draft(tried, enter, mini, gao, chen):
    client, draft, answer = tried
    assert kept_by(enter(gao), draft, answer).status_code == 403
    client = enter(chen)
    published = mini.versions.published().get()
    assert kept_by(client, published, answer).status_code == 422

    assert len(mini.versions.published().get().content["cases"]) == 7
    assert "keep-name" not in client.get(page_of(published), {"try-on": "nobody"}).content.decode()


def test_hostile_words_are_shown_as_text(enter, change, chen):
    harm = "<script>alert(1)</script>\u202e"

    def hostile(content):
        content["offers"][0]["title"] = {"en": harm, "zh": harm}
        content["offers"][1] = {"offer": harm, "title": {"en": harm, "zh": harm}, "requires": {"when": harm}}
        content["offers"].append(harm)
        content["cases"][0]["case"] = harm

    answer = enter(chen).get(page_of(change(hostile)), {"try-on": f"case:{harm}"})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_a_try_takes_few_queries(enter, change, xu, django_assert_max_num_queries):
    company, draft = company_of(xu, employees=25), change()
    client = enter(xu)
    named = {"try-on": f"company:{company.public_id}"}
    client.get(page_of(draft), named)

    with django_assert_max_num_queries(24):
        client.get(page_of(draft), named)
