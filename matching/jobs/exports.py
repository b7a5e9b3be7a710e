"""The work of an export: everything that a person may see of theirs, as JSON in one ZIP."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from companies.models import Company, Invitation, Partner, Role, User
from matching import batch_storage
from matching.jobs.leases import Lease, carry_out, claim_first, end_as_done, still_ours
from matching.models import (
    Addressee,
    DataExport,
    Digest,
    LinkOpening,
    MatchReport,
    MatchRequest,
    MutedPolicy,
    SharedLink,
    VerdictChange,
    Watch,
)
from matching.models.exports import FOLDER

TIME_LIMIT = timedelta(seconds=480)
KEPT = timedelta(days=7)
READ_ME = """All that Changce keeps about you and the companies you take part in, as you may see it there.
Each file is JSON in UTF-8; times are in UTC. A report stands here byte for byte as it is stored.
What others do not show you there, such as links of companies you only read, is not here either.

昌策所保存的关于您以及您参与的企业的全部内容，范围与您在页面上可见的一致。
各文件为UTF-8编码的JSON，时间为世界协调时。报告与存储内容逐字节一致。
页面上不向您显示的内容（如您仅为读者的企业的分享链接）也不在此列。
"""


def do_next(worker: str = "") -> bool:
    """Make one export, if one waits; False when there was nothing to do."""
    lease = claim_first(DataExport.objects.runnable(), progress_done=0)
    if lease is None:
        return False
    export = DataExport.objects.select_related("user").get(pk=lease.row)
    check = still_ours(lease, worker, TIME_LIMIT)
    carry_out(lease, lambda: _make(lease, export, check), export)
    return True


def _make(lease: Lease, export: DataExport, check: Callable[[int, int], None]) -> None:
    reports = MatchReport.objects.visible_to(export.user).count()
    total = reports + Company.objects.visible_to(export.user).count() + 1
    with batch_storage.working_file(".zip") as path:
        done = 0
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("README.txt", READ_ME)
            for name, content in _files(export.user):
                packed.writestr(name, content if isinstance(content, str) else _as_text(content))
                # Between counting and reading, somebody may have asked for more.
                done = min(done + name.endswith(("company.json", "account.json")) + ("/reports/" in name), total)
                check(done, total)
        size = path.stat().st_size
        # An attempt before this one may have left its file; the storage would keep both, under another name.
        batch_storage.forget(export.file)
        batch_storage.keep(export.file, Path(path))
    end_as_done(lease, progress_done=total, progress_total=total, size=size, kept_until=timezone.now() + KEPT)


def old_files() -> list[str]:
    """The kept files whose time is over, or that belong to nobody any more."""
    known = {f"{one}.zip" for one in DataExport.objects.ready().values_list("public_id", flat=True)}
    live = {f"{one}.zip" for one in DataExport.objects.live().values_list("public_id", flat=True)}
    try:
        _folders, names = batch_storage.store().listdir(FOLDER)
    except FileNotFoundError:
        return []
    return [f"{FOLDER}/{name}" for name in names if name not in known | live]


def forget_old() -> int:
    """Take the old files away; how many. Safe at any time and twice."""
    gone = old_files()
    for name in gone:
        batch_storage.forget(name)
    return len(gone)


def _as_text(content: Any) -> str:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _files(user: User) -> Iterator[tuple[str, Any]]:
    yield "account.json", _account(user)
    for company in Company.objects.visible_to(user).with_role_of(user):
        folder = f"companies/{company.public_id}"
        yield f"{folder}/company.json", _company(company)
        for version in company.profile_versions.order_by("number").iterator(chunk_size=50):
            by = "you" if version.created_by_id == user.pk else "a partner" if version.partner_id else "somebody else"
            told = {"number": version.number, "saved": version.created_at, "by": by, "digest": version.digest}
            yield f"{folder}/profile/version-{version.number}.json", {**told, "answers": version.answers}
        yield f"{folder}/unread-answers.json", list(company.drafts.values("section", "typed", "changed_at"))
        asked = MatchRequest.objects.filter(company=company).order_by("pk")
        yield f"{folder}/matches.json", list(asked.values("public_id", "day", "release__number", "state", "created_at"))
        for report in MatchReport.objects.filter(request__company=company).order_by("pk").iterator(chunk_size=10):
            yield f"{folder}/reports/{report.public_id}.json", report.content
        if company.role != Role.READER:
            yield f"{folder}/shared-links.json", _links(company)
        yield f"{folder}/news.json", _news(company)


def _account(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "since": user.date_joined,
        "last_sign_in": user.last_login,
        "second_factor": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "sessions": list(UserSession.objects.filter(user=user).values("created_at", "ip", "user_agent")),
        "takes_part_in": list(user.memberships.values("company__public_id", "company__name", "role", "since")),
        "partners": list(Partner.objects.visible_to(user).values("public_id", "name")),
        "invitations_to_you": list(
            Invitation.objects.open().filter(email=user.email.lower()).values("company__name", "role", "expires_at")
        ),
        "is_told_of_changes": list(
            Watch.objects.filter(membership__user=user).values("membership__company__public_id", "is_on")
        ),
        "muted_policies": list(MutedPolicy.objects.filter(user=user).values("policy", "since")),
        "how_you_are_told": list(
            Addressee.objects.filter(user=user).values("read_up_to", "language", "by_mail", "calendar_since")
        ),
        "letters_with_news": list(Digest.objects.filter(user=user).values("created_at", "state", "handed_at")),
    }


def _company(company: Company) -> dict[str, Any]:
    told: dict[str, Any] = {
        **{name: getattr(company, name) for name in ("public_id", "name", "other_name", "founded", "uscc")},
        **{name: getattr(company, name) for name in ("created_at", "erase_at")},
        "your_part": company.role,
        "members": list(company.memberships.values("user__email", "role", "since")),
        "partners": list(company.partners.values("partner__name", "basis", "since", "agreed_at", "ended_at")),
    }
    if company.role == Role.OWNER:
        fields = ("email", "role", "created_at", "expires_at", "used_at", "revoked_at")
        told["invitations"] = list(company.invitations.values(*fields))
    return told


def _links(company: Company) -> list[dict[str, Any]]:
    fields = ("note", "shows", "named", "created_at", "expires_at", "revoked_at", "opened")
    links = SharedLink.objects.filter(report__request__company=company)
    openings = LinkOpening.objects.filter(link__in=links).order_by("pk").values("link", "at", "language", "client")
    by_link: dict[int, list[dict[str, Any]]] = {}
    for one in openings:
        by_link.setdefault(one.pop("link"), []).append(one)
    return [
        {
            "report": link["report__public_id"],
            **{name: link[name] for name in fields},
            "openings": by_link.get(link["pk"], []),
        }
        for link in links.values("pk", "report__public_id", *fields)
    ]


def _news(company: Company) -> list[dict[str, Any]]:
    changes = VerdictChange.objects.told().filter(company=company, in_force=True).order_by("run__sequence", "pk")
    what = ("offer", "before", "after", "before_amount", "after_amount", "before_window", "after_window")
    return list(changes.values("run__day", *what, "before_combination", "after_combination"))
