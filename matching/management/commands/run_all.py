"""`manage.py run_all [--on DAY] [--wait]`: match all companies with the current release, and keep the result."""

from argparse import ArgumentParser
from datetime import date
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import override

from companies.facts import Text
from matching import actions
from matching.jobs import return_overdue, runs
from matching.models import BITMAPS, Cause, Run, RunOffer, State
from policies.models import Release
from policies.rules import Verdict

# How often to look while a worker does the work.
LOOK_EVERY = 1.0


class Command(BaseCommand):
    """Exit codes: 0 asked for, or with --wait done; 1 the run failed or was cancelled; 2 wrong use."""

    help = "Ask for a run over all companies; with --wait also work on it, show progress and print the result."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DAY", help="try another day than today; changes are not told"
        )
        parser.add_argument("--lang", choices=["en", "zh-hans"], default="en")
        parser.add_argument("--wait", action="store_true", help="help the workers with it and stay until it is done")

    def handle(self, *args: Any, on: date | None, wait: bool, lang: str, **options: Any) -> None:
        with override(lang):
            self._run(on=on, wait=wait, language=lang)

    def _run(self, *, on: date | None, wait: bool, language: str) -> None:
        release = Release.objects.only("number").order_by("number").last()
        if release is None:
            raise CommandError(NO_RELEASE.said(language), returncode=2)
        today = timezone.localdate()
        day = on or today
        run = actions.request_run(release=release, day=day, cause=Cause.ASKED, by=None, trial=day != today)
        self.stdout.write(f"run {run.public_id}: release {release.number}, {run.day}")
        if not wait:
            return
        said = None
        while not run.has_ended:
            if not runs.do_next():
                return_overdue()
                sleep(LOOK_EVERY)
            run = Run.objects.without_bulk().get(pk=run.pk)
            if (run.progress_done, run.progress_total) != said:
                said = run.progress_done, run.progress_total
                self.stdout.write(f"{said[0]} / {said[1]}")
        if run.state != State.DONE:
            raise CommandError(f"{run.get_state_display()}: {run.get_reason_display()} {run.last_error}", returncode=1)
        self._tell(run, language)

    def _tell(self, run: Run, language: str) -> None:
        for line in run.offers.defer(*BITMAPS):
            counts = " ".join(f"{verdict}={line.counts[verdict]}" for verdict in Verdict if line.counts[verdict])
            self.stdout.write(f"{line.offer}: {counts}{_worth(line, language)}")
        compared = f"; {CHANGES.said(language)}: {run.changed}" if run.compared_with_id else ""
        self.stdout.write(f"{COMPANIES.said(language)}: {run.companies}{compared}; SHA-256 {run.digest}")


def _worth(line: RunOffer, language: str) -> str:
    """What the eligible companies may get together; nothing where none is eligible."""
    if not line.counts[Verdict.ELIGIBLE]:
        return ""
    ends = [line.eligible_sum(end) for end in ("low", "high")]
    worth = " … ".join("–" if fen is None else f"{_yuan(fen)} CNY" for fen, _ in ends)
    unknown = max(count for _, count in ends)
    open_ends = f" (+{unknown} {NOT_KNOWN.said(language)})" if unknown else ""
    return f"; {ELIGIBLE_SUM.said(language)}: {worth}{open_ends}"


NO_RELEASE = Text(
    "No release yet: load the catalogue first (load_catalogue).", "尚无发布版：请先加载目录（load_catalogue）。"
)
NOT_KNOWN = Text("not known", "金额未知")
ELIGIBLE_SUM = Text("eligible companies may get", "符合企业可获金额")
CHANGES = Text("changes since the run before", "较上次重算的变化")
COMPANIES = Text("companies", "企业数")


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02}"
