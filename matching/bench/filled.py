"""A service filled with companies and reports, and the time that it takes for each main page; in a process of its own.

`pages` starts it on an empty database, because it fills whatever database its settings name.
"""

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions import save_answers
from companies.models import Company, Membership, ProfileVersion, Role, User
from matching import actions, tasks
from matching.jobs import matches, runs
from matching.management.commands.load_demo import LIN
from matching.models import Cause, MatchReport, MatchRequest, State
from matching.news.actions import watch
from policies import rulebook
from policies.models import Release

# Companies that one person keeps: an accountant's list, not a single firm's.
OWN = 20


def time_pages(companies: int, reports: int, rounds: int) -> None:
    """Say a JSON line for each page: median milliseconds of so many requests after one that is not counted.

    "ms" as the clock on the wall has it, "cpu_ms" of this process alone, which neighbours on a busy machine do not distort.
    """
    tasks.ring = lambda: True  # type: ignore[assignment]  # nobody listens here: the work is done at once
    lin = _filled(companies, reports)
    signed_in, anonymous = (Client(headers={"host": "localhost"}) for _ in range(2))
    signed_in.force_login(lin)
    for name, client, path in _pages(lin, signed_in, anonymous):
        times = [_took(client, path) for _ in range(rounds + 1)][1:]
        wall, cpu = (statistics.median(each) for each in zip(*times, strict=True))
        sys.stdout.write(json.dumps({"page": name, "ms": wall, "cpu_ms": cpu}) + "\n")


def _took(client: Client, path: str) -> tuple[float, float]:
    began, cpu_began = time.perf_counter(), time.process_time()
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    took = (time.perf_counter() - began) * 1000, (time.process_time() - cpu_began) * 1000
    assert answer.status_code == 200, (path, answer.status_code)
    return took


def _pages(lin: User, signed_in: Client, anonymous: Client) -> list[tuple[str, Client, str]]:
    company = Company.objects.filter(memberships__user=lin).earliest("pk")
    report = MatchReport.objects.filter(request__company=company).latest("pk")
    match = MatchRequest.objects.filter(state=State.QUEUED, company=company).latest("pk")
    policy = rulebook.current().policies[0].key
    return [
        ("home", anonymous, reverse("home")),
        ("catalogue", anonymous, reverse("policies:list")),
        ("catalogue, searched", anonymous, reverse("policies:list") + "?q=研发"),
        ("policy", anonymous, reverse("policies:detail", args=[policy])),
        ("my companies", signed_in, reverse("companies:list")),
        ("company", signed_in, company.get_absolute_url()),
        ("interview", signed_in, reverse("matching:interview", args=[company.public_id])),
        ("waiting", signed_in, match.get_absolute_url()),
        ("report", signed_in, report.get_absolute_url()),
        ("news", signed_in, reverse("news:list")),
    ]


def _filled(companies: int, reports: int) -> User:
    """The demo with many more companies and reports around it, the changes of a run, and a match that waits."""
    quiet = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("migrate", verbosity=0)
    call_command("load_catalogue", **quiet)
    call_command("load_demo", **quiet)
    _done(matches.do_next)
    lin = User.objects.get(email=LIN)
    first = Company.objects.get(memberships__user=lin)
    watch(company=first, by=lin)
    _more_companies(lin, first, companies - 1)
    _more_reports(MatchReport.objects.get(request__company=first), reports - 1)
    _run()
    save_answers(company=first, answers={"employees": 480}, by=lin, vocabulary=rulebook.current().vocabulary)
    _run()
    tomorrow = timezone.localdate() + timedelta(days=1)
    actions.request_match(profile_version=actions.version_to_match(company=first, by=lin), day=tomorrow, by=lin)
    return lin


def _more_companies(lin: User, first: Company, count: int) -> None:
    version = first.latest_version
    assert version is not None
    made = Company.objects.bulk_create([Company(name=f"示例企业{at}号") for at in range(count)], batch_size=500)
    versions = [
        ProfileVersion(company=one, number=1, answers={**version.answers}, digest=version.digest) for one in made
    ]
    ProfileVersion.objects.bulk_create(versions, batch_size=500)
    own = [Membership(company=one, user=lin, role=Role.OWNER) for one in made[: OWN - 1]]
    Membership.objects.bulk_create(own)


def _more_reports(report: MatchReport, count: int) -> None:
    """Reports as large as the first: making five hundred anew would only take longer."""
    versions = ProfileVersion.objects.exclude(company=report.request.company).order_by("pk")
    asked = [
        MatchRequest(
            company_id=version.company_id,
            profile_version=version,
            release=report.request.release,
            day=report.request.day,
            state=State.DONE,
            finished_at=Now(),
        )
        for version in islice(versions, count)
    ]
    copied = {name: getattr(report, name) for name in ("content", "digest", "counts", "engine_version")}
    made = MatchRequest.objects.bulk_create(asked, batch_size=100)
    MatchReport.objects.bulk_create([MatchReport(request=one, **copied) for one in made], batch_size=50)


def _run() -> None:
    actions.request_run(release=Release.objects.latest(), day=timezone.localdate(), cause=Cause.ASKED, by=None)
    _done(runs.do_next)


def _done(next_one: Callable[[], bool]) -> None:
    while next_one():
        pass
