"""Of a company and a person who were erased nothing is left: not in a row, a file, a message or the cache."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.management import call_command
from django.utils import timezone

from companies import actions
from companies.actions import erasing as verbs
from companies.actions import found_company, members, partners, save_answers
from companies.jobs import erasing
from companies.models import Company, PartnerCompany, User
from companies.models.partners import Partner, Scope
from matching import jobs
from matching.actions import ask_for_run, exports, request_match
from matching.actions.shared import share_report, write_down_opening
from matching.jobs.exports import forget_old
from matching.models import Event, EventKind, MatchReport, Shows
from matching.webhooks import actions as webhooks
from policies import rulebook
from tests.guarding.scene import DAY, person, staff
from tests.matching.catalogue import publish_small_release

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CANARIES = {
    "name": "Leftover-canary Works", "figure": "77123401", "owner": "leftover-owner@example.com", "invited": "leftover-guest@example.org",
    "note": "leftover-note", "reference": "leftover-reference",
}  # fmt: skip


@pytest.fixture
def company(monkeypatch, settings, tmp_path) -> Company:
    """A company with something of everything, whose only owner is the person; and what the service made of it."""
    settings.SNAPSHOT_DIR = tmp_path / "snapshots"
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    release = publish_small_release()
    vocabulary = rulebook.of_release(release.number).vocabulary
    actions.store_vocabulary(vocabulary=vocabulary, by=None)
    owner = person("leftover-owner")
    company = found_company(name=CANARIES["name"], by=owner)
    saved = save_answers(
        company=company, answers={"employees": 40, "rd_expense_y1": CANARIES["figure"]}, by=owner, vocabulary=vocabulary
    )
    partner = Partner.objects.create(name="Park", contact="it@park.example")
    actions.make_key(partner=partner, label="x", scopes=Scope.values, by=None)
    webhooks.add_endpoint(
        partner=partner, url="https://hooks.example.com/x", kinds=[EventKind.MATCH_DONE, EventKind.CHANGES_FOUND]
    )
    partners.agree(company=company, partner=partner, by=owner)
    PartnerCompany.objects.update(reference=CANARIES["reference"])
    request_match(profile_version=saved.version, day=DAY, by=owner)
    request_match(profile_version=saved.version, day=DAY, by=partner)
    work()
    report = MatchReport.objects.first()
    assert report is not None
    link, _token = share_report(report=report, shows=Shows.FIGURES, named=True, days=7, by=owner, note=CANARIES["note"])
    write_down_opening(link=link, language="en", client="")
    members.invite(company=company, email=CANARIES["invited"], role="reader", by=owner)
    exports.ask_for_export(by=owner)
    ask_for_run(by=staff("publisher", "publisher"))
    work()
    return company


def work() -> None:
    while jobs.do_next():
        pass


def stored(tmp_path: Any) -> str:
    """Every row, every file and all that the cache holds."""
    told = io.StringIO()
    call_command("dumpdata", "--all", stdout=told)
    told.write(repr(getattr(cache, "_cache", "")))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            told.write(path.read_bytes().decode(errors="replace"))
    store = storages["batches"]
    for folder in store.listdir("")[0] if store.exists("") else []:
        for name in store.listdir(folder)[1]:
            with store.open(f"{folder}/{name}") as file:
                told.write(f"{name} {file.read()!r}")
    return told.getvalue()


def found(text: str, more: dict[str, str]) -> list[str]:
    return sorted(what for what, said in {**CANARIES, **more}.items() if said in text)


def test_of_a_company_that_was_erased_nothing_is_found_anywhere(company, tmp_path, mailoutbox):
    more = {"id": str(company.public_id)}
    owner = User.objects.get(email=CANARIES["owner"])
    assert found(stored(tmp_path), more) == sorted([*CANARIES, "id"]), "what is searched for was there"

    verbs.ask_to_erase_account(user=owner)
    over = timezone.now() - timedelta(seconds=1)
    Company.objects.exclude(erase_at=None).update(erase_at=over)
    User.objects.exclude(erase_at=None).update(erase_at=over)
    erasing.erase_due()
    forget_old()
    ask_for_run(by=User.objects.get(email="publisher@example.com"))
    work()

    assert not Company.objects.exists()
    assert found(stored(tmp_path), {}) == []
    # What a partner was told of it names it by a random id, and is forgotten with all that partners were told.
    Event.objects.all().delete()
    assert found(stored(tmp_path), more) == []
