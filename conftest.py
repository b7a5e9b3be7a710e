"""Fixtures and rules for every test."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.stack import own_stack, stack

__all__ = ["own_stack", "stack"]

# `.ci/run` sets this: there, a server that is not there is a fault of the machine, not a reason to skip.
REQUIRE_SERVERS = os.environ.get("REQUIRE_SERVERS") == "1"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Argon2 takes a quarter of a second by design; no test is about that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _fresh_cache(settings):
    """The counters of sign-in limits belong to one test."""
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _bell_at_rest(monkeypatch):
    """What this process knows about the broker belongs to one test."""
    from companies.outages import Silence
    from matching import tasks

    monkeypatch.setattr(tasks, "_SILENCE", Silence())


@pytest.fixture(autouse=True)
def _own_batches(settings, tmp_path_factory, request):
    """What batches keep, in a folder of the test's own; made only when something is kept."""
    folder = tmp_path_factory.getbasetemp() / f"batches-{request.node.name[:40]}-{id(request.node)}"
    settings.BATCH_WORK_DIR = folder / "working"
    options = {**settings.STORAGES["batches"]["OPTIONS"], "location": str(folder / "kept")}
    settings.STORAGES = {**settings.STORAGES, "batches": {**settings.STORAGES["batches"], "OPTIONS": options}}


@pytest.fixture(autouse=True)
def _usual_language():
    """A page that was asked for in Chinese leaves its thread in Chinese."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture
def mailbox():
    """Sends the letters that wait, as a worker does; gives all that have been sent."""
    from django.core import mail

    from matching.jobs import letters

    def opened():
        letters.send_due()
        return mail.outbox

    return opened


@pytest.fixture
def admin_user(admin_user):
    """A superuser with a second factor, without which no page of the staff opens."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=admin_user, type=Authenticator.Type.TOTP, data={"secret": ""})
    return admin_user


@pytest.fixture(scope="session")
def redis_server_binary() -> str:
    """The path of a Redis server; the test is skipped where there is none."""
    return _needed("redis-server")


@pytest.fixture(scope="session")
def chromium_binary() -> str:
    """The path of Chromium; the test is skipped where there is none."""
    return _needed("chromium", "chromium-browser", "google-chrome")


def _needed(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    pytest.skip(f"{names[0]} is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # Two whole services at once on two cores would only wait for each other.
        if {"stack", "own_stack"} & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("stack"):
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """With REQUIRE_SERVERS=1 nothing may be skipped."""
    report = yield
    if REQUIRE_SERVERS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but REQUIRE_SERVERS=1 allows no skips: {report.longrepr}"
    return report
