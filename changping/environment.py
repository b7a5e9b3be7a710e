"""Reads the environment for `settings.py`: secrets, the database, two spellings of one Redis address."""

from __future__ import annotations

import importlib.util
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env
from environ.fileaware_mapping import FileAwareMapping

SECRET_KEY_LENGTH = 50


class _Variables(FileAwareMapping):
    """The environment; `NAME_FILE` names a file that holds `NAME`, whose last line end is not part of it."""

    def __getitem__(self, name: str) -> str:
        return str(super().__getitem__(name)).strip()


class Environment(Env):
    """Reads variables, or the files that secrets are kept in."""

    ENVIRON = _Variables()


def kept_secret_key(var_dir: Path) -> str:
    """The random key of this installation; made once, kept in `var_dir` and readable by its owner only."""
    path = var_dir / "secret-key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    var_dir.mkdir(parents=True, exist_ok=True)
    fresh = var_dir / f".secret-key-{os.getpid()}-{secrets.token_hex(4)}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(64) + "\n")
    try:
        # Two processes may start at once: a hard link cannot replace, so exactly one key wins.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()


def strong_secret_key(key: str) -> str:
    """The given key, or a refusal: a served edition never runs on a weak or a well-known key."""
    if len(key) < SECRET_KEY_LENGTH or len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"SECRET_KEY must be random and at least {SECRET_KEY_LENGTH} characters long; make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return key


def needed(name: str, value: str) -> str:
    """The value, or a refusal that names the variable."""
    if not value:
        raise ImproperlyConfigured(f"EDITION=served needs the variable {name} (or {name}_FILE); see .env.example")
    return value


def address_of(hosts: list[str], *, served: bool) -> str:
    """Where people reach the service, as far as can be told from the names it answers to."""
    names = [host for host in hosts if host and not host.startswith((".", "*"))]
    return f"https://{names[0]}" if served and names else "http://127.0.0.1:8000"


def broker_url(redis_url: str) -> str:
    """The address of the broker as Celery spells it: database 0 of the given server."""
    if not redis_url:
        # No broker: a doorbell is heard by nobody, and the sweep of the worker finds the row instead.
        return "memory://"
    if redis_url.startswith("unix:"):
        return "redis+socket://" + urlsplit(redis_url).path + "?virtual_host=0"
    return _with_database(redis_url, 0)


def cache_url(redis_url: str) -> str:
    """The address of the cache: database 1 of the given server."""
    if redis_url.startswith("unix:"):
        return "unix://" + urlsplit(redis_url).path + "?db=1"
    return _with_database(redis_url, 1)


def unix_redis_url(socket: Path) -> str:
    """The address of a server that listens on a unix socket."""
    return "unix://" + quote(str(socket))


def _with_database(redis_url: str, number: int) -> str:
    parts = urlsplit(redis_url)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ImproperlyConfigured("REDIS_URL must look like redis://[:password@]host:port or unix:///path/to/socket")
    return parts._replace(path=f"/{number}").geturl()


def database(env: Environment, url: str, var_dir: Path) -> dict[str, Any]:
    """The database of the given address; without one, SQLite in `var_dir`."""
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(var_dir / "changce.sqlite3"), **_sqlite()}
    config = dict(env.db_url_config(url))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        return {**config, **_sqlite()}
    config["ENGINE"] = "django.db.backends.postgresql"
    config.setdefault("CONN_MAX_AGE", 60)
    config.setdefault("CONN_HEALTH_CHECKS", True)
    config["OPTIONS"] = {"connect_timeout": 3, **config.get("OPTIONS", {})}
    return config


def batch_storage(address: str, folder: Path) -> dict[str, Any]:
    """The storage for files of batches: `s3://bucket/prefix?endpoint_url=…` or, without an address, a folder on the disk."""
    if not address:
        modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {
            "BACKEND": "matching.batch_storage.DiskStorage",
            "OPTIONS": {"location": str(folder / "kept"), **modes},
        }
    parts = urlsplit(address)
    known = ("endpoint_url", "region_name", "addressing_style")
    more = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.netloc or set(more) - set(known):
        raise ImproperlyConfigured(
            f"BATCH_STORAGE must look like s3://bucket/prefix?{'&'.join(f'{n}=…' for n in known)}"
        )
    if importlib.util.find_spec("storages") is None:
        raise ImproperlyConfigured("BATCH_STORAGE=s3://… needs one more package: pip install 'django-storages[s3]'")
    options = {"bucket_name": parts.netloc, "location": parts.path.strip("/"), "default_acl": None, **more}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {**options, "file_overwrite": False}}


def _sqlite() -> dict[str, Any]:
    """Measured: with the defaults a quarter of the writes of two processes fail with "database is locked"."""
    return {
        # Opening the file and setting it up anew for each page takes 3 ms, a third of an average page.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def email_of(user: Any) -> str:
    """What a person is called on the pages about their own account."""
    return str(user.email)
