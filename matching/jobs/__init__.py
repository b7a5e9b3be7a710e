"""The work behind the rows: leases, which every kind of job shares, and what is done under them."""

from matching.jobs import matches, runs
from matching.jobs.leases import (
    COUNTS,
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
from matching.models import Delivery, MatchRequest, Run

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
    "do_next",
    "evaluate",
    "finish",
    "give_back",
    "lease_length",
    "renew",
    "return_overdue",
    "waiting",
]


def do_next(worker: str = "") -> bool:
    """Do the longest-waiting match or, when none waits, the next step of a run; False when there was nothing to do."""
    return matches.do_next(worker) or runs.do_next(worker)


def waiting(at_most: int) -> int:
    """How many jobs could be taken now, counted up to a limit."""
    found = len(MatchRequest.objects.runnable().values_list("pk")[:at_most])
    # Runs are done one step at a time, so one worker is enough for all of them.
    return found + int(found < at_most and Run.objects.next_in_line().exists())


def return_overdue() -> int:
    """Take jobs back from workers that went silent; how many. Safe to run at any time and twice."""
    return sum(_return_overdue(kind) for kind in (MatchRequest, Run, Delivery))
