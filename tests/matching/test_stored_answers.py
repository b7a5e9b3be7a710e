"""Stored profiles read all at once are what they are when each is read by itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import read_profile
from companies.models import ProfileVersion
from matching.stored_answers import stored_columns
from tests.spec.strategies import answers
from tests.spec.vocabulary import VOCABULARY

generated = settings(max_examples=150, deadline=None, derandomize=True)
garbage = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.text(max_size=8), st.lists(st.text(max_size=5), max_size=3),
    st.sampled_from(["5", "-1", "1e3", "2000万", "不清楚", "2026-01-01", "hnte", "\ud800", {"value": "5"}]),
)  # fmt: skip
names = st.sampled_from([*(fact.name for fact in VOCABULARY), "gone"])
entries = st.one_of(
    st.fixed_dictionaries({"value": garbage, "source": st.sampled_from(["self_declared", "partner", "rumour"])}),
    st.fixed_dictionaries(
        {"value": garbage, "source": st.just("registry"), "on": st.sampled_from(["2026-01-01", "x", 5])}
    ),
    garbage,
)
written = answers.map(lambda raw: read_profile(VOCABULARY, raw)[0].to_plain(VOCABULARY))
stored = st.lists(st.one_of(written, st.dictionaries(names, entries, max_size=5)), max_size=70)


@pytest.mark.slow
@generated
@given(stored)
def test_many_at_once_are_what_each_is_by_itself(rows):
    columns = stored_columns(VOCABULARY, rows)

    assert columns.rows == len(rows)
    for row, kept in enumerate(rows):
        alone = ProfileVersion(answers=kept).profile(VOCABULARY)
        wanted = {name: plain["value"] for name, plain in alone.to_plain(VOCABULARY).items()}
        found = {name: plain["value"] for name, plain in columns.profile(row).to_plain(VOCABULARY).items()}
        for certificates in (wanted.get("certificates"), found.get("certificates")):
            for one in certificates or ():
                one.pop("number", None)  # columns do not keep it
        assert found == wanted
