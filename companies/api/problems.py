"""What the API answers when something is wrong: problem details (RFC 9457), in the caller's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from rest_framework import exceptions
from rest_framework.response import Response

from companies.facts import Text
from companies.outages import RETRY_AFTER, is_outage

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 200
# Without what follows the question mark: people send figures and keys there by mistake.
_LONGEST_PATH = 2_000


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem: its stable key (the end of its `type`), the status, what it is called and what to do."""

    key: str
    status: int
    title: Text
    explanation: Text


_TYPES = (
    ProblemType(
        "malformed", 400,
        Text("The request could not be read", "请求无法读取"),
        Text("The body is not the JSON that is expected here. The detail says where it breaks off and why. Mend it and send it again.",
             "请求体不是此处要求的 JSON。detail 说明了出错的位置和原因，请修改后重新发送。"),
    ),
    ProblemType(
        "invalid", 422,
        Text("Some values cannot be used", "部分取值无法使用"),
        Text("Each entry of `errors` names one value, by a JSON pointer into the body or by the parameter of the address, with a code and what to write instead. Nothing was stored.",
             "errors 中的每一项用指向请求体的 JSON 指针或网址参数名指出一个取值，并给出代码和应填写的内容。未保存任何数据。"),
    ),
    ProblemType(
        "bad-cursor", 400,
        Text("This cursor leads nowhere", "该游标无效"),
        Text("Take the address in `next` of the page before as it is, or leave `cursor` out to begin at the start.",
             "请原样使用上一页 next 中的网址，或去掉 cursor 从头开始。"),
    ),
    ProblemType(
        "key-reused", 422,
        Text("This Idempotency-Key was sent with something else", "该 Idempotency-Key 已用于其他内容"),
        Text("The same key goes with the same body only. Make a new key for each new thing that you want made.",
             "同一个键只能与相同的请求体一起使用。每次创建新内容请使用新的键。"),
    ),
    ProblemType(
        "in-progress", 409,
        Text("The first request with this key is still at work", "使用该键的首个请求仍在处理中"),
        Text("Send the same request again in a moment: it will get the answer of the first one.",
             "请稍后重新发送同一请求，将得到首个请求的答复。"),
    ),
    ProblemType(
        "endpoint-stopped", 409,
        Text("Nothing is sent to this endpoint", "该端点已停用"),
        Text("It was switched off, or stopped after three days of failures or an answer of 410. Send {\"enabled\": true} to it by PATCH, then try again.",
             "该端点已被停用，或因连续三天失败、答复 410 而停止。请先以 PATCH 发送 {\"enabled\": true}，再重试。"),
    ),
    ProblemType(
        "not-now", 409,
        Text("This cannot be done in its present state", "当前状态下无法进行此操作"),
        Text("The detail says what it waits for, or why it cannot be done any more. Read it again to see its state.",
             "detail 说明了需等待什么，或为何已不能进行。请重新读取以查看其状态。"),
    ),
    ProblemType(
        "gone", 410,
        Text("This was taken away", "内容已清除"),
        Text("It was kept as long as `kept_until` said, and is there no more. Send the batch again to have it anew.",
             "内容已按 kept_until 所示期限保存完毕并清除。如需要，请重新提交批次。"),
    ),
    ProblemType(
        "changed-meanwhile", 412,
        Text("Somebody changed this since you read it", "内容在您读取后已被修改"),
        Text("Read it again, put your changes on top, and send it with the new ETag in If-Match. Nothing was stored.",
             "请重新读取，在其基础上修改，并在 If-Match 中使用新的 ETag 重新发送。未保存任何数据。"),
    ),
    ProblemType(
        "unauthenticated", 401,
        Text("A valid API key is needed", "需要有效的 API 密钥"),
        Text("Send `Authorization: Bearer <key>`. A key that has expired, was revoked or is mistyped is answered like none.",
             "请发送 Authorization: Bearer <密钥>。已过期、已撤销或输错的密钥与未提供密钥的答复相同。"),
    ),
    ProblemType(
        "forbidden", 403,
        Text("This key may not do this", "该密钥无权进行此操作"),
        Text("The key lacks the scope named in the detail. Make a key that has it, or ask whoever keeps your keys.",
             "该密钥缺少 detail 中所说的权限范围。请创建具有该权限的密钥，或联系贵方的密钥管理人员。"),
    ),
    ProblemType(
        "not-yours-to-change", 403,
        Text("You may read this company, not change it", "您可以查看该企业，但不能修改"),
        Text("Its own people keep its record; they let you read it. What you sent is yours to change until a company has people of its own.",
             "该企业的资料由其自己的人员维护，您仅获准查看。您发送的企业，在其有自己的人员之前可由您修改。"),
    ),
    ProblemType(
        "not-found", 404,
        Text("There is nothing here", "此处没有内容"),
        Text("The address is mistyped, or what stands there belongs to somebody else: both are answered alike.",
             "地址有误，或其内容属于他人：两种情况的答复相同。"),
    ),
    ProblemType(
        "method-not-allowed", 405,
        Text("This cannot be done here", "此地址不支持该方法"),
        Text("The header Allow lists the methods of this address.", "响应头 Allow 列出了该地址支持的方法。"),
    ),
    ProblemType(
        "not-acceptable", 406,
        Text("There is no such form of the answer", "没有所要求的格式"),
        Text("Ask for application/json, or leave the header Accept out.", "请在 Accept 中要求 application/json，或不发送该请求头。"),
    ),
    ProblemType(
        "too-large", 413,
        Text("The request is too large", "请求过大"),
        Text("The detail names the limit. Many companies go in one batch, as a file.",
             "detail 中说明了上限。大量企业请以文件方式作为一个批次提交。"),
    ),
    ProblemType(
        "unsupported-media-type", 415,
        Text("The body has a form that is not read here", "不支持该请求体格式"),
        Text("Send application/json, in UTF-8.", "请发送 UTF-8 编码的 application/json。"),
    ),
    ProblemType(
        "throttled", 429,
        Text("Too many requests", "请求过多"),
        Text("Wait as long as Retry-After says. Many companies cost least in one batch.",
             "请按 Retry-After 所示时间等待。大量企业请使用批次方式。"),
    ),
    ProblemType(
        "too-many-batches", 429,
        Text("Too many batches at a time", "同时进行的批次过多"),
        Text("Wait until one of your batches has ended, or stop one. Retry-After says when it is worth asking again.",
             "请等待贵方的某个批次结束，或停止一个批次。Retry-After 给出了再次尝试的时间。"),
    ),
    ProblemType(
        "failed", 500,
        Text("Something went wrong on our side", "我方出现错误"),
        Text("Nothing was stored. Send the request again later; when it stays so, tell us the request id of the answer.",
             "未保存任何数据。请稍后重新发送；如仍然出错，请将答复中的请求编号告知我们。"),
    ),
    ProblemType(
        "unavailable", 503,
        Text("Not available just now", "暂时不可用"),
        Text("The detail says what is missing. Try again in a while.", "detail 说明了缺少什么，请稍后再试。"),
    ),
)  # fmt: skip
NO_DATABASE = Text(
    "The database does not answer just now, or there is no room to store anything. Send the request again as it is, with the same Idempotency-Key where it has one.",
    "数据库暂时没有响应，或存储空间不足。请原样重新发送该请求；如带有 Idempotency-Key，请使用相同的键。",
)
PROBLEMS: Mapping[str, ProblemType] = {one.key: one for one in _TYPES}
# The first of a status is the general one.
_BY_STATUS = {one.status: one for one in reversed(_TYPES)}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One value that cannot be used: the JSON pointer that leads to it (RFC 6901) or the parameter, a stable code, what is wrong."""

    pointer: str
    code: str
    message: Text
    parameter: str | None = None
    """The parameter of the address, where it is one."""

    def to_plain(self, language: str | None) -> dict[str, str]:
        """The fault as it is sent."""
        where = {"pointer": self.pointer} if self.parameter is None else {"parameter": self.parameter}
        return {**where, "code": self.code, "detail": self.message.said(language)}


class Problem(Exception):
    """Raised by a view to answer with this problem."""

    def __init__(
        self,
        key: str,
        detail: Text | None = None,
        errors: Sequence[FieldFault] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        self.type, self.detail, self.errors, self.retry_after = PROBLEMS[key], detail, tuple(errors), retry_after
        super().__init__(key)


def pointer_to(*steps: str | int) -> str:
    """The JSON pointer of these steps; `~` and `/` in a name are escaped."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def problem_body(type_: ProblemType, detail: str | None, errors: Iterable[FieldFault] = ()) -> dict[str, Any]:
    """The problem as it is sent, in the active language."""
    language = get_language()
    body: dict[str, Any] = {
        "type": reverse("api:problem", args=[type_.key]),
        "title": type_.title.said(language),
        "status": type_.status,
    }
    if detail:
        body["detail"] = detail
    # Nobody reads more, and an answer should not be far larger than what was sent.
    said = [one.to_plain(language) for one in islice(errors, MOST_ERRORS)]
    return {**body, "errors": said} if said else body


def answer_problem(fault: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to anything that a view raises; what nobody expected is logged and tells the caller nothing of it."""
    headers: dict[str, str] = {}
    match fault:
        case Problem():
            body = problem_body(fault.type, fault.detail and fault.detail.said(get_language()), fault.errors)
            if fault.retry_after is not None:
                headers["Retry-After"] = str(int(fault.retry_after.total_seconds()))
        case Http404():
            body = problem_body(PROBLEMS["not-found"], None)
        case PermissionDenied():
            body = problem_body(PROBLEMS["forbidden"], None)
        case RequestDataTooBig():
            body = problem_body(PROBLEMS["too-large"], None)
        case SuspiciousOperation() | BadRequest():
            # More parameters than anybody needs, a broken multipart, an address that no person writes.
            body = problem_body(PROBLEMS["malformed"], None)
        case exceptions.APIException() if fault.status_code in _BY_STATUS:
            body = problem_body(_BY_STATUS[fault.status_code], _plain(fault.detail))
            if (challenge := getattr(fault, "auth_header", None)) is not None:
                headers["WWW-Authenticate"] = challenge
            if (wait := getattr(fault, "wait", None)) is not None:
                headers["Retry-After"] = str(int(-(-wait // 1)))
        case _ if is_outage(fault):
            log.error("api_without_database", fault=type(fault).__name__)
            body = problem_body(PROBLEMS["unavailable"], NO_DATABASE.said(get_language()))
            headers["Retry-After"] = str(int(RETRY_AFTER.total_seconds()))
        case _:
            log.error("api_failed", fault=type(fault).__name__, exc_info=fault)
            body = problem_body(PROBLEMS["failed"], None)
    body["instance"] = context["request"].path[:_LONGEST_PATH]
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _plain(detail: Any) -> str | None:
    return str(detail) if isinstance(detail, str) else None
