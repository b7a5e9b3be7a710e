"""`manage.py audit`: are there known holes in the packages that the service is made of?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

LOCKS = Path(__file__).resolve().parents[3] / "locks"
HOLES, NOT_ASKED = 1, 2
PATIENCE_SECONDS = 120


class Command(BaseCommand):
    """Ends with 0 where no hole is known, with 1 where one is, and with 2 where the database of holes could not be asked."""

    help = "Ask the database of known holes about every pinned package of locks/runtime.txt and locks/s3.txt."

    def add_arguments(self, parser: CommandParser) -> None:
        """For `./run check`, which has to pass where there is no network."""
        parser.add_argument("--not-asked-is-no-fault", action="store_true", help="say so aloud, and end with 0")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each hole, or one that says how many packages have none, or why nobody knows."""
        found = asked()
        if isinstance(found, str):
            self.stderr.write(
                f"COULD NOT AUDIT: {found}\n"
                "Nothing is known about holes in the packages. Run `./run audit` where the network is open, before each release."
            )
            if not options["not_asked_is_no_fault"]:
                sys.exit(NOT_ASKED)
            return
        packages, holes = found
        for hole in holes:
            self.stderr.write(hole)
        if holes:
            self.stderr.write(f"{len(holes)} known holes: update the packages in pyproject.toml, then ./run lock")
            sys.exit(HOLES)
        self.stdout.write(f"{packages} packages, no known hole")


def asked() -> tuple[int, list[str]] | str:
    """How many packages were looked up, with the holes; or why they could not be."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--format=json",
        "--progress-spinner=off",
    ]
    locks = [f"--requirement={LOCKS / name}" for name in ("runtime.txt", "s3.txt")]
    try:
        done = subprocess.run([*command, *locks], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE_SECONDS} seconds"
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        # Whatever it ended with: without its answer nothing was audited.
        return (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1][:300]
    skipped = [one for one in told if "skip_reason" in one]
    if not told or skipped:
        why = str(skipped[0]["skip_reason"])[:200] if skipped else "the locks name none"
        return f"{len(skipped)} of {len(told)} packages were passed over: {why}"
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in told
        for hole in one["vulns"]
    ]
    return len(told), holes
