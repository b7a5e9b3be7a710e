"""What every answer carries, and what no page contains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation

from tests.stack import ROOT

TEMPLATES = [
    path for app in ("changping", "companies", "policies", "matching") for path in (ROOT / app).rglob("*.html")
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/", "/nowhere/"])
def test_every_answer_is_guarded(client, path: str):
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_pages_are_sent_compressed_to_those_who_can_read_that(client):
    plain = client.get("/")
    small = client.get("/", headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.content) < len(plain.content) / 2


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_an_exception_from_the_policy(path: Path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert "<style" not in text
    assert not re.search(r"<[a-z][^>]*\sstyle=", text), "style attribute"
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", text), "event handler attribute"
    assert "hx-on" not in text
    assert "javascript:" not in text


def test_only_the_needed_files_of_tabler_are_served():
    assert finders.find("tabler/css/tabler.min.css")
    assert finders.find("tabler/js/tabler.min.js")
    assert finders.find("tabler/css/tabler.css") is None
    with pytest.raises(SuspiciousFileOperation):
        finders.find("tabler/../../../package.json")


@pytest.mark.django_db
def test_the_door_of_the_admin_is_the_one_with_limits(client):
    answer = client.get("/admin/login/", follow=False)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_a_wrong_host_is_refused(client):
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code in {200, 400}
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
