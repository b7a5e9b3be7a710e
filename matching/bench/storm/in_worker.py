"""Loaded into the workers of a storm by Celery's own option (`CELERY_WORKER_INCLUDE`): some matches kill whoever works on them.

All others take a moment without taking processor time, so that kills and freezes meet work in hand. The product has no
switch for this; a worker without this module cannot be killed or slowed down so.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from matching.bench.storm.senders import POISON
from matching.jobs import leases, matches
from matching.models import MatchRequest

_SECONDS = float(os.environ.get("STORM_JOB_SECONDS", "0.08"))
_harmless = matches.evaluate


def _deadly(request: MatchRequest, *, on_offer: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    if POISON in request.subject.values():
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(_SECONDS)
    return _harmless(request, on_offer=on_offer)


matches.evaluate = _deadly
# A short storm does not wait for the minutes between the attempts of a poisoned job.
leases.PAUSES = tuple(pause * float(os.environ.get("STORM_PAUSES", "1")) for pause in leases.PAUSES)  # type: ignore[assignment]
