"""One company, one partner and one desk with something of everything that has an address, and the people who must not see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client

from companies import actions
from companies.actions import found_company, members, partners, save_answers, visits
from companies.models import Membership, PartnerMember, User
from companies.models.partners import Partner, Scope
from companies.visitors import MARK
from matching import batch_storage, jobs
from matching.actions import exports, request_batch, request_match
from matching.actions.shared import share_report
from matching.batches.portions import open_file
from matching.models import Batch, DataExport, Delivery, EventKind, Format, MatchReport, Shows
from matching.news import actions as news
from matching.webhooks import actions as webhooks
from policies import rulebook
from tests.guarding.conftest import PASSWORD
from tests.matching.catalogue import publish_small_release

DAY = date(2026, 11, 25)
CANARIES = {
    "name": "Kestrel-canary Biotech",
    "other name": "金丝雀生物",
    "figure": "41927385",
    "owner": "owner-canary@example.com",
    "invited": "invited-canary@example.org",
    "note": "note-canary for the bank",
    "partner": "Partner-canary Park",
    "contact": "contact-canary@example.net",
    "reference": "REF-canary-77",
    "key label": "label-canary",
    "receiver": "hooks-canary.example.com",
    "visit": "Visit-canary Works",
}
"""What of it is to be seen by those whose it is, and by nobody else: on no page, in no log, in no message."""


@dataclass
class Scene:
    """The words that lead to each thing, and the secrets that were shown once."""

    lin: User
    words: dict[str, list[Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    partner: Partner | None = None

    def say(self, **words: Any) -> None:
        for name, word in words.items():
            self.words.setdefault(name, []).append(word)


def person(name: str, **more: Any) -> User:
    return _confirmed(User.objects.create_user(f"{name}@example.com", PASSWORD, **more))


def _confirmed(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def staff(name: str, *roles: str, **more: Any) -> User:
    """Somebody of the staff, who has a second factor."""
    made = person(name, is_staff=True, **more)
    made.groups.set(Group.objects.filter(name__in=roles))
    Authenticator.objects.create(user=made, type=Authenticator.Type.TOTP, data={"secret": ""})
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_scene() -> Scene:
    """Everything that somebody of ours has, made as they make it."""
    release = publish_small_release()
    vocabulary = rulebook.of_release(release.number).vocabulary
    actions.store_vocabulary(vocabulary=vocabulary, by=None)
    lin = _confirmed(User.objects.create_user(CANARIES["owner"], PASSWORD))
    scene = Scene(lin)
    company = found_company(name=CANARIES["name"], other_name=CANARIES["other name"], by=lin)
    answers = {"established": True, "employees": 40, "rd_expense_y1": CANARIES["figure"]}
    saved = save_answers(company=company, answers=answers, by=lin, vocabulary=vocabulary)
    assert not saved.faults
    match = request_match(profile_version=saved.version, day=DAY, by=lin)
    assert jobs.do_next()
    report = MatchReport.objects.get()
    link, shared = share_report(report=report, shows=Shows.FIGURES, named=True, days=7, by=lin, note=CANARIES["note"])
    invitation, invited = members.invite(company=company, email=CANARIES["invited"], role="reader", by=lin)
    exports.ask_for_export(by=lin)
    assert jobs.do_next()
    calendar = news.open_calendar(by=lin, language="en")
    scene.say(
        **{"companies/public_id": company.public_id, "reports/public_id": report.public_id, "links/public_id": link.public_id},
        **{"matches/public_id": match.public_id, "account/public_id": DataExport.objects.get().public_id},
        company_id=company.public_id, member=Membership.objects.get().pk, invitation=invitation.public_id,
    )  # fmt: skip
    scene.secrets |= {"share link": shared, "invitation": invited, "calendar": calendar}

    partner = Partner.objects.create(name=CANARIES["partner"], contact=CANARIES["contact"])
    scene.partner = partner
    PartnerMember.objects.create(partner=partner, user=lin)
    key, secret = actions.make_key(partner=partner, label=CANARIES["key label"], scopes=Scope.values, by=None)
    sent = partners.send_company(partner=partner, name=f"{CANARIES['name']} sent", reference=CANARIES["reference"])
    sent_answers = {"employees": 40, "rd_expense_y1": CANARIES["figure"]}
    theirs = partners.answer_for_company(
        company=sent.company, answers=sent_answers, partner=partner, vocabulary=vocabulary
    )
    endpoint, hook = webhooks.add_endpoint(
        partner=partner, url=f"https://{CANARIES['receiver']}/hook", kinds=[EventKind.MATCH_DONE], label="x"
    )
    their_match = request_match(profile_version=theirs.version, day=DAY, by=partner)
    assert jobs.do_next()
    partners.agree(company=company, partner=partner, by=lin)
    scene.say(
        partner=partner.public_id, prefix=key.prefix, endpoint=endpoint.public_id, partner_id=partner.public_id,
        company_id=sent.company.public_id, company=sent.company.public_id, match=their_match.public_id,
        report=their_match.report.public_id,
    )  # fmt: skip
    assert Delivery.objects.exists()
    batch = _batch(partner, release)
    scene.say(batch=batch.public_id, kind="match", job=match.public_id)
    scene.secrets |= {"API key": secret, "webhook secret": hook}

    held, visit = visits.start_visit(name=CANARIES["visit"], founded=True)
    scene.say(**{"companies/public_id": held.public_id}, company_id=held.public_id)
    scene.secrets |= {"visit": visit, "resume": visits.make_link(visit=held.visit)}
    return scene


def _batch(partner: Partner, release: Any) -> Batch:
    """A file of theirs, matched, with a row that was rejected."""
    with batch_storage.working_file() as path:
        rows = [f"x,{CANARIES['name']} in a file,40,{CANARIES['figure']}", f"y,{CANARIES['name']} again,many,1"]
        path.write_text("\n".join(["id,name,employees,rd_expense_y1", *rows, ""]))
        opened = open_file(path, Path("companies.csv"), rulebook.of_release(release.number).vocabulary)
        batch = request_batch(opened=opened, path=path, format=Format.CSV, release=release, day=DAY, by=partner)
    while jobs.do_next():
        pass
    return batch


def holding(secret: str) -> Client:
    """A browser that holds a visit."""
    client = Client()
    client.get("/")
    session = client.session
    session[MARK] = [secret]
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client
