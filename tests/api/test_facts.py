"""The vocabulary as partners read it: the facts with the form of their answers, and problems that explain themselves."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest

from companies import actions
from companies.facts import Certificate, value_schema, write_value
from companies.models import FactRecord, SectionRecord
from tests.companies.vocabulary import small_vocabulary

FACTS = "/api/v1/facts/"


@pytest.fixture
def stored(db):
    vocabulary = small_vocabulary()
    actions.store_vocabulary(vocabulary=vocabulary, by=None)
    return vocabulary


def test_every_fact_is_there_with_its_words_in_both_languages(client, stored):
    said = client.get(FACTS).json()["results"]

    assert [one["name"] for one in said] == [fact.name for fact in stored]
    employees = next(one for one in said if one["name"] == "employees")
    assert employees["label"] == {"en": "Employees", "zh": "员工数"}
    assert employees["unit"] == {"en": "people", "zh": "人"}
    assert employees["papers"][0]["label"]["zh"] == "社保缴纳名单"
    assert employees["schema"] == {"type": "integer", "minimum": 0}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("section=finance&kind=money", ["revenue_y1", "net_profit_y1", "revenue_per_head"]),
        ("q=收入", ["revenue_y1", "revenue_per_head"]),
        ("q=EMPLOY", ["employees"]),
        ("section=nothing", []),
    ],
)
def test_the_list_can_be_narrowed(client, stored, asked, names):
    assert [one["name"] for one in client.get(f"{FACTS}?{asked}").json()["results"]] == names


def test_one_fact_by_its_name(client, stored):
    said = client.get(f"{FACTS}legal_form/").json()

    assert said["schema"] == {"type": "string", "enum": ["enterprise", "university"]}
    assert [choice["key"] for choice in said["choices"]] == ["enterprise", "university"]


def test_a_label_leads_to_the_fact_as_well(client, stored):
    assert client.get(f"{FACTS}员工数/").json()["name"] == "employees"


@pytest.mark.parametrize("path", [FACTS, f"{FACTS}employees/"])
def test_who_has_the_answer_already_is_told_so_until_the_fact_changes(client, stored, path):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    FactRecord.objects.filter(name="employees").update(label_en="Staff")
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_fact_that_was_added_is_there_at_once(client, stored):
    before = client.get(FACTS)
    FactRecord.objects.create(
        section=SectionRecord.objects.get(key="finance"), position=99, name="new_loan", kind="money", label_en="New loan",
        label_zh="新增贷款", definition={"question": {"en": "How much?", "zh": "多少？"}, "effort": "quick"},
    )  # fmt: skip

    after = client.get(FACTS, headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert after.json()["results"][-1]["name"] == "new_loan"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "kind"),
    [
        ("get", f"{FACTS}no_such_fact/", {}, 404, "not-found"),
        ("get", "/api/v1/", {}, 404, "not-found"),
        ("get", "/api/v1/nothing/here", {}, 404, "not-found"),
        ("post", "/api/v1/nothing/here", {}, 404, "not-found"),
        ("post", FACTS, {}, 405, "method-not-allowed"),
        ("delete", f"{FACTS}employees/", {}, 405, "method-not-allowed"),
        ("get", FACTS, {"Accept": "text/csv"}, 406, "not-acceptable"),
    ],
)
@pytest.mark.parametrize(("language", "title"), [("en", None), ("zh-hans", re.compile("[一-鿿]"))])
def test_what_cannot_be_done_is_a_problem_that_explains_itself(
    client, stored, method, path, headers, status, kind, language, title
):
    response = getattr(client, method)(path, headers={"Accept-Language": language, **headers})

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    said = json.loads(response.content)
    assert (said["status"], said["instance"]) == (status, path)
    assert said["type"].endswith(f"/api/v1/problems/{kind}/")
    assert bool(re.search("[一-鿿]", said["title"])) is bool(title)
    assert said["title"] in client.get(said["type"], headers={"Accept-Language": language}).content.decode()


@pytest.mark.parametrize("more", [0, 30])
def test_the_queries_do_not_grow_with_the_facts(client, stored, more, django_assert_num_queries):
    section = SectionRecord.objects.get(key="finance")
    definition = {"question": {"en": "How many?", "zh": "多少？"}, "effort": "quick"}
    for at in range(more):
        FactRecord.objects.create(
            section=section, name=f"more_{at}", kind="whole", label_en=f"More {at}", label_zh=f"更多{at}", position=99,
            definition=definition,
        )  # fmt: skip

    with django_assert_num_queries(2):
        client.get(FACTS)


VALUES = {
    "listed": True,
    "founding_day": date(2020, 1, 31),
    "legal_form": "enterprise",
    "sectors": frozenset({"health"}),
    "certificates": frozenset({Certificate("hnte", date(2024, 1, 1))}),
    "employees": 12,
    "revenue_y1": Decimal("12000000.5"),
    "net_profit_y1": Decimal("-3"),
    "market_share": Decimal("0.125"),
    "score": Decimal("99.5"),
    "revenue_per_head": Decimal(0),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_we_write_fits_the_schema_we_give(name):
    fact = small_vocabulary().get(name)

    assert _fits(write_value(fact, VALUES[name]), value_schema(fact))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("listed", "yes"), ("legal_form", "firm"), ("sectors", ["health", "cars"]), ("employees", -1), ("employees", True),
        ("revenue_y1", "12"), ("revenue_y1", 12), ("certificates", [{"kind": "hnte", "colour": "red"}]), ("market_share", "5%"),
    ],
)  # fmt: skip
def test_what_we_never_write_does_not_fit(name, wrong):
    assert not _fits(wrong, value_schema(small_vocabulary().get(name)))


def _fits(value, schema) -> bool:
    """The few words of JSON Schema that we use."""
    types = {"boolean": bool, "integer": int, "string": str, "array": list, "object": dict, "null": type(None)}
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if type(value) not in [types[name] for name in wanted]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if isinstance(value, list):
        return all(_fits(one, schema["items"]) for one in value)
    if isinstance(value, dict):
        return schema["properties"].keys() >= value.keys() and all(
            _fits(part, schema["properties"][name]) for name, part in value.items()
        )
    return True
