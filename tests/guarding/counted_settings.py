"""The settings as they are, with passwords hashed by what counts them; for processes of their own."""

from changping.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.guarding.hashes.CountingHasher"]
