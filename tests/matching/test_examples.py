"""The example companies on the product's own catalogue: they read, they differ, and a short interview settles them."""

from datetime import date

import pytest

from matching.bench.questions import GOAL, interview_figures
from matching.examples import UnreadableExample, read_examples
from matching.rulebooks import rulebook_of_files

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def rulebook():
    return rulebook_of_files()


@pytest.fixture(scope="module")
def examples(rulebook):
    return {example.key: example for example in read_examples(rulebook.vocabulary)}


def test_every_example_company_answers_most_of_what_it_could_know(examples):
    assert len(examples) >= 12
    assert {key: len(example.profile) for key, example in examples.items() if len(example.profile) < 100} == {}


def test_the_example_companies_are_different_companies(examples, rulebook):
    profiles = {example.profile.digest(rulebook.vocabulary) for example in examples.values()}

    assert len(profiles) == len({example.name for example in examples.values()}) == len(examples)


def test_an_example_with_a_fault_is_refused_with_its_place(tmp_path, rulebook):
    (tmp_path / "wrong.yaml").write_text("name: Wrong\nfacts:\n  employees: many\n", encoding="utf-8")

    with pytest.raises(UnreadableExample, match=r"wrong\.yaml:3:"):
        list(read_examples(rulebook.vocabulary, tmp_path))


def test_an_interview_settles_the_same_verdicts_with_at_most_two_fifths_of_the_form(examples, rulebook):
    chosen = [examples["park-operator"], examples["software-startup"]]

    *rows, over_all = interview_figures(rulebook, DAY, chosen)

    assert [row["company"] for row in rows] == ["park-operator", "software-startup"]
    for row in rows:
        assert row["same"]
        assert row["needed"] <= row["asked"] <= GOAL * row["form"]
    assert over_all["same"]
    assert over_all["within_goal"] == 2
