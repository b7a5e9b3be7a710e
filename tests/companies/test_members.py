"""Who takes part in a company: inviting, accepting, changing a part, leaving."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.actions import members as verbs
from companies.guessing import MISSES_A_MINUTE
from companies.models import Company, Invitation, Membership, Role

HOSTILE = 'Qinghe "><script>alert(1)</script>\u4e2d\u6587'


def page(company):
    return reverse("companies:members", args=[company.public_id])


@pytest.fixture
def invited(client, company, lin):
    """Lin invites an address, as anybody does; gives the path of the link in the letter."""

    def invite(email="Zhou@example.com", role="editor"):
        client.force_login(lin)
        answer = client.post(page(company), {"email": email, "role": role})
        assert answer.status_code == 200, answer.content.decode()
        return re.search(r"http://testserver(/invitations/\S+)", mail.outbox[-1].body)[1]

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


def test_the_letter_is_plain_text_in_both_languages_and_a_name_stays_a_name(invited, company):
    Company.objects.filter(pk=company.pk).update(name=HOSTILE)

    invited()

    letter = mail.outbox[-1]
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


def test_a_person_cannot_have_us_write_to_the_whole_world(client, company, lin, monkeypatch):
    monkeypatch.setattr(verbs, "INVITATIONS_A_DAY", 2)
    client.force_login(lin)

    answers = [client.post(page(company), {"email": f"{n}@example.com", "role": "reader"}) for n in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 422]
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "email", ["", "no address", "a@b\x00.cn", "wei@example.com", "a@example.com\nBcc: b@example.com"]
)
def test_an_address_that_cannot_be_invited_is_explained(client, company, lin, wei, email):
    client.force_login(lin)

    answer = client.post(page(company), {"email": email, "role": "reader"})

    assert answer.status_code == 422
    assert (Invitation.objects.count(), mail.outbox) == (0, [])


def test_a_letter_that_cannot_be_sent_leaves_the_link_with_the_owner(client, company, lin, zhou, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("companies.letters.send_mail", fail)
    client.force_login(lin)

    text = client.post(page(company), {"email": zhou.email, "role": "reader"}).content.decode()

    assert "could not be sent" in text
    link = re.search(r'value="http://testserver(/invitations/[^"]+)"', text)[1]
    assert enter(zhou).post(link).status_code == 302


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
