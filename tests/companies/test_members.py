"""Who takes part in a company: inviting, accepting, changing a part, leaving."""

import re
from datetime import timedelta
from smtplib import SMTPDataError
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions import members as verbs
from companies.guessing import MISSES_A_MINUTE
from companies.models import Company, Invitation, Letter, Membership, Role

HOSTILE = 'Qinghe "><script>alert(1)</script>\u4e2d\u6587'


def page(company):
    return reverse("companies:members", args=[company.public_id])


@pytest.fixture
def invited(client, company, lin, mailbox):
    """Lin invites an address, as anybody does; gives the path of the link in the letter."""

    def invite(email="Zhou@example.com", role="editor"):
        client.force_login(lin)
        answer = client.post(page(company), {"email": email, "role": role})
        assert answer.status_code == 200, answer.content.decode()
        return re.search(r"https?://[^/]+(/invitations/\S+)", mailbox()[-1].body)[1]

    return invite


def enter(person):
    client = Client()
    client.force_login(person)
    return client


def test_an_owner_invites_by_letter_and_whoever_was_invited_takes_part(invited, company, zhou):
    link = invited()
    assert not Company.objects.visible_to(zhou).exists()

    seen = enter(zhou).get(link)
    answer = enter(zhou).post(link)

    assert "Qinghe Biotech" in seen.content.decode()
    assert answer.url == company.get_absolute_url()
    assert company.memberships.get(user=zhou).role == Role.EDITOR


def test_the_letter_is_plain_text_in_both_languages_and_a_name_stays_a_name(invited, company, mailbox):
    Company.objects.filter(pk=company.pk).update(name=HOSTILE)

    invited()

    letter = mailbox()[-1]
    assert letter.to == ["zhou@example.com"]
    assert HOSTILE in letter.body
    assert "lin@example.com invites you" in letter.body
    assert "邀请您" in letter.body
    assert not getattr(letter, "alternatives", None)
    assert "\n" not in letter.subject


def test_inviting_tells_nothing_about_who_has_an_account(client, company, lin, zhou):
    client.force_login(lin)

    pages = [
        client.post(page(company), {"email": e, "role": "reader"}).content.decode()
        for e in (zhou.email, "none@example.com")
    ]

    tokens = r"""csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"|/invitations/[^/]+/"""
    own = re.compile(f"zhou@example.com|none@example.com|{tokens}")
    assert own.sub("", pages[0]) == own.sub("", pages[1])


def test_an_invitation_works_once(invited, company, zhou, ran):
    link = invited()
    enter(zhou).post(link)
    company.memberships.filter(user=zhou).delete()

    assert enter(zhou).get(link).status_code == 404
    assert enter(zhou).post(link).status_code == 404
    assert not company.memberships.filter(user=zhou).exists()


def test_somebody_else_cannot_use_it_and_is_told_why(invited, company, zhou):
    link = invited("other@example.com")

    seen, sent = enter(zhou).get(link), enter(zhou).post(link)

    assert "was sent to other@example.com" in seen.content.decode()
    assert sent.status_code == 403
    assert not company.memberships.filter(user=zhou).exists()


def test_an_address_counts_only_when_it_was_confirmed(invited, company, zhou):
    link = invited("second@example.com")
    address = EmailAddress.objects.create(user=zhou, email="second@example.com", verified=False)
    assert enter(zhou).post(link).status_code == 403

    EmailAddress.objects.filter(pk=address.pk).update(verified=True)

    assert enter(zhou).post(link).status_code == 302
    assert company.memberships.filter(user=zhou).exists()


def test_who_is_not_signed_in_is_shown_the_way_there_and_back(invited):
    text = Client().get(invited()).content.decode()

    assert f"{reverse('account_login')}?next=/invitations/" in text
    assert f"{reverse('account_signup')}?next=/invitations/" in text


def test_taken_back_over_replaced_and_unknown_invitations_are_not_there(invited, client, company, zhou):
    back, over, replaced, last = (invited(f"{n}@example.com") for n in "abcc")
    one, two = (Invitation.objects.get(email=f"{n}@example.com") for n in "ab")
    client.post(reverse("companies:end_invitation", args=[company.public_id, one.public_id]))
    Invitation.objects.filter(pk=two.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    unknown = reverse("invitation", args=["x" * 43])
    answers = [enter(zhou).get(link).status_code for link in (back, over, replaced, unknown, "/invitations/%00/", last)]

    assert answers == [404, 404, 404, 404, 404, 200]


def test_who_tries_many_links_is_turned_away(invited):
    link = invited()
    for _ in range(MISSES_A_MINUTE):
        Client().get(reverse("invitation", args=[uuid4().hex]))

    assert Client().get(link).status_code == 429


def test_only_the_digest_of_a_link_is_kept(invited):
    token = invited().split("/")[2]

    assert token not in str(Invitation.objects.values().get())


def test_a_person_cannot_have_us_write_to_the_whole_world(client, company, lin, monkeypatch, mailbox):
    monkeypatch.setattr(verbs, "INVITATIONS_A_DAY", 2)
    client.force_login(lin)

    answers = [client.post(page(company), {"email": f"{n}@example.com", "role": "reader"}) for n in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 422]
    assert len(mailbox()) == 2


@pytest.mark.parametrize(
    "email", ["", "no address", "a@b\x00.cn", "wei@example.com", "a@example.com\nBcc: b@example.com"]
)
def test_an_address_that_cannot_be_invited_is_explained(client, company, lin, wei, email, mailbox):
    client.force_login(lin)

    answer = client.post(page(company), {"email": email, "role": "reader"})

    assert answer.status_code == 422
    assert (Invitation.objects.count(), mailbox()) == (0, [])


def test_an_owner_sees_whether_the_letter_left_and_sends_another(client, company, lin, zhou, mailbox, monkeypatch):
    client.force_login(lin)
    text = client.post(page(company), {"email": zhou.email, "role": "reader"}).content.decode()
    first = re.search(r'value="http://testserver(/invitations/[^"]+)"', text)[1]

    def refuse(*_):
        raise SMTPDataError(550, b"no")

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        mailbox()
    failed = client.get(page(company)).content.decode()
    again = reverse("companies:invite_again", args=[company.public_id, Invitation.objects.open().get().public_id])
    second = re.search(r"(/invitations/[^\"]+)\"", client.post(again).content.decode().split('id="address"')[1])[1]
    mailbox()

    assert "The letter could not be sent." in failed
    assert "letter sent" in client.get(page(company)).content.decode()
    assert enter(zhou).post(first).status_code == 404
    assert enter(zhou).post(second).status_code == 302


def test_a_letter_of_an_invitation_that_was_taken_back_does_not_leave(client, company, lin, mailbox):
    made, _token = verbs.invite(company=company, email="zhou@example.com", role="reader", by=lin)

    verbs.take_back(invitation=made, by=lin)

    assert mailbox() == []
    assert Letter.objects.get().sealed == ""


def test_who_is_concerned_gets_a_letter(company, lin, wei, zhou, ran, mailbox):
    made, _token = verbs.invite(company=company, email=zhou.email, role="editor", by=lin)
    verbs.accept(invitation=made, by=zhou)
    verbs.change_role(membership=company.memberships.get(user=zhou), role="reader", by=lin)
    verbs.end_membership(membership=company.memberships.get(user=zhou), by=lin)
    verbs.end_membership(membership=company.memberships.get(user=wei), by=wei)

    told = [(letter.to[0].split("@")[0], letter.subject.split(" / ")[0][13:]) for letter in mailbox()]

    assert told == [
        ("zhou", "You are invited"),
        ("lin", "Somebody takes part in your company"),
        ("zhou", "Your part in a company has changed"),
        ("zhou", "You do not take part in a company any more"),
        ("lin", "Somebody left your company"),
    ]


def test_nobody_is_written_to_of_what_they_did_themselves_or_what_stays(company, lin, wei, mailbox):
    company.memberships.filter(user=wei).update(role=Role.OWNER)
    verbs.change_role(membership=company.memberships.get(user=lin), role="editor", by=lin)
    verbs.change_role(membership=company.memberships.get(user=lin), role="editor", by=wei)

    assert mailbox() == []


@pytest.mark.parametrize("who", ["wei", "lin"])
def test_before_somebody_goes_it_is_asked(request, company, lin, wei, who):
    own = company.memberships.get(user=wei)
    actor = enter(request.getfixturevalue(who))
    door = reverse("companies:remove_member", args=[company.public_id, own.pk])

    asked = actor.get(door).content.decode()
    still = company.memberships.filter(pk=own.pk).exists()
    actor.post(door)

    assert ("Leave this company?" if who == "wei" else "Remove this person?") in asked
    assert (still, company.memberships.filter(pk=own.pk).exists()) == (True, False)


def test_an_owner_changes_what_somebody_may_do(client, company, lin, wei):
    own = company.memberships.get(user=wei)
    client.force_login(lin)

    client.post(reverse("companies:change_role", args=[company.public_id, own.pk]), {"role": "reader"})
    client.post(reverse("companies:change_role", args=[company.public_id, own.pk]), {"role": "emperor"})

    own.refresh_from_db()
    assert own.role == Role.READER


def test_the_last_owner_stays_one_until_there_is_another(client, company, lin, wei):
    mine = company.memberships.get(user=lin)
    client.force_login(lin)
    role = reverse("companies:change_role", args=[company.public_id, mine.pk])
    leave = reverse("companies:remove_member", args=[company.public_id, mine.pk])
    for where, what in ((role, {"role": "reader"}), (leave, {})):
        assert "needs an owner" in client.post(where, what, follow=True).content.decode()
    mine.refresh_from_db()
    assert mine.role == Role.OWNER

    company.memberships.filter(user=wei).update(role=Role.OWNER)
    client.post(leave)

    assert not company.memberships.filter(user=lin).exists()
    assert client.get(page(company)).status_code == 404


def test_everybody_may_leave(company, ran):
    mine = company.memberships.get(user=ran)

    enter(ran).post(reverse("companies:remove_member", args=[company.public_id, mine.pk]))

    assert not company.memberships.filter(user=ran).exists()


def test_who_is_removed_sees_nothing_from_then_on(client, company, lin, wei):
    theirs = enter(wei)
    assert theirs.get(page(company)).status_code == 200
    client.force_login(lin)

    client.post(reverse("companies:remove_member", args=[company.public_id, company.memberships.get(user=wei).pk]))

    assert theirs.get(page(company)).status_code == 404


def doors(company, lin, invitation):
    other = company.memberships.get(user=lin).pk
    one = company.public_id
    return [
        ("post", page(company), {"email": "x@example.com", "role": "owner"}),
        ("post", reverse("companies:change_role", args=[one, other]), {"role": "reader"}),
        ("post", reverse("companies:remove_member", args=[one, other]), {}),
        ("post", reverse("companies:end_invitation", args=[one, invitation.public_id]), {}),
    ]


@pytest.mark.parametrize(("who", "status"), [("wei", 403), ("ran", 403), ("zhou", 404)])
def test_nobody_but_an_owner_decides_who_takes_part(request, invited, company, lin, who, status):
    invited("guest@example.com")
    invitation = Invitation.objects.get()
    theirs = enter(request.getfixturevalue(who))

    answers = [getattr(theirs, how)(where, what) for how, where, what in doors(company, lin, invitation)]

    assert {one.status_code for one in answers} == {status}
    assert company.memberships.get(user=lin).role == Role.OWNER
    assert list(Invitation.objects.open()) == [invitation]


def test_a_member_of_another_company_is_out_of_reach(client, company, lin, zhou):
    other = Company.objects.create(name="Other")
    theirs = Membership.objects.create(company=other, user=zhou, role=Role.OWNER)
    client.force_login(lin)

    for name in ("change_role", "remove_member"):
        assert (
            client.post(
                reverse(f"companies:{name}", args=[company.public_id, theirs.pk]), {"role": "reader"}
            ).status_code
            == 404
        )
    assert Membership.objects.filter(pk=theirs.pk, role=Role.OWNER).exists()


def test_only_owners_see_who_is_invited(invited, company, wei, lin):
    invited("guest@example.com")

    assert "guest@example.com" in enter(lin).get(page(company)).content.decode()
    assert "guest@example.com" not in enter(wei).get(page(company)).content.decode()


def test_accepting_never_takes_away_what_one_may_already(invited, company, wei, lin):
    link = invited("second@example.com", "reader")
    EmailAddress.objects.create(user=wei, email="second@example.com", verified=True)

    enter(wei).post(link)

    assert company.memberships.get(user=wei).role == Role.EDITOR


def test_the_page_asks_as_much_for_many_members_as_for_few(client, company, lin, django_assert_num_queries):
    client.force_login(lin)
    for number in range(4):
        person = type(lin).objects.create_user(f"p{number}@example.com")
        Membership.objects.create(company=company, user=person)

    with django_assert_num_queries(5):
        client.get(page(company))
