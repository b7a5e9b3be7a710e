"""What a draft would break elsewhere is a fault of the draft; what was broken there before is not."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.lint import lint_draft

SNAPSHOT = read_catalogue_folder(CATALOGUE_DIR).to_snapshot()
DAY = date(2026, 11, 30)
REFERRED, REFERRING = "cp-synbio-2024", "cp-hnte-cultivation"

pytestmark = pytest.mark.slow


def policy(key, snapshot):
    return next(one for one in snapshot["policies"] if one["policy"] == key)


@pytest.fixture
def snapshot():
    """In force: one policy whose offer needs an offer of another."""
    made = copy.deepcopy(SNAPSHOT)
    needed = f"{REFERRED}/{policy(REFERRED, made)['offers'][0]['offer']}"
    policy(REFERRING, made)["offers"][0].setdefault("stacking", []).append({"needs": [needed]})
    return made


def elsewhere(snapshot, content):
    return [fault.message.en for fault in lint_draft(snapshot, content, DAY) if "would break" in fault.message.en]


def test_an_offer_that_another_policy_names_cannot_be_taken_out(snapshot):
    content = copy.deepcopy(policy(REFERRED, snapshot))
    assert elsewhere(snapshot, content) == []

    del content["offers"][0]

    (said,) = elsewhere(snapshot, content)
    assert f"would break policies/{REFERRING}.yaml" in said


def test_what_is_broken_elsewhere_already_does_not_hinder(snapshot):
    del policy(REFERRED, snapshot)["offers"][0]
    other = next(one for one in snapshot["policies"] if one["policy"] not in (REFERRED, REFERRING))

    assert elsewhere(snapshot, other) == []


def test_an_exclusion_that_only_the_draft_says_does_not_keep_it_from_being_published(snapshot):
    content = copy.deepcopy(policy(REFERRING, snapshot))
    other = f"{REFERRED}/{policy(REFERRED, snapshot)['offers'][0]['offer']}"
    content["offers"][0]["stacking"] = [{"excludes": [other]}]

    assert lint_draft(snapshot, content, DAY) == []
