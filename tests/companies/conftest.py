"""The cast: Lin owns the company, Wei edits, Ran reads, Zhou is a stranger."""

import pytest

from companies import actions
from companies.models import Company, Membership, Role, User
from tests.companies.vocabulary import small_vocabulary


@pytest.fixture
def vocabulary():
    return small_vocabulary()


@pytest.fixture
def stored(db, vocabulary):
    actions.store_vocabulary(vocabulary=vocabulary, by=None)
    return vocabulary


def _person(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", "a long pass phrase")


@pytest.fixture
def lin(db) -> User:
    return _person("lin")


@pytest.fixture
def zhou(db) -> User:
    return _person("zhou")


@pytest.fixture
def company(lin) -> Company:
    return actions.found_company(name="Qinghe Biotech", by=lin)


@pytest.fixture
def wei(company) -> User:
    wei = _person("wei")
    Membership.objects.create(company=company, user=wei, role=Role.EDITOR)
    return wei


@pytest.fixture
def ran(company) -> User:
    ran = _person("ran")
    Membership.objects.create(company=company, user=ran, role=Role.READER)
    return ran
