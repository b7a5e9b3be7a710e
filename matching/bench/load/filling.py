"""Whom the clients are: people with companies and reports, partners with companies; made in a process of the service."""

import json
import sys
from typing import Any

from django.test import Client
from django.utils import timezone

from companies.actions import found_company, make_key, save_answers
from companies.actions.partners import answer_for_company, send_company
from companies.models import Company, Partner, User
from companies.models.partners import Scope
from matching import actions
from matching.jobs import matches
from matching.management.commands.load_demo import PROFILE
from matching.models import MatchReport, MatchRequest, State
from matching.profiles import read_profile_file
from policies import rulebook

COMPANIES = 25


def fill(clients: int) -> None:
    """Say as JSON: for each client its key, session, companies and a report; and the keys of two more partners."""
    file, _ = read_profile_file(PROFILE)
    assert file is not None
    answers: dict[str, Any] = file.facts
    made = [_client(at, answers) for at in range(clients)]
    while MatchRequest.objects.live().exists():  # the embedded edition's worker may have taken some of them
        matches.do_next()
    for one in made:
        report = MatchReport.objects.get(request__company__public_id=one["own"])
        one["report"] = str(report.public_id)
    other = Partner.objects.create(name="Incubator", contact="it@example.com")
    others = {"key": _key(other), "companies": [_sent(other, f"o{at}", answers) for at in range(20)]}
    batch = {"key": _key(Partner.objects.create(name="Park", contact="it@example.com"))}
    policies = [policy.key for policy in rulebook.current().policies]
    sys.stdout.write(json.dumps({"clients": made, "other": others, "batch": batch, "policies": policies}) + "\n")


def _client(at: int, answers: dict[str, Any]) -> dict[str, Any]:
    vocabulary = rulebook.current().vocabulary
    person = User.objects.create_user(f"person{at}@example.com")
    own = found_company(name=f"示例企业{at}号", by=person)
    save_answers(company=own, answers=answers, by=person, vocabulary=vocabulary)
    version = actions.version_to_match(company=own, by=person)
    actions.request_match(profile_version=version, day=timezone.localdate(), by=person)
    browser = Client()
    browser.force_login(person)
    partner = Partner.objects.create(name=f"Partner {at}", contact="it@example.com")
    sent = [_sent(partner, f"{at}-{number}", answers) for number in range(COMPANIES)]
    session = browser.cookies["sessionid"].value
    return {"session": session, "own": str(own.public_id), "key": _key(partner), "companies": sent}


def _key(partner: Partner) -> str:
    return make_key(partner=partner, label="bench", scopes=[scope.value for scope in Scope], by=None)[1]


def _sent(partner: Partner, reference: str, answers: dict[str, Any]) -> str:
    link = send_company(partner=partner, name="示例企业", reference=reference)
    answer_for_company(company=link.company, answers=answers, partner=partner, vocabulary=rulebook.current().vocabulary)
    return str(link.company.public_id)


def outcome(accepted: list[str], saved: dict[str, int]) -> None:
    """Say as JSON what became of accepted matches, by state, how many have a report, and how many saved answers are there."""
    asked = MatchRequest.objects.filter(public_id__in=accepted)
    states: dict[str, int] = {}
    for state in asked.values_list("state", flat=True):
        states[state] = states.get(state, 0) + 1
    reports = MatchReport.objects.filter(request__in=asked).count()
    vocabulary, kept = rulebook.current().vocabulary, 0
    for company, employees in saved.items():
        version = Company.objects.get(public_id=company).latest_version
        assert version is not None
        answer = version.profile(vocabulary).answers.get("employees")
        kept += answer is not None and answer.value == employees
    waiting = sum(count for state, count in states.items() if state in (State.QUEUED, State.RUNNING))
    told = {"states": states, "reports": reports, "saved": kept, "waiting": waiting}
    sys.stdout.write(json.dumps(told) + "\n")
