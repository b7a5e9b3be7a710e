"""Lin's company in the shipped catalogue, and the page on which it is compared with itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import reverse

from companies.actions import save_answers
from policies import rulebook
from policies.catalogue_files import CATALOGUE_DIR

EXAMPLE = Path(__file__).parents[3] / "matching" / "demo" / "profile.yaml"


@pytest.fixture
def book(db):
    """The shipped catalogue, released, and its rulebook warm."""
    call_command("load_catalogue", CATALOGUE_DIR, unchecked=True, verbosity=0)
    return rulebook.current()


@pytest.fixture
def answered(company, lin, book):
    """The example company of the product, as Lin's."""
    plain = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    saved = save_answers(company=company, answers=plain.get("facts", plain), by=lin, vocabulary=book.vocabulary)
    assert saved.version is not None
    return saved.version


@pytest.fixture
def look(client, lin, company, answered):
    """Opens the page as Lin, with columns in its address."""
    client.force_login(lin)
    path = reverse("matching:compare", args=[company.public_id])

    def look_at(language="en", **asked):
        client.cookies["django_language"] = language
        return client.get(path, {name.replace("_", "-", 1): value for name, value in asked.items()})

    return look_at
