"""Fixtures for every test."""

import pytest


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Argon2 takes a quarter of a second by design; no test is about that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
