"""Example cases at the desk: what is shown of them, and that writing at them loses nothing."""

from __future__ import annotations

import copy
from datetime import date

import pytest
from django.http import QueryDict
from django.urls import reverse

from policies import actions
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.desk.cases.forms import CaseForm
from policies.desk.reading import VersionRead
from policies.models import HistoryLine, PolicyVersion
from policies.rules.book import canonical_snapshot, read_rulebook
from policies.rules.example_cases import case_facts, named_cases
from policies.rules.readable import Readable
from tests.policies.conftest import staff

HARM = "<script>alert(1)</script>\u202e"


@pytest.fixture
def draft(mini, chen):
    return actions.start_draft(policy=mini, by=chen)


def rewrite(draft, by, how):
    content = copy.deepcopy(draft.content)
    how(content)
    return actions.save_draft(version=draft, content=content, by=by, seen=draft.digest)


def list_of(draft):
    return reverse("desk:write_cases", args=[draft.policy.key, draft.number])


def page_of(draft, at):
    return reverse("desk:write_case", args=[draft.policy.key, draft.number, at])


def sent_by(form, seen="", **changes):
    """What a browser sends of the form as it stands."""
    sent = {
        "case-seen": seen, "case-was": str(form.base.get("case")), "case-like": form.base.get("like") or "", "case-name": form.name, "case-day": form.day,
        "fields": " ".join(field.name for field in form.facts.fields),
    }  # fmt: skip
    for field in form.facts.fields:
        if isinstance(field.typed, dict):
            if field.typed["none"]:
                sent[f"{field.name}-none"] = "1"
            for at, row in enumerate(field.rows):
                sent |= {f"{field.name}-{at}-{part}": typed for part, typed in row.items()}
        else:
            sent[field.name] = field.typed
    for offer in form.offers:
        sent |= {f"expect-{offer.key}": offer.verdict, f"amount-{offer.key}": offer.amount}
        sent |= {f"low-{offer.key}": offer.low, f"high-{offer.key}": offer.high}
    return sent | changes


@pytest.mark.slow
def test_opening_a_case_of_the_catalogue_and_saving_it_unchanged_changes_nothing():
    folder = read_catalogue_folder(CATALOGUE_DIR)
    book = read_rulebook(canonical_snapshot(folder.to_snapshot()))
    seen = 0

    for policy in book.policies:
        content = book.plain[policy.key]
        read = VersionRead(PolicyVersion(content=content), book.vocabulary, {}, Readable(policy, ()))
        for case in content.get("cases") or []:
            sent = QueryDict(mutable=True)
            for name, value in sent_by(CaseForm.stored(read, case)).items():
                sent.setlist(name, value if isinstance(value, list) else [value])
            form = CaseForm.sent(read, case, sent)
            assert form.is_readable, (policy.key, case["case"])
            assert form.case(content["cases"], sent) == case
            seen += 1

    assert seen > 400


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher"])
def test_everybody_at_the_desk_reads_the_cases(enter, draft, role, language):
    client = enter(staff("other", role))
    client.cookies["django_language"] = language

    answer = client.get(list_of(draft))

    assert answer.status_code == 200
    assert [row.is_right for row in answer.context["shown"].rows] == [True] * 7
    assert answer.context["shown"].gaps == []
    assert (page_of(draft, 0) in answer.content.decode()) is (role == "curator")


@pytest.mark.django_db
def test_only_who_may_write_changes_cases(enter, draft, gao):
    addresses = [page_of(draft, 0), reverse("desk:write_case_new", args=["cp-mini", 2])]
    remove = reverse("desk:arrange_case", args=["cp-mini", 2, 0, "remove"])

    client = enter(gao)
    assert {client.get(one).status_code for one in addresses} == {403}
    assert {client.post(one).status_code for one in [*addresses, remove]} == {403}
    client = enter(staff("other", "analyst", "support"))
    assert {client.get(one).status_code for one in [*addresses, list_of(draft)]} == {404}
    assert {client.post(one).status_code for one in [*addresses, remove]} == {404}


@pytest.mark.django_db
def test_the_cases_of_a_version_that_stands_still_can_be_read_only(enter, mini, chen):
    version, client = mini.versions.get(), enter(chen)

    assert "Add a case" not in client.get(list_of(version)).content.decode()
    assert client.get(page_of(version, 0)).url == list_of(version)
    assert client.post(page_of(version, 0), {"seen": "x"}).url == list_of(version)


@pytest.mark.django_db
def test_a_case_that_comes_out_otherwise_says_why_and_the_version_points_to_it(enter, draft, chen):
    def stricter(content):
        content["offers"][0]["requires"]["all"][0]["when"] = "employees >= 21"

    draft = rewrite(draft, chen, stricter)
    client = enter(chen)
    said = client.get(list_of(draft)).content.decode()

    assert "Cases that come out otherwise: 1 of 7" in said
    assert "Employees is at least 21" in said
    version_page = client.get(reverse("desk:version", args=["cp-mini", 2])).content.decode()
    assert f'href="{list_of(draft)}#case-0"' in version_page


@pytest.mark.django_db
def test_facts_and_expectations_are_changed_and_the_rest_stays_as_written(enter, draft, chen):
    client = enter(chen)
    answer = client.get(page_of(draft, 1))
    sent = sent_by(answer.context["form"], answer.context["seen"], employees="18", sectors=[])
    sent |= {"expect-size": "undetermined", "amount-team": "up_to", "low-team": "", "high-team": "100万"}

    answer = client.post(page_of(draft, 1), sent)

    assert answer.url == list_of(draft) + "#case-1"
    before = list(draft.content["cases"])
    draft.refresh_from_db()
    assert draft.content["cases"][1] == {
        **before[1],
        "facts": {"employees": 18},
        "forget": ["sectors"],
        "expect": {"team": "ineligible", "size": "undetermined"},
        "amounts": {"team": "up_to 1000000"},
    }
    assert [*draft.content["cases"][:1], *draft.content["cases"][2:]] == [*before[:1], *before[2:]]
    assert HistoryLine.objects.first().why == "Example case “too few people”"


@pytest.mark.django_db
def test_a_fact_known_again_is_not_forgotten_any_more(enter, draft, chen):
    client = enter(chen)
    answer = client.get(page_of(draft, 6))

    client.post(page_of(draft, 6), sent_by(answer.context["form"], answer.context["seen"], employees="20"))

    draft.refresh_from_db()
    assert draft.content["cases"][6]["forget"] == ["revenue_y1"]
    assert draft.content["cases"][6]["facts"] == {"employees": 20}


@pytest.mark.django_db
def test_what_comes_out_can_be_looked_at_before_saving(enter, draft, chen):
    client = enter(chen)
    answer = client.get(page_of(draft, 0))

    answer = client.post(
        page_of(draft, 0), sent_by(answer.context["form"], answer.context["seen"], employees="3", **{"case-do": "look"})
    )

    team = answer.context["form"].offers[0]
    assert (team.came[0].en, team.line.fits, team.line.why.en) == ("not eligible", False, "Employees is at least 20")
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


@pytest.mark.django_db
def test_a_renamed_case_takes_those_like_it_along(enter, draft, chen):
    client = enter(chen)
    answer = client.get(page_of(draft, 0))

    client.post(page_of(draft, 0), sent_by(answer.context["form"], answer.context["seen"], **{"case-name": "全部达标"}))

    draft.refresh_from_db()
    assert {case.get("like") for case in draft.content["cases"]} == {None, "全部达标"}
    assert actions.faults_of(draft, date(2026, 11, 24)) == []


@pytest.mark.django_db
def test_a_case_taken_out_leaves_those_like_it_as_they_were(enter, draft, chen):
    before = named_cases(draft.content["cases"])
    known = {name: case_facts(case, before) for name, case in before.items() if name != "at every line"}
    client = enter(chen)
    row = client.get(list_of(draft)).context["shown"].rows[0]

    client.post(reverse("desk:arrange_case", args=["cp-mini", 2, 0, "remove"]), {"seen": row.digest})

    draft.refresh_from_db()
    after = named_cases(draft.content["cases"])
    assert {name: case_facts(case, after) for name, case in after.items()} == known


@pytest.mark.django_db
def test_cases_change_places(enter, draft, chen):
    client = enter(chen)
    names = [case["case"] for case in draft.content["cases"]]
    for at, step in ((1, "up"), (1, "down")):
        row = client.get(list_of(draft)).context["shown"].rows[at]
        client.post(reverse("desk:arrange_case", args=["cp-mini", 2, at, step]), {"seen": row.digest})

    draft.refresh_from_db()
    assert [case["case"] for case in draft.content["cases"]] == [names[1], names[2], names[0], *names[3:]]
    assert client.post(reverse("desk:arrange_case", args=["cp-mini", 2, 0, "burn"])).status_code == 404


@pytest.mark.django_db
def test_a_new_case_like_another_says_only_what_is_its_own(enter, draft, chen):
    client = enter(chen)
    new = reverse("desk:write_case_new", args=["cp-mini", 2])
    form = client.get(new, {"like": "at every line"}).context["form"]
    assert {field.name: field.typed for field in form.facts.fields}["employees"] == "20"

    client.post(new, sent_by(form, employees="21", **{"case-name": "one more", "expect-team": "eligible"}))

    draft.refresh_from_db()
    assert draft.content["cases"][-1] == {
        "case": "one more", "day": "2026-11-24", "like": "at every line", "facts": {"employees": 21}, "expect": {"team": "eligible"},
    }  # fmt: skip


@pytest.mark.django_db
def test_two_who_change_different_cases_do_not_hinder_each_other(enter, draft, chen, xu):
    client = enter(chen)
    answer = client.get(page_of(draft, 1))
    sent = sent_by(answer.context["form"], answer.context["seen"], employees="5")
    rewrite(draft, xu, lambda content: content["cases"].insert(0, {**content["cases"][3], "case": "theirs"}))

    client.post(page_of(draft, 1), sent)

    draft.refresh_from_db()
    assert [case["case"] for case in draft.content["cases"]][:3] == ["theirs", "at every line", "too few people"]
    assert draft.content["cases"][2]["facts"] == {"employees": 5}


@pytest.mark.django_db
def test_who_changes_the_same_case_second_is_told_and_loses_nothing(enter, draft, chen, xu):
    client = enter(chen)
    answer = client.get(page_of(draft, 1))
    sent = sent_by(answer.context["form"], answer.context["seen"], employees="5")

    def theirs(content):
        content["cases"][1]["facts"]["employees"] = 7

    rewrite(draft, xu, theirs)
    answer = client.post(page_of(draft, 1), sent)

    assert answer.status_code == 409
    said = answer.content.decode()
    assert "xu@example.com" in said
    assert {field.name: field.typed for field in answer.context["form"].facts.fields}["employees"] == "5"
    assert "5" not in answer.context["theirs"]["row"].known
    client.post(page_of(draft, 1), sent | {"case-seen": answer.context["seen"]})
    draft.refresh_from_db()
    assert draft.content["cases"][1]["facts"] == {"employees": 5}


@pytest.mark.django_db
def test_a_case_that_somebody_took_out_can_be_saved_again(enter, draft, chen, xu):
    client = enter(chen)
    answer = client.get(page_of(draft, 6))
    sent = sent_by(answer.context["form"], answer.context["seen"])
    rewrite(draft, xu, lambda content: content["cases"].pop())

    answer = client.post(page_of(draft, 6), sent)
    assert answer.status_code == 409
    client.post(page_of(draft, 6), sent | {"case-seen": answer.context["seen"]})

    draft.refresh_from_db()
    assert draft.content["cases"][-1]["case"] == "people and revenue unknown"
    assert draft.content["cases"][-1]["forget"] == ["employees", "revenue_y1"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"case-name": " "}, {"case-name": "too small"}, {"case-name": "a\u202eb"}, {"case-day": "soon"}, {"employees": "many"},
        {"expect-team": "perhaps"}, {"amount-team": "exact", "low-team": "", "high-team": ""}, {"amount-team": "range", "low-team": "-1", "high-team": "2"},
        {"amount-team": "lots"}, {"amount-team": "exact", "low-team": "1e999999"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_sent_back_as_typed(enter, draft, chen, changes):
    client = enter(chen)
    answer = client.get(page_of(draft, 1))

    answer = client.post(page_of(draft, 1), sent_by(answer.context["form"], answer.context["seen"], **changes))

    assert answer.status_code == 422
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


@pytest.mark.django_db
def test_what_a_case_has_that_cannot_be_read_stays_until_it_is_taken_out(enter, draft, chen):
    def odd(content):
        content["cases"][1]["facts"] |= {"no_such_fact": 3, "revenue_y1": "lots", "员工人数": 19}
        del content["cases"][1]["facts"]["employees"]
        content["cases"][1]["expect"]["gone"] = "eligible"
        content["cases"][1]["expect"]["size"] = "error"
        content["cases"][1]["amounts"] = {"team": "a lot"}

    draft = rewrite(draft, chen, odd)
    client = enter(chen)
    answer = client.get(page_of(draft, 1))
    form = answer.context["form"]
    assert [word for word, _raw in form.unknown] == ["revenue_y1", "no_such_fact", "员工人数"]

    sent = sent_by(form, answer.context["seen"])
    client.post(page_of(draft, 1), sent)
    assert PolicyVersion.objects.get(pk=draft.pk).content["cases"] == draft.content["cases"]
    client.post(page_of(draft, 1), sent | {"case-forget-word": "no_such_fact", "case-forget-offer": "gone"})

    draft.refresh_from_db()
    assert draft.content["cases"][1]["facts"] == {"revenue_y1": "lots", "员工人数": 19}
    assert draft.content["cases"][1]["expect"] == {"team": "ineligible", "size": "error"}
    assert draft.content["cases"][1]["amounts"] == {"team": "a lot"}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_hostile_and_broken_cases_are_shown_as_text(enter, draft, chen, language):
    def hostile(content):
        content["title"] = {"en": HARM, "zh": HARM}
        content["offers"][0]["title"] = {"en": HARM, "zh": HARM}
        content["cases"][0] |= {
            "case": HARM,
            "facts": {HARM: HARM},
            "expect": {HARM: HARM},
            "amounts": {HARM: "1e999999"},
        }
        content["cases"] += [HARM, {}, {"case": "x", "facts": [HARM]}, {"case": "y", "day": HARM, "like": HARM}]

    draft = rewrite(draft, chen, hostile)
    client = enter(chen)
    client.cookies["django_language"] = language

    for path in (list_of(draft), page_of(draft, 0), page_of(draft, 10)):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.content.decode()
    assert client.get(page_of(draft, 7)).status_code == 404
    assert client.get(page_of(draft, 9)).url == list_of(draft)
    row = client.get(list_of(draft)).context["shown"].rows[7]
    client.post(reverse("desk:arrange_case", args=["cp-mini", 2, 7, "remove"]), {"seen": row.digest})
    draft.refresh_from_db()
    assert HARM not in draft.content["cases"]


@pytest.mark.django_db
def test_the_pages_take_few_queries(enter, draft, chen, django_assert_max_num_queries):
    client = enter(chen)
    for path, most in ((list_of(draft), 20), (page_of(draft, 0), 20)):
        client.get(path)
        with django_assert_max_num_queries(most):
            client.get(path)
