"""Keeping a company without an account: a link by e-mail that works once, taking along, erasing."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from companies import keeping
from companies.actions import visits
from companies.models import Company, Letter, Visit, VisitKey, Visitor
from tests.companies.test_visits import held, holder, holding

__all__ = ["held", "holder"]


@pytest.fixture
def page(held):
    return reverse("companies:keep_visit", args=[held[0].public_id])


def link_in(letter):
    return re.search(r"https?://[^/]+(/companies/resume/\S+)", letter.body).group(1)


@pytest.fixture
def link(holder, page, mailbox):
    """A link as it arrives in the mailbox."""
    holder.post(page, {"email": "me@example.com"})
    return link_in(mailbox()[-1])


def test_the_link_opens_the_company_on_another_device(holder, held, link):
    phone = Client()
    assert "Visiting Robotics" in phone.get(link).content.decode()

    answer = phone.post(link)

    assert answer.headers["Location"] == held[0].get_absolute_url()
    assert phone.get(held[0].get_absolute_url()).status_code == 200
    assert holder.get(held[0].get_absolute_url()).status_code == 200, "the first device keeps it"


def test_looking_at_the_link_uses_nothing_up_and_pressing_does(link):
    for _ in range(3):
        assert Client().get(link).status_code == 200
    assert Client().post(link).status_code == 302

    assert Client().get(link).status_code == 404
    late = Client()
    assert late.post(link).status_code == 404
    assert "held" not in late.session


@pytest.mark.parametrize("end", ["link", "visit", "withdrawn", "claimed"])
def test_a_link_that_is_over_opens_nothing(holder, held, lin, link, end):
    over = Now() - timedelta(seconds=1)
    if end == "link":
        VisitKey.objects.filter(kind=VisitKey.Kind.LINK).update(expires_at=over)
    elif end == "visit":
        Visit.objects.update(expires_at=over)
    elif end == "withdrawn":
        holder.post(reverse("companies:withdraw_links", args=[held[0].public_id]))
    else:
        visits.claim(visits=Visit.objects.all(), by=lin)

    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%00", "%F0%9F%9A%80", "a%22%3E%3Cscript%3E"])
def test_a_link_that_never_was_is_explained(db, secret):
    answer = Client().get(f"/companies/resume/{secret}/")

    assert answer.status_code == 404
    assert b"This link opens nothing" in answer.content
    assert b"<script>" not in answer.content.replace(b"<script src", b"")


def test_only_the_digest_of_a_link_is_stored(link):
    secret = link.split("/")[-2]

    assert not VisitKey.objects.filter(digest=secret).exists()
    assert VisitKey.objects.opened_with(secret).exists()


def test_who_is_signed_in_takes_the_company_into_the_account(held, link, zhou):
    person = Client()
    person.force_login(zhou)

    answer = person.post(link, follow=True).content.decode()

    assert "now among your companies" in answer
    assert held[0].memberships.get().user == zhou


def test_the_answer_is_the_same_whether_an_address_has_an_account(holder, held, page, lin, mailbox):
    said = []
    for email in (lin.email, "nobody@example.com"):
        answer = holder.post(page, {"email": email}, follow=True).content.decode()
        mailbox()
        visits.withdraw_links(visit=held[0].visit)
        said.append(re.sub(r"csrf[^>]*>|X-CSRFToken[^}]*|\d{4}-\d\d-\d\d \d\d:\d\d", "", answer))

    assert said[0] == said[1]
    assert len(mailbox()) == 2


def test_the_letter_has_no_words_of_whoever_sends_it(holder, held, page, mailbox):
    Company.objects.update(name="Buy now http://spam.example")

    holder.post(page, {"email": "me@example.com"})

    assert "spam" not in mailbox()[0].body + mailbox()[0].subject


def test_the_letter_is_in_the_language_of_the_page(holder, page, mailbox):
    holder.post(page, {"email": "me@example.com"}, headers={"Accept-Language": "zh-hans"})

    assert mailbox()[0].subject == "[Changce 昌策] 继续填写"
    assert "七天内有效" in mailbox()[0].body


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "me@example.com\nBcc: all@example.com", "a\x00@example.com"])
def test_a_bad_address_is_explained_and_kept(holder, page, email, mailbox):
    answer = holder.post(page, {"email": email})

    assert answer.status_code == 422
    assert b"errorlist" in answer.content
    assert not mailbox()


def test_one_mailbox_gets_only_so_many_links_from_whoever_asks(holder, held, page, mailbox):
    other = Client()
    holding(other, visits.start_visit(name="Another", founded=True)[1])
    elsewhere = reverse("companies:keep_visit", args=[Company.objects.latest("pk").public_id])
    for number in range(keeping.TO_ONE_MAILBOX):
        browser, where = ((holder, page), (other, elsewhere))[number % 2]
        browser.post(where, {"email": "Me@example.com"})

    answer = other.post(elsewhere, {"email": "me@EXAMPLE.com"})

    assert answer.status_code == 429
    assert len(mailbox()) == keeping.TO_ONE_MAILBOX


def test_one_company_sends_only_so_many_links(holder, page, mailbox):
    for number in range(keeping.OF_ONE_COMPANY + 2):
        answer = holder.post(page, {"email": f"me{number}@example.com"})

    assert answer.status_code == 429
    assert "me6@example.com" in answer.content.decode()
    assert len(mailbox()) == keeping.OF_ONE_COMPANY


def test_what_became_of_the_letter_is_said(holder, page, mailbox, monkeypatch):
    holder.post(page, {"email": "me@example.com"})
    with monkeypatch.context() as patched:
        patched.setattr(
            "django.core.mail.backends.base.BaseEmailBackend.open", lambda _: (_ for _ in ()).throw(OSError)
        )
        mailbox()
    away = holder.get(page).content.decode()
    Letter.objects.update(run_after=Now())
    mailbox()

    assert "not sent yet; it is tried again" in away
    assert "letter sent" in holder.get(page).content.decode()


def test_the_address_is_not_kept_once_the_letter_has_left(holder, page, mailbox):
    holder.post(page, {"email": "me@example.com"})
    before = Letter.objects.get()
    mailbox()

    assert "me@example.com" not in str(Letter.objects.values().get()) + before.sealed
    assert Letter.objects.get().sealed == ""


@pytest.mark.parametrize("end", ["withdraw_links", "erase_visit"])
def test_a_letter_with_a_link_that_is_over_does_not_leave(holder, held, page, mailbox, end):
    holder.post(page, {"email": "me@example.com"})

    holder.post(reverse(f"companies:{end}", args=[held[0].public_id]))

    assert mailbox() == []


def test_erasing_takes_everything_away(holder, held):
    answer = holder.post(reverse("companies:erase_visit", args=[held[0].public_id]), follow=True)

    assert "is erased" in answer.content.decode()
    assert not Company.objects.exists()
    assert not VisitKey.objects.exists()


DOORS = [("get", "keep_visit"), ("post", "keep_visit"), ("post", "withdraw_links"), ("post", "erase_visit")]


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_strangers_and_members_find_nothing_behind_these_doors(held, company, lin, zhou, method, door, mailbox):
    other, member, person = Client(), Client(), Client()
    holding(other, visits.start_visit(name="Another", founded=True)[1])
    member.force_login(lin)
    person.force_login(zhou)
    sent = {"email": "me@example.com"} if method == "post" else {}

    def status(browser, of):
        return getattr(browser, method)(reverse(f"companies:{door}", args=[of.public_id]), sent).status_code

    assert status(other, held[0]) == status(person, held[0]) == status(member, company) == 404
    assert status(Client(), held[0]) == 302, "to sign in"
    assert Company.objects.visible_to(Visitor([held[1]])).exists()
    assert not mailbox()


def test_the_page_takes_as_many_queries_with_many_links_as_with_one(holder, held, page, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(3):
            holder.get(page)
        for _each in range(4):
            visits.make_link(visit=Visit.objects.get())
