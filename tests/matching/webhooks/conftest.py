"""A partner with an endpoint at a receiver on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companies.models.partners import Partner
from matching.jobs.deliveries import Messenger
from matching.models import EventKind, WebhookEndpoint
from matching.webhooks import actions
from tests.matching.webhooks.receiver import Receiver, a_receiver

KINDS = [EventKind.MATCH_DONE, EventKind.CHANGES_FOUND]


@pytest.fixture
def local(settings):
    settings.WEBHOOKS_LOCAL = True


@pytest.fixture
def receiver(local) -> Iterator[Receiver]:
    with a_receiver() as running:
        yield running


@pytest.fixture
def partner(db) -> Partner:
    return Partner.objects.create(name="Partner A", contact="it@a.example")


@pytest.fixture
def added(partner, receiver) -> tuple[WebhookEndpoint, str]:
    """The endpoint and its secret."""
    return actions.add_endpoint(partner=partner, url=receiver.url, kinds=KINDS)


@pytest.fixture
def endpoint(added) -> WebhookEndpoint:
    return added[0]


@pytest.fixture
def messenger(receiver) -> Iterator[Messenger]:
    made = Messenger(slots=8)
    yield made
    made.finish()


@pytest.fixture
def send_all(messenger):
    """Sends until nothing is due any more."""

    def send() -> None:
        while messenger.step(patience=5):
            pass

    return send
