"""The catalogue as partners read it: every entry with its marks, as of any day and release, page by page."""

from __future__ import annotations

import pytest

from policies import rulebook
from policies.models import Policy, PolicyVersion
from tests.api.catalogue import assert_promised, policy_in, release_of, shipped_snapshot

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def shipped(db):
    """The shipped catalogue as release 1."""
    return release_of(shipped_snapshot())


@pytest.fixture
def read(client):
    def read_one(path: str, **asked):
        answer = client.get(API + path, asked)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return read_one


def keys(said: dict, name: str = "key") -> list[str]:
    return [one[name] for one in said["results"]]


def problem(answer, status: int, kind: str) -> dict:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    said = answer.json()
    assert said["type"].endswith(f"/{kind}/")
    return said


READS = {
    "zones": "zones", "zones/{key}": "zones/ftz-changping-cluster", "pillars": "pillars", "pillars/{key}": "pillars/one-first",
    "policies": "policies?limit=200", "policies/{key}": "policies/cp-synbio-2024", "offers": "offers?limit=200",
    "offers/{policy}/{offer}": "offers/cp-synbio-2024/hq-reward", "releases": "releases", "releases/{number}": "releases/1",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("path", READS)
def test_every_read_of_the_shipped_catalogue_is_what_the_document_promises(client, shipped, path):
    document = client.get(f"{API}schema").json()

    assert_promised(document, API + path, client.get(API + READS[path]))


@pytest.mark.parametrize("path", READS.values())
def test_who_has_the_answer_already_is_told_so_and_no_key_is_needed(client, shipped, path):
    first = client.get(API + path)
    again = client.get(API + path, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_zones_and_pillars_say_how_sure_we_are_of_them(read, shipped):
    zones, pillars = read("zones"), read("pillars")

    assert {one["key"]: one["basis"] for one in zones["results"]}["zgc-changping-park"] == "inferred"
    assert {one["basis"] for one in pillars["results"] if one["key"].startswith("one-")} == {"unconfirmed"}
    park = read("zones/zgc-changping-park")
    assert park["facts"]["zgc_park"] == "changping_park"
    assert park["policies"] == keys(read("policies", zone="zgc-changping-park", limit=200))


def test_a_policy_has_its_sources_marks_and_offers(read, shipped):
    said = read("policies/cp-synbio-2024")

    assert said["sources"]
    assert (said["level"]["key"], said["standing"], said["pillar"]["key"], said["pillar_basis"]) == (
        "district",
        "presumed",
        "n-sector",
        "inferred",
    )
    assert said["level"]["label"]["zh"] == "区级（昌平区）"
    reward = said["offers"][0]
    assert reward["id"] == "cp-synbio-2024/hq-reward"
    leaf = reward["requires"]["children"][1]
    assert leaf["clause"] == {"en": "item 5", "zh": "第5项"}
    assert leaf["facts"] == ["firm_rank"]
    assert leaf["source"].startswith("https://")


def test_an_amount_that_is_not_published_is_to_be_confirmed_and_never_zero(read, shipped):
    offers = read("offers", limit=200)["results"]

    unknown = [one for one in offers if one["amount"]["status"] == "to_confirm"]
    assert unknown
    assert all((one["amount"]["low"], one["amount"]["high"]) == (None, None) for one in unknown)
    assert not [one for one in offers if "0.00" in (one["amount"]["low"], one["amount"]["high"])]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"level": "national", "kind": "tax"}, lambda one: one["level"]["key"] == "national" and "tax" in [k["key"] for k in one["kinds"]]),
        ({"level": ["national", "district"]}, lambda one: one["level"]["key"] in ("national", "district")),
        ({"zone": "ftz-changping-cluster"}, lambda one: "ftz-changping-cluster" in [zone["key"] for zone in one["zones"]]),
        ({"pillar": "n-sector"}, lambda one: one["pillar"] and one["pillar"]["key"] == "n-sector"),
        ({"sector": "synthetic_biomanufacturing"}, lambda one: "synthetic_biomanufacturing" in [s["key"] for s in one["sectors"]]),
        ({"status": "superseded"}, lambda one: one["status"]["key"] == "superseded"),
        ({"standing": "ended"}, lambda one: one["standing"] == "ended"),
        ({"beneficiary": "person"}, lambda one: one["beneficiary"] == "person"),
    ],
)  # fmt: skip
def test_filters_of_policies_let_through_what_fits_and_nothing_else(read, shipped, asked, expected):
    every, found = read("policies", limit=200)["results"], read("policies", limit=200, **asked)["results"]

    assert 0 < len(found) < len(every)
    assert [one["key"] for one in found] == [one["key"] for one in every if expected(one)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "tax"}, lambda one: one["kind"]["key"] == "tax"),
        ({"window": "no_application"}, lambda one: one["window"]["state"] == "no_application"),
        ({"sector": "health"}, lambda one: "health" in [sector["key"] for sector in one["sectors"]]),
        ({"standing": ["in_force", "presumed"], "level": "municipal"}, lambda one: one["standing"] in ("in_force", "presumed") and one["level"]["key"] == "municipal"),
    ],
)  # fmt: skip
def test_filters_of_offers_let_through_what_fits_and_nothing_else(read, shipped, asked, expected):
    every, found = read("offers", limit=200)["results"], read("offers", limit=200, **asked)["results"]

    assert 0 < len(found) < len(every)
    assert [one["id"] for one in found] == [one["id"] for one in every if expected(one)]


@pytest.mark.parametrize("words", ["首台套", "first set"])
def test_words_of_either_language_find_the_best_first(read, shipped, words):
    assert keys(read("policies", q=words))[0] == "bj-first-set"
    assert read("offers", q=words)["results"][0]["policy"]["key"] == "bj-first-set"


def test_a_window_and_a_standing_are_as_of_the_day(read, db):
    snapshot = shipped_snapshot()
    policy = policy_in(snapshot, "cp-synbio-2024")
    policy["effective"] = {"from": "2026-01-01", "to": "2026-12-31"}
    policy["offers"][0]["window"] = {"kind": "fixed", "opens": "2026-03-01", "closes": "2026-03-31"}
    release_of(snapshot)

    def seen(day: str) -> tuple[str, str]:
        offer = read("offers/cp-synbio-2024/hq-reward", on=day)
        return offer["standing"], offer["window"]["state"]

    assert [seen(day) for day in ("2025-12-31", "2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01", "2027-01-01")] == [
        ("not_yet", "opens_on"), ("presumed", "opens_on"), ("presumed", "open"), ("presumed", "open"), ("presumed", "closed"),
        ("ended", "closed"),
    ]  # fmt: skip
    assert keys(read("offers", window="open", on="2026-03-31"), "id") == ["cp-synbio-2024/hq-reward"]
    assert keys(read("policies", window="open", kind="reward", on="2026-03-31")) == ["cp-synbio-2024"]
    assert not keys(read("policies", window="open", kind="service", on="2026-03-31"))
    assert not keys(read("offers", window="open", on="2026-04-01"), "id")


def test_editions_say_which_of_them_are_in_force_on_the_day(read, shipped):
    policy = Policy.objects.create(key="cp-synbio-2024")
    content = policy_in(shipped_snapshot(), "cp-synbio-2024")
    for number, state, ends in ((1, "retired", "2025-12-31"), (2, "published", "")):
        columns = PolicyVersion.columns(content) | {"effective_to": ends}
        moments = {
            "published_at": "2024-04-01T00:00Z",
            "retired_at": "2026-01-01T00:00Z" if state == "retired" else None,
        }
        PolicyVersion.objects.create(
            policy=policy, number=number, state=state, content=content, digest=str(number), **columns, **moments
        )

    def standings(day: str) -> dict[int, str]:
        return {one["number"]: one["standing"] for one in read("policies/cp-synbio-2024", on=day)["editions"]}

    assert standings("2025-06-01") == {2: "presumed", 1: "presumed"}
    assert standings("2026-06-01") == {2: "presumed", 1: "ended"}


def test_drafts_are_told_to_nobody(read, shipped):
    policy = Policy.objects.create(key="cp-synbio-2024")
    content = policy_in(shipped_snapshot(), "cp-synbio-2024")
    PolicyVersion.objects.create(policy=policy, number=1, content=content, digest="x", **PolicyVersion.columns(content))

    assert read("policies/cp-synbio-2024")["editions"] == []


def test_an_older_release_stays_readable(read, shipped):
    snapshot = shipped_snapshot()
    policy_in(snapshot, "cp-synbio-2024")["title"]["zh"] = "新标题"
    snapshot["policies"] = [one for one in snapshot["policies"] if one["policy"] != "bj-first-set"]
    release_of(snapshot)

    assert read("policies/cp-synbio-2024")["title"]["zh"] == "新标题"
    assert read("policies/cp-synbio-2024", release=1)["title"]["zh"] != "新标题"
    assert keys(read("policies", q="新标题")) == ["cp-synbio-2024"]
    assert keys(read("policies", q="首台套", release=1))[0] == "bj-first-set"
    assert "bj-first-set" not in keys(read("policies", q="首台套"))


def every_page(client, path: str, between=lambda: None) -> list[dict]:
    found = []
    while path:
        said = client.get(path).json()
        found += said["results"]
        path = said["next"]
        between()
    return found


@pytest.mark.parametrize(
    ("path", "size"),
    [("policies?", 7), ("offers?q=support&", 9), ("offers?level=municipal&level=national&", 40), ("zones?", 1)],
)
def test_pages_give_everything_once_in_the_same_order(client, shipped, path, size):
    whole = client.get(f"{API}{path}limit=200").json()

    assert whole["next"] is None
    assert every_page(client, f"{API}{path}limit={size}") == whole["results"]


def test_a_list_that_is_being_read_stays_one_list_over_a_publication_and_over_midnight(client, shipped, time_machine):
    time_machine.move_to("2026-11-30T04:00Z")
    snapshot = shipped_snapshot()
    snapshot["policies"] = snapshot["policies"][10:]
    whole = client.get(f"{API}policies?limit=200").json()

    def publish():
        if rulebook.current().number == 1:
            release_of(snapshot)
            time_machine.shift(86_400)

    assert every_page(client, f"{API}policies?limit=20", publish) == whole["results"]


@pytest.mark.parametrize(
    ("path", "parameter", "code"),
    [
        ("policies?zone=nowhere", "zone", "unknown_value"),
        ("policies?level=village", "level", "unknown_value"),
        ("offers?kind=cash&kind=rent", "kind", "unknown_value"),
        ("offers?on=yesterday", "on", "not_a_day"),
        ("offers?on=2026-02-30", "on", "no_such_day"),
        ("offers?release=99", "release", "unknown_release"),
        ("policies/cp-synbio-2024?release=0", "release", "not_a_whole_number"),
        ("zones?limit=1000", "limit", "not_a_whole_number"),
        ("policies?q=%00", "q", "control_character"),
        ("policies?in_force=yes", "in_force", "unknown_parameter"),
        ("releases?on=2026-01-01", "on", "unknown_parameter"),
    ],
)
def test_what_cannot_be_asked_is_named(client, shipped, path, parameter, code):
    (fault,) = problem(client.get(API + path), 422, "invalid")["errors"]

    assert (fault["parameter"], fault["code"]) == (parameter, code)


@pytest.mark.parametrize(
    "path",
    [
        "zones/x",
        "pillars/x",
        "policies/x",
        "offers/x/y",
        "offers/cp-synbio-2024/x",
        "offers/x",
        "releases/2",
        "releases/0",
        "releases/9999999999",
        "releases/x",
    ],
)
def test_what_is_not_there_is_a_problem(client, shipped, path):
    problem(client.get(API + path), 404, "not-found")


@pytest.mark.parametrize("cursor", ["x", "", "a" * 200, "eyJhIjoxfQ:1:2"])
def test_a_cursor_that_leads_nowhere_is_a_problem(client, shipped, cursor):
    assert client.get(f"{API}policies?cursor={cursor}").status_code in (400, 422)


def test_a_cursor_of_another_question_leads_nowhere(client, shipped):
    following = client.get(f"{API}policies?limit=5&level=district").json()["next"]

    problem(client.get(following.replace("level=district", "level=national")), 400, "bad-cursor")


@pytest.mark.parametrize("path", ["zones", "policies", "offers", "policies/x", "pillars/x"])
def test_before_the_first_release_the_answer_says_so(client, db, path):
    problem(client.get(API + path), 503, "unavailable")


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("zones", 1), ("zones/ftz-changping-cluster", 1), ("pillars", 1), ("policies", 1), ("policies?limit=200", 1), ("policies?q=机器人", 1),
        ("policies/cp-synbio-2024", 2), ("offers?limit=1", 1), ("offers?limit=200", 1), ("offers?release=1&limit=200", 1),
        ("offers/cp-synbio-2024/hq-reward", 1), ("releases", 1), ("releases/1", 1), ("schema", 2),
    ],
)  # fmt: skip
def test_the_queries_are_few_and_do_not_grow_with_rows(client, shipped, path, queries, django_assert_num_queries):
    client.get(API + path)

    with django_assert_num_queries(queries):
        client.get(API + path)


def test_releases_say_their_number_digest_day_and_what_changed(read, shipped, time_machine):
    time_machine.move_to("2026-11-30T18:00Z")
    snapshot = shipped_snapshot()
    policy = policy_in(snapshot, "bj-robot-2023")
    offer = next(one for one in policy["offers"] if one["offer"] == "loan-interest")
    offer["benefit"]["up_to"] = 40_000_000
    snapshot["policies"] = [one for one in snapshot["policies"] if one["policy"] != "bj-first-set"]
    snapshot["lists"]["zones"][0]["basis"] = "inferred"
    second = release_of(snapshot)

    listed, said = read("releases"), read("releases/2")

    assert keys(listed, "number") == [2, 1]
    assert listed["results"][0]["digest"] == second.digest
    assert (said["on"], said["parts"]["removed"]) == ("2026-12-01", ["policies/bj-first-set"])
    told = {(one["about"], one["kind"]): one["said"] for one in said["changes"]}
    assert told["policies/bj-first-set", "removed"]["en"].startswith("no longer: ")
    assert "CNY 40 million" in told["policies/bj-robot-2023", "changed"]["en"]
    assert "4,000万元" in told["policies/bj-robot-2023", "changed"]["zh"]
    assert told["zones/ftz-changping-cluster", "changed"] == {
        "en": "the basis: “stated” became “inferred”",
        "zh": "依据：“stated”改为“inferred”",
    }
    assert len(said["changes"]) == 3


def test_of_the_first_release_everything_is_new(read, shipped):
    said = read("releases/1")["changes"]

    assert {one["kind"] for one in said} == {"added"}
    assert "policies/cp-synbio-2024" in [one["about"] for one in said]


def test_a_fact_that_changed_is_told_as_well(read, shipped):
    snapshot = shipped_snapshot()
    sheet = next(iter(snapshot["vocabulary"].values()))
    sheet["facts"][0]["label"]["en"] = "Another name"
    release_of(snapshot)

    (change,) = read("releases/2")["changes"]

    assert change["about"] == f"facts/{sheet['facts'][0]['fact']}"
    assert "Another name" in change["said"]["en"]


def test_releases_come_page_by_page(client, shipped):
    for number in range(5):
        release_of(shipped_snapshot(), digest=str(number))

    assert [one["number"] for one in every_page(client, f"{API}releases?limit=2")] == [6, 5, 4, 3, 2, 1]
