"""Facts at the desk: found, added and changed; what is new is asked of companies at once."""

from __future__ import annotations

import pytest
from django.urls import reverse

from companies import actions as company_actions
from companies.models import FactRecord, ListLine, ProfileVersion, SectionRecord
from tests.policies.browser_form import fields_of

pytestmark = pytest.mark.django_db
NEW = "/desk/facts/new/"


@pytest.fixture
def chens(mini, chen, enter):
    return enter(chen)


def form_of(page):
    text = page.content.decode()
    return fields_of(text[text.index('<form method="post" id="part"') : text.rindex("</form>")])


def filled(client, **typed):
    fields = form_of(client.get(NEW))
    words = {
        "p-fact": "roof_pv_capacity", "p-section": SectionRecord.objects.first().key, "p-kind": "number",
        "p-label-zh": "屋顶光伏装机容量", "p-label-en": "Roof PV capacity", "p-question-zh": "装机容量是多少千瓦？",
        "p-question-en": "How many kW?", "p-unit-zh": "千瓦", "p-unit-en": "kW", "p-minimum": "0", "act": "save", "why": "第三条",
        **typed,
    }  # fmt: skip
    for name, value in words.items():
        fields[name] = value
    return fields


def test_a_fact_that_was_added_is_asked_of_companies_at_once_and_kept_in_the_profile(chens, client, chen):
    assert chens.post(NEW, filled(chens)).status_code == 302
    company = company_actions.found_company(name="Sun", by=chen)
    section = SectionRecord.objects.first().key
    path = reverse("companies:section", args=[company.public_id, section])

    page = chens.get(path)
    assert "roof_pv_capacity" in page.content.decode()
    fields = fields_of(page.content.decode())
    name = next(field for field in fields if field.endswith("roof_pv_capacity"))
    fields[name] = "520.5"
    chens.post(path, fields)

    assert ProfileVersion.objects.latest("pk").answers["roof_pv_capacity"]["value"] == "520.5"


def test_who_added_it_and_why_is_in_the_history(chens, chen):
    chens.post(NEW, filled(chens))

    line = ListLine.objects.get(list_name="facts", key="roof_pv_capacity")
    assert (line.by, line.why) == (chen, "第三条")
    page = chens.get("/desk/facts/roof_pv_capacity/").content.decode()
    assert "chen@example.com" in page
    assert "第三条" in page


def test_rules_can_ask_for_it_at_once(chens):
    chens.post(NEW, filled(chens))

    from policies.rules import parse_expression

    assert parse_expression("屋顶光伏装机容量 >= 500", FactRecord.objects.vocabulary())


@pytest.mark.parametrize(
    "typed",
    [{"p-fact": "Roof PV"}, {"p-fact": "employees"}, {"p-label-zh": ""}, {"p-kind": ""}, {"p-section": ""}, {"p-minimum": "x"},
     {"p-question-zh": "", "p-question-en": ""}, {"p-kind": "one_of"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(chens, typed):
    answer = chens.post(NEW, filled(chens, **typed))
    page = answer.content.decode()

    assert answer.status_code == 400
    assert "Roof PV capacity" in page
    assert not FactRecord.objects.filter(name="roof_pv_capacity").exists()


def test_a_choice_is_added_with_its_button(chens):
    page = chens.post(NEW, filled(chens, **{"p-kind": "one_of", "act": "add:choices"}))
    fields = form_of(page)
    fields["p-choices-0-key"], fields["p-choices-0-label-zh"], fields["p-choices-0-label-en"] = "own", "自有", "owned"
    fields["p-unit-zh"] = fields["p-unit-en"] = fields["p-minimum"] = ""
    fields["act"] = "save"

    assert chens.post(NEW, fields).status_code == 302
    assert FactRecord.objects.vocabulary().get("roof_pv_capacity").choices[0].label.zh == "自有"


def test_the_words_of_a_fact_are_changed_and_its_name_stays(chens):
    chens.post(NEW, filled(chens))
    path = "/desk/facts/roof_pv_capacity/edit/"
    fields = form_of(chens.get(path))
    fields["p-label-en"], fields["act"] = "Rooftop PV", "save"

    assert chens.post(path, fields).status_code == 302
    assert FactRecord.objects.get(name="roof_pv_capacity").label_en == "Rooftop PV"
    stale = chens.post(path, fields)
    assert stale.status_code == 409


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "=cmd()", "\u202eevil", "x" * 30_000, "a\x00b"])
def test_hostile_text_is_shown_as_text(chens, hostile):
    fields = filled(chens)
    for name in list(fields):
        if name.startswith("p-") and name not in ("p-kind", "p-section"):
            fields[name] = hostile

    answer = chens.post(NEW, fields)

    assert answer.status_code in (302, 400)
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("person", ["gao", "fang"])
def test_others_at_the_desk_read_and_do_not_write(mini, person, request, enter):
    browser = enter(request.getfixturevalue(person))

    assert browser.get("/desk/facts/employees/").status_code == 200
    assert [browser.get(one).status_code for one in (NEW, "/desk/facts/employees/edit/")] == [404, 404]


def test_facts_are_found_by_words_in_both_languages(chens):
    assert "employees" in chens.get("/desk/facts/?q=employees").content.decode()
    assert "Nothing is called so" in chens.get("/desk/facts/?q=nothing-like-it").content.decode()


def test_the_list_asks_few_questions_whatever_its_length(chens, django_assert_max_num_queries):
    chens.get("/desk/facts/")
    with django_assert_max_num_queries(14):
        chens.get("/desk/facts/")
