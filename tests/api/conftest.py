"""A partner with a key, a small catalogue in force, and a caller that speaks JSON."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache

from companies import actions
from companies.actions import partners as partner_actions
from companies.models import User
from companies.models.partners import Partner, Scope
from policies import rulebook
from tests.matching.catalogue import publish_small_release


@pytest.fixture(autouse=True)
def fresh_counts():
    """Rates are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def release(db):
    return publish_small_release()


@pytest.fixture
def partner(db) -> Partner:
    return Partner.objects.create(name="Life Science Park", contact="it@example.com")


@pytest.fixture
def key(partner) -> str:
    _key, secret = actions.make_key(partner=partner, label="test", scopes=Scope.values, by=None)
    return secret


@pytest.fixture
def vocabulary(release):
    """The facts of the small catalogue, in force for whoever answers."""
    facts = rulebook.of_release(release.number).vocabulary
    actions.store_vocabulary(vocabulary=facts, by=None)
    return facts


@pytest.fixture
def other_partner(db) -> Partner:
    return Partner.objects.create(name="A bank", contact="it@example.org")


@pytest.fixture
def other_partners_key(other_partner) -> str:
    return actions.make_key(partner=other_partner, label="test", scopes=Scope.values, by=None)[1]


@pytest.fixture
def lin(db) -> User:
    return User.objects.create_user("lin@example.com", "a-long-password")


@pytest.fixture
def sent(partner):
    """A company that the partner sent."""
    return partner_actions.send_company(partner=partner, name="绿洲生物", reference="A-1")


@pytest.fixture
def call(client, key):
    """Calls the API with the key (or another one, or none); a body that is no text is sent as JSON."""

    def call_once(method: str, path: str, body=None, *, key=key, content_type="application/json", **headers):
        sent = body if isinstance(body, bytes | str) else json.dumps(body)
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        return client.generic(
            method, f"/api/v1/{path}", sent if body is not None else "", content_type, headers=headers
        )

    return call_once
