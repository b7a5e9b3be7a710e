"""The alerts name metrics that exist, with labels and values they have, and each has its page of what to do."""

from __future__ import annotations

import re

import pytest
import yaml

from changping import health
from changping.metrics.figures import Figures
from matching.jobs import tallies
from matching.models import Run
from tests.stack import ROOT

RULES = [
    rule
    for group in yaml.safe_load((ROOT / "docs" / "alerts.rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
MANUAL = (ROOT / "docs" / "alerts.md").read_text()
# Counted in files of the web processes; tests/matching/test_metrics.py makes them.
OF_REQUESTS = {"changce_requests": {"route", "method", "status"}, "changce_request_seconds": {"route", "method"}}


@pytest.fixture
def families(db, release, monkeypatch) -> dict[str, set[str]]:
    """The labels of each family that is told."""
    monkeypatch.setattr(health, "QUESTIONS", {"database": health._database})
    for name in ("attempts:match:done", "rings:rung", "webhooks:received"):
        tallies.count(name)
    tallies.keep(now=True)
    run = Run.objects.create(release=release, day="2026-11-24", cause="day")
    Run.objects.filter(pk=run.pk).update(state="done", sequence=1, finished_at="2026-11-24T08:00:00Z")
    told = {family.name: {label for one in family.samples for label in one.labels} for family in Figures().collect()}
    return {**told, **OF_REQUESTS}


def _family(name: str) -> str:
    return re.sub(r"_(total|bucket|count|sum)$", "", name)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_metrics_and_labels_that_there_are(families, rule):
    named = re.findall(r"(changce_\w+)(?:\{([^}]*)\})?", rule["expr"])

    assert named or rule["expr"].startswith("up{")
    for name, labels in named:
        assert _family(name) in families
        assert set(re.findall(r"(\w+)\s*(?:=~|!=|=)", labels)) <= families[_family(name)]


def test_every_alert_has_its_page_of_what_to_do_and_no_page_is_left_over():
    assert re.findall(r"^### (\w+)", MANUAL, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_manual_lists_exactly_the_metrics_that_are_told(families):
    listed = {
        _family(name)
        for line in MANUAL.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(changce_\w+)`", line.split("|")[1])
    }

    assert listed == set(families)
