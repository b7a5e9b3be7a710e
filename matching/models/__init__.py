"""The rows behind matching: requests, runs and batches, which are jobs; reports, results and changes; who watches them; webhooks and the workers' pulse."""

from companies.models.jobs import ENDED, Job, Reason, State
from matching.models.batches import Batch, BatchChunk, BatchRejection, Format
from matching.models.exports import DataExport
from matching.models.interviews import Interview
from matching.models.pulse import Part, Tally, WorkerPulse
from matching.models.reports import MatchReport, ReportChanged
from matching.models.requests import MatchRequest
from matching.models.runs import BITMAPS, Cause, Run, RunOffer, RunPart, VerdictChange
from matching.models.shared import LinkOpening, SharedLink, Shows
from matching.models.watches import Addressee, Digest, MutedPolicy, Watch
from matching.models.webhooks import Delivery, Event, EventKind, Stopped, WebhookEndpoint

__all__ = [
    "BITMAPS",
    "ENDED",
    "Addressee",
    "Batch",
    "BatchChunk",
    "BatchRejection",
    "Cause",
    "DataExport",
    "Delivery",
    "Digest",
    "Event",
    "EventKind",
    "Format",
    "Interview",
    "Job",
    "LinkOpening",
    "MatchReport",
    "MatchRequest",
    "MutedPolicy",
    "Part",
    "Reason",
    "ReportChanged",
    "Run",
    "RunOffer",
    "RunPart",
    "SharedLink",
    "Shows",
    "State",
    "Stopped",
    "Tally",
    "VerdictChange",
    "Watch",
    "WebhookEndpoint",
    "WorkerPulse",
]
