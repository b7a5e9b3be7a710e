"""The examples of the manual about answers from a file are read as it says, with the vocabulary that is shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companies.facts.catalogue import read_vocabulary
from matching.importing.reading import read_file
from policies.catalogue_files import read_catalogue_folder

ROOT = Path(__file__).absolute().parents[2]
EXAMPLES = re.findall(r"```(csv|json)\n(.*?)```", (ROOT / "docs" / "answers-from-a-file.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def vocabulary():
    snapshot = read_catalogue_folder(ROOT / "policies" / "catalogue").to_snapshot()
    return read_vocabulary(snapshot["vocabulary"], snapshot["lists"])[0]


@pytest.mark.parametrize(("ending", "content"), EXAMPLES)
def test_an_example_is_read_without_a_fault(vocabulary, ending, content):
    found = read_file(f"answers.{ending}", content.encode(), vocabulary)

    assert found.faults == []
    assert found.profile.get("employees").value == 40
    assert found.profile.get("revenue_y1").value == 86_000_000


def test_there_are_examples_of_each_form():
    assert [ending for ending, _content in EXAMPLES] == ["csv", "csv", "json"]
