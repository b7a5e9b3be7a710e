"""Routes and comparison over the real catalogue: each leads where it says, for seeded companies on and beside its lines."""

import pytest

from companies.facts import UNKNOWN
from matching.engine.comparison import compare_variants, standard_variants
from matching.engine.routes import RouteFinder
from policies.rules import Situation, verdict_of
from tests.matching.engine.plan.companies import real_rulebook, seeded_profiles
from tests.matching.engine.routes.paths import DAY, go

pytestmark = pytest.mark.slow
COMPANIES = 12


def companies():
    """Seeded companies, without the certificates that no form would take (over before they were issued)."""
    found = []
    for profile in seeded_profiles(real_rulebook(), COMPANIES, seed=7, missing=0.5):
        held = profile.value("certificates")
        if held is not UNKNOWN:
            taken = frozenset(
                one for one in held if one.issued is None or one.expires is None or one.issued <= one.expires
            )
            profile = profile.with_values(certificates=taken)
        found.append(profile)
    return found


def test_every_route_leads_where_it_says():
    rulebook, gone = real_rulebook(), 0
    for profile in companies():
        finder = RouteFinder(Situation(rulebook.vocabulary, profile, DAY), rulebook.lists)
        for offer in rulebook.offers:
            said = finder.routes(offer)
            assert said["none"] is None or said["none"]["code"] not in ("error", "given_up"), offer.id
            for route in said["routes"]:
                assert go(route, offer, profile, rulebook.vocabulary, DAY).value == route["result"], offer.id
                gone += 1
    assert gone > 500


def test_every_column_has_the_verdicts_of_a_company_that_is_so():
    rulebook = real_rulebook()
    for profile in companies()[:3]:
        variants = standard_variants(rulebook, profile, DAY)
        compared = compare_variants(rulebook, profile, variants, day=DAY)
        for row in compared["differences"]:
            offer = rulebook.offer(row["id"])
            for variant in variants:
                then = Situation(rulebook.vocabulary, variant.apply(profile), variant.day or DAY)
                assert row["cells"][variant.key]["verdict"] == verdict_of(offer, then), (offer.id, variant.key)


def test_the_chain_of_the_little_giant_begins_below_the_srdi_title():
    rulebook = real_rulebook()
    profile = next(iter(companies())).with_values(certificates=frozenset())
    offer = rulebook.offer("cn-little-giant-award-2024/central-award")
    routes = RouteFinder(Situation(rulebook.vocabulary, profile, DAY), rulebook.lists).routes(offer)["routes"]

    (chain,) = [change["chain"] for change in routes[0]["changes"] if change["kind"] == "hold"]

    assert [step["key"] for step in chain] == ["tech_innovation_sme", "srdi_sme", "little_giant"]
    assert chain[-1]["granted_by"] == ["cn-little-giant-2026/recognition"]
