"""The public pages about policies: found in both languages, honest marks, few queries."""

from __future__ import annotations

import html

import pytest
from django.core.management import call_command
from django.urls import reverse

from policies import rulebook
from policies.catalogue_files import CATALOGUE_DIR
from policies.filters import standing_of
from policies.models import Policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    """The shipped catalogue, released, and its rulebook warm."""
    call_command("load_catalogue", CATALOGUE_DIR, unchecked=True, verbosity=0)
    return rulebook.current()


def page(client, path, language="en", **query):
    client.cookies["django_language"] = language
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_visitor_reads_the_list_with_one_query(client, catalogue, django_assert_num_queries):
    page(client, reverse("policies:list"))

    with django_assert_num_queries(1):
        said = page(client, reverse("policies:list"))

    assert f"Policies shown: {len(catalogue.policies)} of {len(catalogue.policies)}" in said


def test_the_front_page_takes_one_query_and_counts_what_its_links_show(client, catalogue, django_assert_num_queries):
    page(client, reverse("home"))

    with django_assert_num_queries(1):
        answer = client.get(reverse("home"))

    for name, entries in (("zone", answer.context["zones"]), ("pillar", [one for _, one in answer.context["pillars"]])):
        for entry in entries:
            there = client.get(reverse("policies:list"), {name: entry["key"]}).context["browsing"]
            assert entry["policy_count"] == len(there.found), entry["key"]
    assert any(one["policy_count"] for _, one in answer.context["pillars"])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_picture_has_every_zone_by_its_name_and_marks_what_we_inferred(client, catalogue, language):
    client.cookies["django_language"] = language
    drawn = client.get(reverse("home")).context["drawn"]

    zones = {entry["key"]: entry for entry in catalogue.lists["zones"]}
    assert {one.shape.key for one in drawn} == set(zones)
    for one in drawn:
        entry = zones[one.shape.key]
        name = entry["label"]["zh" if language == "zh-hans" else "en"]
        said = "".join(line for _, line in one.lines).replace(" ", "")
        assert said.startswith(name.replace(" ", ""))
        assert one.is_stated == (entry["basis"] == "stated")
        assert (said != name.replace(" ", "")) == (not one.is_stated)


def test_who_is_not_signed_in_begins_without_an_account(client, catalogue):
    assert f'href="{reverse("matching:start")}">Start without an account' in page(client, reverse("home"))


def test_without_a_release_the_front_page_still_leads_on(client):
    assert "No policies have been published yet." in page(client, reverse("home"))


@pytest.mark.parametrize("words", ["synthetic biomanufacturing", "合成生物", "SYNTHETIC  Bio"])
def test_a_policy_is_found_by_words_of_either_language(client, catalogue, words):
    for language in ("en", "zh-hans"):
        said = page(client, reverse("policies:list"), language, q=words)

        assert reverse("policies:detail", args=["cp-synbio-2024"]) in said
        assert reverse("policies:detail", args=["bj-srdi-2021"]) not in said


def test_filters_narrow_the_list(client, catalogue):
    said = page(client, reverse("policies:list"), level="national", kind="tax")

    listed = [policy.key for policy in catalogue.policies if reverse("policies:detail", args=[policy.key]) in said]
    assert listed
    assert all(catalogue.plain[key]["level"] == "national" for key in listed)


def test_the_list_comes_page_by_page_and_the_next_one_asks_the_same(client, catalogue):
    first = client.get(reverse("policies:list"), {"level": "district"}).context["browsing"]
    assert len(first.page) < len(first.found) or first.next_page == ""
    everything = client.get(reverse("policies:list")).context["browsing"]

    second = client.get(reverse("policies:list") + everything.next_page).context["browsing"]

    assert [entry.key for entry in second.page] == [entry.key for entry in everything.found[20:40]]
    assert second.previous_page


def test_what_fits_nothing_says_what_to_take_away_and_what_one_sees_then(client, catalogue):
    asked = {"q": "机器人", "level": "national", "pillar": "n-topic"}

    answer = client.get(reverse("policies:list"), asked)

    assert "No policy fits all of this" in answer.content.decode()
    for chip in answer.context["browsing"].chips():
        there = client.get(reverse("policies:list") + chip.address).context["browsing"]
        assert len(there.found) == chip.count
        assert len(there.chips()) == 2


def test_what_is_in_force_and_of_the_district_stands_first(client, catalogue):
    browsing = client.get(reverse("policies:list")).context["browsing"]

    standings = [
        browsing.book.policy(entry.key).level for entry in browsing.found if row_of(browsing, entry) == "in_force"
    ]
    assert standings == sorted(standings, key=["district", "municipal", "national"].index)
    order = ["in_force", "presumed", "unknown", "not_yet", "ended"]
    assert (all_rows := [row_of(browsing, entry) for entry in browsing.found]) == sorted(all_rows, key=order.index)


def row_of(browsing, entry):
    return standing_of(browsing.book.policy(entry.key), browsing.day)


def test_an_unknown_choice_or_hostile_words_do_no_harm(client, catalogue):
    said = page(client, reverse("policies:list"), level="village", q="<script>alert(1)</script>")

    assert "<script>alert(1)" not in said


def test_every_policy_has_a_page_in_both_languages(client, catalogue):
    for policy in catalogue.policies:
        for language, title in (("en", policy.title.en), ("zh-hans", policy.title.zh)):
            said = page(client, reverse("policies:detail", args=[policy.key]), language)
            assert title[:12].replace("&", "&amp;").replace("'", "&#x27;") in said


def test_a_policy_page_says_what_is_inferred_and_takes_two_queries(client, catalogue, django_assert_num_queries):
    path = reverse("policies:detail", args=["cp-synbio-2024"])
    page(client, path)

    with django_assert_num_queries(2):
        said = page(client, path)

    assert "inferred by us" in said
    assert 'rel="noopener noreferrer"' in said


def test_an_unknown_policy_is_not_found(client, catalogue):
    assert client.get(reverse("policies:detail", args=["cp-nowhere"])).status_code == 404


def test_without_a_release_the_list_says_so(client):
    assert "No policies have been published yet." in page(client, reverse("policies:list"))
    assert client.get(reverse("policies:detail", args=["cp-synbio-2024"])).status_code == 404


def test_the_admin_shows_published_versions_but_changes_none(admin_client, catalogue):
    version = Policy.objects.get(key="cp-synbio-2024").versions.get()
    path = reverse("admin:policies_policyversion_change", args=[version.pk])

    assert admin_client.get(reverse("admin:policies_policyversion_changelist")).status_code == 200
    assert admin_client.get(path).status_code == 200
    assert admin_client.post(path, {"title_en": "Changed"}).status_code == 403
    version.refresh_from_db()
    assert version.title_en != "Changed"


def test_how_an_offer_goes_together_with_others_is_said_by_their_titles(client, catalogue):
    offer, rule = next(
        (offer, rule) for offer in catalogue.offers for rule in offer.stacking if rule.form in ("excludes", "needs")
    )
    other = catalogue.offer(rule.names[0])

    said = page(client, reverse("policies:detail", args=[offer.id.split("/")[0]]))
    in_chinese = page(client, reverse("policies:detail", args=[offer.id.split("/")[0]]), "zh-hans")

    assert "Together with other offers" in said
    assert f"“{other.title.en}”" in html.unescape(said)
    assert f"“{other.title.zh}”" in html.unescape(in_chinese)
    assert rule.names[0] not in said
