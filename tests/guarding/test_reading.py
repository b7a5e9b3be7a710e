"""Looking at a page changes nothing, and no page needs an exception from the policy for scripts; at every address, as who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from django.apps import apps
from django.test import Client, override_settings

from tests.guarding.addresses import every_address, paths_of
from tests.guarding.scene import Scene, holding, make_scene, signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# What is written down of a visit itself, by intent: that a session lives, that a key was used, that a shared link was opened.
VISIT_ITSELF = {
    "sessions.Session": None,
    "usersessions.UserSession": None,
    "companies.ApiKey": {"last_used_on"},
    "matching.SharedLink": {"opened"},
    "matching.LinkOpening": None,
    "companies.User": {"last_login"},
}
ALLOWS_STYLES = "/api/v1/docs/try"
"""The page for trying the API: a library's, which sets styles; only that page has the exception, and none for scripts."""


@pytest.fixture
def scene(monkeypatch) -> Scene:
    monkeypatch.setattr(
        "companies.api.throttling.CallerThrottle.THROTTLE_RATES", {"api": "999999/min", "api_public": "999999/min"}
    )
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    made = make_scene()
    made.words["token"] = [made.secrets["share link"], made.secrets["invitation"]]
    made.words["secret"] = [made.secrets["calendar"], made.secrets["resume"]]
    return made


def seers(scene: Scene) -> list[tuple[Client, dict[str, str]]]:
    """Those who may see: the owner, the staff with every right, the partner's program, a visitor."""
    key = {"authorization": f"Bearer {scene.secrets['API key']}"}
    root = staff("root", is_superuser=True)
    return [(signed_in(scene.lin), {}), (signed_in(root), {}), (Client(), key), (holding(scene.secrets["visit"]), {})]


def looked_at(scene: Scene, client: Client, headers: dict[str, str], urlconf: Any = None) -> Iterator[tuple[str, Any]]:
    """Every page that this one gets."""
    client.raise_request_exception = False
    for address in every_address(urlconf):
        for path in paths_of(address, scene.words):
            if bool(headers) is path.startswith("/api/"):
                yield path, client.get(path, headers=headers)


def rows() -> dict[str, list[Any]]:
    found = {}
    for model in apps.get_models():
        left_out = VISIT_ITSELF.get(model._meta.label, set())
        if left_out is None:
            continue
        columns = [one.attname for one in model._meta.concrete_fields if one.attname not in left_out]
        found[model._meta.label] = list(model._base_manager.order_by("pk").values(*columns))
    return found


def written(before: dict[str, list[Any]]) -> list[str]:
    now = rows()
    return [label for label in before if before[label] != now[label]]


def test_looking_at_every_page_changes_nothing(scene):
    for client, headers in seers(scene):
        before, seen = rows(), 0
        for path, answer in looked_at(scene, client, headers):
            seen += answer.status_code == 200
            assert answer.status_code < 500 or path == "/readyz", path
        assert written(before) == []
        assert seen >= 20, "this one sees hardly anything, so that nothing was tried"


def test_a_page_that_writes_when_it_is_read_is_found(scene):
    before = rows()

    planted(scene)

    assert written(before) == ["companies.Company"]


def planted(scene: Scene) -> list[tuple[str, Any]]:
    with override_settings(ROOT_URLCONF="tests.guarding.planted"):
        return list(looked_at(scene, Client(), {}, "tests.guarding.planted"))


def faults(path: str, answer: Any) -> list[str]:
    """What a page does that the policy forbids, or lacks of what guards it."""
    if answer.streaming or "html" not in answer.headers.get("content-type", ""):
        return []
    policy, found = answer.headers.get("Content-Security-Policy", ""), []
    allowed = {"unsafe-inline"} if path.startswith(ALLOWS_STYLES) else set()
    if set(re.findall(r"unsafe-[a-z-]+", policy)) - allowed or "default-src 'self'" not in policy:
        found.append(f"{path}: policy {policy!r}")
    if re.search(r"script-src[^;]*unsafe", policy):
        found.append(f"{path}: scripts of the page itself are allowed")
    found += [
        f"{path}: lacks {name}"
        for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")
        if name not in answer.headers
    ]
    for node in html5lib.parse(answer.content.decode(), namespaceHTMLElements=False).iter():
        if not isinstance(node.tag, str):
            continue
        if (
            node.tag == "script"
            and node.get("src") is None
            and node.get("type") not in ("application/json", "text/plain")
        ):
            found.append(f"{path}: a script in the page")
        elif node.tag == "style" and not allowed:
            found.append(f"{path}: a style in the page")
        found += [
            f"{path}: {name}={node.get(name)!r}"
            for name in node.attrib
            if name.startswith(("on", "hx-on")) or (name == "style" and not allowed)
        ]
        found += [
            f"{path}: {node.get(name)[:60]}"
            for name in ("href", "src", "action", "formaction")
            if (node.get(name) or "").strip().lower().startswith(("javascript:", "data:text"))
        ]
    return found


def test_no_page_needs_an_exception_from_the_policy(scene):
    found = [
        fault
        for client, headers in seers(scene)
        for path, answer in looked_at(scene, client, headers)
        for fault in faults(path, answer)
    ]

    assert sorted(set(found)) == []


def test_a_page_with_a_script_in_it_is_found(scene):
    told = [fault for path, answer in planted(scene) for fault in faults(path, answer)]

    assert any("a script in the page" in one for one in told)
