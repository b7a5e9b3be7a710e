"""The work behind the rows: leases, which every kind of job shares, and what is done under them."""

import itertools

from companies.models import Letter
from matching.jobs import batches, exports, matches, runs
from matching.jobs.leases import (
    Lease,
    LeaseLost,
    ProfileUnreadable,
    ReleaseUnreadable,
    TimeUp,
    beat,
    give_back,
    lease_length,
    renew,
)
from matching.jobs.leases import return_overdue as _return_overdue
from matching.jobs.matches import TIME_LIMIT, claim, evaluate, finish
from matching.jobs.tallies import COUNTS, count
from matching.jobs.tallies import keep as keep_tallies
from matching.models import Batch, BatchChunk, DataExport, Delivery, Digest, MatchRequest, Run

__all__ = [
    "COUNTS",
    "TIME_LIMIT",
    "Lease",
    "LeaseLost",
    "ProfileUnreadable",
    "ReleaseUnreadable",
    "TimeUp",
    "beat",
    "claim",
    "count",
    "do_next",
    "evaluate",
    "finish",
    "give_back",
    "keep_tallies",
    "lease_length",
    "renew",
    "return_overdue",
    "waiting",
]


_turns = itertools.count()


def do_next(worker: str = "") -> bool:
    """Do the longest-waiting match or, when none waits, an export or the next step of a batch or a run; False when there was nothing.

    Batches and runs take turns to be asked first, so that neither holds the other up.
    """
    if matches.do_next(worker) or exports.do_next(worker):
        return True
    first, second = (batches, runs) if next(_turns) % 2 else (runs, batches)
    return first.do_next(worker) or second.do_next(worker)


def waiting(at_most: int) -> int:
    """How many jobs could be taken now, counted up to a limit."""
    found = len(MatchRequest.objects.runnable().values_list("pk")[:at_most])
    found += len(DataExport.objects.runnable().values_list("pk")[: at_most - found]) if found < at_most else 0
    # Runs are done one step at a time, so one worker is enough for all of them.
    found += int(found < at_most and Run.objects.next_in_line().exists())
    return found + (batches.waiting(at_most - found) if found < at_most else 0)


def return_overdue() -> int:
    """Take jobs back from workers that went silent; how many. Safe to run at any time and twice."""
    kinds = (MatchRequest, DataExport, Run, Batch, BatchChunk, Delivery, Digest, Letter)
    return sum(_return_overdue(kind) for kind in kinds)
