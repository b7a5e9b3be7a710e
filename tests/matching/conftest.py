"""A small catalogue of three offers, a company with its cast, and a match to begin with."""

import pytest
from django.test import Client
from django.utils import timezone

from companies.actions import found_company, save_answers
from companies.models import Company, Membership, ProfileVersion, Role, User
from matching import actions, tasks
from policies import rulebook
from tests.matching.catalogue import publish_small_release


@pytest.fixture(autouse=True)
def snapshot_dir(settings, tmp_path):
    """Columns that a run keeps on disk, in a folder of the test's own."""
    settings.SNAPSHOT_DIR = tmp_path / "snapshots"
    return settings.SNAPSHOT_DIR


@pytest.fixture
def release(db):
    """The small catalogue, published as a release."""
    return publish_small_release()


@pytest.fixture
def lin(db) -> User:
    return User.objects.create_user("lin@example.com", "a-long-password")


@pytest.fixture
def wei(db) -> User:
    return User.objects.create_user("wei@example.com", "a-long-password")


@pytest.fixture
def zhou(db) -> User:
    return User.objects.create_user("zhou@example.com", "a-long-password")


@pytest.fixture
def company(lin, wei) -> Company:
    """Lin's company; Wei is a colleague who may read; Zhou has no part in it."""
    company = found_company(name="Beijing Example Biotech", by=lin)
    Membership.objects.create(company=company, user=wei, role=Role.READER)
    return company


@pytest.fixture
def version(company, lin, release) -> ProfileVersion:
    """What the company has answered: it is established, and has 40 employees."""
    vocabulary = rulebook.of_release(release.number).vocabulary
    saved = save_answers(company=company, answers={"established": True, "employees": 40}, by=lin, vocabulary=vocabulary)
    assert not saved.faults
    return saved.version


@pytest.fixture
def ask(version, lin, silent_bell):
    """Asks for a match; each call with another key."""
    counter = iter(range(1_000_000))

    def ask_once(**changes):
        wanted = {"profile_version": version, "day": timezone.localdate(), "by": lin, "key": f"k{next(counter)}"}
        return actions.request_match(**{**wanted, **changes})

    return ask_once


@pytest.fixture
def silent_bell(monkeypatch) -> list[int]:
    """No broker in most tests: the bell is counted instead of rung."""
    rung: list[int] = []

    def ring() -> bool:
        rung.append(1)
        return True

    monkeypatch.setattr(tasks, "ring", ring)
    return rung


@pytest.fixture
def client_of():
    """Makes a browser of its own, signed in as the person if one is given."""

    def made(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return made
