"""Whatever stands in a draft, its pages open: what can be read of it is tried, and its cases are shown."""

from __future__ import annotations

import copy
import random
from datetime import date

import pytest

from companies.facts import Profile
from matching.desk.trying.trials import try_version
from policies.catalogue_files import read_catalogue_folder
from policies.desk.cases.forms import CaseForm
from policies.desk.cases.rows import show_cases
from policies.desk.reading import VersionRead
from policies.models import PolicyVersion
from policies.rules.book import canonical_snapshot, read_rulebook
from policies.rules.example_cases import case_has_shape, listed_cases
from policies.rules.readable import read_offers
from tests.policies.conftest import MINI

DAY = date(2026, 11, 24)
JUNK = [
    None, "", 0, -1, True, [], {}, "x", [None], [{}], {"en": 1}, "1e999999", "2026-13-01", {"when": "employees >= 1"}, 10**29,
    {"needs": ["no/such"]}, {"excludes": ["cp-mini/team"]}, {"highest_only": "g"}, ["a", ["b"]],
]  # fmt: skip


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def spoiled(content, rng):
    """The content with a few things taken out, repeated or replaced by what does not belong there."""
    content = copy.deepcopy(content)
    for _time in range(rng.randint(1, 5)):
        *above, last = rng.choice([path for path in places(content) if path and path != ("policy",)])
        block = content
        for step in above:
            block = block[step]
        match rng.randrange(3):
            case 0:
                del block[last]
            case 1:
                block[last] = copy.deepcopy(rng.choice(JUNK))
            case _ if isinstance(block, list):
                block.append(copy.deepcopy(block[last]))
    return content


@pytest.mark.slow
def test_no_half_written_draft_keeps_its_pages_from_opening():
    book = read_rulebook(canonical_snapshot(read_catalogue_folder(MINI).to_snapshot()))
    whole, rng = book.plain["cp-mini"], random.Random(20261124)
    tried = 0

    for _time in range(150):
        content = spoiled(whole, rng)
        readable = read_offers(content, book.vocabulary, book.lists)
        read = VersionRead(PolicyVersion(content=content, digest="0" * 64), book.vocabulary, book.lists, readable)
        tried += try_version(read, whole, Profile({}), DAY) is not None
        rows = show_cases(read, DAY).rows
        assert len(rows) == len(listed_cases(content))
        for case in listed_cases(content):
            if isinstance(case, dict) and case_has_shape(case):
                CaseForm.stored(read, case)

    assert tried > 75
