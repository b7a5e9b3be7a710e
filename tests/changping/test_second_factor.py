"""The administration and the desk open with a second factor only; setting one up works in the browser's strict rules."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import call_command
from django.urls import reverse

from policies.roles import ROLES

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"


@pytest.fixture
def root(django_user_model):
    return django_user_model.objects.create_superuser("root@example.com", PASSWORD)


def code_for(secret: str) -> str:
    now = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, now[len(now) // 2]))


@pytest.mark.parametrize("page", ["admin:index", "admin:policies_release_changelist", "admin:password_change"])
def test_not_even_a_superuser_sees_the_administration_without_one(client, root, page):
    client.force_login(root)

    answer = client.get(reverse(page))

    assert (answer.status_code, answer.url) == (302, reverse("mfa_activate_totp"))


def test_setting_it_up_opens_the_administration_and_taking_it_off_closes_it(client, root):
    client.post(reverse("account_login"), {"login": root.email, "password": PASSWORD})
    page = client.get(reverse("admin:index"), follow=True)
    assert "second factor" in page.content.decode()
    page = client.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    secret = re.search(r'value="([A-Z2-7]{32})"', page.content.decode()).group(1)

    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})

    assert client.get(reverse("admin:index")).status_code == 200
    Authenticator.objects.filter(user=root).delete()
    assert client.get(reverse("admin:index")).status_code == 302


def test_with_one_the_password_alone_signs_nobody_in(client, root):
    Authenticator.objects.create(user=root, type=Authenticator.Type.TOTP, data={"secret": ""})

    answer = client.post(reverse("account_login"), {"login": root.email, "password": PASSWORD})

    assert answer.url == reverse("mfa_authenticate")
    assert client.get(reverse("admin:index")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_visitor_and_a_member_are_not_asked_for_one(client, django_user_model):
    assert client.get(reverse("admin:index")).url.startswith(reverse("admin:login"))
    client.force_login(django_user_model.objects.create_user("lin@example.com", PASSWORD))
    assert client.get(reverse("admin:index")).url.startswith(reverse("admin:login"))
    assert client.get(reverse("companies:new")).status_code == 200


def test_the_roles_are_there_with_their_rights_and_making_them_again_adds_nothing(django_user_model):
    from django.contrib.auth.models import Group

    call_command("migrate", verbosity=0)

    found = {
        group.name: {f"{row.content_type.app_label}.{row.codename}" for row in group.permissions.all()}
        for group in Group.objects.all()
    }
    assert found == {role: set(map(str, rights)) for role, rights in ROLES.items()}


def test_no_role_opens_company_figures_or_makes_administrators():
    rights = {str(right) for names in ROLES.values() for right in names}

    assert not [right for right in rights if "profile" in right or "report" in right or "match" in right]
    assert not [right for right in rights if right.endswith(("change_user", "add_user", "change_group"))]
    assert set(ROLES["analyst"]) == {"policies.see_aggregates"}


@pytest.mark.parametrize("role", list(ROLES))
def test_no_role_can_change_a_version_in_the_administration(client, django_user_model, role):
    from django.contrib.auth.models import Group

    person = django_user_model.objects.create_user("staff@example.com", PASSWORD, is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": ""})
    client.force_login(person)

    for model in ("policyversion", "policy", "release", "historyline"):
        assert client.get(reverse(f"admin:policies_{model}_add")).status_code == 403
        assert client.post(reverse(f"admin:policies_{model}_add"), {}).status_code == 403
    assert client.get(reverse("admin:companies_user_add")).status_code == 403
