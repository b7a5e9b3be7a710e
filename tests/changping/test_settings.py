"""Settings come from the environment: safe without any variable, strict in the served edition."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from changping import environment
from tests.stack import ROOT, clean_environment

STRONG = "k3y-" + "abcdefghij0123456789" * 3
SERVED = {
    "EDITION": "served",
    "SECRET_KEY": STRONG,
    "ALLOWED_HOSTS": "changce.example",
    "DATABASE_URL": "postgres://changce:secret@db.example:5432/changce",
    "REDIS_URL": "redis://:secret@broker.example:6379",
}
SHOW = """
import json, changping.settings as s
print(json.dumps({name: getattr(s, name) for name in dir(s) if name.isupper()}, default=str))
"""


def read_settings(var_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=clean_environment(var_dir, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


def settings_with(var_dir: Path, **variables: str) -> dict:
    done = read_settings(var_dir, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_embedded_edition_needs_no_variable(tmp_path: Path):
    settings = settings_with(tmp_path)

    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    options = settings["DATABASES"]["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


def test_the_embedded_key_is_random_kept_and_private(tmp_path: Path):
    first = settings_with(tmp_path / "a")["SECRET_KEY"]

    assert len(first) >= 50
    assert settings_with(tmp_path / "a")["SECRET_KEY"] == first
    assert settings_with(tmp_path / "b")["SECRET_KEY"] != first
    assert stat.S_IMODE((tmp_path / "a" / "secret-key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path):
    keys = set()
    code = (
        "from changping.environment import kept_secret_key as k; from pathlib import Path; "
        f"print(k(Path({str(tmp_path)!r})))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in running:
        keys.add(process.communicate(timeout=60)[0])

    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "at least 50"),
        ({"SECRET_KEY": "a" * 60}, "random"),
        ({"SECRET_KEY": "django-insecure-" + STRONG}, "random"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "never *"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, "PostgreSQL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"REDIS_URL": "http://broker.example"}, "REDIS_URL must look like"),
        ({"DEBUG": "on"}, "never runs with DEBUG"),
        ({"EDITION": "production"}, "embedded or served"),
    ],
)
def test_the_served_edition_refuses_weak_settings(tmp_path: Path, change: dict[str, str], reason: str):
    refused = read_settings(tmp_path, **{**SERVED, **change})

    assert refused.returncode != 0
    assert reason in refused.stderr.splitlines()[-1]


def test_the_served_edition_is_strict_about_cookies_and_https(tmp_path: Path):
    settings = settings_with(tmp_path, **SERVED)

    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["ACCOUNT_EMAIL_VERIFICATION"] == "mandatory"


def test_djangos_own_deployment_check_has_nothing_to_say(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=clean_environment(tmp_path, **SERVED),
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr


def test_a_secret_may_be_a_file_with_a_line_end(tmp_path: Path):
    (tmp_path / "key").write_text(STRONG + "\n")

    settings = settings_with(tmp_path, **{**SERVED, "SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "key")})

    assert settings["SECRET_KEY"] == STRONG


@pytest.mark.parametrize(
    ("given", "broker", "cache"),
    [
        ("", "memory://", None),
        ("unix:///run/x.sock", "redis+socket:///run/x.sock?virtual_host=0", "unix:///run/x.sock?db=1"),
        ("redis://:p@host:6379/7", "redis://:p@host:6379/0", "redis://:p@host:6379/1"),
        ("rediss://host", "rediss://host/0", "rediss://host/1"),
    ],
)
def test_one_redis_address_is_spelled_for_celery_and_for_the_cache(given: str, broker: str, cache: str | None):
    assert environment.broker_url(given) == broker
    if cache is not None:
        assert environment.cache_url(given) == cache


def variables_of_settings() -> set[str]:
    source = (ROOT / "changping" / "settings.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))


def test_the_example_lists_exactly_the_variables_that_settings_read():
    listed = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(variables_of_settings())


@pytest.mark.slow
def test_the_compose_file_keeps_to_the_schema_of_its_specification(tmp_path):
    compose = (ROOT / "docker-compose.yml").read_text()
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(compose.replace("restart: unless-stopped", "restrat: unless-stopped", 1))
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.compose-spec"]

    good = subprocess.run([*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True, timeout=120)
    bad = subprocess.run([*command, str(wrong)], capture_output=True, text=True, timeout=120)

    assert good.returncode == 0, good.stdout + good.stderr
    assert bad.returncode == 1, "the check cannot fail"


def test_the_image_holds_every_package_that_a_setting_can_ask_for():
    assert "locks/s3.txt" in (ROOT / "Dockerfile").read_text()
    # The packages of S3 hold those of the service, at the same versions.
    pins = [
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "locks" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("runtime", "s3")
    ]
    assert pins[0].items() <= pins[1].items()
    assert "django-storages" in pins[1]
