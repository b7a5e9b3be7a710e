"""A table of points and its expression are the same thing, whichever of the two was written first."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.rules import parse_expression, print_expression
from policies.rules.scores import NO_VALUE, Item, Line, Score, UnreadableScore, most_points, read_score, write_score
from tests.spec.vocabulary import VOCABULARY

points = st.sampled_from(["0", "5", "10", "12.5", "-3"])
numbers = st.sampled_from(["staff", "spend / revenue", "max(spend, revenue)", "ratio"])
conditions = st.sampled_from(["foreign", "staff >= 20 and listed", 'stage == "seed"', 'holds("hnte")'])
caps = st.sampled_from(["", "20"])
steps = st.builds(
    lambda of, values, otherwise, cap: Item(
        "steps", of=of, lines=tuple(Line(str(at), value) for at, value in enumerate(values)), otherwise=otherwise, cap=cap
    ),
    numbers, st.lists(points, min_size=1, max_size=3), st.sampled_from(["", "2", NO_VALUE]), caps,
)  # fmt: skip
cases = st.builds(
    lambda pairs, otherwise, cap: Item(
        "cases", lines=tuple(Line(at, value) for at, value in pairs), otherwise=otherwise, cap=cap
    ),
    st.lists(st.tuples(conditions, points), min_size=1, max_size=3), st.sampled_from(["", "2"]), caps,
)  # fmt: skip
each = st.builds(lambda value, cap: Item("each", of="staff", points=value, cap=cap), points, caps)
typed = st.sampled_from(["staff - 3", "(staff + 3) / 2"]).map(lambda of: Item("typed", of=of))
scores = st.builds(Score, st.lists(st.one_of(steps, cases, each, typed), min_size=1, max_size=4).map(tuple), caps)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(score=scores)
def test_a_table_written_and_read_again_stands_for_the_same_expression(score):
    written = write_score(score, VOCABULARY)

    assert write_score(read_score(written), VOCABULARY) == written


def test_the_shapes_of_a_document_come_back_as_they_were_written():
    score = Score(
        (
            Item("steps", of="spend / revenue", lines=(Line("1%", "5"), Line("3%", "15"))),
            Item("cases", lines=(Line("listed", "20"), Line("foreign", "10")), otherwise="2"),
            Item("each", of="staff", points="0.5", cap="30"),
        ),
        cap="60",
    )

    assert read_score(write_score(score, VOCABULARY)) == score
    assert most_points(score, VOCABULARY) == Fraction(60)


def test_every_derived_number_of_the_catalogue_can_be_shown_as_a_table_and_comes_back_unchanged(catalogue_vocabulary):
    derived = [fact for fact in catalogue_vocabulary.facts if fact.derived is not None]
    read = [parse_expression(fact.derived, catalogue_vocabulary, derived=True) for fact in derived]
    numbers = [one for fact, one in zip(derived, read, strict=True) if fact.kind in ("number", "whole")]

    assert numbers
    for expression in numbers:
        assert write_score(read_score(expression), catalogue_vocabulary) == expression


def test_the_growth_score_of_the_catalogue_is_shown_as_two_items_with_their_steps(catalogue_vocabulary):
    fact = catalogue_vocabulary.get("innovative_sme_growth_score")
    score = read_score(parse_expression(fact.derived, catalogue_vocabulary, derived=True))

    assert [(item.kind, len(item.lines)) for item in score.items] == [("steps", 5), ("steps", 3)]
    assert most_points(score, catalogue_vocabulary) == 30


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (Item("steps", of="stafff", lines=(Line("1", "5"),)), (0, None, "of")),
        (Item("steps", of="", lines=(Line("1", "5"),)), (0, None, "of")),
        (Item("steps", of="listed", lines=(Line("1", "5"),)), (0, None, "of")),
        (Item("steps", of="staff"), (0, None, "lines")),
        (Item("steps", of="staff", lines=(Line("5", "5"), Line("5", "7"))), (0, 1, "at")),
        (Item("steps", of="staff", lines=(Line("5", "five"),)), (0, 0, "points")),
        (Item("steps", of="revenue", lines=(Line("5%", "5"),)), (0, 0, "at")),
        (Item("steps", of="staff", lines=(Line("staff", "5"),)), (0, 0, "at")),
        (Item("cases", lines=(Line("staff", "5"),)), (0, 0, "at")),
        (Item("cases", lines=(Line("listed", ""),)), (0, 0, "points")),
        (Item("cases", lines=(Line("listed", "1"),), otherwise=NO_VALUE), (0, None, "otherwise")),
        (Item("each", of="staff", points=""), (0, None, "points")),
        (Item("each", of="staff", points="1", cap="x"), (0, None, "cap")),
        (Item("typed", of="1) + (2"), (0, None, "of")),
        (Item("steps", of="staff", lines=tuple(Line(str(at), "1") for at in range(31))), (0, None, "lines")),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_in_both_languages(item, place):
    with pytest.raises(UnreadableScore) as told:
        write_score(Score((item,)), VOCABULARY)

    assert [(one.item, one.line, one.field) for one in told.value.faults] == [place]
    assert all(one.fault.message.en and one.fault.message.zh for one in told.value.faults)


def test_one_item_at_fault_does_not_hide_another():
    with pytest.raises(UnreadableScore) as told:
        write_score(Score((Item("each", of="", points="1"), Item("typed", of="nobody"))), VOCABULARY)

    assert [one.item for one in told.value.faults] == [0, 1]


@pytest.mark.parametrize("score", [Score(()), Score((Item("typed", of="1"),) * 31)])
def test_no_items_and_too_many_are_refused(score):
    with pytest.raises(UnreadableScore):
        write_score(score, VOCABULARY)


@pytest.fixture(scope="module")
def catalogue_vocabulary():
    from companies.facts import read_vocabulary

    folder = read_catalogue_folder(CATALOGUE_DIR)
    lists = {stem: sheet.plain for stem, sheet in folder.of_kind("reference")}
    read, faults = read_vocabulary({stem: sheet.plain for stem, sheet in folder.of_kind("vocabulary")}, lists)
    assert not faults
    return read


def test_a_score_printed_is_short_enough_to_be_stored():
    lines = tuple(Line(str(at), "1") for at in range(30))
    with pytest.raises(UnreadableScore) as told:
        write_score(Score((Item("steps", of="spend / revenue", lines=lines),) * 30), VOCABULARY)

    assert told.value.faults[0].item is None
    assert len(print_expression(write_score(Score((Item("steps", of="staff", lines=lines),)), VOCABULARY))) < 6000
