"""The cast, and a count of what costs a server time."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from companies.models import User
from tests.guarding.hashes import CountingHasher

PASSWORD = "a quiet canal at noon"


@pytest.fixture
def hashes(settings) -> list[str]:
    """One entry for each hash of a password."""
    settings.PASSWORD_HASHERS = ["tests.guarding.hashes.CountingHasher"]
    CountingHasher.made.clear()
    return CountingHasher.made


@pytest.fixture
def lin(db, hashes) -> User:
    """Has an account whose address is confirmed."""
    lin = User.objects.create_user("lin@example.com", PASSWORD)
    EmailAddress.objects.create(user=lin, email=lin.email, verified=True, primary=True)
    hashes.clear()
    return lin
