"""Two people write at one draft, part by part: what does not collide is merged, what does is told, nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import actions
from policies.models import HistoryLine
from policies.parts import PartGone, part_at, part_digest, with_part

TITLE = (("title", "issuer"),)
NOTE = ("note",)
CONTENT = {
    "policy": "cp-x",
    "number": None,
    "title": {"en": "a", "zh": "甲"},
    "offers": [{"offer": "one"}, {"offer": "two", "n": 1}],
}
PATHS = [
    ("requires",),
    ("number",),
    ("offers",),
    ("offers", "two"),
    ("offers", "two", "n"),
    ("offers", "one", "benefit"),
    TITLE,
]


@settings(derandomize=True, deadline=None)
@given(
    path=st.sampled_from(PATHS), part=st.dictionaries(st.sampled_from(["title", "offer"]), st.integers(), min_size=1)
)
def test_a_part_put_back_is_the_part_that_was_put_there(path, part):
    part = {**part, "offer": "two"} if path == ("offers", "two") else part
    part = {"title": 1} if path == TITLE else part

    assert part_at(with_part(CONTENT, path, part), path) == part


@pytest.mark.parametrize("path", PATHS)
def test_putting_back_what_stands_there_changes_nothing(path):
    assert with_part(CONTENT, path, part_at(CONTENT, path)) == CONTENT


def test_nothing_in_the_place_of_an_offer_takes_it_out():
    assert with_part(CONTENT, ("offers", "one"), None)["offers"] == [{"offer": "two", "n": 1}]


@pytest.mark.parametrize("content", [CONTENT, {"offers": ["text"]}, {"offers": "text"}, {}])
def test_an_offer_that_is_not_there_is_said_to_be_gone(content):
    with pytest.raises(PartGone):
        part_at(content, ("offers", "three", "benefit"))
    with pytest.raises(PartGone):
        with_part(content, ("offers", "three", "benefit"), {})


@pytest.fixture
def draft(mini, chen):
    return actions.start_draft(policy=mini, by=chen)


def note(version, said, by, seen):
    return actions.save_part(version=version, path=NOTE, part={"en": said, "zh": said}, by=by, seen=seen)


@pytest.mark.django_db
def test_two_who_write_at_different_parts_both_keep_what_they_wrote(draft, chen, xu):
    title = {**part_at(draft.content, TITLE), "title": {"en": "New", "zh": "新"}}

    actions.save_part(version=draft, path=TITLE, part=title, by=chen, seen=part_digest(part_at(draft.content, TITLE)))
    saved = note(draft, "hers", xu, part_digest(part_at(draft.content, NOTE)))

    assert (saved.content["title"]["en"], saved.content["note"]["en"]) == ("New", "hers")


@pytest.mark.django_db
def test_the_second_who_writes_at_the_same_part_is_told_who_was_first_and_loses_nothing(draft, chen, xu):
    seen = part_digest(part_at(draft.content, NOTE))
    note(draft, "his", chen, seen)

    with pytest.raises(actions.PartChanged) as told:
        note(draft, "hers", xu, seen)

    assert (told.value.theirs["en"], told.value.mine["en"], told.value.line.by) == ("his", "hers", chen)
    assert note(draft, "hers", xu, part_digest(told.value.theirs)).content["note"]["en"] == "hers"


@pytest.mark.django_db
def test_a_part_sent_twice_is_saved_once(draft, chen):
    seen = part_digest(part_at(draft.content, NOTE))
    lines = HistoryLine.objects.count()

    assert note(draft, "his", chen, seen).digest == note(draft, "his", chen, seen).digest
    assert HistoryLine.objects.count() == lines + 1


@pytest.mark.django_db
def test_a_tree_as_deep_as_a_rule_may_be_can_be_saved_and_a_deeper_one_is_told_so(draft, chen):
    def tree(levels):
        return {"when": "employees >= 1"} if levels == 1 else {"all": [tree(levels - 1)]}

    offer = draft.content["offers"][0]["offer"]
    path = ("offers", offer, "requires")
    seen = part_digest(part_at(draft.content, path))
    saved = actions.save_part(version=draft, path=path, part=tree(20), by=chen, seen=seen)
    assert "too_deep" not in {fault.code for fault in actions.faults_of(saved, date(2026, 11, 25))}

    deeper = actions.save_part(version=draft, path=path, part=tree(21), by=chen, seen=part_digest(tree(20)))

    assert "too_deep" in {fault.code for fault in actions.faults_of(deeper, date(2026, 11, 25))}
