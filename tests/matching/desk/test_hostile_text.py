"""Whatever is typed into any form of the desk is kept and shown as text, or refused with the reason; nothing fails or runs.

The forms are found by walking the table of addresses: an address that is new is tried without being named here, and one
that the walk cannot reach makes a test fail.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from companies.models import SectionRecord
from matching import actions as matching_actions
from policies import actions, jobs
from policies.catalogue_files import canonical_file, write_yaml
from policies.desk.views import STEPS
from policies.lint import WorkItem
from policies.models import Policy, PolicyVersion, State
from policies.rules.book import snapshot_digest
from tests.matching.desk.hostile import (
    KEPT,
    TAKEN_FOR_MARKUP,
    TEXTS,
    Address,
    Form,
    address_of,
    desk_addresses,
    forms_of,
    send,
)
from tests.policies.conftest import staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
_REASON_GIVEN = ('role="alert"', "errorlist", "text-danger", "is-invalid", "alert-danger")
_SHOWN_AT_TIMES = ("forget_sent",)
"""Forms that pages have only now and then: here, after somebody was signed out while writing."""
_OPENS = ("add", "open", "form")
_ENDS_SOMETHING = ("discard", "drop", "withdraw", "roll_back", "cancel", "remove")


@dataclass
class Scene:
    """A desk with something in every state, and the words that lead to it."""

    client: Any
    words: dict[str, Any]
    more: dict[str, list[dict[str, Any]]]
    file: bytes
    """A file of a policy that is not there yet."""

    def paths(self, address: Address) -> list[str]:
        """Where the address leads in this scene."""
        given = [self.words | one for one in self.more.get(address.name, [{}])]
        missing = [word for word in address.words if any(word not in words for words in given)]
        assert not missing, f"desk:{address.name} has {missing} in its path: give the scene below a value for it"
        return [address_of(address, words) for words in given]

    def forms(self) -> list[Form]:
        """Every form of every page, each once by where it goes, what is in it and its buttons."""
        found: dict[Any, Form] = {}
        for name in _SHOWN_AT_TIMES:
            _add(found, Form("/desk/", reverse(f"desk:{name}"), "post"))
        for address in desk_addresses():
            for path in self.paths(address):
                answer = self.client.get(path)
                assert answer.status_code < 500, path
                if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
                    continue
                for form in forms_of(path, answer.content.decode()):
                    if _add(found, form):
                        self._open(found, form)
        return list(found.values())

    def _open(self, found: dict[Any, Form], form: Form) -> None:
        """Add the forms that are there once a button opened something or made room for more."""
        for button in form.buttons or [("", "")]:
            if form.method == "post" and (form.file or button[1].startswith(_OPENS)):
                with undone():
                    answer = send(self.client, form, form.sent(button, "", ()), self.file)
                for inner in forms_of(form.page, answer.content.decode()) if answer.status_code == 200 else ():
                    _add(found, inner)


def _add(found: dict[Any, Form], form: Form) -> bool:
    """Whether there is no such form yet, by where it goes, what is in it and its buttons."""
    names = tuple(name for name, _kind, _value in form.fields)
    key = (form.action, form.method, names, tuple(name for name, _value in form.buttons))
    return found.setdefault(key, form) is form


def _in_state(policy: Policy, key: str, **columns: Any) -> PolicyVersion:
    """Another policy with the same content, in another state."""
    content = copy.deepcopy(policy.versions.published().get().content)
    content["policy"] = key
    other = Policy.objects.create(key=key)
    fields = {**PolicyVersion.columns(content), "content": content, "digest": snapshot_digest(content), **columns}
    return PolicyVersion.objects.create(policy=other, number=1, **fields)


@pytest.fixture
def scene(mini, xu, gao, fang, enter):
    person = staff("all", "curator", "reviewer", "publisher")
    person.groups.set(Group.objects.all())
    draft = actions.start_draft(policy=mini, by=person)
    waiting = _in_state(mini, "cp-waiting", state=State.IN_REVIEW, author=xu)
    approved = _in_state(mini, "cp-approved", state=State.IN_REVIEW, author=xu, reviewer=gao)
    tomorrow = timezone.localdate() + timedelta(days=1)
    planned = _in_state(
        mini, "cp-planned", state=State.IN_REVIEW, author=xu, reviewer=gao, publisher=fang, publish_on=tomorrow
    )
    now = timezone.now()
    quiet = _in_state(mini, "cp-quiet", state=State.PUBLISHED, published_at=now)
    actions.make_release(by=None)
    check = jobs.check_health(timezone.localdate())
    findings = [item["key"] for item in check.items[:2]]
    assert len(findings) == 2
    rests = WorkItem.from_plain(check.items[1])
    actions.set_aside(item=rests, until=tomorrow, why="known", by=person, day=timezone.localdate())
    running = matching_actions.ask_for_run(by=person)
    ended = matching_actions.ask_for_run(by=person, day=tomorrow)
    matching_actions.cancel_run(run=ended, by=person, why="a slip")
    fact = draft.content["offers"][0]
    section = SectionRecord.objects.first()
    versions = [{"key": one.policy.key, "number": one.number} for one in (draft, waiting, approved, planned)]
    words = {
        "key": mini.key, "number": draft.number, "offer": fact["offer"], "at": 0, "name": section.facts.first().name,
        "list_name": "pillars", "entry": "unused", "section": section.key, "public_id": running.public_id, "step": "comment",
    }  # fmt: skip
    add_unused = {"key": "unused", "label": {"en": "Unused", "zh": "未用"}}
    actions.add_entry(list_name="pillars", plain=add_unused, by=person)
    points = {"fact": "points", "kind": "number", "label": {"en": "Points", "zh": "得分"}, "effort": "slow"}
    actions.add_fact(plain={**points, "derived": "3 if employees >= 20 else 0"}, section=section.key, by=person)
    more = {
        "version": [*versions, {"key": mini.key, "number": 1}],
        "policy": [*versions, {"key": quiet.policy.key}],
        "finding": [{"key": key} for key in findings],
        "take_up": [{"key": key} for key in findings],
        "run": [{"public_id": running.public_id}, {"public_id": ended.public_id}],
        "runs_of_release": [{"number": 1}],
        "roll_back": [{"number": 1}],
        "list": [{}, {"list_name": "zones"}],
        "score": [{"name": "points"}],
    }
    fresh = {**copy.deepcopy(draft.content), "policy": "cp-from-file"}
    file = write_yaml(canonical_file("policies/cp-from-file.yaml", fresh)).encode()
    return Scene(enter(person), words, more, file)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside leaves nothing behind."""
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


def ways_to_send(form: Form) -> list[tuple[str, str] | None]:
    """With each button that saves or checks; where there is none, with the first."""
    saving = [one for one in form.buttons if one[1] in ("save", "check", "keep") or one[0] == "save"]
    return [*(saving or form.buttons[:1])] or [None]


def tried(client: Any, form: Form, body: str, hostile: str) -> Any:
    """The form, sent; where it takes a file, with one that is called so and says so."""
    # A name that no browser could put into the head of a part of a form is not sent by one either.
    called = "".join(sign for sign in hostile if sign.isprintable() and sign not in '"/')[:200]
    return send(client, form, body, hostile.encode("utf-8", "surrogatepass"), called)


def test_every_address_that_takes_a_form_has_one_that_the_walk_finds(scene):
    reached = {form.address for form in scene.forms() if form.method == "post"}
    for address in desk_addresses():
        for path in scene.paths(address):
            with undone():
                takes = scene.client.post(path, {}).status_code not in (404, 405)
            assert not takes or address.name in reached, f"no page of the desk has a form for desk:{address.name}"


def test_the_walk_finds_every_step_of_a_version(scene):
    steps = {form.action.rstrip("/").rpartition("/")[2] for form in scene.forms() if form.address == "step"}

    # A draft is only to be confirmed once somebody else has published.
    assert steps >= set(STEPS) - {"confirm"}


@pytest.mark.parametrize("named", TEXTS)
def test_hostile_text_is_kept_as_text_or_refused_with_the_reason(scene, named):
    for form in scene.forms():
        for button in ways_to_send(form):
            where = f"{form.page} -> {form.action} {button}"
            with undone():
                answer = tried(scene.client, form, form.sent(button, TEXTS[named], ("text",)), TEXTS[named])
                assert answer.status_code < 500, where
                text = answer.content.decode()
                if answer.status_code in (301, 302):
                    text += scene.client.get(answer.url).content.decode()
                elif answer.status_code >= 400 and form.method == "post":
                    assert any(mark in text for mark in _REASON_GIVEN), f"{where}: {answer.status_code}, no reason"
            for mark in TAKEN_FOR_MARKUP:
                assert mark not in text, where


@pytest.mark.parametrize("named", ["markup and a formula", "NUL", "half a surrogate pair", "deep lists"])
def test_what_no_browser_would_send_does_no_harm_either(scene, named):
    for form in scene.forms():
        button = ways_to_send(form)[0]
        name, value = button or ("", "")
        odd = (name, f"{value.partition(':')[0]}:{TEXTS[named]}")
        for body in (form.sent(button, TEXTS[named], ("hidden", "chosen")), form.sent(odd, "", ())):
            with undone():
                answer = tried(scene.client, form, body, TEXTS[named])
            assert answer.status_code < 500, f"{form.page} -> {form.action} {button}"
            for mark in TAKEN_FOR_MARKUP:
                assert mark not in answer.content.decode(), f"{form.page} -> {form.action} {button}"


@pytest.mark.parametrize("named", KEPT)
def test_what_was_kept_is_text_on_every_page_of_the_desk(scene, named):
    for form in scene.forms():
        if form.method == "post" and not any(word in form.action for word in _ENDS_SOMETHING):
            send(scene.client, form, form.sent(ways_to_send(form)[0], TEXTS[named], ("text",)))

    for language in ("en", "zh-hans"):
        scene.client.cookies["django_language"] = language
        for address in desk_addresses():
            for path in scene.paths(address):
                answer = scene.client.get(path)
                assert answer.status_code < 500, path
                # A file to keep is no page: what was typed stands in it as it was typed.
                page = answer.content.decode() if "html" in answer.headers["content-type"] else ""
                for mark in TAKEN_FOR_MARKUP:
                    assert mark not in page, path
