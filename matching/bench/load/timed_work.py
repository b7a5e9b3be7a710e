"""A worker that notes where its time goes, in a process of its own; and the work that is put before such workers."""

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from companies.models import Partner, ProfileVersion
from matching import actions, jobs, tasks
from matching.batches.portions import open_file
from matching.jobs import batches, matches
from matching.jobs.batches import chunks
from matching.models import Batch, BatchChunk, Format, MatchRequest
from policies import rulebook
from policies.models import Release

# Whose time is taken under which word. What is left is reading the row, keeping the lease and looking for more.
_PARTS: tuple[tuple[Any, str, str], ...] = (
    (matches, "claim", "claim"),
    (matches, "evaluate", "evaluate"),
    (matches, "finish", "store"),
    (batches, "claim", "claim"),
    (batches, "take_in", "take in"),
    (chunks, "evaluate", "evaluate"),
    (chunks, "_store", "store"),
)


def work() -> None:
    """Do all there is; say as JSON when it began and ended, how often, and the seconds under each word."""
    spent: Counter[str] = Counter()
    for module, name, word in _PARTS:
        setattr(module, name, _timed(getattr(module, name), word, spent))
    began = ended = 0.0
    done = 0
    while True:
        at = time.time()
        if jobs.do_next("bench"):
            began, ended, done = began or at, time.time(), done + 1
            spent["all"] += ended - at
        elif not _anything_left():
            break
        else:
            time.sleep(0.02)
    sys.stdout.write(json.dumps({"began": began, "ended": ended, "done": done, "spent": spent}) + "\n")


def _timed(function: Callable[..., Any], word: str, spent: Counter[str]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            spent[word] += time.perf_counter() - began

    return timed


def _anything_left() -> bool:
    return any(kind.objects.live().exists() for kind in (MatchRequest, Batch, BatchChunk))  # type: ignore[attr-defined]


def ask(count: int) -> None:
    """Ask for so many matches of the companies that are there, each for another day."""
    tasks.ring = lambda: True  # type: ignore[assignment]  # the workers of the bench look by themselves
    versions = list(ProfileVersion.objects.order_by("pk"))
    for at in range(count):
        version, day = versions[at % len(versions)], timezone.localdate() + timedelta(days=at // len(versions))
        actions.request_match(profile_version=version, day=day, by=None, key=f"{time.time_ns()}")


def send(file: str) -> None:
    """Send the file as a partner's batch."""
    tasks.ring = lambda: True  # type: ignore[assignment]
    path = Path(f"{file}.sent")
    shutil.copy(file, path)  # what is sent is taken away
    actions.request_batch(
        opened=open_file(path, Path("companies.csv"), rulebook.current().vocabulary),
        path=path,
        format=Format.CSV,
        release=Release.objects.latest(),
        day=timezone.localdate(),
        by=Partner.objects.earliest("pk"),
    )
