"""The command: exit codes, both languages, the template, and what it says while it works."""

import errno
from pathlib import Path

import pytest
from django.core.management import call_command

from matching.batches.files import unreadable
from tests.matching.batches.scene import read_result
from tests.matching.test_commands import run

GOOD = "id,name,employees,established\n1,甲,1000,yes\n2,乙,5,no\n"


@pytest.fixture
def companies(tmp_path):
    path = tmp_path / "companies.csv"
    path.write_text(GOOD, encoding="utf-8")
    return str(path)


def test_a_batch_against_a_release(release, companies, tmp_path):
    out = tmp_path / "result.csv"

    code, printed, complaint = run(
        "match_batch", companies, "--out", str(out), "--on", "2026-11-24", "--processes", "1"
    )

    assert (code, complaint) == (0, "")
    assert "2 companies matched" in printed
    verdicts = {(row["id"], row["offer"]): row["verdict"] for row in read_result(out)}
    assert verdicts[("1", "cp-small-2026/large-team")] == "eligible"
    assert verdicts[("2", "cp-small-2026/large-team")] == "ineligible"
    assert verdicts[("2", "cp-small-2026/research-reward")] == "undetermined"


def test_rejected_rows_are_counted_in_the_language_and_the_exit_code(release, companies, tmp_path):
    with open(companies, "a", encoding="utf-8") as opened:
        opened.write("3,丙,many,yes\n")

    code, printed, complaint = run(
        "match_batch", companies, "--out", str(tmp_path / "r.csv"), "--lang", "zh-hans", "--processes", "1"
    )

    assert code == 1
    assert "已匹配 2 家企业" in printed
    assert "拒收 1 行" in complaint
    assert "无法识别数字" in (tmp_path / "r.rejects.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nowhere.csv", "--out", "{folder}/r.csv"],
        ["{companies}"],
        ["{companies}", "--out", "{folder}/r.xlsx"],
        ["{companies}", "--out", "{companies}"],
        ["{companies}", "--out", "{folder}/none/r.csv"],
        ["{companies}", "--out", "{folder}/r.csv", "--release", "99"],
        ["{companies}", "--out", "{folder}/r.csv", "--verdicts", "eligble"],
    ],
)
def test_wrong_use_is_exit_code_two_and_leaves_nothing(release, companies, tmp_path, arguments):
    arguments = [argument.format(companies=companies, folder=tmp_path) for argument in arguments]

    code, _, complaint = run("match_batch", *arguments, "--processes", "1")

    assert code == 2
    assert complaint
    assert [path.name for path in tmp_path.iterdir()] == ["companies.csv"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("ending", ["csv", "ndjson"])
def test_the_template_reads_back_as_one_company(release, tmp_path, ending, language):
    code, template, _ = run("match_batch", "--template", ending, "--lang", language)
    path = tmp_path / f"template.{ending}"
    path.write_text(template, encoding="utf-8")

    matched, printed, complaint = run(
        "match_batch", str(path), "--out", str(tmp_path / "r.ndjson"), "--lang", language, "--processes", "1"
    )

    assert (code, matched, complaint) == (0, 0, "")
    assert "1" in printed
    assert {row["id"] for row in read_result(tmp_path / "r.ndjson")} == {"1"}


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "ndjson"])
def test_the_template_of_the_whole_catalogue_reads_back(db, tmp_path, ending):
    code, template, _ = run("match_batch", "--template", ending)
    path = tmp_path / f"template.{ending}"
    path.write_text(template, encoding="utf-8")

    matched, _, complaint = run("match_batch", str(path), "--out", str(tmp_path / "r.csv"), "--processes", "1")

    assert (code, matched, complaint) == (0, 0, "")


def test_the_progress_bar_says_rate_and_time_left(release, companies, tmp_path, capsys):
    call_command("match_batch", companies, "--out", str(tmp_path / "r.csv"), "--processes", "1", "--progress")

    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "companies/s" in shown


def test_a_file_that_is_not_there_is_said_in_chinese_too():
    fault = unreadable(Path("a.csv"), FileNotFoundError(errno.ENOENT, "No such file or directory"))

    assert fault.message.said("en") == "a.csv: No such file or directory"
    assert fault.message.said("zh-hans") == "a.csv：文件或文件夹不存在"
