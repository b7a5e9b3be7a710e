"""Answers from a file: a table or JSON is shown beside what is known, and taken when the person agrees."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from companies import actions
from companies.actions import visits
from companies.visitors import MARK
from matching.importing.tables import MOST_BYTES, MOST_ROWS
from policies import rulebook


@pytest.fixture
def page(version, release):
    """The page of the company's import; it has 40 employees and is established."""
    actions.store_vocabulary(vocabulary=rulebook.of_release(release.number).vocabulary, by=None)
    return reverse("matching:import", args=[version.company.public_id])


@pytest.fixture
def lins(client_of, lin) -> Client:
    return client_of(lin)


def sent(client, page, name: str, content: bytes | str):
    content = content.encode() if isinstance(content, str) else content
    return client.post(page, {"file": SimpleUploadedFile(name, content)})


def hidden(answer, name: str) -> str:
    """The value of a field that the page holds until the person agrees."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def take(client, page, answer):
    return client.post(page, {name: hidden(answer, name) for name in ("answers", "opened_on")})


def workbook(*rows) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return written.getvalue()


def known(company) -> dict:
    return company.latest_version.answers


FILES = {
    "rows": ("a.csv", "fact,answer\nemployees,55\n"),
    "rows in Chinese": ("a.csv", "事实项,回答\nemployees,55\n".encode("gb18030")),
    "labels": ("a.csv", "# a remark\nquestion;answer\nEmployees;55\n"),
    "columns": ("a.csv", "id,name,employees\n1,Example,55\n"),
    "workbook": ("a.xlsx", workbook(["fact", "answer"], ["employees", 55])),
    "JSON": ("a.json", json.dumps({"employees": 55})),
    "JSON with facts": ("a.json", json.dumps({"name": "Example", "facts": {"employees": {"value": 55}}})),
}


@pytest.mark.parametrize("kind", FILES)
def test_what_a_file_says_is_shown_and_only_taken_when_the_person_agrees(lins, page, company, kind):
    shown = sent(lins, page, *FILES[kind])

    assert shown.status_code == 200
    assert "55" in shown.content.decode()
    assert known(company)["employees"]["value"] == 40, "nothing is stored yet"
    assert take(lins, page, shown).url == company.get_absolute_url()
    assert known(company)["employees"]["value"] == 55
    assert known(company)["established"]["value"] is True, "what the file does not say stays"


def test_the_template_reads_back_with_the_answers_that_were_filled_in(lins, page, company):
    template = lins.get(f"{page}profile.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    sheet = book.active
    (row,) = (at for at in range(2, sheet.max_row + 1) if sheet.cell(at, 1).value == "employees")
    assert sheet.cell(row, 4).value == "40", "what is known stands beside"
    sheet.cell(row, 3).value = "56"
    written = io.BytesIO()
    book.save(written)

    take(lins, page, sent(lins, page, "profile.xlsx", written.getvalue()))

    assert known(company)["employees"]["value"] == 56


def test_an_empty_template_changes_nothing(lins, page):
    template = lins.get(f"{page}profile.csv")

    answer = sent(lins, page, "profile.csv", template.content)

    assert "no answer that can be taken" in answer.content.decode()


BAD = {
    "no answers": ("a.csv", "fact,answer\n", "no answers"),
    "other ending": ("a.pdf", b"%PDF", "must end in"),
    "no workbook": ("a.xlsx", b"PK\x03\x04" + b"\0" * 50, "as a workbook"),
    "no JSON": ("a.json", "{", "as JSON"),
    "deep JSON": ("a.json", "[" * 5_000, "as JSON"),
    "JSON list": ("a.json", "[1]", "facts with their values"),
    "several companies": ("a.csv", "employees\n1\n2\n", "several rows"),
    "no text": ("a.csv", b"\xff\xff\xff", "is no text"),
    "too many rows": ("a.csv", "fact,answer\n" + "x,\n" * MOST_ROWS, "more than 1,000 rows"),
    "too large": ("a.csv", b"a" * (MOST_BYTES + 1), "larger than"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_of_which_nothing_can_be_taken_is_refused_with_what_to_do(lins, page, what):
    name, content, said = BAD[what]

    answer = sent(lins, page, name, content)

    assert answer.status_code == 422
    assert said in html.unescape(answer.content.decode())


def test_a_workbook_that_unpacks_to_very_much_is_refused(lins, page):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"a" * 20_000_000)

    answer = sent(lins, page, "a.xlsx", written.getvalue())

    assert (answer.status_code, b"too large when unpacked" in answer.content) == (422, True)


CELLS = {
    "no number": ("employees", "many", "not a number"),
    "unknown": ("employes", "4", "Did you mean"),
    "NUL": ("employees", "4\x00", "control character"),
    "script": ("<script>alert(1)</script>", "4", "&lt;script&gt;"),
}


@pytest.mark.parametrize("what", CELLS)
def test_a_cell_that_cannot_be_read_is_named_with_its_row_and_the_others_can_be_taken(lins, page, company, what):
    word, cell, said = CELLS[what]

    answer = sent(lins, page, "a.csv", f"fact,answer\n{word},{cell}\nestablished,no\n")

    text = answer.content.decode()
    assert "row 2" in text
    assert said in text
    assert "<script>alert" not in text
    take(lins, page, answer)
    assert known(company)["established"]["value"] is False


def test_a_formula_is_not_worked_out(lins, page):
    content = workbook(["fact", "answer"], ["employees", "=1+1"], ["established", "no"])

    assert "This is a formula" in sent(lins, page, "a.xlsx", content).content.decode()


def test_nobody_can_claim_that_a_register_said_it(lins, page, company):
    claimed = {"employees": {"value": 57, "source": "registry"}}
    take(lins, page, sent(lins, page, "a.json", json.dumps(claimed)))
    lins.post(page, {"answers": json.dumps({"established": {"value": False, "source": "partner"}}), "opened_on": "0"})

    assert {known(company)[name]["source"] for name in ("employees", "established")} == {"self_declared"}


def test_what_a_colleague_changed_meanwhile_stays(lins, page, company, lin, release):
    shown = sent(lins, page, "a.csv", "fact,answer\nestablished,no\n")
    vocabulary = rulebook.of_release(release.number).vocabulary
    actions.save_answers(company=company, answers={"employees": 99}, by=lin, vocabulary=vocabulary)

    take(lins, page, shown)

    assert (known(company)["employees"]["value"], known(company)["established"]["value"]) == (99, False)


@pytest.mark.parametrize("tail", ["", "profile.xlsx"])
def test_strangers_find_no_import_and_readers_may_not(client_of, page, wei, zhou, tail):
    assert client_of(zhou).get(page + tail).status_code == 404
    assert client_of(wei).get(page + tail).status_code == 403
    assert Client().get(page + tail).status_code == 302


def test_a_visitor_imports_into_the_company_that_the_browser_holds(page):
    company, secret = visits.start_visit(name="New", founded=True)
    visitor = Client()
    session = visitor.session
    session[MARK] = [secret]
    session.save()
    visitor.cookies["sessionid"] = session.session_key
    own = reverse("matching:import", args=[company.public_id])

    take(visitor, own, sent(visitor, own, "a.json", '{"employees": 5}'))

    assert known(company)["employees"]["value"] == 5
    assert visitor.get(page).status_code == 404


def test_the_page_asks_few_questions_of_the_database_however_much_a_file_says(lins, page, django_assert_num_queries):
    lins.get(page)
    with django_assert_num_queries(6):
        sent(lins, page, "a.csv", "fact,answer\nemployees,55\n")
    with django_assert_num_queries(6):
        sent(
            lins,
            page,
            "a.csv",
            "fact,answer\nemployees,55\nestablished,no\n" + "".join(f"x{at},1\n" for at in range(50)),
        )
