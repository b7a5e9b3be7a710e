"""All of a person's data as a file: what is in it, what is not, and who gets it."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions import found_company
from companies.actions.members import invite
from companies.actions.partners import agree
from companies.models import Membership, Partner, Role
from matching import batch_storage, jobs
from matching.actions import exports as verbs
from matching.actions.shared import share_report, write_down_opening
from matching.jobs import exports
from matching.models import DataExport, MatchReport, Reason, Shows, State

PASSWORD = "a-long-password"


def enter(person):
    """Signed in, and asked for the password once more."""
    client = Client()
    for door in ("login", "reauthenticate"):
        assert client.post(f"/accounts/{door}/", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def report(ask):
    ask()
    jobs.do_next()
    return MatchReport.objects.get()


def made_by(person):
    verbs.ask_for_export(by=person)
    assert jobs.do_next()
    return DataExport.objects.get(user=person, state=State.DONE)


def fetched(client, export):
    answer = client.get(reverse("export:download", args=[export.public_id]))
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_everything_a_person_may_see_is_in_it(company, lin, wei, version, report):
    partner = Partner.objects.create(name="Park Ltd", contact="p@example.com")
    agree(company=company, partner=partner, by=lin)
    link, token = share_report(report=report, shows=Shows.VERDICTS, named=True, days=7, by=lin, note="for the bank")
    write_down_opening(link=link, language="en", client="Firefox, Linux")
    invite(company=company, email="guest@example.com", role="reader", by=lin)

    packed = fetched(enter(lin), made_by(lin))

    one = f"companies/{company.public_id}"
    assert packed.read(f"{one}/reports/{report.public_id}.json").decode() == report.content
    kept = json.loads(packed.read(f"{one}/profile/version-1.json"))
    assert (kept["answers"], kept["by"]) == (version.answers, "you")
    told = json.loads(packed.read(f"{one}/company.json"))
    assert [each["user__email"] for each in told["members"]] == ["lin@example.com", "wei@example.com"]
    assert told["partners"][0]["partner__name"] == "Park Ltd"
    assert told["invitations"][0]["email"] == "guest@example.com"
    links = json.loads(packed.read(f"{one}/shared-links.json"))
    assert (links[0]["note"], links[0]["openings"][0]["client"]) == ("for the bank", "Firefox, Linux")
    account = json.loads(packed.read("account.json"))
    assert account["email"] == "lin@example.com"
    assert account["takes_part_in"][0]["role"] == Role.OWNER
    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert not any(secret.encode() in everything for secret in (token, link.digest, lin.password))


def test_a_reader_gets_what_a_reader_sees(company, wei, lin, report):
    share_report(report=report, shows=Shows.VERDICTS, named=True, days=7, by=lin, note="for the bank")
    invite(company=company, email="guest@example.com", role="reader", by=lin)

    packed = fetched(enter(wei), made_by(wei))

    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert report.content.encode() in everything
    assert b"for the bank" not in everything
    assert b"guest@example.com" not in everything


def test_nothing_of_others_is_in_it(company, zhou, report):
    found_company(name="Zhou's own", by=zhou)

    packed = fetched(enter(zhou), made_by(zhou))

    everything = "".join(packed.namelist()).encode() + b"".join(packed.read(name) for name in packed.namelist())
    assert not any(one.encode() in everything for one in (company.name, str(company.public_id), "lin@example.com"))


def test_from_the_button_to_the_file(company, lin):
    client = enter(lin)
    page = reverse("export:list")

    assert client.post(page).url == page
    client.post(page)  # a second click is the same wish
    waiting = client.get(page).content.decode()
    assert 'http-equiv="refresh"' in waiting
    assert DataExport.objects.count() == 1
    jobs.do_next()

    text = client.get(page).content.decode()
    export = DataExport.objects.get()
    assert 'http-equiv="refresh"' not in text
    assert reverse("export:download", args=[export.public_id]) in text
    assert export.progress_done == export.progress_total


def test_only_the_person_fetches_it(lin, wei, zhou, company):
    export = made_by(lin)
    address = reverse("export:download", args=[export.public_id])

    for other in (wei, zhou):
        assert enter(other).get(address).status_code == 404
    assert enter(lin).get(reverse("export:download", args=[uuid4()])).status_code == 404
    assert Client().get(address).url.startswith(reverse("account_login"))


def test_an_unlocked_screen_is_not_enough(client, lin, company):
    export = made_by(lin)
    client.force_login(lin)

    answer = client.get(reverse("export:download", args=[export.public_id]))

    assert answer.url.startswith("/accounts/reauthenticate/")


def test_after_its_days_the_file_is_gone(lin, company):
    export = made_by(lin)
    assert exports.forget_old() == 0
    DataExport.objects.update(kept_until=timezone.now() - timedelta(seconds=1))

    assert enter(lin).get(reverse("export:download", args=[export.public_id])).status_code == 404
    assert exports.forget_old() == 1
    assert not batch_storage.store().exists(export.file)
    assert exports.forget_old() == 0


def test_the_file_of_an_account_that_is_gone_is_taken_away(zhou):
    export = made_by(zhou)
    zhou.delete()

    assert exports.forget_old() == 1
    assert not batch_storage.store().exists(export.file)


def test_a_worker_that_dies_costs_time_and_not_the_export(lin, company):
    verbs.ask_for_export(by=lin)
    lost = exports.claim_first(DataExport.objects.runnable())
    assert lost is not None
    DataExport.objects.update(lease_until=Now() - timedelta(seconds=1))

    assert jobs.return_overdue() == 1
    assert jobs.do_next()

    export = DataExport.objects.get()
    assert (export.state, export.reason, export.attempt) == (State.DONE, Reason.NONE, 2)
    assert fetched(enter(lin), export).testzip() is None


def test_an_export_waits_in_the_count_of_work(lin, company):
    verbs.ask_for_export(by=lin)

    assert jobs.waiting(5) == 1


def test_asking_all_day_is_answered_in_words(lin, company, monkeypatch):
    monkeypatch.setattr(verbs, "EXPORTS_A_DAY", 1)
    made_by(lin)

    text = enter(lin).post(reverse("export:list"), follow=True).content.decode()

    assert "tomorrow" in text
    assert DataExport.objects.count() == 1


def test_the_page_asks_as_much_for_many_exports_as_for_few(client, lin, django_assert_num_queries):
    client.force_login(lin)
    for _ in range(12):
        DataExport.objects.create(user=lin, state=State.CANCELLED, finished_at=timezone.now())

    with django_assert_num_queries(3):
        client.get(reverse("export:list"))


def test_members_who_left_are_no_longer_in_reach(lin, wei, company, report):
    Membership.objects.filter(user=wei).delete()

    packed = fetched(enter(wei), made_by(wei))

    assert packed.namelist() == ["README.txt", "account.json"]
