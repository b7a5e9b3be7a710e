"""The work of a match: evaluate one profile version, and finish report and state in one commit."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseFault
from django.db import transaction
from django.db.models import Min, Q

from matching.engine.canonical import canonical_text, digest_of
from matching.engine.report import make_report
from matching.jobs import outbox
from matching.jobs.leases import (
    Lease,
    ProfileUnreadable,
    ReleaseUnreadable,
    carry_out,
    claim_first,
    end_as_done,
    still_ours,
)
from matching.models import MatchReport, MatchRequest
from policies import rulebook

TIME_LIMIT = timedelta(seconds=60)


# Whom this process served when: one that asks for a hundred reports is not to make all others wait for them. A process that
# starts anew has forgotten it, which costs nobody more than one turn.
_served: dict[tuple[int | None, int | None], float] = {}
_MOST_REMEMBERED = 10_000


def claim() -> Lease | None:
    """Take the longest-waiting runnable request of whoever waited longest for a turn, or nothing; never one that another worker holds.

    Whoever asks is a partner or a person.
    """
    askers = MatchRequest.objects.runnable().order_by().values_list("partner", "asked_by").annotate(Min("run_after"))
    in_turn = sorted(askers, key=lambda one: (_served.get((one[0], one[1]), 0.0), one[2]))
    for partner, person, _ in in_turn:
        waiting = MatchRequest.objects.runnable().filter(_asked_by(partner, person))
        if (lease := claim_first(waiting, progress_done=0)) is not None:
            if len(_served) >= _MOST_REMEMBERED:
                _served.clear()
            _served[partner, person] = time.monotonic()
            return lease
    return None


def _asked_by(partner: int | None, person: int | None) -> Q:
    return Q(
        **({"partner": partner} if partner else {"partner__isnull": True}),
        **({"asked_by": person} if person else {"asked_by__isnull": True}),
    )


def do_next(worker: str = "") -> bool:
    """Claim one request and bring this attempt to its end; False when there was nothing to do."""
    lease = claim()
    if lease is None:
        return False
    request = MatchRequest.objects.with_question().get(pk=lease.row)
    on_offer = still_ours(lease, worker, TIME_LIMIT)

    def work() -> None:
        finish(lease, evaluate(request, on_offer=on_offer))

    carry_out(lease, work, request)
    return True


def evaluate(request: MatchRequest, *, on_offer: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """The report this request asks for; the same request gives the same report again."""
    try:
        rules = rulebook.of_release(request.release.number)
    except (DatabaseFault, OSError):
        raise
    except Exception as fault:
        raise ReleaseUnreadable(str(request.release.number)) from fault
    try:
        profile = request.profile_version.profile(rules.vocabulary)
    except (DatabaseFault, OSError):
        raise
    except Exception as fault:
        raise ProfileUnreadable(str(request.profile_version.number)) from fault
    return make_report(rules, profile, request.day, request.subject, on_offer=on_offer)


def finish(lease: Lease, report: dict[str, Any]) -> MatchReport:
    """Store the report, end the request and tell who listens in one commit; raises LeaseLost when it is no longer ours."""
    content = canonical_text(report)
    with transaction.atomic():
        end_as_done(lease, progress_total=len(report["offers"]), progress_done=len(report["offers"]))
        stored = MatchReport.objects.create(
            request_id=lease.row,
            content=content,
            digest=digest_of(content),
            counts=report["summary"]["counts"],
            engine_version=report["engine"],
        )
        outbox.announce_match(stored)
    return stored
