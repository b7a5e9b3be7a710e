"""The directions that keep the code readable, checked on every run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.stack import ROOT

BLOCKED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"django", "celery", "rest_framework", "redis", "psycopg"}:
            raise ImportError(name + " is not for the pure core")
sys.meta_path.insert(0, Refuse())
"""


@pytest.mark.slow
def test_imports_go_one_way():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as go; go()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("package", ["companies.facts", "policies.rules", "matching.engine"])
def test_the_pure_core_imports_where_django_and_celery_are_not(package: str):
    walk = (
        "import importlib, pkgutil\n"
        f"package = importlib.import_module({package!r})\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", BLOCKED + walk], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("app", ["changping", "matching", "policies", "companies"])
def test_the_init_of_an_app_is_empty(app: str):
    # Importing `policies.rules` runs it: one convenient line there would pull Django into the core.
    assert (ROOT / app / "__init__.py").read_text() == ""


def test_the_lock_files_pin_with_hashes_and_name_no_index():
    for lock in sorted((ROOT / "locks").glob("*.txt")):
        text = lock.read_text()
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]

        assert pins, lock
        assert text.count("--hash=sha256:") >= len(pins), lock
        assert "://" not in text, lock
        assert "--index" not in text, lock
        assert "--find-links" not in text, lock


def test_the_npm_lock_names_no_address_of_a_registry():
    lock = (ROOT / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert '"integrity"' in lock
