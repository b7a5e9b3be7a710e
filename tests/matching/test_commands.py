"""The commands: match, verify_reports, load_demo."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from companies.models import Company, User
from matching import jobs
from matching.management.commands import load_demo
from matching.models import MatchReport, MatchRequest

GOOD = "name: Example Biotech\nfacts:\n  established: true\n  employees: 40\n"


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, what was printed, what was complained about."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as fault:
        return fault.returncode, out.getvalue(), err.getvalue() + str(fault)
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def profile(tmp_path):
    def write(text: str, name: str = "profile.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_report_as_text_in_both_languages(release, profile):
    path = profile(GOOD)

    code, english, _ = run("match", path, "--on", "2026-11-24")
    assert code == 0
    assert "Policy report for Example Biotech, as of 2026-11-24" in english
    assert "CNY 500,000" in english
    assert "founding-reward" in english

    code, chinese, _ = run("match", path, "--on", "2026-11-24", "--lang", "zh-hans")
    assert code == 0
    assert "founding-reward（中文）" in chinese
    assert "50万元" in chinese


def test_json_is_the_same_twice_and_from_either_spelling_of_the_profile(release, profile):
    as_json = json.dumps({"name": "Example Biotech", "facts": {"employees": 40, "established": True}})

    first = run("match", profile(GOOD), "--on", "2026-11-24", "--format", "json")
    second = run("match", profile(as_json, "p.json"), "--on", "2026-11-24", "--format", "json")

    assert first == second
    assert json.loads(first[1])["summary"]["counts"]["eligible"] == 1


def test_html_is_a_whole_file(release, profile, tmp_path):
    out = tmp_path / "report.html"

    code, printed, _ = run("match", profile(GOOD), "--format", "html", "--out", str(out))

    assert (code, printed) == (0, "")
    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert ".report-figure" in page
    assert "/companies/" not in page


def test_html_in_chinese_says_its_sums_in_chinese(release, profile):
    code, page, _ = run("match", profile(GOOD), "--format", "html", "--lang", "zh-hans")

    assert code == 0
    assert '<p class="report-figure">50万元</p>' in page
    assert "CNY" not in page


BAD = {
    "unknown fact": ("employes: 4\n", ":1:"),
    "negative": ("established: true\nemployees: -3\n", ":2:"),
    "huge": ("rd_expense_y1: 1e30\n", ":1:"),
    "broken yaml": ("employees: [1\n", ":"),
    "twice": ("employees: 4\nemployees: 5\n", ":2:"),
    "a list": ("- employees\n", ":1:"),
    "extra key": ("name: X\nfacts: {}\nday: today\n", ":3:"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_fault_is_said_with_file_and_line(release, profile, what):
    text, place = BAD[what]
    path = profile(text)

    code, printed, complaint = run("match", path)

    assert code == 1
    assert printed == ""
    assert f"{path}{place}" in complaint


def test_lenient_leaves_the_fault_out_and_reports_on_the_rest(release, profile):
    code, printed, complaint = run("match", profile("established: true\nemployees: -3\n"), "--lenient")

    assert code == 0
    assert ":2:" in complaint
    assert "CNY 500,000" in printed


@pytest.mark.parametrize(
    "arguments", [["nowhere.yaml"], ["{path}", "--release", "99"], ["{path}", "--out", "/nowhere/x"]]
)
def test_wrong_use_is_exit_code_two(release, profile, arguments):
    path = profile(GOOD)

    code, _, complaint = run("match", *[argument.format(path=path) for argument in arguments])

    assert code == 2
    assert complaint


@pytest.mark.parametrize("text", ["name: Only a name\nfacts:\n", "name: Only a name\n"])
def test_a_name_and_nothing_else(release, profile, text):
    code, printed, _ = run("match", profile(text), "--format", "json")

    report = json.loads(printed)
    counts = report["summary"]["counts"]
    assert (code, counts["eligible"], counts["error"]) == (0, 0, 0)
    assert report["subject"]["name"] == "Only a name"


def test_stored_reports_recompute_to_the_same_bytes(ask, company):
    ask(), ask()
    jobs.do_next(), jobs.do_next()
    company.name = "Renamed since"
    company.save()

    code, printed, _ = run("verify_reports")

    assert code == 0
    assert printed.count(" identical\n") == 2


def test_a_report_that_was_tampered_with_is_found(ask, monkeypatch):
    ask()
    jobs.do_next()
    report = MatchReport.objects.get()
    monkeypatch.setattr(MatchReport, "is_intact", lambda self: False)

    code, printed, _ = run("verify_reports", str(report.public_id))

    assert code == 1
    assert "changed after it was stored" in printed


def test_a_report_that_differs_shows_where(ask, monkeypatch):
    ask()
    jobs.do_next()
    real = jobs.evaluate
    monkeypatch.setattr(jobs, "evaluate", lambda request: {**real(request), "day": "1999-01-01"})

    code, printed, _ = run("verify_reports")

    assert code == 1
    assert '+ "day": "1999-01-01"' in printed


def test_an_unknown_report_is_wrong_use(db):
    assert run("verify_reports", "00000000-0000-0000-0000-000000000000")[0] == 2


def test_the_demo_is_loaded_once(release, monkeypatch, tmp_path, silent_bell):
    small = tmp_path / "profile.yaml"
    small.write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(load_demo, "PROFILE", small)

    first, second = run("load_demo"), run("load_demo")

    assert first == second
    assert "lin@example.com / " in first[1]
    assert (User.objects.count(), Company.objects.count(), MatchRequest.objects.count()) == (5, 1, 1)


def test_the_served_edition_gets_no_demo(db, settings):
    settings.EDITION, settings.DEBUG = "served", False

    code, _, complaint = run("load_demo")

    assert code == 1
    assert "served" in complaint
    assert not User.objects.exists()
