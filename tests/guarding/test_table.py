"""The page about security names a test for every threat, and each of them exists."""

from __future__ import annotations

import ast
import re

import pytest

from tests.stack import ROOT

PAGE = ROOT / "docs" / "security.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def missing(text: str) -> list[str]:
    """Tests that the text names and that are not there."""
    return [f"{file}::{name}" for file, name in _NAMED.findall(text) if name not in _tests_of(file)]


def _tests_of(file: str) -> set[str]:
    path = ROOT / file
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_test_that_the_page_names_exists():
    assert missing(PAGE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("number", range(1, 31))
def test_each_threat_has_a_row_with_a_test(number: int):
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| T{number} |"))

    assert len(_NAMED.findall(row)) >= 1
    assert all(cell.strip() for cell in row.strip("|").split("|"))


def test_a_test_that_is_not_there_is_found():
    assert missing("`tests/guarding/test_table.py::test_nobody_wrote` `tests/no.py::test_x`") == [
        "tests/guarding/test_table.py::test_nobody_wrote",
        "tests/no.py::test_x",
    ]
