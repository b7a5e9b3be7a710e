"""The editor of requirements: rows and trees, picked and typed leaves, and its page without any script."""

from __future__ import annotations

import copy
import html
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from companies.facts import read_vocabulary
from policies import actions
from policies.catalogue_files import read_catalogue_folder
from policies.desk.requirements import moves
from policies.desk.requirements.finding import find_facts
from policies.desk.requirements.picking import expression_of, operators_of, picked
from policies.desk.requirements.reading import read_rows
from policies.desk.requirements.rows import LEAVES, MOST_ROWS, Row, normal, rows_of, tree_of
from policies.desk.requirements.sheet import FIELD, NotOurs, opened_sheet, row_from, row_to
from policies.models import Deed, HistoryLine, PolicyVersion
from policies.parts import part_digest
from policies.rules.reading import Reading
from policies.rules.requirement_files import read_requirement
from tests.policies.conftest import staff
from tests.stack import ROOT

SNAPSHOT = read_catalogue_folder(ROOT / "policies" / "catalogue").to_snapshot()
VOCABULARY, _ = read_vocabulary(SNAPSHOT["vocabulary"], SNAPSHOT["lists"])

# --- rows and trees -------------------------------------------------------------------------------------------

words = st.text(min_size=1, max_size=12).filter(str.strip)
pairs = st.fixed_dictionaries({"en": words, "zh": words})
marks = {"clause": words, "confidence": st.sampled_from(["high", "medium", "low"]), "source": words, "note": pairs}
expressions = st.sampled_from(
    ["employees >= 20", "revenue_y1 < 5000万", "foreign_invested", "not foreign_invested", "20 <= employees < 300"]
)


def nodes(**form):
    return st.fixed_dictionaries(form, optional=marks)


leaves = st.one_of(
    st.fixed_dictionaries({"when": expressions}, optional={**marks, "says": pairs}),
    nodes(judged=pairs),
    nodes(not_modelled=pairs),
)
trees = st.recursive(
    leaves,
    lambda node: st.one_of(
        nodes(all=st.lists(node, min_size=1, max_size=3)),
        nodes(any=st.lists(node, min_size=1, max_size=3)),
        nodes(at_least=st.just(1), of=st.lists(node, min_size=1, max_size=3)),
        nodes(**{"not": node}),
    ),
    max_leaves=12,
)
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["all", "any", "not", "at_least", "of", "when", "judged", "clause", "note", "en", "zh", "x"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(trees)
def test_rows_of_any_readable_tree_give_the_same_tree_again(tree):
    reading = Reading(VOCABULARY)
    assert read_requirement(tree, (), reading), reading.faults

    rows = rows_of(tree)

    assert normal(rows) == rows
    assert tree_of(rows)[0] == tree


@given(trees)
def test_showing_a_tree_picked_changes_nothing_that_it_says(tree):
    rows = opened_sheet(tree, VOCABULARY).rows

    assert read_rows(rows, VOCABULARY).tree == tree


@given(plain)
def test_half_written_and_faulty_trees_settle_after_one_round(tree):
    once, _paths = tree_of(rows_of(tree))

    assert tree_of(rows_of(once))[0] == once
    assert texts_in(tree) <= texts_in(once) | {"", *(text for text in texts_in(tree) if not text.strip())}


def texts_in(value):
    if isinstance(value, dict):
        return set().union(set(), *map(texts_in, value.values()))
    if isinstance(value, list):
        return set().union(set(), *map(texts_in, value))
    return {value} if isinstance(value, str) else set()


@given(trees, st.data())
def test_a_row_survives_the_trip_through_the_page(tree, data):
    rows = opened_sheet(tree, VOCABULARY).rows
    row = data.draw(st.sampled_from(rows))

    assert row_from(row_to(row)) == row


@given(trees, st.data())
def test_moving_never_loses_a_row_and_always_leaves_one_tree(tree, data):
    rows = rows_of(tree)
    at = data.draw(st.integers(0, len(rows) - 1))
    move = data.draw(st.sampled_from([moves.up, moves.down, moves.indent, moves.outdent]))

    moved = move(rows, at)

    assert normal(moved.rows) == moved.rows
    assert sorted(map(without_depth, moved.rows)) == sorted(map(without_depth, rows))
    assert without_depth(moved.rows[moved.at]) == without_depth(rows[at])


@given(trees, st.data())
def test_what_was_removed_can_be_put_back_where_it_was(tree, data):
    rows = rows_of(tree)
    at = data.draw(st.integers(0, len(rows) - 1))
    after = next((place for place in range(at + 1, len(rows)) if rows[place].depth <= rows[at].depth), len(rows))

    left = moves.remove(rows, at).rows

    assert moves.put_back(left, at, rows[at:after]).rows == rows


def without_depth(row):
    return row_to(Row(0, row.form, row.count, row.when, row.en, row.zh, clause=row.clause, note_en=row.note_en))


def test_a_row_added_to_a_lone_criterion_stands_beside_it_in_a_group():
    moved = moves.add_below((Row(when="foreign_invested"),), 0)

    assert [(row.depth, row.form) for row in moved.rows] == [(0, "all"), (1, "when"), (1, "when")]
    assert moved.at == 2


def test_none_of_these_is_one_row_with_several_inside():
    tree = {"not": {"any": [{"when": "foreign_invested"}, {"when": "employees < 5"}]}, "clause": "Art. 3"}

    assert [(row.depth, row.form) for row in rows_of(tree)] == [(0, "not"), (1, "when"), (1, "when")]
    assert tree_of(rows_of(tree))[0] == tree


def test_deeper_than_the_language_allows_is_refused_with_the_reason():
    rows = tuple(Row(depth, "all", picked=False) for depth in range(20))

    moved = moves.add_inside(rows, 19)

    assert moved.rows == rows
    assert "20 deep" in moved.why.en


def test_more_rows_than_the_language_allows_are_refused_with_the_reason():
    rows = (Row(0, "all", picked=False), *(Row(1) for _ in range(MOST_ROWS - 1)))

    moved = moves.add_below(rows, 5)

    assert len(moved.rows) == MOST_ROWS
    assert str(MOST_ROWS) in moved.why.en


def test_more_parts_than_the_language_allows_are_said_at_the_top_row():
    rows = (Row(0, "all", picked=False), *(Row(1, when="foreign_invested", picked=False) for _ in range(300)))

    assert read_rows(rows, VOCABULARY).faults[0][0].code == "too_big"


# --- picked leaves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"fact": "employees", "operator": ">=", "values": ("20",)}, "employees >= 20"),
        ({"fact": VOCABULARY.get("employees").label.zh, "operator": "<", "values": ("1,200",)}, "employees < 1200"),
        ({"fact": "revenue_y1", "operator": ">=", "values": ("2000",), "scale": "万"}, "revenue_y1 >= 2000万"),
        ({"fact": "revenue_y1", "operator": ">=", "values": ("1.5亿",), "scale": "万"}, "revenue_y1 >= 1.5亿"),
        ({"fact": "rd_ratio_y1", "operator": ">=", "values": ("5",), "scale": "%"}, "rd_ratio_y1 >= 5%"),
        ({"fact": "rd_ratio_y1", "operator": ">=", "values": ("5%",), "scale": "%"}, "rd_ratio_y1 >= 5%"),
        ({"fact": "foreign_invested", "operator": "no"}, "not foreign_invested"),
        ({"fact": "sectors", "operator": "has", "values": ("health",)}, '"health" in sectors'),
        ({"fact": "founding_day", "operator": "<=", "values": ("2024-01-31",)}, 'founding_day <= day("2024-01-31")'),
        ({"fact": "founding_day", "operator": "years >=", "values": ("3",)}, "years_since(founding_day) >= 3"),
        ({"fact": "certificates", "operator": "holds", "values": ("hnte", "tech_sme")}, 'holds("hnte", "tech_sme")'),
        ({"fact": "registered_district", "operator": "==", "values": ("changping",)}, 'registered_district == "changping"'),
        ({"fact": "employees", "operator": ">=", "values": ()}, "employees >="),
        ({"fact": "no such fact", "operator": ">=", "values": ("1",)}, "no such fact"),
    ],
)  # fmt: skip
def test_a_picked_leaf_is_written_as_the_canonical_expression(fields, expression):
    assert expression_of(Row(**fields), VOCABULARY) == expression


def test_every_criterion_of_the_catalogue_that_can_be_picked_comes_back_as_it_was():
    whens = [when for policy in SNAPSHOT["policies"] for when in whens_in(policy)]
    rows = [(when, picked(Row(when=when), VOCABULARY)) for when in whens]

    assert sum(row is not None for _, row in rows) > 200
    for when, row in rows:
        if row is not None:
            assert expression_of(row, VOCABULARY) == when


def whens_in(value):
    """The criteria in any part of a policy; the sentences of instalments are no criteria."""
    if isinstance(value, list):
        return [when for inner in value for when in whens_in(inner)]
    if not isinstance(value, dict):
        return []
    own = [value["when"]] if isinstance(value.get("when"), str) else []
    return own + whens_in([inner for key, inner in value.items() if key != "instalments"])


@pytest.mark.parametrize(
    "when", ["employees >= 20 and foreign_invested", "20 <= employees < 300", "revenue_y1 / 2 > 5"]
)
def test_more_than_one_comparison_is_not_shown_picked(when):
    assert picked(Row(when=when), VOCABULARY) is None


@pytest.mark.parametrize("value", ["5 or foreign_invested", "twelve", "5) or (1 < 2", "=1+1", "１２a", "−"])
def test_a_value_that_is_no_number_is_told_and_never_becomes_another_rule(value):
    row = Row(fact="employees", operator=">=", values=(value,))

    read = read_rows((row,), VOCABULARY)

    assert [fault.path for fault in read.faults[0]] == [("value",)]


def test_each_kind_of_fact_has_comparisons():
    assert all(operators_of(fact) for fact in VOCABULARY)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("employees", "employees"), (VOCABULARY.get("employees").label.zh[:2], "employees"), ("EMPLOY", "employees"), ("上年度营业收入", "revenue_y1"), ("revenu_y1", "revenue_y1")],
)  # fmt: skip
def test_facts_are_found_by_their_names_in_both_languages(typed, name):
    assert name in [fact.name for fact in find_facts(VOCABULARY, typed)]


@pytest.mark.parametrize("typed", ["x" * 100_000, "<script>", "\x00", "   ", "‮", "%", "*("])
def test_whatever_is_typed_finds_facts_or_nothing(typed):
    assert len(find_facts(VOCABULARY, typed)) <= 12


@pytest.mark.parametrize(
    "text", ["", "[]", "1", '{"depth": "1"}', '{"form": "evil"}', '{"values": [1]}', '{"x": 1}', "[" * 100_000]
)
def test_what_our_page_does_not_send_is_refused(text):
    with pytest.raises(NotOurs):
        row_from(text)


# --- the page -------------------------------------------------------------------------------------------------


@pytest.fixture
def enter(client):
    """Signs a person in, with a second factor."""

    def sign_in(person):
        Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, defaults={"data": {}})
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def draft(mini, chen):
    """A draft whose policy asks nothing of all its offers."""
    begun = actions.start_draft(policy=mini, by=chen)
    content = {key: value for key, value in begun.content.items() if key != "requires"}
    return actions.save_draft(version=begun, content=content, by=chen, seen=begun.digest, why="begin")


@pytest.fixture
def offer(draft):
    return draft.content["offers"][0]["offer"]


@pytest.fixture
def page(offer):
    return reverse("desk:write_offer_requires", args=["cp-mini", 2, offer])


ALL = reverse("desk:write_requires", args=["cp-mini", 2])


def fields_of(said):
    """What a browser without scripts would send of the form of this page."""
    form = re.search(r'<form id="editor".*?</form>', said, re.DOTALL).group()
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_ticked = 'type="checkbox"' not in tag or " checked" in tag
        if name and is_ticked:
            sent.setdefault(name.group(1), []).append(html.unescape(value.group(1)) if value else "")
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        sent[name] = [html.unescape(text)]
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        sent[name] = [html.unescape(chosen.group(1))]
    return sent


class Typist:
    """Somebody at the editor whose browser runs no scripts."""

    def __init__(self, client, path):
        self.client, self.path = client, path
        self.answer = client.get(path)

    @property
    def said(self):
        return html.unescape(self.answer.content.decode())

    def press(self, do, **typed):
        return self.send({"do": do}, typed)

    def save(self, how="checked", **typed):
        return self.send({"save": how}, typed)

    def send(self, button, typed):
        sent = fields_of(self.answer.content.decode())
        sent |= {f"{FIELD}{name}" if name != "why" else name: value for name, value in typed.items()}
        self.answer = self.client.post(self.path, {**sent, **button}, follow=True)
        return self.answer


def tree(draft, offer=None):
    content = PolicyVersion.objects.get(pk=draft.pk).content
    return content.get("requires") if offer is None else content["offers"][0].get("requires")


def test_a_requirement_is_written_row_by_row_without_scripts(enter, chen, draft):
    typist = Typist(enter(chen), ALL)

    typist.press("begin")
    typist.press("check", fact="employees")
    typist.press("check", operator=">=")
    typist.press("below", values="20", clause="Art. 2")
    typist.press("check", form="judged")
    typist.press("wrap", en="Experts agree", zh="专家认可")
    typist.press("inside")
    typist.press("typed")
    answer = typist.save(when="listed or employees > 300", why="First rows")

    assert "The requirements are saved." in answer.content.decode()
    assert tree(draft) == {
        "all": [
            {"when": "employees >= 20", "clause": "Art. 2"},
            {
                "any": [
                    {"judged": {"en": "Experts agree", "zh": "专家认可"}},
                    {"when": "listed or employees > 300"},
                ]
            },
        ]
    }
    assert HistoryLine.objects.filter(deed=Deed.SAVED).latest("pk").why == "First rows"


def test_pressing_buttons_saves_nothing(enter, chen, draft):
    typist = Typist(enter(chen), ALL)

    for verb in ("begin", "below", "wrap", "up", "down", "indent", "outdent", "check", "remove", "back", "close"):
        assert typist.press(verb).status_code == 200

    assert tree(draft) is None
    assert HistoryLine.objects.filter(deed=Deed.SAVED).count() == 1  # the one that made the draft


def test_what_is_stored_is_shown_and_saving_it_again_changes_nothing(enter, chen, draft, offer, page):
    before = tree(draft, offer)
    typist = Typist(enter(chen), page)
    typist.press("open:1")

    typist.save()

    assert tree(draft, offer) == before


def test_faults_are_told_at_their_row_and_a_half_written_draft_can_be_saved_all_the_same(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")

    typist.save(when="employes >= 20")
    assert "Nothing is saved yet." in typist.said
    assert "unknown fact “employes”" in typist.said
    assert "employees" in typist.said
    assert tree(draft) is None
    typist.save("anyway")

    assert tree(draft) == {"all": [{"when": "employes >= 20"}]}


def test_switching_between_picked_and_typed_keeps_what_was_entered(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", fact="employees")
    typist.press("typed", values="20")
    assert "employees >= 20</textarea>" in typist.said
    typist.press("picked", when="employees >= 20 and listed")
    assert "more than one comparison" in typist.said
    typist.press("typed")

    assert "employees >= 20 and listed</textarea>" in typist.said


def test_a_group_with_rows_inside_does_not_become_a_leaf(enter, chen, draft, page, offer):
    typist = Typist(enter(chen), page)
    typist.press("open:0")

    typist.press("check", form="judged")

    assert "first move out or remove the rows inside it" in typist.said
    typist.save()
    assert tree(draft, offer) == draft.content["offers"][0]["requires"]


def test_removed_rows_can_be_put_back(enter, chen, draft, page, offer):
    typist = Typist(enter(chen), page)

    typist.press("open:1")
    typist.press("remove")
    assert "Rows removed: 1." in typist.said
    typist.press("back")
    typist.save()

    assert tree(draft, offer) == draft.content["offers"][0]["requires"]


def test_the_row_acted_upon_has_the_focus(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    assert re.search(r'id="x-fact"[^>]* autofocus', typist.said)
    typist.press("below")
    assert re.search(r'id="x-fact"[^>]* autofocus', typist.said)

    typist.press("up")

    assert re.search(r'value="up"[^>]* autofocus', typist.said)
    assert typist.said.count(" autofocus") == 1


def test_somebody_elses_change_of_the_same_rows_is_told_and_nothing_is_lost(enter, chen, xu, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")
    actions.save_part(
        version=draft, path=("requires",), part={"all": [{"when": "employees >= 7"}]}, by=xu, seen=part_digest(None), why="Mine"
    )  # fmt: skip

    answer = typist.save(when="listed")
    assert answer.status_code == 409
    assert "Somebody else saved these requirements meanwhile" in typist.said
    assert "xu@example.com" in typist.said
    assert "at least 7" in typist.said
    assert tree(draft) == {"all": [{"when": "employees >= 7"}]}
    typist.save()

    assert tree(draft) == {"all": [{"when": "listed"}]}


def test_somebody_elses_change_of_another_part_stays(enter, chen, xu, draft, page, offer):
    typist = Typist(enter(chen), page)
    actions.save_part(version=draft, path=("requires",), part={"when": "employees >= 7"}, by=xu, seen=part_digest(None))
    typist.press("open:1")

    typist.save(clause="Art. 99")

    assert tree(draft) == {"when": "employees >= 7"}
    assert "Art. 99" in json.dumps(tree(draft, offer))


def test_a_version_that_is_no_draft_any_more_keeps_what_was_typed_on_the_page(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")
    actions.send_to_review(version=draft, by=chen)

    answer = typist.save(when="listed")

    assert answer.status_code == 409
    assert "not a draft any more" in typist.said
    assert "listed</textarea>" in typist.said
    assert enter(chen).get(ALL).url == reverse("desk:version", args=["cp-mini", 2])


@pytest.mark.parametrize("role", ["reviewer", "publisher", "analyst", "support", "nobody"])
def test_only_who_may_write_finds_the_editor(enter, draft, page, role):
    client = enter(staff("other", role))
    seen = {"seen": part_digest(None), "row": [row_to(Row(when="listed"))], "save": "checked"}

    for path in (page, ALL):
        assert client.get(path).status_code == 404
        assert client.post(path, seen).status_code == 404
    assert client.post(reverse("desk:requires_said"), {f"{FIELD}was": "{}"}).status_code == 404
    assert client.get(reverse("desk:requires_facts"), {"q": "employees"}).status_code == 404
    assert tree(draft) is None


def test_what_is_not_there_is_not_found(enter, chen, draft):
    client = enter(chen)

    for args in (["cp-no", 2], ["cp-mini", 9]):
        assert client.get(reverse("desk:write_requires", args=args)).status_code == 404
    assert client.get(reverse("desk:write_offer_requires", args=["cp-mini", 2, "no-offer"])).status_code == 404
    assert client.post(ALL, {"row": ["[]"], "save": "checked"}).status_code == 400
    assert client.get(reverse("desk:requires_said")).status_code == 405


HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7 * 7 }}{% debug %}", "=HYPERLINK(\"http://x\")",
    "‮txet desrever", "x" * 3_000, "line\nline", "' or 1=1 --", "🀄" * 50,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_and_shown_as_text_in_every_field(enter, chen, draft, text):
    names = ("clause", "source", "note_en", "note_zh", "en", "zh")
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", form="judged")

    typist.press("check", **dict.fromkeys(names, text))
    typist.save("anyway")

    node = tree(draft)["all"][0]
    assert [node["clause"], node["source"], *node["note"].values(), *node["judged"].values()] == [text] * 6
    typist.press("open:1")
    raw = typist.answer.content.decode()
    assert "<script>alert" not in raw
    assert "<img src=x" not in raw
    assert "7 * 7" in raw or "{{" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_criterion_is_told_and_stays(enter, chen, draft, text):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", fact=text)
    assert "<script>alert" not in typist.answer.content.decode()
    typist.press("typed", fact="")

    typist.save("anyway", when=text)

    assert tree(draft) == {"all": [{"when": text}]}
    assert "<script>alert" not in typist.client.get(ALL).content.decode()


@pytest.mark.parametrize(
    ("text", "said"), [("a\x07b", "U+0007"), ("a\x00b", "U+0000"), ("x" * 100_000, "20,000 characters")]
)
@pytest.mark.parametrize("name", ["clause", "en", "note_zh"])
def test_what_cannot_be_stored_is_refused_at_its_row_and_stays_on_the_page(enter, chen, draft, text, said, name):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", form="judged")

    typist.save("anyway", **{name: text})

    assert "Nothing was saved." in typist.said
    assert said in typist.said
    assert tree(draft) is None


def test_a_sentence_appears_while_one_types_and_nothing_is_written(enter, chen, draft, django_assert_max_num_queries):
    client = enter(chen)
    was = row_to(Row(picked=False))

    with django_assert_max_num_queries(7):
        answer = client.post(reverse("desk:requires_said"), {f"{FIELD}was": was, f"{FIELD}when": "employees >= 20"})
    said = html.unescape(answer.content.decode())
    assert "is at least 20" in said
    assert "不低于" in said
    answer = client.post(reverse("desk:requires_said"), {f"{FIELD}was": was, f"{FIELD}when": "employees >= "})
    assert "column" in answer.content.decode()
    assert tree(draft) is None


def test_facts_are_offered_with_both_names_and_their_kind(enter, chen, draft, django_assert_max_num_queries):
    client = enter(chen)

    with django_assert_max_num_queries(7):
        said = client.get(reverse("desk:requires_facts"), {"q": "employees"}).content.decode()

    assert 'data-name="employees"' in said
    assert "whole number" in said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_takes_a_fixed_number_of_queries_however_many_rows(
    enter, chen, draft, language, django_assert_max_num_queries
):
    rows = {"all": [{"when": f"employees >= {n + 1}"} for n in range(40)]}
    actions.save_part(version=draft, path=("requires",), part=rows, by=chen, seen=part_digest(None))
    client = enter(chen)
    client.cookies["django_language"] = language

    with django_assert_max_num_queries(9):
        assert client.get(ALL).status_code == 200


@pytest.mark.parametrize("form", LEAVES)
def test_every_kind_of_leaf_opens_in_both_languages(enter, chen, draft, form):
    client = enter(chen)
    for language in ("en", "zh-hans"):
        client.cookies["django_language"] = language
        typist = Typist(client, ALL)
        typist.press("begin")
        assert typist.press("check", form=form).status_code == 200


def test_rows_that_the_editor_does_not_know_are_kept_as_they_stand(enter, chen, draft):
    odd = {"all": [{"when": "listed", "any": []}, "text", {"judged": {"en": "x", "zh": "y"}, "extra": 1}]}
    actions.save_part(version=draft, path=("requires",), part=copy.deepcopy(odd), by=chen, seen=part_digest(None))
    typist = Typist(enter(chen), ALL)
    typist.press("open:1")
    typist.press("down")

    typist.save("anyway")

    assert tree(draft) == {"all": [odd["all"][1], odd["all"][0], odd["all"][2]]}
