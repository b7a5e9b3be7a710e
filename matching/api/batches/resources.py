"""Sending a batch, looking how far it is, stopping it and going on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from companies.api.asking import Asked
from companies.api.companies import IDEMPOTENCY_KEY, row_or_404
from companies.api.facts import TextSerializer
from companies.api.idempotency import answer_once
from companies.api.pages import PAGE, page_asked
from companies.api.problems import FieldFault, Problem
from companies.api.promises import documented, page_of
from companies.api.views import ApiView
from companies.facts import Text
from companies.models.partners import Scope
from matching import actions, batch_storage
from matching.api.batches.references import ALL, MOST_IDS, write_ids
from matching.api.batches.uploads import MEDIA_TYPES, format_sent, look_at, receive, refuse_packed
from matching.batches.files import ENCODINGS
from matching.batches.portions import Opened
from matching.models import ENDED, Batch, Format, Reason, State
from matching.rulebooks import vocabulary_today
from policies import rulebook
from policies.models import Release
from policies.rules.book import Rulebook

BATCH = Asked("batch", Text("The id of the batch.", "批次的编号。"), place="path")
_PACKED = Asked(
    "Content-Encoding",
    Text("`gzip` for a packed file.", "压缩文件请填 gzip。"),
    one_of=("gzip", "identity"),
    place="header",
)
_HOW = (
    Asked("on", Text("The day; today where none is given.", "日期，默认当天。"), kind="day"),
    Asked(
        "release",
        Text("The number of a release; the current one where none is given.", "发布版编号，默认当前版本。"),
        kind="whole",
        least=1,
    ),
    Asked("encoding", Text("Of a text file; found out where none is given.", "文本文件的编码，默认自动识别。"), one_of=ENCODINGS),
    Asked("skip_unknown", Text("Leave out columns that name no fact.", "忽略不是事实项的列。"), kind="flag"),
    Asked(
        "lenient",
        Text("Leave out answers that cannot be read, instead of rejecting their rows.", "忽略无法识别的回答，而不拒收整行。"),
        kind="flag",
    ),
)  # fmt: skip
_FILE = {"type": "string", "format": "binary"}
_COMPANIES = {
    "type": "object",
    "required": ["companies"],
    "additionalProperties": False,
    "properties": {
        "companies": {
            "description": f"Their ids, or “{ALL}” that you may see.",
            "anyOf": [
                {
                    "type": "array",
                    "items": {"type": "string", "format": "uuid"},
                    "minItems": 1,
                    "maxItems": MOST_IDS,
                    "uniqueItems": True,
                },
                {"type": "string", "enum": [ALL]},
            ],
        }
    },
}


class WhySerializer(serializers.Serializer[Any]):
    """Why it did not come to its end."""

    code = serializers.CharField()
    detail = TextSerializer()


class ProgressSerializer(serializers.Serializer[Any]):
    """How far it is."""

    taken_in = serializers.BooleanField(help_text="Whether all rows are counted; until then `rows` still grows.")
    done = serializers.IntegerField(min_value=0, help_text="Rows that are accepted or rejected.")
    share = serializers.FloatField(min_value=0, max_value=1)


class BatchSerializer(serializers.Serializer[Any]):
    """One batch. `accepted` and `rejected` together are `rows` when it is done."""

    id = serializers.UUIDField(source="public_id")
    url = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()
    format = serializers.ChoiceField(choices=Format.choices)
    on = serializers.DateField(source="day")
    release = serializers.IntegerField(source="release.number")
    size = serializers.IntegerField(help_text="Bytes, unpacked.")
    digest = serializers.CharField(help_text="SHA-256 of the file, unpacked.")
    skip_unknown = serializers.BooleanField()
    lenient = serializers.BooleanField()
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField(source="now_accepted")
    rejected = serializers.IntegerField(source="now_rejected")
    left_out = serializers.IntegerField(
        source="now_left_out", help_text="Answers left out of accepted rows; only where `lenient`."
    )
    verdicts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Pairs of company and offer by verdict, once it is done."
    )
    progress = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.SerializerMethodField()
    results = serializers.SerializerMethodField()
    rejections = serializers.SerializerMethodField()

    def get_url(self, batch: Batch) -> str:
        """Its address."""
        return address_of(batch)

    def get_state(self, batch: Batch) -> str:
        """queued, running, done, failed or cancelled."""
        return batch.shown_state.value

    def get_why(self, batch: Batch) -> dict[str, Any] | None:
        """Null unless it failed."""
        if batch.state != State.FAILED:
            return None
        return {"code": batch.reason, "detail": batch.fault or _both(Reason(batch.reason))}

    def get_progress(self, batch: Any) -> dict[str, Any]:
        """How far it is."""
        done = batch.now_accepted + batch.now_rejected
        return {"taken_in": batch.taken_in_at is not None, "done": done, "share": _share(batch, done)}

    def get_kept_until(self, batch: Batch) -> Any:
        """Until when its results can be read; null while it is not ended."""
        return batch.finished_at and batch.finished_at + timedelta(days=settings.BATCH_KEEP_DAYS)

    def get_results(self, batch: Batch) -> str | None:
        """The address of its results; null while there are none, and when they were taken away."""
        return reverse("api:batch_results", args=[batch.public_id]) if _has_results(batch) else None

    def get_rejections(self, batch: Batch) -> str | None:
        """The address of what was rejected, which can be read while it is at work."""
        return reverse("api:batch_rejections", args=[batch.public_id]) if batch.pruned_at is None else None


class BatchView(ApiView):
    """What is about a partner's own batches, and nobody else's."""

    scope = Scope.BATCHES

    def found(self, request: Request, batch: str) -> Batch:
        """The partner's batch of this id; raises Http404 alike for one that is not there and another's."""
        row: Batch = row_or_404(visible(request), "public_id", batch)
        return row

    def said_again(self, request: Request, batch: Batch, status: int = 200) -> Response:
        """The batch as it is now."""
        return Response(batch_said(visible(request).get(pk=batch.pk)), status=status)


class BatchList(BatchView):
    """The partner's batches."""

    @documented(
        "list_batches",
        Text("Your batches", "您的批次"),
        answers=page_of(BatchSerializer),
        asks=[*PAGE, Asked("state", Text("Only those in this state.", "仅此状态。"), one_of=tuple(State.values))],
        problems=["bad-cursor"],
    )
    def get(self, request: Request) -> Response:
        """All of them, the newest first, with how far each is."""
        rows = visible(request)
        if self.asked["state"] is not None:
            rows = rows.in_shown_state(State(self.asked["state"]))
        return page_asked(request, self.asked, "batches").answer(rows, "-pk", batch_said)

    @documented(
        "send_batch",
        Text("Send a batch", "提交一个批次"),
        answers={202: BatchSerializer},
        asks=[*_HOW, IDEMPOTENCY_KEY, _PACKED],
        body={**dict.fromkeys(MEDIA_TYPES, _FILE), "application/json": _COMPANIES},
        problems=["key-reused", "in-progress", "too-many-batches", "unavailable"],
        headers={"Location": Text("Its address.", "其地址。"), "Retry-After": Text("Seconds.", "秒数。")},
    )
    def post(self, request: Request) -> HttpResponse:
        """Send a file of companies (CSV, NDJSON or Parquet, also packed with gzip), or name companies that you sent before.

        The header of a file and its form are checked before the answer; its rows afterwards, in the background. When the answer is there, the
        batch is stored: no crash loses it. Columns are named by a fact's name, its label or an alias; `id` (编号) says which company it is.
        """
        day, rules = self.asked["on"] or timezone.localdate(), _rulebook(self.asked["release"])
        with batch_storage.working_file() as path:
            self.format = format_sent(request)
            self.opened = self._received(request, path, rules)
            return answer_once(self, request, lambda: self._made(request, path, day, rules))

    def idempotent_body(self, request: Request) -> Any:
        """The digest of what was received stands for it, beside what the address asks for."""
        asked = {name: None if value is None else str(value) for name, value in self.asked.items()}
        return {"format": self.opened.reading.format, "digest": self.opened.file.digest, "asked": asked}

    def _received(self, request: Request, path: Path, rules: Rulebook) -> Opened:
        if self.format is None:
            refuse_packed(request)
            return write_ids(request, path)
        receive(request, path)
        return look_at(
            path,
            self.format,
            rules.vocabulary,
            vocabulary_today(rules),
            encoding=self.asked["encoding"],
            skip_unknown=bool(self.asked["skip_unknown"]),
        )

    def _made(self, request: Request, path: Path, day: Any, rules: Rulebook) -> Response:
        named = self.format is None
        try:
            batch = actions.request_batch(
                opened=self.opened,
                path=path,
                format=self.format or Format.COMPANIES,
                release=Release.objects.only("number").get(number=rules.number),
                day=day,
                by=request.user.partner,
                # What a company answered in other words than those of the release is left out, as in a single match.
                skip_unknown=named or bool(self.asked["skip_unknown"]),
                lenient=named or bool(self.asked["lenient"]),
            )
        except actions.TooManyBatches:
            raise too_many() from None
        answer = self.said_again(request, batch, 202)
        answer.headers["Location"] = address_of(batch)
        answer.headers["Retry-After"] = "5"
        return answer


class BatchDetail(BatchView):
    """One batch."""

    @documented("read_batch", Text("One batch", "一个批次"), answers=BatchSerializer, asks=[BATCH])
    def get(self, request: Request, batch: str) -> Response:
        """How far it is, what was counted, and until when its results are kept."""
        found = self.found(request, batch)
        answer = Response(batch_said(found))
        if found.state not in ENDED:
            answer.headers["Retry-After"] = "5"
        return answer


class BatchCancel(BatchView):
    """Stopping a batch."""

    @documented(
        "cancel_batch",
        Text("Stop a batch", "停止一个批次"),
        answers=BatchSerializer,
        asks=[BATCH, IDEMPOTENCY_KEY],
        problems=["not-now", "key-reused", "in-progress"],
    )
    def post(self, request: Request, batch: str) -> HttpResponse:
        """Stop a batch that waits or is under way; what is matched of it stays, and it can be resumed."""
        return self._done(request, batch, actions.cancel_batch, _ENDED)

    def _done(self, request: Request, batch: str, verb: Callable[..., bool], otherwise: Text) -> HttpResponse:
        def make() -> Response:
            found = self.found(request, batch)
            try:
                if not verb(batch=found, by=request.user.partner):
                    raise Problem("not-now", otherwise)
            except actions.TooManyBatches:
                raise too_many() from None
            return self.said_again(request, found)

        return answer_once(self, request, make)


class BatchResume(BatchCancel):
    """Going on with a batch."""

    @documented(
        "resume_batch",
        Text("Go on with a batch", "继续一个批次"),
        answers=BatchSerializer,
        asks=[BATCH, IDEMPOTENCY_KEY],
        problems=["not-now", "too-many-batches", "key-reused", "in-progress"],
    )
    def post(self, request: Request, batch: str) -> HttpResponse:
        """Go on with a batch that failed or was stopped, from where it was; what is done of it is not done again."""
        return self._done(request, batch, actions.resume_batch, _NOT_STOPPED)


_ENDED = Text("The batch has already ended.", "该批次已结束。")
_NOT_STOPPED = Text(
    "Only a batch that failed or was stopped goes on, and not one whose file cannot be read.",
    "仅失败或已停止的批次可以继续；文件无法读取的批次不能继续。",
)


def visible(request: Request) -> Any:
    """The batches of the partner that asks, with how far each is."""
    return Batch.objects.visible_to_partner(request.user.partner).without_bulk().with_counts()


def batch_said(batch: Batch) -> Mapping[str, Any]:
    """One batch as it is sent; it comes from `visible`."""
    return dict(BatchSerializer(batch).data)


def address_of(batch: Batch) -> str:
    """Where the batch is."""
    return reverse("api:batch", args=[batch.public_id])


def too_many() -> Problem:
    """The answer to a partner that has as many batches under way as it may."""
    most = settings.BATCH_MAX_LIVE
    said = Text(f"At most {most} batches at a time.", f"同时最多 {most} 个批次。")
    return Problem("too-many-batches", said, retry_after=timedelta(seconds=30))


def _has_results(batch: Batch) -> bool:
    return batch.state in ENDED and batch.pruned_at is None


def _share(batch: Batch, done: int) -> float:
    if batch.state == State.DONE:
        return 1.0
    rows = batch.rows
    if batch.taken_in_at is None and batch.format != Format.PARQUET and batch.offset:
        rows = round(batch.rows * batch.size / batch.offset)  # as many more, if the rest is like the beginning
    return round(min(done / rows, 0.999), 3) if rows else 0.0


def _both(reason: Reason) -> dict[str, str]:
    said = {}
    for key, language in (("en", "en"), ("zh", "zh-hans")):
        with override(language):
            said[key] = str(reason.label)
    return said


def _rulebook(number: int | None) -> Rulebook:
    try:
        return rulebook.current() if number is None else rulebook.of_release(number)
    except rulebook.NoRelease:
        if number is None:
            raise Problem("unavailable", Text("No release has been published yet.", "尚未发布任何版本。")) from None
        said = Text("There is no release with this number.", "没有这一编号的发布版。")
        raise Problem("invalid", errors=[FieldFault("", "unknown_release", said, parameter="release")]) from None
