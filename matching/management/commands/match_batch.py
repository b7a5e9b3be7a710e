"""`manage.py match_batch COMPANIES --out RESULT`: every company of a file against the catalogue."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from companies.facts import Text, quoted
from matching.batches.faults import BatchFault
from matching.batches.files import ENCODINGS
from matching.batches.running import Options, Step, Summary, run_batch, usual_processes
from matching.batches.templates import csv_template, ndjson_template
from matching.management.commands.match import day_argument
from matching.rulebooks import NoRulebook, find_rulebook, vocabulary_today
from policies.rules import Verdict
from policies.rules.book import Rulebook

_VERDICTS = tuple(verdict.value for verdict in Verdict)
_BETWEEN_LINES = 10.0
"""Seconds between two lines of progress where there is no terminal."""


class Command(BaseCommand):
    """Exit codes: 0 all rows matched; 1 done, but some rows or answers are in the rejects file; 2 nothing was made."""

    help = (
        "Match the companies of a CSV, NDJSON or Parquet file against the catalogue. Goes on where it was killed when the "
        "same command is run again. Exit codes: 0 every row matched; 1 done, with rejected rows or answers; "
        "2 the batch could not be made."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("companies", type=Path, nargs="?", metavar="COMPANIES", help=".csv, .ndjson or .parquet")
        parser.add_argument("--out", type=Path, metavar="RESULT", help=".csv, .ndjson or .parquet")
        parser.add_argument("--on", type=day_argument, metavar="DAY", help="as of this day (default: today)")
        parser.add_argument("--release", type=int, metavar="N", help="against this release (default: the current one)")
        parser.add_argument("--lang", choices=["en", "zh-hans"], default="en")
        parser.add_argument("--wide", action="store_true", help="one row per company instead of company and offer")
        parser.add_argument(
            "--verdicts", default=",".join(_VERDICTS), metavar="LIST", help="only these, separated by commas"
        )
        parser.add_argument("--no-missing", action="store_true", help="leave the column of missing facts out: faster")
        parser.add_argument("--rejects", type=Path, metavar="FILE", help="CSV of what could not be read")
        parser.add_argument(
            "--lenient", action="store_true", help="leave bad answers out, and match the rest of the row"
        )
        parser.add_argument("--skip-unknown", action="store_true", help="leave columns out that name no fact")
        parser.add_argument("--encoding", choices=ENCODINGS, help="of the file (default: found out)")
        parser.add_argument("--restart", action="store_true", help="forget what an unfinished run has done")
        parser.add_argument(
            "--processes", type=int, metavar="N", help="side by side (default: one per processor, up to 4)"
        )
        parser.add_argument("--progress", action="store_true", help="a progress bar also where there is no terminal")
        parser.add_argument("--template", choices=["csv", "ndjson"], help="print a file to fill in, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        language = options["lang"]
        rulebook = _rulebook(options["release"])
        today = vocabulary_today(rulebook)
        if options["template"]:
            template = csv_template if options["template"] == "csv" else ndjson_template
            asked = rulebook.vocabulary if options["release"] else today
            self.stdout.write(template(asked, language, rulebook.vocabulary), ending="")
            return
        if options["companies"] is None or options["out"] is None:
            raise CommandError(_NEEDED.said(language), returncode=2)
        settings = Options(
            language=language,
            encoding=options["encoding"],
            lenient=options["lenient"],
            skip_unknown=options["skip_unknown"],
            wide=options["wide"],
            verdicts=_verdicts(options["verdicts"], language),
            missing=not options["no_missing"],
            restart=options["restart"],
            processes=options["processes"] or usual_processes(),
        )
        watch = _Watch(self.stderr, language, bar=options["progress"] or sys.stderr.isatty())
        try:
            summary = run_batch(
                options["companies"], options["out"], rulebook=rulebook, day=options["on"] or timezone.localdate(), today=today,
                rejects=options["rejects"], options=settings, on_step=watch.step,
            )  # fmt: skip
        except BatchFault as fault:
            raise CommandError(fault.message.said(language), returncode=2) from fault
        except KeyboardInterrupt as stopped:
            raise CommandError(_STOPPED.said(language), returncode=130) from stopped
        finally:
            watch.close()
        self.stdout.write(_said(summary, options["out"]).said(language))
        if summary.not_yet:
            self.stdout.write(_not_yet(summary, rulebook).said(language))
        if summary.rejected or summary.left_out:
            raise CommandError(_rejected(summary).said(language), returncode=1)


class _Watch:
    """Says how far the batch has come: a bar in a terminal, elsewhere a line now and then."""

    def __init__(self, stderr: Any, language: str, *, bar: bool) -> None:
        self.stderr = stderr
        self.language = language
        self.rows = 0
        self.began = self.spoke = time.monotonic()
        self.bar: Any = tqdm(unit=Text(" companies", "家").said(language), total=0, file=sys.stderr) if bar else None
        self.first: float | None = None

    def step(self, step: Step) -> None:
        self.rows += step.rows
        if self.first is None:
            self.first = step.before
        share = step.done - self.first
        if self.bar is not None:
            self.bar.total = max(round(self.rows * (1 - self.first) / share) if share else 0, self.rows)
            self.bar.update(step.rows)
            return
        now = time.monotonic()
        if now - self.spoke >= _BETWEEN_LINES:
            self.spoke = now
            left = (now - self.began) * (1 - step.done) / share if share else 0
            rate = self.rows / (now - self.began)
            said = Text(
                f"{self.rows:,} companies, {rate:,.0f}/s, {step.done:.0%} done, about {left:,.0f} s left",
                f"已处理 {self.rows:,} 家企业，每秒 {rate:,.0f} 家，完成 {step.done:.0%}，约剩 {left:,.0f} 秒",
            )
            self.stderr.write(said.said(self.language))

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


_NEEDED = Text(
    "Name a file of companies and --out RESULT; --template csv prints a file to fill in.",
    "请给出企业文件和 --out 结果文件；--template csv 可打印模板。",
)


_STOPPED = Text("Stopped. Run the same command to go on.", "已停止。运行同一命令即可继续。")


def _said(summary: Summary, out: Path) -> Text:
    went_on = Text(
        f" (of which {summary.resumed:,} rows in an earlier run)", f"（其中 {summary.resumed:,} 行为此前完成）"
    )
    resumed = went_on if summary.resumed else Text("", "")
    # The words of the column “verdict”, which are the same in both languages.
    counts = ", ".join(f"{verdict} {count:,}" for verdict, count in summary.verdicts.items())
    companies = "1 company" if summary.matched == 1 else f"{summary.matched:,} companies"
    return Text(
        f"{out}: {companies} matched{resumed.en}. Pairs: {counts}.",
        f"{out}：已匹配 {summary.matched:,} 家企业{resumed.zh}。结论数：{counts}。",
    )


def _not_yet(summary: Summary, rulebook: Rulebook) -> Text:
    en, zh = ", ".join(map(quoted, summary.not_yet)), "、".join(map(quoted, summary.not_yet))
    return Text(
        f"Not evaluated, because release {rulebook.number} does not know these facts yet: {en}.",
        f"以下事实项尚未列入发布版 {rulebook.number}，未参与判定：{zh}。",
    )


def _rejected(summary: Summary) -> Text:
    rows = "1 row" if summary.rejected == 1 else f"{summary.rejected:,} rows"
    answers = "1 answer" if summary.left_out == 1 else f"{summary.left_out:,} answers"
    return Text(
        f"{rows} rejected, {answers} left out of other rows: {summary.rejects} says which and why.",
        f"拒收 {summary.rejected:,} 行，另在其他行中忽略 {summary.left_out:,} 项回答：详见 {summary.rejects}。",
    )


def _verdicts(given: str, language: str) -> tuple[Verdict, ...]:
    words = [word.strip() for word in given.split(",") if word.strip()]
    wrong = [word for word in words if word not in _VERDICTS]
    if wrong or not words:
        known = ", ".join(_VERDICTS)
        said = Text(f"--verdicts: “{''.join(wrong[:1])}” is not one of: {known}.",
                    f"--verdicts：“{''.join(wrong[:1])}”不在以下取值中：{known}。")  # fmt: skip
        raise CommandError(said.said(language), returncode=2)
    return tuple(verdict for verdict in Verdict if verdict.value in words)


def _rulebook(number: int | None) -> Rulebook:
    try:
        return find_rulebook(number)
    except NoRulebook as fault:
        raise CommandError(str(fault), returncode=2) from fault
