"""The filters over policies: counts that keep their word in every combination, one meaning for the page and the API."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from django.core.management import call_command
from django.urls import reverse

from policies import rulebook
from policies.catalogue_files import CATALOGUE_DIR
from policies.filters import FILTERS, OPEN_NOW, Wanted, count_choices, find_offers, find_policies, traits_on

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 30)

COMBINATIONS = [
    {},
    {"q": "research"},
    {"q": "机器人"},
    {"level": ["district"]},
    {"level": ["district", "national"], "kind": ["tax", "reward"]},
    {"zone": ["ftz-changping-cluster"], "standing": ["in_force", "presumed"]},
    {"sector": ["health"], "window": ["rolling"], "q": "medicine"},
    {"kind": ["tax"], "window": ["open", "not_announced"], "beneficiary": ["company"]},
    {"pillar": ["n-sector"], "level": ["national"]},
]


@pytest.fixture
def catalogue(db):
    """The shipped catalogue, released, and its rulebook warm."""
    call_command("load_catalogue", CATALOGUE_DIR, unchecked=True, verbosity=0)
    return rulebook.current()


@pytest.mark.parametrize("asked", COMBINATIONS, ids=str)
def test_a_count_is_the_number_of_policies_one_then_finds(catalogue, asked):
    counts = count_choices(catalogue, DAY, Wanted.of(asked), FILTERS)

    for name, counted in counts.items():
        known = {key for one in traits_on(catalogue, DAY).values() for key in one.values(name, Wanted("", {}))}
        for key in known:
            found = find_policies(catalogue, DAY, Wanted.of({**asked, name: [key]}))
            assert counted[key] == len(found), (name, key)


def test_several_keys_of_one_filter_let_any_of_them_through(catalogue):
    levels = ("national", "municipal", "district")
    each = {level: set(find_policies(catalogue, DAY, Wanted.of({"level": [level]}))) for level in levels}

    for pair in combinations(levels, 2):
        assert set(find_policies(catalogue, DAY, Wanted.of({"level": pair}))) == each[pair[0]] | each[pair[1]]


def test_a_kind_and_a_window_must_be_of_the_same_offer(catalogue):
    wanted = Wanted.of({"kind": ["reward"], "window": OPEN_NOW})

    found = find_policies(catalogue, DAY, wanted)

    having = {
        key
        for key, one in traits_on(catalogue, DAY).items()
        if any(offer.kind == "reward" and offer.window in OPEN_NOW for offer in one.offers)
    }
    assert set(found) == having
    assert {offer.split("/")[0] for offer in find_offers(catalogue, DAY, wanted)} == having


@pytest.mark.parametrize("asked", COMBINATIONS, ids=str)
def test_page_and_api_find_the_same_policies(client, catalogue, asked):
    named = {name: keys for name, keys in asked.items() if name != "standing"}
    there = client.get("/api/v1/policies", {**named, "limit": 200}).json()["results"]

    said = client.get(reverse("policies:list"), named).context["browsing"]

    assert {entry.key for entry in said.found} == {one["key"] for one in there}


def test_open_now_is_what_keeps_nobody_waiting_on_the_day_and_may_be_in_force(client, catalogue, time_machine):
    time_machine.move_to("2026-11-30T04:00:00Z", tick=False)
    asked = {"window": ["open", "rolling", "no_application"], "standing": ["in_force", "presumed"], "limit": 200}
    there = client.get("/api/v1/policies", asked).json()["results"]

    browsing = client.get(reverse("policies:list"), {"open_now": "on"}).context["browsing"]

    assert {entry.key for entry in browsing.found} == {one["key"] for one in there}
    assert 0 < len(there) < len(catalogue.policies)


def test_a_tick_says_how_many_there_would_be_with_it(client, catalogue):
    browsing = client.get(reverse("policies:list"), {"level": "district"}).context["browsing"]

    for switch in browsing.switches():
        there = client.get(reverse("policies:list"), {"level": "district", switch.key: "on"}).context["browsing"]
        assert switch.count == len(there.found), switch.key
