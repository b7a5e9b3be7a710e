"""Runs over all companies: the run, which is a job; its results per offer as bitmaps; and what changed for whom."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Left, StrIndex
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Partner
from companies.models.jobs import ENDED, Job, JobQuerySet, State, job_constraints, job_indexes
from matching.engine.plan.bits import Words, every_row, no_row, places_of
from matching.engine.populations import read_bits, read_numbers
from matching.models.watches import Addressee, MutedPolicy, Watch
from policies.models import Release
from policies.rules import Verdict

if TYPE_CHECKING:
    from companies.models import User


# The verdicts that have a bitmap; ineligible are all other companies.
BITMAPS = ("eligible", "undetermined", "needs_review", "not_modelled", "error")


class Cause(models.TextChoices):
    """Why a run was made."""

    PUBLISHED = "published", _("a release was published")
    DAY = "day", _("a day has passed")
    ASKED = "asked", _("someone asked")


class RunQuerySet(JobQuerySet):
    """Questions about runs."""

    def next_in_line(self) -> Self:
        """The oldest run that has not ended, if it may be worked on now: runs are done one after the other."""
        # Each run is compared with the one before it, so a later one must not overtake, not even during a pause.
        # An older one may still turn up: its id was given before its commit. Whoever is overtaken begins again.
        oldest = self.model._default_manager.live().order_by("pk").values("pk")[:1]
        return self.runnable().filter(pk=Subquery(oldest))

    def comparable(self) -> Self:
        """Done, no trial, and their results per company still there; the one that ended last first."""
        return self.with_bitmaps().filter(trial=False).order_by("-sequence")

    def ahead_of(self, run: "Run") -> Self:
        """The runs that have not ended and whose turn comes before that one's."""
        return self.live().filter(pk__lt=run.pk)

    def with_bitmaps(self) -> Self:
        """Done, and their results per company still there; the newest first."""
        return self.filter(state=State.DONE, members__isnull=False).order_by("-pk")

    def without_bulk(self) -> Self:
        """Without the positions and the release's snapshot, which are large."""
        return self.select_related("release").defer("members", "release__snapshot", "release__changes")


class Run(Job):
    """One pass over the newest profile versions of all companies: this release, this day."""

    called = "run"

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="runs")
    day = models.DateField(_("as of"))
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    # Another day or release tried out: its differences are nobody's news, and the next run is not compared with it.
    trial = models.BooleanField(_("trial"), default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    why_cancelled = models.TextField(blank=True, default="", editable=False)
    compared_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("compared with"), editable=False
    )
    # The place among the runs whose changes are told, without gaps, given in the commit that ends the run: what has a
    # lower number is there for everybody to read. Ids do not promise that: they are given before the commit.
    sequence = models.PositiveBigIntegerField(null=True, unique=True, editable=False)
    companies = models.PositiveIntegerField(_("companies"), default=0, editable=False)
    changed = models.PositiveIntegerField(_("changes"), default=0, editable=False)
    # The last company whose best combination was looked at: they come after the parts, some at a time.
    combined_up_to = models.PositiveBigIntegerField(default=0, editable=False)
    digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    # Which company stands at which bit, as ascending ids; NULL until done, and again once the bitmaps are pruned.
    members = models.BinaryField(null=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("run over all companies")
        verbose_name_plural = _("runs over all companies")
        indexes = job_indexes("run")
        constraints = [
            *job_constraints("run"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="run_cause_known"),
            # Asked for twice while it waits, or twice by the timetable: one run.
            models.UniqueConstraint(
                fields=["release", "day", "trial"], condition=~Q(state__in=ENDED), name="run_once_while_live"
            ),
            models.UniqueConstraint(
                fields=["release", "day"], condition=~Q(cause=Cause.ASKED), name="run_once_by_itself"
            ),
            models.CheckConstraint(condition=Q(trial=False) | Q(cause=Cause.ASKED), name="run_trial_only_when_asked"),
            models.CheckConstraint(
                condition=Q(state=State.DONE, trial=False, sequence__isnull=False)
                | (~Q(state=State.DONE, trial=False) & Q(sequence=None)),
                name="run_sequence_once_it_is_told",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CANCELLED) | Q(cancelled_by=None, why_cancelled=""),
                name="run_cancelled_by_when_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.public_id}"

    def company_ids(self) -> list[int]:
        """The companies in the order of their bits; nothing once the bitmaps are pruned."""
        return [] if self.members is None else read_numbers(self.members, self.companies).tolist()


class RunPart(models.Model):
    """What a step of a run found: a range of company ids with verdicts and amounts, for the next run to compare with."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveBigIntegerField()
    companies = models.PositiveIntegerField()
    content = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["run_id", "number"]
        verbose_name = _("part of a run")
        verbose_name_plural = _("parts of runs")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="run_part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of run {self.run_id}"


class RunOffer(models.Model):
    """One offer's result over all companies: counts, totals, and a bitmap for each verdict but ineligible."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="offers")
    position = models.PositiveIntegerField()
    offer = models.CharField(max_length=200)
    # {verdict: companies}
    counts = models.JSONField(default=dict)
    # {"eligible" | "in_reach": {"companies", "low_fen", "high_fen", "low_unknown", "high_unknown"}}: whole fen, and
    # how many companies' ends are not in the sum. JSON, because SQLite keeps no exact column of that length.
    totals = models.JSONField(default=dict)
    # NULL where no company has the verdict, and once pruned.
    eligible = models.BinaryField(null=True)
    undetermined = models.BinaryField(null=True)
    needs_review = models.BinaryField(null=True)
    not_modelled = models.BinaryField(null=True)
    error = models.BinaryField(null=True)

    class Meta:
        ordering = ["run_id", "position"]
        verbose_name = _("offer's result in a run")
        verbose_name_plural = _("offers' results in runs")
        constraints = [models.UniqueConstraint(fields=["run", "offer"], name="run_offer_once")]

    def __str__(self) -> str:
        return f"{self.offer} in run {self.run_id}"

    def bits(self, verdict: Verdict) -> Words:
        """The companies with this verdict, a bit each, by their place among the run's company ids.

        Only while `run.members` is there: nothing can be told from pruned bitmaps.
        """
        if self.run.members is None:
            raise ValueError("the results per company of this run were pruned; its counts and totals are still there")
        if verdict is Verdict.INELIGIBLE:
            others = no_row(self.run.companies)
            for kept in BITMAPS:
                others |= self.bits(Verdict(kept))
            return every_row(self.run.companies) & ~others
        stored = getattr(self, verdict.value)
        return no_row(self.run.companies) if stored is None else read_bits(stored, self.run.companies)

    def eligible_sum(self, end: str) -> tuple[int | None, int]:
        """The sum of the `low` or `high` ends over the eligible companies in fen, and how many ends are not in it.

        None where not one end is known: that is no sum of 0.
        """
        total = self.totals["eligible"]
        unknown: int = total[f"{end}_unknown"]
        return (total[f"{end}_fen"] if unknown < total["companies"] else None), unknown

    def company_ids(self, verdict: Verdict) -> list[int]:
        """The companies with this verdict."""
        members = self.run.company_ids()
        return [members[place] for place in places_of(self.bits(verdict), len(members)).tolist()]


class VerdictChangeQuerySet(models.QuerySet["VerdictChange"]):
    """Questions about changes."""

    def told(self) -> Self:
        """Only those of runs that are done: a run that is under way may still fail."""
        return self.filter(run__state=State.DONE)

    def visible_to(self, user: "User") -> Self:
        """Only the changes of companies this person may see."""
        return self.told().filter(company__in=Company.objects.visible_to(user))

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only the changes of companies this partner may see."""
        return self.told().filter(company__in=Company.objects.visible_to_partner(partner))

    def news_for(self, person: "User | OuterRef") -> Self:
        """What is told to this person: of companies they watch, since they do, and of no policy that they muted."""
        inner = OuterRef(person) if isinstance(person, OuterRef) else person
        watches = Watch.objects.on().filter(membership__user=inner)
        since = watches.filter(membership__company=OuterRef("company"), since__lt=OuterRef("run__sequence"))
        policy = Left(OuterRef("offer"), StrIndex(OuterRef("offer"), Value("/")) - 1)
        muted = MutedPolicy.objects.filter(user=inner, policy=policy)
        # The first finds the rows by the index of companies, the second looks at each.
        watched = watches.values("membership__company")
        return self.told().filter(Exists(since), ~Exists(muted), company__in=watched, in_force=True)

    def older_than(self, sequence: int, change: int) -> Self:
        """What comes after this run and change in a list with the newest run first."""
        return self.filter(Q(run__sequence__lt=sequence) | Q(run__sequence=sequence, pk__gt=change))

    def of_runs(self, after: int, up_to: int) -> Self:
        """Found by the runs with numbers above the one and up to the other."""
        return self.filter(run__sequence__gt=after, run__sequence__lte=up_to)

    def unread_for(self, person: "User | OuterRef") -> Self:
        """The news that came after what this person has read."""
        inner = OuterRef(person) if isinstance(person, OuterRef) else person
        read = Addressee.objects.filter(user=inner).values("read_up_to")
        return self.news_for(person).filter(run__sequence__gt=Coalesce(Subquery(read), 0))


class VerdictChange(models.Model):
    """What changed for one company and one offer since the run before, and what else had changed meanwhile.

    Without an offer it is about all of them together: the company's best combination.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="changes")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="verdict_changes")
    offer = models.CharField(_("offer"), max_length=200, blank=True)
    # "" where the offer was not there, or is not there any more.
    before = models.CharField(_("before"), max_length=20, blank=True)
    after = models.CharField(_("after"), max_length=20, blank=True)
    # {"status", "low", "high"} as in a report; NULL where the verdict leaves the offer out of reach.
    before_amount = models.JSONField(null=True)
    after_amount = models.JSONField(null=True)
    # {"state", "opens", "closes"}; both NULL where the window is the same on both days.
    before_window = models.JSONField(null=True)
    after_window = models.JSONField(null=True)
    # {"offers", "otherwise", "low", "high", "open"}: the best at the low end, at the high end where that is another one,
    # and what they come to. There only, and always, without an offer.
    before_combination = models.JSONField(null=True)
    after_combination = models.JSONField(null=True)
    # False where the document was over, or not yet in force, on both days: partners' copies follow it, but it is nobody's news.
    in_force = models.BooleanField(default=True)
    # The ids of the profile versions that were read; NULL in changes found before these were kept. No foreign keys: two
    # more indexes would cost a run as much again, and versions go only together with their company.
    before_version = models.PositiveBigIntegerField(null=True)
    after_version = models.PositiveBigIntegerField(null=True)
    # What may have caused it: more than one can be true.
    by_profile = models.BooleanField(_("the company's answers had changed"), default=False)
    by_release = models.BooleanField(_("the rules had changed"), default=False)
    by_day = models.BooleanField(_("another day"), default=False)
    by_engine = models.BooleanField(_("another edition of the engine"), default=False)

    objects = VerdictChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-run_id", "company_id", "offer"]
        verbose_name = _("change of a verdict")
        verbose_name_plural = _("changes of verdicts")
        indexes = [models.Index(fields=["company", "-run"], name="change_company_newest")]
        constraints = [
            models.UniqueConstraint(fields=["run", "company", "offer"], name="change_once_per_run"),
            models.CheckConstraint(
                condition=Q(before__in=["", *Verdict]) & Q(after__in=["", *Verdict]), name="change_verdicts_known"
            ),
            models.CheckConstraint(
                condition=Q(offer="", before_combination__isnull=False, after_combination__isnull=False)
                | (~Q(offer="") & Q(before_combination__isnull=True, after_combination__isnull=True)),
                name="change_combination_without_offer",
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.pk}"
