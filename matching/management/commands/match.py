"""`manage.py match PROFILE`: the report of one profile file, from the command line."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from companies.facts import Text
from matching.engine.report import make_report
from matching.profiles import PlacedFault, read_profile_file
from matching.rendering.blocks import NotSet
from matching.rendering.forms import FORMS
from matching.rulebooks import NoRulebook, find_rulebook
from policies.rules.book import Rulebook


class Command(BaseCommand):
    """Exit codes: 0 done; 1 the profile has faults (said with file:line; no report unless --lenient); 2 wrong use."""

    help = (
        "Match one profile (YAML or JSON) against the catalogue and print the report. Uses the current release, "
        "or the catalogue's files when the database holds none. Exit codes: 0 done; 1 the profile has faults; "
        "2 wrong use or unreadable file."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("profile", type=Path, metavar="PROFILE", help="a .yaml or .json file of facts")
        parser.add_argument(
            "--on", type=day_argument, metavar="DAY", help="as of this day, YYYY-MM-DD (default: today)"
        )
        parser.add_argument("--release", type=int, metavar="N", help="against this release (default: the current one)")
        parser.add_argument("--lang", choices=["en", "zh-hans"], default="en")
        parser.add_argument("--format", choices=list(FORMS), default="text")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write there instead of printing")
        parser.add_argument(
            "--lenient", action="store_true", help="leave out answers that have a fault, and report on the others"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        language = options["lang"]
        rulebook = self._rulebook(options["release"])
        try:
            file, faults = read_profile_file(options["profile"])
        except OSError as fault:
            raise CommandError(f"{options['profile']}: {fault.strerror}", returncode=2) from fault
        self._say(faults, language)
        if file is None:
            raise CommandError(_UNREADABLE.said(language), returncode=1)
        profile, answer_faults = file.profile(rulebook.vocabulary)
        self._say(answer_faults, language)
        count = len(faults) + len(answer_faults)
        if count and not options["lenient"]:
            raise CommandError(_faults(count).said(language), returncode=1)
        report = make_report(rulebook, profile, options["on"] or timezone.localdate(), {"name": file.name})
        try:
            made = FORMS[options["format"]].make(report, language)
        except NotSet as fault:
            raise CommandError(f"the PDF could not be made: {fault}", returncode=2) from fault
        self._put(made, options["out"])

    def _rulebook(self, number: int | None) -> Rulebook:
        try:
            return find_rulebook(number)
        except NoRulebook as fault:
            raise CommandError(str(fault), returncode=2) from fault

    def _say(self, faults: list[PlacedFault], language: str) -> None:
        for fault in faults:
            self.stderr.write(fault.said(language))

    def _put(self, made: str | bytes, out: Path | None) -> None:
        if out is None:
            if isinstance(made, str):
                self.stdout.write(made, ending="" if made.endswith("\n") else "\n")
            else:
                self.stdout.flush()
                sys.stdout.buffer.write(made)
            return
        try:
            out.write_bytes(made if isinstance(made, bytes) else made.encode())
        except OSError as fault:
            raise CommandError(f"{out}: {fault.strerror}", returncode=2) from fault


_UNREADABLE = Text(
    "The profile cannot be read; mend the line named above.", "无法读取企业资料，请修改上面指出的那一行。"
)


def _faults(count: int) -> Text:
    return Text(
        f"Faults: {count}. Mend them, or use --lenient to leave those answers out.",
        f"共 {count} 处问题。请修改，或使用 --lenient 忽略这些回答。",
    )


def day_argument(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a day; write it as 2026-11-24") from None
