"""Every fenced example of the page on the rule language is read with the shipped vocabulary."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from companies.facts import read_profile, read_vocabulary
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.rules import Situation, evaluate_offer, parse_expression, read_policy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rule-language.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
BOTH = {"en": "Text", "zh": "文本"}


@pytest.fixture(scope="module")
def vocabulary():
    folder = read_catalogue_folder(Path(CATALOGUE_DIR))
    lists = {stem: sheet.plain for stem, sheet in folder.of_kind("reference")}
    read, faults = read_vocabulary({stem: sheet.plain for stem, sheet in folder.of_kind("vocabulary")}, lists)
    assert not faults
    return read


def _policy(requires, benefit):
    return {
        "policy": "p", "title": BOTH, "issuer": BOTH, "level": "district", "status": "in_force", "beneficiary": "company",
        "confidence": "high", "sources": ["https://example.org/"],
        "offers": [{"offer": "o", "title": BOTH, "kind": "reward", "requires": requires, "benefit": benefit}],
    }  # fmt: skip


def _faults_of_the_example(plain, vocabulary):
    """What is wrong with the example, its cases included."""
    policy, faults = read_policy(plain, vocabulary)
    if policy is None:
        return faults
    known = {case["case"]: case for case in plain["cases"]}
    wrong = []
    for case in plain["cases"]:
        facts = {**known.get(case.get("like"), {}).get("facts", {}), **case.get("facts", {})}
        profile, unread = read_profile(vocabulary, {k: v for k, v in facts.items() if k not in case.get("forget", ())})
        found = evaluate_offer(policy.offers[0], Situation(vocabulary, profile, date.fromisoformat(case["day"])))
        if unread or case["expect"] != {found.offer.partition("/")[2]: found.verdict.value}:
            wrong.append((case["case"], unread, found.verdict))
    return wrong


@pytest.mark.parametrize(("kind", "text"), BLOCKS, ids=[f"{kind}-{at}" for at, (kind, _) in enumerate(BLOCKS)])
def test_an_example_of_the_page_reads_without_a_fault(vocabulary, kind, text):
    if kind == "expression":
        for line in text.strip().splitlines():
            parse_expression(line, vocabulary, derived=True)
        return
    if kind == "window":
        for line in text.strip().splitlines():
            offer = _policy({"when": "employees >= 20"}, {"fixed": 1})
            offer["offers"][0]["window"] = yaml.safe_load(line)
            assert read_policy(offer, vocabulary)[1] == [], line
        return
    plain = yaml.safe_load(text)
    if kind == "policy":
        assert _faults_of_the_example(plain, vocabulary) == []
        return
    simple = {"when": "employees >= 20"}
    parts = {"requires": (plain, {"fixed": 1}), "benefit": (simple, plain)}

    read, faults = read_policy(_policy(*parts[kind]), vocabulary)

    assert not faults
    assert read is not None
