"""Reference lists at the desk: found, added, changed, moved, taken out; in forms, rules and API at once, and in the history."""

from __future__ import annotations

from functools import cache

import pytest
from django.urls import reverse
from django.utils import translation

from companies import actions as company_actions
from companies.facts import digest_of
from companies.models import FactRecord, ListLine
from policies import actions
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint.entries import KINDS, parts_of
from policies.models import LISTS, Pillar, Sector, Structure, Zone
from policies.rules import parse_expression
from tests.policies.browser_form import fields_of

pytestmark = pytest.mark.django_db
NEW = "/desk/lists/sectors/new/"


_POLICIES = ("cn-hnte-cit-15", "bj-foreign-rd-2023", "cp-hnte-cultivation")


@cache
def few_policies():
    """Vocabulary and lists of the product, and those of its policies that the tests look at."""
    snapshot = read_catalogue_folder(CATALOGUE_DIR).to_snapshot()
    policies = [one for one in snapshot["policies"] if one["policy"] in _POLICIES]
    rows = [{**row, "granted_by": []} if "granted_by" in row else row for row in snapshot["lists"]["certificates"]]
    return {**snapshot, "policies": policies, "lists": {**snapshot["lists"], "certificates": rows}}


@pytest.fixture
def whole(db):
    """All lists and facts of the product, with a few policies in force."""
    actions.load_catalogue(snapshot=few_policies(), by=None)


@pytest.fixture
def chens(whole, chen, enter):
    return enter(chen)


def form_of(page):
    text = page.content.decode()
    return fields_of(text[text.index('<form method="post" id="part"') : text.rindex("</form>")])


def filled(client, path=NEW, **typed):
    fields = form_of(client.get(path))
    words = {"p-key": "quantum", "p-label-zh": "量子科技", "p-label-en": "Quantum", "p-basis": "unconfirmed", "act": "save",
             "why": "通知第二条", **typed}  # fmt: skip
    for name, value in words.items():
        fields[name] = value
    return fields


def order_of(client, path):
    text = client.get(path).content.decode()
    starts = [
        at for mark in ('<form method="post">', '<form method="post" action="/desk/') if (at := text.find(mark)) >= 0
    ]
    return fields_of(text[starts[0] :])


def test_an_entry_that_was_added_is_a_choice_at_once_in_forms_rules_and_api(chens, chen, client):
    assert chens.post(NEW, filled(chens)).status_code == 302

    assert parse_expression('"quantum" in sectors', FactRecord.objects.vocabulary())
    company = company_actions.found_company(name="Sun", by=chen)
    section = FactRecord.objects.get(name="sectors").section.key
    page = chens.get(reverse("companies:section", args=[company.public_id, section]))
    assert "quantum" in page.content.decode()
    line = ListLine.objects.get(list_name="sectors", key="quantum")
    assert (line.by, line.why, line.deed) == (chen, "通知第二条", "added")


@pytest.mark.parametrize(
    "typed",
    [{"p-key": "two words"}, {"p-key": "health"}, {"p-key": ""}, {"p-key": "x" * 61}, {"p-label-zh": ""}, {"p-label-en": "x" * 301},
     {"p-basis": "guessed"}, {"p-role": "king"}, {"p-sources": "not an address"}, {"p-note-en": "only English"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(chens, typed):
    answer = chens.post(NEW, filled(chens, **typed))

    assert answer.status_code == 400
    assert "量子科技" in answer.content.decode() or "p-label-zh" in typed
    assert not Sector.objects.filter(key="quantum").exists()


def test_a_mark_is_changed_and_the_page_tells_who_when_and_why(chens):
    path = "/desk/lists/pillars/entry/one-first/edit/"
    fields = form_of(chens.get(path))
    assert fields["p-basis"] == "unconfirmed"
    fields["p-basis"], fields["p-sources"], fields["why"] = "stated", "https://example.org/first", "the notice says so"
    fields["act"] = "save"

    page = chens.post(path, fields, follow=True).content.decode()

    assert Pillar.objects.get(key="one-first").basis == "stated"
    assert "chen@example.com" in page
    assert "the notice says so" in page
    assert "the basis: “unconfirmed” became “stated”" in page


@pytest.mark.parametrize("list_name", sorted(LISTS))
def test_a_form_that_nobody_touched_changes_nothing(chens, list_name):
    for row in LISTS[list_name].objects.all()[:3]:
        path = f"/desk/lists/{list_name}/entry/{row.key}/edit/"
        fields = form_of(chens.get(path))
        fields["act"] = "save"
        before = row.to_plain()

        assert chens.post(path, dict(fields.lists())).status_code == 302
        row.refresh_from_db()
        assert row.to_plain() == before


def test_every_part_that_the_catalogue_uses_has_an_input(whole):
    for list_name, model in LISTS.items():
        known = {"key", *(part.name for part in parts_of(list_name))}
        for row in model.objects.all():
            assert not set(row.to_plain()) - known, (list_name, row.key)
    assert KINDS.keys() == LISTS.keys()


@pytest.mark.parametrize(
    ("list_name", "key", "said"),
    [
        ("zones", "ftz-changping-cluster", "its zones"),
        ("levels", "district", "its level"),
        ("sectors", "health", "names it"),
        ("certificates", "hnte", "the policy"),
        ("papers", "business_licence", "uses it"),
        ("benefit_kinds", "grant", "the policy"),
        ("places", "life_valley", "names it"),
    ],
)
def test_an_entry_that_is_used_stays_and_each_use_is_named(chen, whole, list_name, key, said):
    row = LISTS[list_name].objects.get(key=key)

    with pytest.raises(actions.UnfitEntry) as refused:
        actions.remove_entry(list_name=list_name, key=key, by=chen, seen=digest_of(row.to_plain()))

    assert any(said in fault.message.en for fault in refused.value.faults)
    assert LISTS[list_name].objects.filter(key=key).exists()


def test_the_page_of_an_entry_in_use_leads_to_what_uses_it_and_offers_no_way_out(chens):
    page = chens.get("/desk/lists/certificates/entry/hnte/").content.decode()

    assert "/desk/policies/cn-hnte-cit-15/1/" in page
    assert "It cannot be taken out while something above names it." in page


def test_a_choice_that_a_company_made_is_not_taken_away(chens, chen):
    chens.post(NEW, filled(chens))
    company = company_actions.found_company(name="Sun", by=chen)
    company_actions.save_answers(
        company=company, answers={"sectors": ["quantum"]}, by=chen, vocabulary=FactRecord.objects.vocabulary()
    )
    fields = order_of(chens, "/desk/lists/sectors/entry/quantum/")

    answer = chens.post("/desk/lists/sectors/entry/quantum/remove/", fields)

    assert answer.status_code == 400
    assert "companies have chosen it (1)" in answer.content.decode()


def test_an_entry_that_nothing_uses_is_taken_out_and_its_history_stays(chens):
    chens.post(NEW, filled(chens))
    fields = order_of(chens, "/desk/lists/sectors/entry/quantum/")
    fields["why"] = "a slip"

    page = chens.post("/desk/lists/sectors/entry/quantum/remove/", fields, follow=True).content.decode()

    assert not Sector.objects.filter(key="quantum").exists()
    assert FactRecord.objects.vocabulary().get("sectors").choice("quantum") is None
    assert "a slip" in page
    assert "removed: Quantum (quantum)" in page


def test_an_alias_that_an_entry_loses_is_no_word_of_the_rules_any_more_but_keys_stay(chens):
    path = "/desk/lists/sectors/entry/health/edit/"
    fields = form_of(chens.get(path))
    fields["p-aliases"], fields["act"] = "医药", "save"

    assert chens.post(path, fields).status_code == 302
    assert FactRecord.objects.vocabulary().get("sectors").choice_called("大健康") is None


def test_the_order_is_changed_with_a_line_in_the_history(chens, chen):
    before = list(Sector.objects.values_list("key", flat=True))
    fields = order_of(chens, "/desk/lists/sectors/")
    fields["act"], fields["why"] = f"down:{before[0]}", "as in the plan"

    assert chens.post("/desk/lists/sectors/", fields).status_code == 302

    assert list(Sector.objects.values_list("key", flat=True))[:2] == [before[1], before[0]]
    assert FactRecord.objects.vocabulary().get("sectors").choices[0].key == before[1]
    line = ListLine.objects.filter(list_name="sectors", key="").get()
    assert (line.by, line.why) == (chen, "as in the plan")
    assert len(line.said) == 1


def test_two_who_move_at_once_do_not_mix_their_orders(chens):
    fields = order_of(chens, "/desk/lists/sectors/")
    first = Sector.objects.first().key
    fields["act"] = f"down:{first}"
    chens.post("/desk/lists/sectors/", fields)

    answer = chens.post("/desk/lists/sectors/", fields)

    assert answer.status_code == 409
    assert "Nothing was moved" in answer.content.decode()
    assert ListLine.objects.filter(list_name="sectors", key="").count() == 1


def test_the_second_of_two_is_told_what_the_first_did_and_nothing_of_either_is_lost(chens, xu):
    path = "/desk/lists/zones/entry/services-demo-zone/edit/"
    mine = form_of(chens.get(path))
    plain = Zone.objects.get(key="services-demo-zone").to_plain()
    theirs = {**plain, "note": {"en": "From Xu", "zh": "许"}, "confidence": "low"}
    actions.change_entry(
        list_name="zones", key="services-demo-zone", plain=theirs, by=xu, seen=digest_of(plain), why="seen in the plan"
    )
    mine["p-label-en"], mine["p-confidence"], mine["act"] = "Demonstration zone", "medium", "save"

    told = chens.post(path, mine)

    page = told.content.decode()
    assert told.status_code == 409
    assert "xu@example.com" in page
    assert "seen in the plan" in page
    again = form_of(told)
    assert (again["p-note-en"], again["p-label-en"], again["p-confidence"]) == (
        "From Xu",
        "Demonstration zone",
        "medium",
    )
    assert "How sure we are" in page[page.index("You both changed") : page.index("theirs is told here")]
    again["act"] = "save"
    assert chens.post(path, again).status_code == 302
    row = Zone.objects.get(key="services-demo-zone")
    assert (row.note_en, row.label_en, row.confidence) == ("From Xu", "Demonstration zone", "medium")


def test_an_entry_taken_out_while_somebody_writes_keeps_what_was_typed(chens, xu):
    chens.post(NEW, filled(chens))
    path = "/desk/lists/sectors/entry/quantum/edit/"
    fields = form_of(chens.get(path))
    fields["p-label-en"], fields["act"] = "Quantum computing", "save"
    actions.remove_entry(
        list_name="sectors", key="quantum", by=xu, seen=digest_of(Sector.objects.get(key="quantum").to_plain())
    )

    answer = chens.post(path, fields)

    assert answer.status_code == 400
    assert "Quantum computing" in answer.content.decode()
    assert "took this out meanwhile" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "status"), [(("in_ftz_cluster", "yes"), 302), (("no_such_fact", "1"), 400), (("employees", "many"), 400)]
)
def test_what_a_company_in_a_zone_answers_is_checked_against_the_facts(chens, typed, status):
    path = "/desk/lists/zones/entry/services-demo-zone/edit/"
    fields = form_of(chens.post(path, {**form_of(chens.get(path)).dict(), "act": "add:facts"}))
    fields["p-facts-0-fact"], fields["p-facts-0-value"], fields["act"] = *typed, "save"

    assert chens.post(path, fields).status_code == status
    if status == 302:
        assert Zone.objects.get(key="services-demo-zone").extra["facts"] == {"in_ftz_cluster": True}


def test_members_of_a_structure_are_chosen_among_sectors_and_places(chens):
    path = "/desk/lists/structures/entry/three_two_one/edit/"
    fields = form_of(chens.get(path))
    fields.appendlist("p-members", "life_valley")
    fields["act"] = "save"

    assert chens.post(path, dict(fields.lists())).status_code == 302
    assert "life_valley" in Structure.objects.get(key="three_two_one").extra["members"]


def test_entries_are_found_by_key_names_and_aliases(chens):
    for word in ("health", "医药健康", "大健康", "MEDICINE"):
        assert "entry/health/" in chens.get("/desk/lists/sectors/", {"q": word}).content.decode()
    assert "Nothing is called so" in chens.get("/desk/lists/sectors/?q=zzz").content.decode()


def test_unconfirmed_entries_are_counted_and_marked(chens):
    assert '<span class="badge badge-mark">4</span>' in chens.get("/desk/lists/").content.decode()
    with translation.override("en"):
        assert "not confirmed" in chens.get("/desk/lists/pillars/").content.decode()


@pytest.mark.parametrize("person", ["gao", "fang"])
def test_others_at_the_desk_read_and_do_not_write(whole, person, request, enter):
    browser = enter(request.getfixturevalue(person))

    for path in ("/desk/lists/", "/desk/lists/zones/", "/desk/lists/zones/entry/services-demo-zone/"):
        assert browser.get(path).status_code == 200
    for path in (NEW, "/desk/lists/zones/entry/services-demo-zone/edit/"):
        assert browser.get(path).status_code == 404
    assert browser.post("/desk/lists/zones/", {"act": "down:services-demo-zone"}).status_code == 404
    assert browser.post("/desk/lists/zones/entry/services-demo-zone/remove/").status_code == 404


def test_a_list_or_an_entry_that_is_not_there_is_not_found(chens):
    for path in ("/desk/lists/colours/", "/desk/lists/colours/new/", "/desk/lists/zones/entry/none/",
                 "/desk/lists/zones/entry/none/edit/"):  # fmt: skip
        assert chens.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/desk/lists/", 16),
        ("/desk/lists/papers/", 9),
        ("/desk/lists/certificates/entry/hnte/", 21),
        ("/desk/lists/certificates/entry/hnte/edit/", 19),
    ],
)
def test_pages_ask_few_questions_whatever_their_length(chens, path, queries, django_assert_max_num_queries):
    chens.get(path)
    with django_assert_max_num_queries(queries):
        chens.get(path)
