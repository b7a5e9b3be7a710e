"""The people of the desk and a small catalogue in force."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group

from companies.models import User
from policies import actions
from policies.catalogue_files import read_catalogue_folder

MINI = Path(__file__).parent / "catalogue"


def staff(name: str, *roles: str) -> User:
    person = User.objects.create_user(f"{name}@example.com", "a-long-password", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=roles))
    return person


@pytest.fixture
def chen(db) -> User:
    """Writes drafts."""
    return staff("chen", "curator")


@pytest.fixture
def xu(db) -> User:
    """Writes drafts too."""
    return staff("xu", "curator", "reviewer")


@pytest.fixture
def gao(db) -> User:
    """Reviews."""
    return staff("gao", "reviewer")


@pytest.fixture
def fang(db) -> User:
    """Publishes."""
    return staff("fang", "publisher")


@pytest.fixture
def mini(db):
    """The small catalogue as release 1; gives its policy."""
    actions.load_catalogue(snapshot=read_catalogue_folder(MINI).to_snapshot(), by=None)
    from policies.models import Policy

    return Policy.objects.get()


@pytest.fixture
def enter(client):
    """Signs a person in, with a second factor."""

    def sign_in(person):
        Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, defaults={"data": {}})
        client.force_login(person)
        return client

    return sign_in
