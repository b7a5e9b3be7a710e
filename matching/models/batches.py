"""Batches of partners: the batch, which is a job that takes rows in and closes; its chunks, jobs that match; what was rejected."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from companies.models.jobs import ENDED, Job, JobQuerySet, State, job_constraints, job_indexes
from companies.models.partners import Partner
from matching.batches.portions import Reading
from matching.batches.rows import Place
from policies.models import Release
from policies.rules import Verdict


class Format(models.TextChoices):
    """What a batch was sent as."""

    CSV = "csv", "CSV"
    NDJSON = "ndjson", "NDJSON"
    PARQUET = "parquet", "Parquet"
    COMPANIES = "companies", _("companies sent before")


class BatchQuerySet(JobQuerySet):
    """Questions about batches."""

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only the batches that this partner sent."""
        return self.filter(partner=partner)

    def without_bulk(self) -> Self:
        """With release and partner at hand, but without the release's snapshot, which is large."""
        return self.select_related("release", "partner").defer("release__snapshot", "release__changes")

    def with_counts(self) -> Self:
        """Each with what its chunks have come to so far: `now_accepted`, `now_rejected`, `now_left_out`."""
        done = BatchChunk.objects.filter(batch=OuterRef("pk"), state=State.DONE).order_by().values("batch")

        def sum_of(name: str) -> Coalesce:
            return Coalesce(Subquery(done.annotate(found=Sum(name)).values("found")), 0)

        return self.annotate(
            now_accepted=sum_of("accepted"), now_rejected=sum_of("rejected"), now_left_out=sum_of("left_out")
        )

    def in_shown_state(self, state: State) -> Self:
        """Those that are shown to be in this state: one that waits for its next step is running."""
        begun = Q(state=State.QUEUED, started_at__isnull=False)
        match state:
            case State.RUNNING:
                return self.filter(Q(state=State.RUNNING) | begun)
            case State.QUEUED:
                return self.filter(state=State.QUEUED, started_at=None)
        return self.filter(state=state)

    def steps(self) -> Self:
        """Waiting for a step of their own: rows to take in or, when all are matched, the end."""
        open_chunks = BatchChunk.objects.live().filter(batch=OuterRef("pk"))
        return self.runnable().filter(Q(taken_in_at=None) | ~Exists(open_chunks))

    def in_turn(self) -> Self:
        """Those for which there is something to do, of the partner first for whom nothing was done the longest."""
        chunks = BatchChunk.objects.runnable().order_by().filter(batch=OuterRef("pk"))
        served = self.model._default_manager.filter(partner=OuterRef("partner"), served_at__isnull=False)
        last = served.order_by("-served_at").values("served_at")[:1]
        return (
            self.live()
            .filter(Exists(chunks) | Q(pk__in=self.model._default_manager.steps().order_by().values("pk")))
            .annotate(partner_served_at=Subquery(last))
            .order_by(F("partner_served_at").asc(nulls_first=True), "pk")
        )


class Batch(Job):
    """Many companies sent at once. As a job it takes its rows in, step by step, and closes when its chunks have ended."""

    called = "batch"

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="batches")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="batches")
    day = models.DateField(_("as of"))
    format = models.CharField(_("format"), max_length=10, choices=Format)
    # The name in the storage; "" once it was taken away, or where nothing was uploaded.
    upload = models.CharField(max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    digest = models.CharField(max_length=64, blank=True)
    reading = models.JSONField(default=dict, editable=False)
    skip_unknown = models.BooleanField(_("leave out columns that name no fact"), default=False)
    lenient = models.BooleanField(_("leave out answers that cannot be read"), default=False)

    # Where the taking in goes on: kept with each chunk in one commit.
    offset = models.PositiveBigIntegerField(default=0, editable=False)
    line = models.PositiveBigIntegerField(default=1, editable=False)
    rows = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    taken_in_at = models.DateTimeField(null=True, editable=False)
    served_at = models.DateTimeField(null=True, editable=False)

    accepted = models.PositiveIntegerField(_("accepted"), default=0, editable=False)
    rejected = models.PositiveIntegerField(_("rejected"), default=0, editable=False)
    # Answers left out of rows that were matched all the same; only where `lenient`.
    left_out = models.PositiveIntegerField(default=0, editable=False)
    # {verdict: pairs of company and offer}
    verdicts = models.JSONField(default=dict, editable=False)
    # {"en", "zh"}: why the file cannot be read any further.
    fault = models.JSONField(null=True, editable=False)
    pruned_at = models.DateTimeField(null=True, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes = [
            *job_indexes("batch"),
            models.Index(fields=["partner", "-served_at"], name="batch_partner_served"),
            models.Index(fields=["partner", "-id"], name="batch_partner_newest"),
        ]
        constraints = [
            *job_constraints("batch"),
            models.CheckConstraint(condition=Q(format__in=Format.values), name="batch_format_known"),
            models.CheckConstraint(
                condition=~Q(state=State.DONE) | Q(rows=F("accepted") + F("rejected"), taken_in_at__isnull=False),
                name="batch_done_counts_every_row",
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.public_id}"

    @property
    def shown_state(self) -> State:
        """The state in the eyes of who waits: between two steps it is running."""
        begun = self.state == State.QUEUED and self.started_at is not None
        return State.RUNNING if begun else State(self.state)

    @property
    def folder(self) -> str:
        """Where in the storage everything of this batch is."""
        return str(self.public_id)

    @property
    def shown_name(self) -> str:
        """What messages call the file: its sender sent it without a name."""
        return f"companies.{'ndjson' if self.format == Format.COMPANIES else self.format}"

    @property
    def place(self) -> Place:
        """Where the taking in goes on."""
        return Place(self.offset, self.line)

    @property
    def how(self) -> Reading:
        """How its input is read."""
        return Reading.from_plain(self.reading)


class ChunkQuerySet(JobQuerySet):
    """Questions about chunks."""

    def with_batch(self) -> Self:
        """With batch and release at hand, but without the release's snapshot, which is large."""
        return self.select_related("batch__release").defer("batch__release__snapshot", "batch__release__changes")

    def found(self) -> Self:
        """Done, in the order of the rows."""
        return self.filter(state=State.DONE).order_by("number")

    def with_any(self, verdicts: Iterable[Verdict]) -> Self:
        """Those in which companies were accepted and, where verdicts are named, a pair has one of them."""
        named = Q()
        for verdict in verdicts:
            named |= Q(**{f"verdicts__{verdict.value}__gt": 0})
        return self.filter(named, accepted__gt=0)

    def sums(self) -> dict[str, int]:
        """What all of these come to: chunks that ended, and rows accepted and rejected in them."""
        done = Q(state=State.DONE)
        return self.order_by().aggregate(
            chunks=Count("pk"),
            ended=Count("pk", filter=Q(state__in=ENDED)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
            rows=Sum("rows", default=0),
            accepted=Sum("accepted", default=0, filter=done),
            rejected=Sum("rejected", default=0, filter=done),
            left_out=Sum("left_out", default=0, filter=done),
        )


class BatchChunk(Job):
    """Some rows of a batch: what was sent, as it is kept in the storage, and what came of it, likewise."""

    called = "chunk"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    line = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    content = models.CharField(max_length=200)
    # "" while there is none, and where no row was accepted.
    result = models.CharField(max_length=200, blank=True)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    verdicts = models.JSONField(default=dict)

    objects = ChunkQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "number"]
        verbose_name = _("chunk of a batch")
        verbose_name_plural = _("chunks of batches")
        indexes = [*job_indexes("chunk"), models.Index(fields=["batch", "state"], name="chunk_batch_state")]
        constraints = [
            *job_constraints("chunk"),
            models.UniqueConstraint(fields=["batch", "number"], name="chunk_once"),
            models.UniqueConstraint(fields=["batch", "line"], name="chunk_begins_once"),
            models.CheckConstraint(
                condition=~Q(state=State.DONE) | Q(rows=F("accepted") + F("rejected")),
                name="chunk_done_counts_every_row",
            ),
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of batch {self.batch_id}"


class BatchRejection(models.Model):
    """A row that was not matched, or not with all its answers, and everything that is wrong with it."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rejections")
    line = models.PositiveBigIntegerField()
    # Whether the whole row was left out; not so where only some of its answers were.
    whole = models.BooleanField()
    # [{"field", "value", "code", "en", "zh"}], at most MOST_FAULTS of them.
    faults = models.JSONField()

    MOST_FAULTS = 20

    class Meta:
        ordering = ["batch_id", "line"]
        verbose_name = _("rejected row of a batch")
        verbose_name_plural = _("rejected rows of batches")
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="rejection_once")]

    def __str__(self) -> str:
        return f"line {self.line} of batch {self.batch_id}"
