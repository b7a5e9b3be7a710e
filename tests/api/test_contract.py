"""The OpenAPI document: it says what there is, no more and no less, and shows itself to people."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from django.contrib.staticfiles.finders import find
from django.core.management import call_command
from django.urls import URLPattern
from django.utils.html import escape

from changping import api
from companies.api.views import ApiPage, Nothing
from tests.companies.vocabulary import small_vocabulary

SCHEMA = "/api/v1/schema"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def document(client, db) -> dict:
    return client.get(SCHEMA).json()


def promised_by_the_addresses() -> set[tuple[str, str]]:
    """Every method of every address of the API, but for pages that people read and the one that finds nothing."""
    found = set()
    for pattern in api.urlpatterns:
        assert isinstance(pattern, URLPattern)
        view = pattern.callback.view_class
        if issubclass(view, ApiPage | Nothing):
            continue
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", str(pattern.pattern))
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
        path = "/api/v1/" + path.removeprefix("^").removesuffix("$").replace("/?", "").rstrip("/")
        found |= {(path, method) for method in METHODS if hasattr(view, method)}
    return found


def test_every_address_is_in_the_document_and_nothing_else_is(document):
    said = {(path, method) for path, operations in document["paths"].items() for method in operations}

    assert said == promised_by_the_addresses()


def test_the_library_has_nothing_to_warn_of(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document):
    assert document["openapi"] == "3.1.0"

    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', str(document).replace("'", '"'))):
        here = document
        for step in reference.split("/"):
            here = here[step]


def operations(document: dict) -> dict[str, dict]:
    return {one["operationId"]: one for path in document["paths"].values() for one in path.values()}


def test_every_operation_has_words_in_both_languages_and_names_of_their_own(document):
    found = operations(document)

    assert len(found) == sum(len(path) for path in document["paths"].values())
    for one in found.values():
        assert one["summary"]
        assert re.search("[一-鿿]", one["x-summary-zh"])
        assert len(one["description"].splitlines()) >= 3


def test_every_form_of_an_answer_has_its_own_schema(document):
    found = operations(document)
    pages = found["read_batch_results"]["responses"]["200"]["content"]
    reports = found["read_report"]["responses"]["200"]["content"]

    assert pages["application/json"]["schema"] == {"$ref": "#/components/schemas/PairPage"}
    assert pages["application/x-ndjson"]["schema"] == {"type": "string"}
    assert pages["application/vnd.apache.parquet"]["schema"] == {"type": "string", "format": "binary"}
    assert reports["application/json"]["schema"]["type"] == "object"
    assert reports["application/pdf"]["schema"] == {"type": "string"}


def test_what_an_operation_makes_or_lists_links_to_the_operations_on_it(document):
    found = operations(document)

    made = found["ask_for_match"]["responses"]["202"]["links"]
    assert made["read_match"] == {"operationId": "read_match", "parameters": {"match": "$response.body#/id"}}
    assert set(found["list_webhooks"]["responses"]["200"]["links"]) >= {"read_webhook", "send_test", "list_deliveries"}
    assert found["list_facts"]["responses"]["200"]["links"]["read_fact"]["parameters"] == {
        "name": "$response.body#/results/0/name"
    }
    assert found["send_company"]["responses"]["201"]["links"]["ask_for_match"]["requestBody"] == {
        "company": "$response.body#/id"
    }


def test_every_link_leads_to_an_operation_and_fills_what_it_takes(document):
    found = operations(document)
    links = [
        link
        for one in found.values()
        for answer in one["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert links
    for link in links:
        taken = {one["name"] for one in found[link["operationId"]].get("parameters", ()) if one["in"] == "path"}
        assert set(link.get("parameters", {})) <= taken


def test_every_operation_says_how_it_answers_when_something_is_wrong(document):
    for name, one in operations(document).items():
        expected = {"400", "401", "406", "422", "429", "500", "503"} | (
            {"413", "415"} if "requestBody" in one else set()
        )
        assert expected <= one["responses"].keys(), name
        for status, answer in one["responses"].items():
            if status >= "400" and status != "414":
                (problem,) = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]["content"]
                assert problem == "application/problem+json"


def test_it_says_where_a_key_is_needed_and_with_which_scope(document):
    found = operations(document)

    assert found["evaluate"]["security"] == [{"key": ["evaluate"]}]
    assert {} in found["list_facts"]["security"]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_each_fact_that_can_be_sent_has_its_schema_there(client, db):
    from companies import actions

    actions.store_vocabulary(vocabulary=small_vocabulary(), by=None)

    schemas = client.get(SCHEMA).json()["components"]["schemas"]

    assert schemas["fact.employees"]["type"] == "integer"
    assert "fact.revenue_per_head" not in schemas
    facts = {**schemas["Facts"], "$defs": schemas}
    facts = json.loads(json.dumps(facts).replace("#/components/schemas/", "#/$defs/"))
    validator = jsonschema.Draft202012Validator(facts)
    assert validator.is_valid({"employees": 12, "listed": {"value": True, "source": "document"}, "员工数": 3})
    assert not validator.is_valid({"employees": [12]})


def test_an_idempotency_key_may_be_as_long_as_the_document_says(document, call, release):
    (said,) = [one for one in operations(document)["send_company"]["parameters"] if one["name"] == "Idempotency-Key"]
    longest = said["schema"]["maxLength"]

    answers = [
        call("POST", "companies", {"name": "A"}, **{"Idempotency-Key": "k" * size}) for size in (longest, longest + 1)
    ]

    assert [answer.status_code for answer in answers] == [201, 400]


def test_who_has_the_document_is_told_so(client, db):
    first = client.get(SCHEMA)

    assert client.get(SCHEMA, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "parameter", "code"),
    [
        ("knid=money", "knid", "unknown_parameter"),
        ("kind=cash", "kind", "unknown_value"),
        ("kind=money&kind=day", "kind", "said_twice"),
        ("&".join(["kind=money"] * 51), "kind", "said_too_often"),
        ("q=%00", "q", "control_character"),
        ("q=" + "a" * 201, "q", "too_long"),
        ("section=", "section", "missing"),
    ],
)
def test_parameters_that_cannot_be_used_are_named(client, db, asked, parameter, code):
    answer = client.get(f"/api/v1/facts?{asked}")

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["parameter"], fault["code"]) == (parameter, code)
    assert fault["detail"]


PAGES = ("/api/v1/docs/", "/api/v1/docs/try/")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_for_people_take_nothing_from_elsewhere(client, db, path, language):
    page = client.get(path, headers={"accept-language": language, "accept": "text/html"})

    assert page.status_code == 200
    text = page.content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert not re.findall(r"<script(?![^>]*src=)|<style|style=", text)
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
        assert find(address.removeprefix("/static/")), address


def test_the_page_shows_every_operation_in_the_language_of_the_reader(client, document):
    english, chinese = (
        client.get(PAGES[0], headers={"accept-language": one}).content.decode() for one in ("en", "zh-hans")
    )

    for name, one in operations(document).items():
        assert f'id="{name}"' in english
        assert escape(one["summary"]) in english
        assert one["x-summary-zh"] in chinese
    assert "in_force | presumed" in english
    assert "results[].standing" in english


def test_the_exception_for_styles_holds_on_the_page_for_trying_alone(client, db):
    said = {path: client.get(path).headers["Content-Security-Policy"] for path in (*PAGES, "/", "/api/v1/facts")}

    assert "style-src 'self' 'unsafe-inline'" in said.pop(PAGES[1])
    assert "script-src" not in str(said)
    assert "unsafe" not in str(said.values())


def test_pages_for_people_answer_other_methods_with_a_problem(client, db):
    for path in (*PAGES, "/api/v1/problems/invalid/"):
        answer = client.post(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
