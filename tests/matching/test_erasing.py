"""Giving up a company or an account: time to think better of it, then it is gone, with what hangs on it."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions import erasing as verbs
from companies.actions import found_company
from companies.actions.members import LastOwner, end_membership, invite
from companies.actions.partners import agree
from companies.jobs import erasing
from companies.models import Company, Membership, Partner, PartnerCompany, ProfileVersion, Role, User
from matching import jobs
from matching.actions.shared import share_report, write_down_opening
from matching.models import MatchReport, SharedLink, Shows
from policies.models import Release

PASSWORD = "a-long-password"
AGREED = {"agreed": "yes"}


def enter(person):
    """Signed in, and asked for the password once more."""
    client = Client()
    for door in ("login", "reauthenticate"):
        assert client.post(f"/accounts/{door}/", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def time_is_over():
    over = timezone.now() - timedelta(seconds=1)
    Company.objects.exclude(erase_at=None).update(erase_at=over)
    User.objects.exclude(erase_at=None).update(erase_at=over)
    return erasing.erase_due()


@pytest.fixture
def report(ask):
    ask()
    jobs.do_next()
    return MatchReport.objects.get()


@pytest.fixture
def partner(company, lin):
    partner = Partner.objects.create(name="Park", contact="park@example.com")
    agree(company=company, partner=partner, by=lin)
    return partner


def rows_of(company_pk):
    """Every row of every table that points to this company, or to what does."""
    wanted, found = {Company: {company_pk}}, []
    while wanted:
        model, keys = wanted.popitem()
        for relation in model._meta.related_objects:
            if relation.many_to_many:
                continue
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys})
            ids = set(rows.values_list("pk", flat=True))
            found += [(relation.related_model._meta.label, pk) for pk in ids]
            if ids:
                wanted.setdefault(relation.related_model, set()).update(ids)
    return found


def test_a_company_goes_with_all_that_hangs_on_it(company, lin, report, partner):
    link, _ = share_report(report=report, shows=Shows.FIGURES, named=True, days=7, by=lin)
    write_down_opening(link=link, language="en", client="")
    invite(company=company, email="x@example.com", role="reader", by=lin)
    before = {label for label, _ in rows_of(company.pk)}
    assert {"matching.MatchReport", "matching.LinkOpening", "companies.ProfileVersion"} <= before

    enter(lin).post(reverse("companies:erase", args=[company.public_id]), AGREED)
    assert time_is_over() == 1

    assert not Company.objects.filter(pk=company.pk).exists()
    assert rows_of(company.pk) == []
    assert (ProfileVersion.objects.count(), MatchReport.objects.count(), SharedLink.objects.count()) == (0, 0, 0)
    assert Release.objects.count() == 1


def test_nothing_is_erased_while_there_is_time(company, lin, report):
    verbs.ask_to_erase_company(company=company, by=lin)

    assert erasing.erase_due() == 0
    assert Company.objects.get().erase_at > timezone.now() + timedelta(days=13)
    assert enter(lin).get(report.get_absolute_url()).status_code == 200


def test_who_thinks_better_of_it_keeps_all(company, lin, report):
    client = enter(lin)
    client.post(reverse("companies:erase", args=[company.public_id]), AGREED)
    assert "will be erased on" in client.get(company.get_absolute_url()).content.decode()

    client.post(reverse("companies:keep", args=[company.public_id]))

    assert time_is_over() == 0
    assert MatchReport.objects.get() == report


def test_partners_and_links_see_nothing_from_the_moment_of_asking_and_again_when_it_is_kept(
    company, lin, report, partner
):
    _, token = share_report(report=report, shows=Shows.VERDICTS, named=False, days=7, by=lin)

    def seen():
        shared = Client().get(reverse("matching:shared", args=[token])).status_code
        return shared, Company.objects.visible_to_partner(partner).exists()

    verbs.ask_to_erase_company(company=company, by=lin)
    assert seen() == (404, False)

    verbs.keep_company(company=company, by=lin)
    assert seen() == (200, True)


def test_all_owners_are_written_to_when_it_is_asked_and_when_it_is_done(company, lin, wei, mailbox):
    Company.objects.filter(pk=company.pk).update(name="A\u202e<b>Firm")
    Membership.objects.filter(user=wei).update(role=Role.OWNER)
    enter(lin).post(reverse("companies:erase", args=[company.public_id]), AGREED)
    asked = sorted(letter.to[0] for letter in mailbox())
    assert "A\u202e<b>Firm" in mail.outbox[0].body
    assert "删除" in mail.outbox[0].body
    mail.outbox.clear()

    time_is_over()

    assert asked == sorted(letter.to[0] for letter in mailbox()) == ["lin@example.com", "wei@example.com"]


def test_it_is_not_asked_for_by_a_slip(company, lin):
    client = enter(lin)
    page = reverse("companies:erase", args=[company.public_id])

    assert client.get(page).status_code == 200
    assert client.post(page).status_code == 422
    assert Company.objects.get().erase_at is None


def test_an_unlocked_screen_is_not_enough(client, company, lin):
    client.force_login(lin)

    for page in (reverse("companies:erase", args=[company.public_id]), reverse("account:erase")):
        assert client.post(page, AGREED).url.startswith("/accounts/reauthenticate/")
    assert (Company.objects.get().erase_at, User.objects.get(pk=lin.pk).erase_at) == (None, None)


@pytest.mark.parametrize(("who", "status"), [("wei", 403), ("zhou", 404)])
def test_only_an_owner_gives_up_a_company_or_keeps_it(request, company, lin, who, status):
    verbs.ask_to_erase_company(company=company, by=lin)
    theirs = enter(request.getfixturevalue(who))

    answers = [
        theirs.post(reverse(f"companies:{name}", args=[company.public_id]), AGREED) for name in ("erase", "keep")
    ]

    assert [one.status_code for one in answers] == [status, status]
    assert Company.objects.get().erase_at is not None


def test_an_account_goes_with_companies_that_are_only_its_own(lin, company, wei, zhou, mailbox):
    alone = found_company(name="Alone", by=lin)
    Membership.objects.filter(user=wei).update(role=Role.OWNER)
    EmailAddress.objects.create(user=lin, email=lin.email, verified=True)
    client = enter(lin)
    client.post(reverse("account:erase"), AGREED)
    assert "will be erased on" in client.get(reverse("account:home")).content.decode()

    time_is_over()

    assert not User.objects.filter(email="lin@example.com").exists()
    assert not EmailAddress.objects.filter(email="lin@example.com").exists()
    assert not Company.objects.filter(pk=alone.pk).exists()
    assert list(company.memberships.values_list("user", flat=True)) == [wei.pk]
    assert client.get(reverse("account:home")).status_code == 302
    assert [letter.to for letter in mailbox()][-1] == ["lin@example.com"]


def test_an_account_and_its_companies_are_kept_together(lin, zhou):
    alone = found_company(name="Alone", by=lin)
    client = enter(lin)
    client.post(reverse("account:erase"), AGREED)
    alone.refresh_from_db()
    assert alone.erase_at is not None

    client.post(reverse("account:keep"))

    assert time_is_over() == 0
    alone.refresh_from_db()
    assert alone.erase_at is None


def test_the_last_owner_of_a_company_of_others_is_told_what_to_do_first(company, lin, wei):
    client = enter(lin)

    page = client.get(reverse("account:erase")).content.decode()
    sent = client.post(reverse("account:erase"), AGREED)

    assert reverse("companies:members", args=[company.public_id]) in page
    assert sent.status_code == 422
    assert User.objects.get(pk=lin.pk).erase_at is None


def test_who_is_about_to_go_does_not_count_as_an_owner(company, lin, wei):
    Membership.objects.filter(user=wei).update(role=Role.OWNER)
    verbs.ask_to_erase_account(user=lin)

    with pytest.raises(LastOwner):
        end_membership(membership=company.memberships.get(user=wei), by=wei)


def test_who_published_leaves_a_number_instead_of_a_name(release, lin):
    published = User.objects.create_user("gao@example.com", PASSWORD, first_name="Gao", is_staff=True)
    second = Release.objects.create(number=2, digest="d" * 64, snapshot={}, created_by=published)
    own = found_company(name="Own", by=published)
    verbs.ask_to_erase_account(user=published)

    time_is_over()

    published.refresh_from_db()
    assert (published.email, published.first_name) == (f"erased-{published.pk}@erased.invalid", "")
    assert [published.is_active, published.is_staff] == [False, False]
    assert not published.has_usable_password()
    assert not Company.objects.filter(pk=own.pk).exists()
    second.refresh_from_db()
    assert second.created_by_id == published.pk
    assert time_is_over() == 0


def test_what_a_person_saved_for_others_stays_without_a_name(company, lin, wei, version, partner):
    Membership.objects.filter(user=wei).update(role=Role.OWNER)
    verbs.ask_to_erase_account(user=lin)

    time_is_over()

    version.refresh_from_db()
    assert version.created_by is None
    assert version.answers
    assert PartnerCompany.objects.filter(company=company).exists()
