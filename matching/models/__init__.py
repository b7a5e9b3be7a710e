"""The rows behind matching: requests, which are jobs; their reports; the workers' pulse."""

from matching.models.jobs import ENDED, Job, Reason, State
from matching.models.pulse import WorkerPulse
from matching.models.reports import MatchReport, ReportChanged
from matching.models.requests import MatchRequest

__all__ = ["ENDED", "Job", "MatchReport", "MatchRequest", "Reason", "ReportChanged", "State", "WorkerPulse"]
