"""Nobody sees or changes what is another's: every address that there is, every kind of stranger, every id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.test import Client

from companies import actions
from companies.actions import found_company, visits
from companies.models import PartnerMember
from companies.models.partners import Partner, Scope
from tests.guarding.addresses import every_address, paths_of
from tests.guarding.scene import CANARIES, Scene, holding, make_scene, person, signed_in, staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# What the staff may know of companies by its task: who has an account, and which companies there are.
_SUPPORT = {"name", "other name", "visit", "owner"}
# Who makes keys and administrators sees of partners what they are called; of companies what support sees.
_SUPERUSER = _SUPPORT | {"partner", "contact", "key label", "receiver", "reference"}
STRANGERS: dict[str, set[str]] = {
    "nobody": set(),
    "visitor": set(),
    "member of another company": set(),
    "person of another partner": set(),
    "another partner's key": set(),
    "curator": set(),
    "analyst": set(),
    "support": _SUPPORT,
    "superuser": _SUPERUSER,
}
"""Each with what they may see of the scene all the same."""
METHODS = ("get", "post", "put", "patch", "delete")
BODY = {
    "name": "taken", "founded": "yes", "email": "thief@example.com", "role": "owner", "agreed": "yes", "days": 7, "shows": "figures",
    "named": "on", "facts": {"employees": 1}, "employees": "1", "url": "https://thief.example/", "kinds": ["match.done"],
    "enabled": False, "day": "2026-11-25", "code": "x", "label": "x", "post": "yes", "_save": "x", "why": "x",
}  # fmt: skip


def stranger(kind: str) -> tuple[Client, dict[str, str]]:
    """A browser or program of this kind, and the headers it sends."""
    match kind:
        case "nobody":
            return Client(), {}
        case "visitor":
            return holding(visits.start_visit(name="own", founded=True)[1]), {}
        case "member of another company":
            zhou = person("zhou")
            found_company(name="Zhou's own", by=zhou)
            return signed_in(zhou), {}
        case "person of another partner":
            he = person("he")
            PartnerMember.objects.create(partner=Partner.objects.create(name="B", contact="b@b.example"), user=he)
            return signed_in(he), {}
        case "another partner's key":
            other = Partner.objects.create(name="B", contact="b@b.example")
            secret = actions.make_key(partner=other, label="b", scopes=Scope.values, by=None)[1]
            return Client(), {"authorization": f"Bearer {secret}"}
        case "superuser":
            return signed_in(staff("root", is_superuser=True)), {}
    return signed_in(staff(kind, kind)), {}


def _rows() -> dict[str, dict[Any, dict[str, Any]]]:
    """Every row of ours, by table and key."""
    models = [
        one
        for name in ("companies", "matching", "policies", "mfa", "account")
        for one in apps.get_app_config(name).get_models()
    ]
    return {
        one._meta.label: {row["pk"]: row for row in one._base_manager.values("pk", *_columns(one))} for one in models
    }


def _columns(model: Any) -> list[str]:
    left_out = {"companies.User": {"last_login"}, "companies.ApiKey": {"last_used_on"}}.get(model._meta.label, set())
    return [one.attname for one in model._meta.concrete_fields if one.attname not in left_out]


def _lost(before: dict[str, dict[Any, Any]]) -> list[str]:
    """What was there before and is not any more, or is otherwise."""
    now = _rows()
    return [
        f"{label} {key}" for label, rows in before.items() for key, row in rows.items() if now[label].get(key) != row
    ]


def answers(
    scene: Scene, client: Client, headers: dict[str, str], methods: tuple[str, ...], urlconf: Any = None
) -> Iterator[tuple[str, str, Any]]:
    """What is answered at every address."""
    client.raise_request_exception = False
    for address in every_address(urlconf):
        if address.written.startswith("/accounts/logout"):
            continue
        for path in paths_of(address, scene.words):
            api = path.startswith("/api/")
            if headers and not api:
                continue
            for method in methods if api else [one for one in methods if one in ("get", "post")]:
                more = {"content_type": "application/json"} if api and method != "get" else {}
                yield (
                    method,
                    path,
                    getattr(client, method)(path, BODY if method != "get" else None, headers=headers, **more),
                )


def leaks(scene: Scene, client: Client, headers: dict[str, str], allowed: set[str], urlconf: Any = None) -> list[str]:
    """Where something of the scene was shown to somebody who may not see it, or a request failed."""
    found = []
    for method, path, answer in answers(scene, client, headers, METHODS, urlconf):
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode(errors="replace") + answer.headers.get("Location", "")
        # Nobody works in this test, and the page that says so says so.
        if answer.status_code >= 500 and path != "/readyz":
            found.append(f"{method} {path} failed: {answer.status_code}")
        shown = {**CANARIES, **scene.secrets}
        found += [
            f"{method} {path} shows the {what}" for what, said in shown.items() if what not in allowed and said in text
        ]
    return found


@pytest.fixture
def quick(settings, monkeypatch):
    """The probe asks more than anybody may; how much that is has tests of its own."""
    settings.RATELIMIT_ENABLE = False
    monkeypatch.setattr(
        "companies.api.throttling.CallerThrottle.THROTTLE_RATES", {"api": "999999/min", "api_public": "999999/min"}
    )
    monkeypatch.setattr("matching.tasks.ring", lambda: True)


@pytest.fixture
def scene(quick) -> Scene:
    return make_scene()


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_sees_nothing_and_changes_nothing_at_any_address(scene, kind):
    client, headers = stranger(kind)
    before = _rows()

    assert leaks(scene, client, headers, STRANGERS[kind]) == []
    if kind not in ("superuser", "curator"):
        assert _lost(before) == []


def test_what_is_anothers_is_answered_like_what_is_not_there(scene):
    client, _headers = stranger("member of another company")
    of_somebody = {word: values for word, values in scene.words.items() if isinstance(values[0], UUID)}
    missing = Scene(
        scene.lin, {**scene.words, **{word: [uuid4() for _ in values] for word, values in of_somebody.items()}}
    )

    def seen(one: Scene) -> list[tuple[str, int]]:
        found = []
        for address in every_address():
            if address.written.startswith(("/admin/", "/api/", "/desk/")) or not {
                one.split("/")[-1] for one in of_somebody
            } & set(address.words):
                continue
            for at, path in enumerate(paths_of(address, one.words)):
                found += [
                    (
                        f"{method} {address.written} {at}",
                        getattr(client, method)(path, BODY if method == "post" else None).status_code,
                    )
                    for method in ("get", "post")
                ]
        return found

    foreign = seen(scene)

    assert len(foreign) > 60
    assert foreign == seen(missing)


def test_the_probe_finds_what_the_owner_sees(scene):
    """With the right person at the same addresses it finds every canary: it looks where they are."""
    seen: set[str] = set()
    for client, headers in (
        (signed_in(scene.lin), {}),
        (Client(), {"authorization": f"Bearer {scene.secrets['API key']}"}),
        (holding(scene.secrets["visit"]), {}),
    ):
        for _method, _path, answer in answers(scene, client, headers, ("get",)):
            text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")
            seen |= {what for what, said in CANARIES.items() if said in text}

    assert set(CANARIES) - seen <= {"contact"}


def test_the_probe_finds_a_page_that_was_planted(scene, settings):
    settings.ROOT_URLCONF = "tests.guarding.planted"
    before = _rows()

    assert (
        leaks(scene, Client(), {}, set())
        == [f"{method} /planted/open/ shows the name" for method in ("get", "post")] + []
    )
    assert _lost(before)
