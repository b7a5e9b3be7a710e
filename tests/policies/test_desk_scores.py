"""A score written at the desk as a table of points is a fact that rules can ask for."""

from __future__ import annotations

import re

import pytest

from companies.models import FactRecord
from policies.desk.scores.typed import after_button, new_item, sent_score
from policies.rules.scores import MOST_ITEMS, Item, Line, Score

pytestmark = pytest.mark.django_db
NEW = "/desk/facts/scores/new/"


@pytest.fixture
def chens(mini, chen, enter):
    """Chen's browser."""
    return enter(chen)


def sent(**changes):
    """The form of a score of two items as a browser sends it."""
    section = FactRecord.objects.select_related("section").first().section.key
    return {
        "label_zh": "成长得分", "label_en": "Growth score", "name": "growth_score", "section": section, "why": "办法第四条",
        "source": "https://example.org/a", "cap": "60",
        "item-0-kind": "steps", "item-0-of": "employees", "item-0-otherwise": "", "item-0-cap": "",
        "item-0-line-0-at": "20", "item-0-line-0-points": "5", "item-0-line-1-at": "50", "item-0-line-1-points": "10",
        "item-1-kind": "each", "item-1-of": "employees", "item-1-points": "0.5", "item-1-cap": "15", "do": "save",
        **changes,
    }  # fmt: skip


def test_a_table_becomes_a_fact_at_once(chens):
    answer = chens.post(NEW, sent())

    assert answer.status_code == 302, answer.content.decode()
    fact = FactRecord.objects.vocabulary().get("growth_score")
    assert fact.derived == "min(band(employees, 0, [20, 5], [50, 10]) + min(employees * 0.5, 15), 60)"
    assert (fact.label.zh, fact.unit.en, fact.sources) == ("成长得分", "points", ("https://example.org/a",))


def test_a_score_opened_and_saved_again_is_the_same_score(chens):
    chens.post(NEW, sent())
    page = chens.get("/desk/facts/growth_score/score/").content.decode()
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.replace(" autofocus", "")))
    before = FactRecord.objects.get(name="growth_score").to_plain()

    answer = chens.post("/desk/facts/growth_score/score/", {**sent(), "seen": fields["seen"], "do": "save"})

    assert answer.status_code == 302
    assert FactRecord.objects.get(name="growth_score").to_plain() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"item-0-of": "employes"}, "employees"),
        ({"item-0-line-1-at": "20"}, "does not start above"),
        ({"item-1-points": "=cmd()"}, "item-1-points"),
        ({"label_en": ""}, "This field is required"),
        ({"name": "Growth Score"}, "id_name"),
        ({"name": "employees"}, "exists already"),
        ({"section": "nowhere"}, "id_section"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(chens, change, said):
    answer = chens.post(NEW, sent(**change), headers={"accept-language": "en"})
    page = answer.content.decode()

    assert answer.status_code == 400
    assert said in page
    for value in ("成长得分", "办法第四条", 'value="0.5"' if "item-1-points" not in change else "cmd()"):
        assert value in page
    assert not FactRecord.objects.filter(name="growth_score").exists()


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "‮evil", "'; DROP TABLE x; --", "x" * 10_000])
@pytest.mark.parametrize("field", ["item-0-of", "item-0-line-0-at", "item-1-cap", "cap", "label_zh", "source"])
def test_hostile_text_is_shown_as_text(chens, field, hostile):
    page = chens.post(NEW, sent(**{field: hostile, "do": "check", "name": ""})).content.decode()

    assert "<script>alert" not in page
    assert ("&lt;script&gt;" in page) is hostile.startswith("<script")


def test_the_second_who_saves_is_told_and_keeps_what_was_typed(chens):
    chens.post(NEW, sent())
    answer = chens.post("/desk/facts/growth_score/score/", {**sent(cap="70"), "seen": "old"})

    assert answer.status_code == 409
    assert 'name="cap" value="70"' in answer.content.decode()
    assert "60)" in FactRecord.objects.get(name="growth_score").definition["derived"]


@pytest.mark.parametrize("person", ["gao", "fang"])
def test_only_curators_write_scores(mini, person, request, enter):
    browser = enter(request.getfixturevalue(person))

    assert (browser.get(NEW).status_code, browser.post(NEW, sent()).status_code) == (404, 404)
    assert not FactRecord.objects.filter(name="growth_score").exists()


def test_a_fact_that_is_asked_is_no_score(chens):
    assert chens.get("/desk/facts/employees/score/").status_code == 404


def test_the_buttons_work_without_scripts(chens):
    page = chens.post(NEW, sent(do="add-cases")).content.decode()

    assert 'name="item-2-kind" value="cases"' in page
    assert 'name="item-2-line-0-at" autofocus' in page
    assert 'value="成长得分"' in page


BEGUN = Score((Item("steps", of="a", lines=(Line("1", "2"), Line("3", "4"))), Item("each", of="b")))


@pytest.mark.parametrize(
    ("button", "kinds", "lines", "focus"),
    [
        ("add-typed", ["steps", "each", "typed"], 2, "item-2-of"),
        ("line-0", ["steps", "each"], 3, "item-0-line-2-at"),
        ("drop-0-0", ["steps", "each"], 1, "item-0-title"),
        ("drop-1", ["steps"], 2, "item-0-title"),
        ("down-0", ["each", "steps"], 0, "item-1-title"),
        ("up-1", ["each", "steps"], 0, "item-0-title"),
        ("up-0", ["steps", "each"], 2, "item-0-title"),
        ("drop-7", ["steps", "each"], 2, ""),
        ("add-nothing", ["steps", "each"], 2, ""),
        ("<b>", ["steps", "each"], 2, ""),
    ],
)
def test_each_button_does_what_it_says(button, kinds, lines, focus):
    after, where = after_button(BEGUN, button)

    assert ([item.kind for item in after.items], len(after.items[0].lines), where) == (kinds, lines, focus)


def test_there_is_an_end_to_adding():
    full = Score((new_item("each"),) * MOST_ITEMS)

    assert after_button(full, "add-each")[0] == full
    assert len(sent_score({f"item-{at}-kind": "each" for at in range(1000)}).items) == MOST_ITEMS + 1


def test_a_page_asks_the_database_a_few_questions_only(chens, django_assert_max_num_queries):
    chens.get(NEW)

    with django_assert_max_num_queries(12):
        chens.get(NEW)


def test_sections_are_offered_by_their_titles(chens):
    section = FactRecord.objects.select_related("section").first().section

    page = chens.get(NEW).content.decode()

    assert re.search(rf'<option value="{section.key}"[^>]*>{re.escape(section.title_en)}</option>', page)
