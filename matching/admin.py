"""The administration of the work: match requests, runs and webhook endpoints are only looked at. No company's figures are shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from matching.models import BITMAPS, MatchRequest, Run, RunOffer, WebhookEndpoint

JOB_FIELDS = [
    "public_id", "state", "reason", "last_error", "attempt", "progress_done", "progress_total", "engine_version",
    "created_at", "started_at", "finished_at",
]  # fmt: skip


class LookOnly:
    """Rows that only the work itself makes and changes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one here."""
        return False


@admin.register(MatchRequest)
class MatchRequestAdmin(LookOnly, admin.ModelAdmin):
    """How single matches go."""

    list_display = ["public_id", "state", "reason", "release", "day", "attempt", "created_at", "finished_at"]
    list_filter = ["state", "reason", "created_at"]
    search_fields = ["public_id"]
    fields = ["release", "day", *JOB_FIELDS]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MatchRequest]:
        """Without the release's snapshot, which is large."""
        return super().get_queryset(request).with_question()


class RunOfferInline(LookOnly, admin.TabularInline):
    """What a run found, offer by offer."""

    model = RunOffer
    fields = ["offer", "eligible_count", "review_count", "undetermined_count", "ineligible_count", "low", "high"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunOffer]:
        """Without the bitmaps, which are large."""
        return super().get_queryset(request).defer(*BITMAPS)

    @admin.display(description=_("eligible"))
    def eligible_count(self, line: RunOffer) -> int:
        """Companies that get the offer."""
        return line.counts["eligible"]

    @admin.display(description=_("for people to review"))
    def review_count(self, line: RunOffer) -> int:
        """Companies for which only a person's judgement is open."""
        return line.counts["needs_review"]

    @admin.display(description=_("undetermined"))
    def undetermined_count(self, line: RunOffer) -> int:
        """Companies of which facts are missing."""
        return line.counts["undetermined"]

    @admin.display(description=_("ineligible"))
    def ineligible_count(self, line: RunOffer) -> int:
        """Companies that do not get it."""
        return line.counts["ineligible"]

    @admin.display(description=_("sum of the low ends, eligible (CNY)"))
    def low(self, line: RunOffer) -> str:
        """What the eligible companies get at least."""
        return shown_total(line, "low")

    @admin.display(description=_("sum of the high ends, eligible (CNY)"))
    def high(self, line: RunOffer) -> str:
        """What they get at most."""
        return shown_total(line, "high")


def shown_total(line: RunOffer, end: str) -> str:
    """One end of the sum over the eligible companies, with how many are not in it."""
    fen, unknown = line.eligible_sum(end)
    said = "–" if fen is None else f"{fen // 100:,}.{fen % 100:02}"
    return f"{said} (+{unknown} ?)" if unknown else said


@admin.register(Run)
class RunAdmin(LookOnly, admin.ModelAdmin):
    """Runs over all companies."""

    list_display = [
        "public_id",
        "release",
        "day",
        "cause",
        "state",
        "companies",
        "changed",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state", "cause", "trial"]
    fields = ["release", "day", "cause", "trial", "companies", "changed", "compared_with", "digest", *JOB_FIELDS]
    inlines = [RunOfferInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Without the positions of companies, which are large."""
        return super().get_queryset(request).without_bulk()


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(LookOnly, admin.ModelAdmin):
    """Where partners are told of news, to be looked at: partners keep their endpoints themselves."""

    list_display = ["public_id", "partner", "kinds", "failing_since", "stopped_at", "stopped_why", "told_at"]
    list_filter = ["stopped_why"]
    list_select_related = ["partner"]
    search_fields = ["public_id", "partner__name"]
    fields = ["public_id", "partner", "url", "label", "kinds", "failing_since", "stopped_at", "stopped_why", "told_at"]
