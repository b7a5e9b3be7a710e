"""Sections of the vocabulary at the desk: added, renamed, put in order with their facts; each change is in the history."""

from __future__ import annotations

import pytest

from companies.models import FactRecord, ListLine, SectionRecord
from policies import actions
from policies.actions.sections import _stems
from policies.catalogue_files import read_catalogue_folder, write_catalogue_folder
from policies.snapshots import compose_snapshot
from tests.policies.browser_form import fields_of
from tests.policies.conftest import MINI

pytestmark = pytest.mark.django_db


@pytest.fixture
def chens(mini, chen, enter):
    return enter(chen)


def form_of(page):
    text = page.content.decode()
    return fields_of(text[text.index('<form method="post"') : text.rindex("</form>")])


def sections_now():
    return [section.key for section in FactRecord.objects.vocabulary().sections]


def facts_now(section):
    return [fact.name for fact in FactRecord.objects.vocabulary().in_section(section)]


def added(client, **typed):
    fields = form_of(client.get("/desk/sections/new/"))
    words = {"p-key": "energy", "p-title-zh": "能源", "p-title-en": "Energy", "act": "save", "why": "第三条", **typed}
    for name, value in words.items():
        fields[name] = value
    return client.post("/desk/sections/new/", fields)


def moved(client, path, act, why=""):
    fields = form_of(client.get(path))
    fields["act"], fields["why"] = act, why
    return client.post(path, fields)


def test_a_new_section_is_the_last_one_and_takes_facts_from_others(chens, chen):
    section = sections_now()[0]
    name = facts_now(section)[0]

    assert added(chens).status_code == 302
    path = f"/desk/facts/{name}/edit/"
    fields = form_of(chens.get(path))
    fields["p-section"], fields["act"], fields["why"] = "energy", "save", "belongs there"
    assert chens.post(path, fields).status_code == 302

    assert sections_now()[-1] == "energy"
    assert facts_now("energy") == [name]
    assert name not in facts_now(section)
    line = ListLine.objects.filter(list_name="facts", key=name).first()
    assert (line.by, line.why) == (chen, "belongs there")
    assert line.said[0].en == f"the section: “{section}” became “energy”"


@pytest.mark.parametrize(
    "typed", [{"p-key": "Energy"}, {"p-key": ""}, {"p-key": "x" * 50}, {"p-title-zh": ""}, {"p-title-en": "x" * 201}]
)
def test_a_section_that_could_not_be_a_file_or_a_page_is_refused(chens, typed):
    answer = added(chens, **typed)

    assert answer.status_code == 400
    assert "energy" not in sections_now()


def test_two_sections_do_not_have_one_key(chens):
    assert added(chens, **{"p-key": sections_now()[0]}).status_code == 400


def test_title_and_help_are_changed_and_the_second_of_two_is_told(chens):
    key = sections_now()[0]
    path = f"/desk/sections/entry/{key}/edit/"
    fields = form_of(chens.get(path))
    fields["p-title-en"], fields["p-help-en"], fields["p-help-zh"] = "Who you are", "In a few words.", "简要填写。"
    fields["act"] = "save"

    assert chens.post(path, fields).status_code == 302
    assert FactRecord.objects.vocabulary().section(key).help.en == "In a few words."
    assert chens.post(path, fields).status_code == 409


def test_another_order_of_facts_is_in_the_form_at_once_and_in_the_history(chens, chen):
    section = sections_now()[0]
    before = facts_now(section)
    assert len(before) > 1

    assert moved(chens, f"/desk/sections/entry/{section}/", f"down:{before[0]}", "asked first").status_code == 302

    assert facts_now(section)[:2] == [before[1], before[0]]
    line = ListLine.objects.get(list_name="sections", key=section, deed="changed")
    assert (line.by, line.why) == (chen, "asked first")
    assert len(line.said) == 1
    assert "asked first" in chens.get(f"/desk/sections/entry/{section}/").content.decode()


def test_an_order_that_was_another_meanwhile_is_not_overwritten(chens):
    section = sections_now()[0]
    path = f"/desk/sections/entry/{section}/"
    stale = form_of(chens.get(path))
    stale["act"] = f"down:{facts_now(section)[0]}"
    chens.post(path, stale)
    now = facts_now(section)

    assert chens.post(path, stale).status_code == 409
    assert facts_now(section) == now


def test_the_order_of_sections_survives_export_release_and_reload(chens, tmp_path, chen):
    added(chens)
    before = sections_now()

    assert moved(chens, "/desk/sections/", "up:energy").status_code == 302

    after = [*before[:-2], "energy", before[-2]]
    assert sections_now() == after
    assert ListLine.objects.filter(list_name="sections", key="").count() == 1
    write_catalogue_folder(tmp_path, compose_snapshot())
    actions.load_catalogue(snapshot=read_catalogue_folder(tmp_path).to_snapshot(), by=None)
    assert sections_now() == after


def test_a_file_of_a_section_that_was_moved_is_still_taken_over(chens):
    """Its name at the desk is another one now."""
    added(chens)
    last = SectionRecord.objects.order_by("stem")[SectionRecord.objects.count() - 2]
    was = last.stem
    moved(chens, "/desk/sections/", "up:energy")
    assert SectionRecord.objects.get(key=last.key).stem != was
    snapshot = read_catalogue_folder(MINI).to_snapshot()
    snapshot["vocabulary"][was]["section"]["title"] = {"en": "From the file", "zh": "来自文件"}

    actions.load_catalogue(snapshot=snapshot, by=None)

    assert FactRecord.objects.vocabulary().section(last.key).title.en == "From the file"


def test_files_in_another_order_leave_a_line_of_the_order(mini):
    snapshot = read_catalogue_folder(MINI).to_snapshot()
    stem = min(snapshot["vocabulary"])
    snapshot["vocabulary"][stem]["facts"].reverse()

    actions.load_catalogue(snapshot=snapshot, by=None)

    key = snapshot["vocabulary"][stem]["section"]["key"]
    assert ListLine.objects.filter(list_name="sections", key=key, deed="changed").count() == 1


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ([("10-a", "a"), ("20-b", "b")], ["10-a", "20-b"]),
        ([("20-b", "b"), ("10-a", "a")], ["10-b", "20-a"]),
        ([("31-b", "b"), ("31-a", "a")], ["10-b", "11-a"]),
        ([("98-a", "a"), ("99-b", "b"), ("", "c")], ["10-a", "11-b", "12-c"]),
        ([("10-a", "a"), ("", "b")], ["10-a", "11-b"]),
        ([("odd", "a"), ("20-b", "b")], ["10-a", "20-b"]),
    ],
)
def test_names_of_files_sort_as_the_sections_stand(order, wanted):
    stems = list(_stems(order).values())

    assert stems == sorted(stems)
    if order[0][0] != "odd":
        assert stems == wanted


@pytest.mark.parametrize("person", ["gao", "fang"])
def test_others_at_the_desk_read_and_do_not_write(mini, person, request, enter):
    browser = enter(request.getfixturevalue(person))
    key = sections_now()[0]

    assert [browser.get(one).status_code for one in ("/desk/sections/", f"/desk/sections/entry/{key}/")] == [200, 200]
    assert browser.post("/desk/sections/", {"act": f"down:{key}"}).status_code == 404
    assert browser.get("/desk/sections/new/").status_code == 404
    assert browser.get(f"/desk/sections/entry/{key}/edit/").status_code == 404


@pytest.mark.parametrize("path", ["/desk/sections/", "/desk/sections/entry/{key}/"])
def test_pages_ask_few_questions_whatever_their_length(chens, path, django_assert_max_num_queries):
    path = path.format(key=sections_now()[0])
    chens.get(path)
    with django_assert_max_num_queries(9):
        chens.get(path)
