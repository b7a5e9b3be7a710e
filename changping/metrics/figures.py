"""Figures of the work, asked of the database when Prometheus asks: true whichever process answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from django.apps import apps
from django.db import Error as DatabaseFault
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from changping import health
from matching.jobs.tallies import DELAYS
from matching.models import Delivery, Job, Part, Run, State, Tally, WorkerPulse
from policies.models import Release

log = structlog.get_logger(__name__)

# Done and cancelled ones are many, and counted as attempts.
SHOWN_STATES = (State.QUEUED, State.RUNNING, State.FAILED)


class Figures(Collector):
    """Everything that is not about requests. Where the database is away, whether the parts work is still told."""

    def collect(self) -> Iterator[Metric]:
        """The families one by one; labels are kinds, states and outcomes, never an id or a name."""
        yield _gauge("changce_part_up", "Whether a part that /readyz asks works.", "part", health.parts().items())
        try:
            # A list, so that a fault in the middle leaves nothing half told.
            found = list(_of_database())
        except DatabaseFault as fault:
            log.warning("metrics_without_database", fault=type(fault).__name__)
            return
        yield from found


def kinds_of_jobs() -> list[type[Job]]:
    """Every kind of job that there is."""
    return [model for model in apps.get_models() if issubclass(model, Job)]


def _of_database() -> Iterator[Metric]:
    clock = clock_of_database()
    yield from _jobs(clock)
    yield from _tallies()
    alive = WorkerPulse.objects.alive(within=health.WORKER_SILENCE, part=Part.WORKER).count()
    senders = WorkerPulse.objects.alive(within=health.WORKER_SILENCE, part=Part.WEBHOOKS).count()
    yield _gauge(
        "changce_processes",
        "Processes that gave a sign of life within a minute.",
        "part",
        [(Part.WORKER.value, alive), (Part.WEBHOOKS.value, senders)],
    )
    release = Release.objects.order_by("-number").values_list("number", "created_at").first()
    if release is not None:
        number, made = release
        yield GaugeMetricFamily("changce_release_number", "The newest release.", value=number)
        yield GaugeMetricFamily(
            "changce_release_age_seconds", "Since the newest release was made.", value=_since(made, clock)
        )
    ended = Run.objects.filter(state=State.DONE, trial=False).aggregate(last=Max("finished_at"))["last"]
    if ended is not None:
        yield GaugeMetricFamily(
            "changce_last_run_age_seconds", "Since a run over all companies ended well.", value=_since(ended, clock)
        )


def _jobs(clock: datetime) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("changce_jobs", "Jobs that wait, run or were set aside.", labels=["kind", "state"])
    oldest = GaugeMetricFamily(
        "changce_oldest_due_seconds",
        "How long the job that is due the longest has been due; 0 for none.",
        labels=["kind"],
    )
    for queue in queues(clock):
        for state, count in queue.counts.items():
            jobs.add_metric([queue.kind.called, state.value], count)
        oldest.add_metric([queue.kind.called], queue.oldest)
    yield jobs
    yield oldest


@dataclass(frozen=True, slots=True)
class Queue:
    """The jobs of one kind: how many in each state, and since how many seconds the oldest has been due."""

    kind: type[Job]
    counts: dict[State, int]
    oldest: float

    @property
    def kind_name(self) -> str:
        """In the reader's language."""
        return str(self.kind._meta.verbose_name)


def queues(clock: datetime) -> Iterator[Queue]:
    """The queue of each kind of job; `clock` is the database's."""
    for kind in kinds_of_jobs():
        shown = kind._default_manager.filter(state__in=SHOWN_STATES).order_by()
        found = dict(shown.values_list("state").annotate(Count("pk")))
        first = _due(kind).order_by().aggregate(first=Min("run_after"))["first"]
        yield Queue(kind, {state: found.get(state.value, 0) for state in SHOWN_STATES}, _since(first, clock))


def _due(kind: type[Job]) -> QuerySet[Any]:
    # What waits for an endpoint that is stopped waits for nobody of ours.
    due: QuerySet[Any] = Delivery.objects.sendable() if kind is Delivery else kind.objects.runnable()  # type: ignore[attr-defined]
    return due


def clock_of_database() -> datetime:
    """The database's: the ages of its rows go by no other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        (now,) = cursor.fetchone()
    return now if isinstance(now, datetime) else datetime.fromisoformat(now).replace(tzinfo=UTC)


def _since(moment: datetime | None, clock: datetime) -> float:
    return max(0.0, (clock - moment).total_seconds()) if moment is not None else 0.0


def _tallies() -> Iterator[Metric]:
    counts = dict(Tally.objects.order_by("name").values_list("name", "count"))

    def counter(name: str, said: str, prefix: str, labels: list[str]) -> CounterMetricFamily:
        family = CounterMetricFamily(name, said, labels=labels)
        for key, value in counts.items():
            first, *rest = key.split(":")
            if first == prefix and len(rest) == len(labels):
                family.add_metric(rest, value)
        return family

    yield counter("changce_attempts", "Attempts that ended, by kind of job and how.", "attempts", ["kind", "outcome"])
    yield counter("changce_rings", "Bells rung for the workers, and those that could not be.", "rings", ["outcome"])
    yield counter("changce_webhooks", "Attempts to deliver a webhook, by what came of them.", "webhooks", ["outcome"])
    yield CounterMetricFamily("changce_sweeps", "Looks for work left over.", value=counts.get("sweeps", 0))
    yield CounterMetricFamily("changce_batch_rows", "Rows of batches matched.", value=counts.get("batch_rows", 0))
    delays = HistogramMetricFamily(
        "changce_queue_delay_seconds", "How long jobs waited until they were first taken.", labels=["kind"]
    )
    for kind in kinds_of_jobs():
        buckets, total = [], 0
        for end in (*DELAYS, "+Inf"):
            total += counts.get(f"delay:{kind.called}:{end}", 0)
            buckets.append((str(float(end)) if end != "+Inf" else "+Inf", float(total)))
        delays.add_metric([kind.called], buckets, sum_value=counts.get(f"delay_ms:{kind.called}", 0) / 1000)
    yield delays


def _gauge(name: str, said: str, label: str, found: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=[label])
    for value, figure in found:
        family.add_metric([value], float(figure))
    return family
