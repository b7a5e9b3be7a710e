"""The README names only what is there."""

import re

import pytest
from django.core.management import get_commands

from tests.stack import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", re.findall(r"\./run [a-z][^`#\n]*", README))
def test_each_command_exists_and_so_do_its_files(line):
    _run, word, *rest = line.split()

    assert re.search(rf"^  {word}\)", SCRIPT, re.MULTILINE) or word in get_commands()
    assert [part for part in rest if "/" in part and not (ROOT / part).is_file()] == []


def test_each_link_leads_to_a_file_or_folder():
    links = re.findall(r"\]\(([^)]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
