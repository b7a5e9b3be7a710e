"""Requirements as rows: trees and rows are the same, moving loses nothing, picked leaves are canonical expressions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companies.facts import read_vocabulary
from policies.catalogue_files import read_catalogue_folder
from policies.desk.requirements import moves
from policies.desk.requirements.finding import find_facts
from policies.desk.requirements.picking import expression_of, operators_of, picked
from policies.desk.requirements.reading import read_rows
from policies.desk.requirements.rows import MOST_ROWS, Row, normal, rows_of, tree_of
from policies.desk.requirements.sheet import NotOurs, opened_sheet, row_from, row_to
from policies.rules.reading import Reading
from policies.rules.requirement_files import read_requirement
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
