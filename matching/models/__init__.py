"""The rows behind matching: requests and runs, which are jobs; reports, stored results and changes; webhooks and the workers' pulse."""

from matching.models.jobs import ENDED, Job, Reason, State
from matching.models.pulse import WorkerPulse
from matching.models.reports import MatchReport, ReportChanged
from matching.models.requests import MatchRequest
from matching.models.runs import BITMAPS, Cause, Run, RunOffer, RunPart, VerdictChange
from matching.models.webhooks import Delivery, Event, EventKind, Stopped, WebhookEndpoint

__all__ = [
    "BITMAPS",
    "ENDED",
    "Cause",
    "Delivery",
    "Event",
    "EventKind",
    "Job",
    "MatchReport",
    "MatchRequest",
    "Reason",
    "ReportChanged",
    "Run",
    "RunOffer",
    "RunPart",
    "State",
    "Stopped",
    "VerdictChange",
    "WebhookEndpoint",
    "WorkerPulse",
]
