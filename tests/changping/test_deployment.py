"""The compose file, the image and the settings say the same: nothing unknown, nothing missing, nobody root."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from tests.changping.test_settings import settings_with, variables_of_settings
from tests.stack import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "beat", "webhooks", "migrate")
LONG_RUNNING = ("web", "worker", "beat", "webhooks", "db", "redis")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STEPS = re.findall(r"^([A-Z]+) (.*?)$(?=\n(?:[A-Z]+ |#|\n|\Z))", DOCKERFILE, re.MULTILINE | re.DOTALL)
# Those of Compose itself, and of the stores.
COMPOSES_OWN = {"PORT"}


def steps(word: str) -> list[str]:
    return [said for name, said in STEPS if name == word]


def words(command: object) -> str:
    return " ".join(map(str, command)) if isinstance(command, list) else str(command or "")


def test_the_example_says_the_defaults(tmp_path: Path):
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    del example["VAR_DIR"]

    said, usual = settings_with(tmp_path, **example), settings_with(tmp_path)

    # Functions and loggers are written with where they lie in memory.
    assert {name: value for name, value in said.items() if value != usual[name] and " at 0x" not in str(value)} == {}


def test_the_manual_has_a_row_for_each_variable_and_for_nothing_else():
    table = (ROOT / "docs" / "operations.md").read_text().partition("\n## Settings\n")[2]
    cells = re.findall(r"^\| ((?:`[A-Z_]+`(?: \*)?(?:, )?)+) \|", table, re.MULTILINE)
    rows = [name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)]

    assert sorted(rows) == sorted(variables_of_settings())


def test_no_other_room_reads_the_environment():
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("changping", "companies", "policies", "matching")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.environ(\.get\(|\[[^]]+\](?! = ))|getenv\(", path.read_text()) and "bench" not in path.parts
    }

    assert readers == set()


@pytest.mark.parametrize("name", OURS)
def test_every_variable_can_be_given_to_a_container_and_no_unknown_one_is(name: str):
    given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}

    assert given <= variables_of_settings()
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "EDITION"} <= given
    # What is not named there comes from this file, whatever it is called.
    assert SERVICES[name]["env_file"] == [{"path": "changce.env", "required": False}]


def test_what_compose_asks_the_shell_for_are_variables_of_ours():
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert asked <= variables_of_settings() | COMPOSES_OWN


def test_secrets_are_files_and_stand_nowhere_in_clear():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"SECRET_KEY|PASSWORD|DATABASE_URL|REDIS_URL", variable):
                assert variable.endswith("_FILE"), (name, variable)
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, variable)
    assert all(set(one) == {"file"} for one in COMPOSE["secrets"].values())


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nowhere_but_where_they_should(name: str):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]  # the container's own
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert [one.partition(":")[2] for one in service["volumes"]] == ["/var/lib/changce/batches"]
    assert not service.get("privileged")
    assert not service.get("user")


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_runs_for_long_is_started_again_and_looked_after(name: str):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries"} <= set(SERVICES[name]["healthcheck"])


def test_the_database_is_migrated_by_a_job_of_its_own_before_anything_serves():
    assert SERVICES["migrate"]["restart"] == "on-failure"
    assert "migrate" in words(SERVICES["migrate"]["command"])
    for name in ("web", "worker", "beat", "webhooks"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert "migrate" not in words(SERVICES[name].get("command"))


def test_only_the_web_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service or "network_mode" in service] == ["web"]


def test_every_command_is_one_that_there_is():
    said = [
        words(one.get("command")) + " " + words(one.get("healthcheck", {}).get("test")) for one in SERVICES.values()
    ]
    named = set(re.findall(r"manage\.py[, \"]+(\w+)\b(?!\.)", " ".join([*said, DOCKERFILE])))

    assert named >= {"migrate", "load_catalogue", "deliver_webhooks", "worker_alive", "doctor", "collectstatic"}
    assert named <= set(get_commands())


@pytest.mark.slow
@pytest.mark.parametrize("program", ["gunicorn", "celery", "pybabel"])
def test_every_program_of_the_image_is_installed(program: str):
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), "--version"], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0
    assert re.search(rf"\b{program}\b", DOCKERFILE + words(SERVICES["worker"]["command"]))


def test_images_are_named_with_their_version():
    named = [one["image"] for one in SERVICES.values() if "build" not in one]
    named += [said.partition("=")[2] for said in steps("ARG") if said.partition("=")[0].endswith("_IMAGE")]
    bases = {said.split(" AS ")[0] for said in steps("FROM")}

    assert len(named) == 4
    assert [one for one in named if not re.search(r":\d+(\.\d+)*-|@sha256:", one)] == []
    assert bases == {"${NODE_IMAGE}", "${PYTHON_IMAGE}", "packages"}


def test_nobody_is_root_in_the_image():
    user = steps("USER")[-1]

    assert user.isdecimal()
    assert int(user) > 0
    assert f"--uid {user}" in DOCKERFILE
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nCOPY "), (
        "files belong to root: the service cannot change itself"
    )


def test_the_image_is_made_of_pinned_packages_only():
    installs = [part.strip() for step in steps("RUN") for part in re.split(r"&&", step)]
    installs = [part for part in installs if re.search(r"\b(pip|npm|apt-get)\b", part)]

    assert installs
    for part in installs:
        assert "--require-hashes" in part or part == "npm ci", part


def test_everything_that_is_copied_is_there_and_sent_to_the_builder():
    sources = [one for said in steps("COPY") if "--from" not in said for one in said.split()[:-1]]
    sent = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert {one.rstrip("/") for one in sources} == sent
    assert [one for one in sent if not (ROOT / one).exists()] == []


def test_what_is_only_needed_for_building_is_not_in_the_image():
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]

    assert re.findall(r"^COPY (.*)$", last, re.MULTILINE) == ["--from=built /app /app"]
    assert "rm -r node_modules locks" in DOCKERFILE
