"""The work behind the rows: leases, which every kind of job shares, and what is done under them."""

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
from matching.jobs.matches import TIME_LIMIT, claim, do_next, evaluate, finish
from matching.models import MatchRequest

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
]


def return_overdue() -> int:
    """Take jobs back from workers that went silent; how many. Safe to run at any time and twice."""
    return _return_overdue(MatchRequest)
