"""Draft, review, publication, withdrawal, roll-back: each step once, by the right person, and written down."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from companies.models import FactRecord
from policies import actions, jobs, rulebook
from policies.models import Deed, Frozen, HistoryLine, Policy, PolicyVersion, Release, State
from policies.roles import Right, may
from policies.rules.book import UnreadableSnapshot

pytestmark = pytest.mark.django_db


def renamed(content, title="Other measures"):
    changed = copy.deepcopy(content)
    changed["title"]["en"] = title
    return changed


@pytest.fixture
def draft(mini, chen):
    """A draft of the small policy with another title."""
    version = actions.start_draft(policy=mini, by=chen)
    return actions.save_draft(version=version, content=renamed(version.content), by=chen, seen=version.digest)


@pytest.fixture
def in_review(draft, chen):
    return actions.send_to_review(version=draft, by=chen)


@pytest.fixture
def approved(in_review, gao):
    return actions.approve(version=in_review, by=gao)


def deeds(policy):
    return list(policy.history.filter(by__isnull=False).order_by("pk").values_list("deed", flat=True))


def test_the_whole_way_makes_a_release_and_a_line_for_each_step(mini, approved, fang):
    release = actions.publish(version=approved, by=fang, why="New edition")

    assert (release.number, release.changes["changed"]) == (2, ["policies/cp-mini"])
    assert rulebook.current().policies[0].title.en == "Other measures"
    assert list(mini.versions.order_by("number").values_list("state", flat=True)) == [State.RETIRED, State.PUBLISHED]
    assert deeds(mini) == [Deed.BEGUN, Deed.SAVED, Deed.SENT, Deed.APPROVED, Deed.REPLACED, Deed.PUBLISHED]
    line = mini.history.get(deed=Deed.PUBLISHED, by=fang)
    assert (line.why, line.before, line.after, line.release) == (
        "New edition", mini.versions.get(number=1).digest, mini.versions.get(number=2).digest, release,
    )  # fmt: skip


def test_a_new_key_begins_with_an_empty_policy_that_says_what_it_lacks(mini, chen):
    version = actions.start_draft(key="cp-new-2026", by=chen)

    assert version.state == State.DRAFT
    faults = actions.faults_of(version, date(2026, 11, 25))
    assert {"title", "issuer", "offers"} <= {fault.path[0] for fault in faults if fault.path}
    assert all(fault.message.en and fault.message.zh for fault in faults)


@pytest.mark.parametrize("key", ["", "Cp", "a b", "a/b", "../x", "<b>", "x" * 81, "政策"])
def test_what_cannot_be_a_key_is_refused(chen, key):
    with pytest.raises(actions.UnfitContent):
        actions.start_draft(key=key, by=chen)

    assert not Policy.objects.exists()


def test_a_policy_has_one_version_at_a_time_that_is_worked_on(mini, draft, xu):
    with pytest.raises(actions.AlreadyOpen) as told:
        actions.start_draft(policy=mini, by=xu)

    assert told.value.version == draft
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(policy=mini, number=9, content={})


def test_the_second_of_two_curators_is_told_and_loses_nothing(draft, chen, xu):
    seen = draft.digest
    actions.save_draft(version=draft, content=renamed(draft.content, "By Chen"), by=chen, seen=seen)
    typed = renamed(draft.content, "By Xu")

    with pytest.raises(actions.ChangedMeanwhile) as told:
        actions.save_draft(version=draft, content=typed, by=xu, seen=seen)

    assert told.value.version.content["title"]["en"] == "By Chen"
    assert told.value.content["title"]["en"] == "By Xu"
    again = actions.save_draft(version=draft, content=typed, by=xu, seen=told.value.version.digest)
    assert again.title_en == "By Xu"


def test_saving_twice_the_same_is_one_change(mini, draft, chen):
    seen = draft.digest
    content = renamed(draft.content, "Sent twice")
    for _ in range(2):
        actions.save_draft(version=draft, content=content, by=chen, seen=seen)

    assert deeds(mini) == [Deed.BEGUN, Deed.SAVED, Deed.SAVED]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ({"note": {"en": "\x00", "zh": ""}}, "control-char"),
        ({"note": {"en": "\ud800", "zh": ""}}, "control-char"),
        ({"note": {"en": "x" * 20_001, "zh": ""}}, "too_long"),
        ({"x" * 20_001: 1}, "too_long"),
        ({"cases": [0.5]}, "value"),
        ({"cases": ["x" * 20_000] * 60}, "file-too-big"),
        ({"policy": "another"}, "file-name"),
        ({"requires": 10**40}, "value"),
    ],
)
def test_what_could_not_be_stored_is_refused_with_the_reason(draft, chen, harm, code):
    with pytest.raises(actions.UnfitContent) as refused:
        actions.save_draft(version=draft, content={**draft.content, **harm}, by=chen, seen=draft.digest)

    assert code in {fault.code for fault in refused.value.faults}
    assert all(fault.message.en and fault.message.zh for fault in refused.value.faults)


def test_content_nested_too_deep_is_refused(draft, chen):
    nested = {"not": {}}
    for _ in range(200):
        nested = {"not": nested}

    with pytest.raises(actions.UnfitContent, match="deep"):
        actions.save_draft(version=draft, content={**draft.content, "requires": nested}, by=chen, seen=draft.digest)


@pytest.mark.parametrize(
    "harm",
    [
        {"offers": 5}, {"offers": [{"offer": "x"}]}, {"zones": 3}, {"sources": {"a": 1}}, {"cases": [{"forget": 5}]},
        {"cases": [{"like": []}]}, {"cases": [{"case": "a", "day": [], "facts": 3, "expect": 2}]}, {"title": "x"},
        {"effective": [1]}, {"requires": {"when": "(" * 500}}, {"requires": {"when": "1" * 5000}}, {"level": []},
        {"offers": [{"offer": [], "stacking": 4, "window": 3, "benefit": [], "papers": {}}]}, {"superseded_by": {}},
    ],
)  # fmt: skip
def test_half_written_and_hostile_content_is_stored_and_only_has_faults(draft, chen, harm):
    version = actions.save_draft(version=draft, content={**draft.content, **harm}, by=chen, seen=draft.digest)

    assert actions.faults_of(version, date(2026, 11, 25))


def test_hostile_words_are_stored_as_they_are(draft, chen):
    said = "<script>alert(1)</script> =cmd|' /C calc'!A0 {{ 7*7 }} \u202egnp"
    content = renamed(draft.content, said)

    version = actions.save_draft(version=draft, content=content, by=chen, seen=draft.digest)

    assert version.title_en == version.content["title"]["en"] == said


def test_in_review_the_content_stands_still(in_review, chen):
    with pytest.raises(actions.NotNow):
        actions.save_draft(version=in_review, content=renamed(in_review.content, "x"), by=chen, seen=in_review.digest)


def test_what_is_sent_to_review_is_what_the_person_saw(draft, chen, xu):
    actions.save_draft(version=draft, content=renamed(draft.content, "By Xu"), by=xu, seen=draft.digest)

    with pytest.raises(actions.NotNow):
        actions.send_to_review(version=draft, by=chen)


def test_nobody_approves_what_they_began_or_wrote(mini, draft, chen, xu):
    content = renamed(draft.content, "A word by Xu")
    version = actions.save_draft(version=draft, content=content, by=xu, seen=draft.digest)
    version = actions.send_to_review(version=version, by=chen)

    with pytest.raises(actions.SecondPersonNeeded):
        actions.approve(version=version, by=xu)


def test_not_even_a_superuser_approves_their_own_draft(mini, django_user_model):
    root = django_user_model.objects.create_superuser("root@example.com", "a-long-password")
    version = actions.send_to_review(version=actions.start_draft(policy=mini, by=root), by=root)

    with pytest.raises(actions.SecondPersonNeeded):
        actions.approve(version=version, by=root)


def test_returning_says_why_and_takes_the_approval_along(approved, gao, chen):
    with pytest.raises(actions.NotNow, match="why"):
        actions.return_to_author(version=approved, by=gao, why="  ")

    version = actions.return_to_author(version=approved, by=gao, why="Art. 3 says 30")

    assert (version.state, version.reviewer) == (State.DRAFT, None)
    assert version.policy.history.first().why == "Art. 3 says 30"


def test_an_approval_is_for_the_content_that_was_read(approved, fang):
    content = renamed(approved.content, "Slipped in")
    PolicyVersion.objects.filter(pk=approved.pk).update(content=content)

    with pytest.raises(actions.NotNow, match="approved"):
        actions.publish(version=approved, by=fang)


def test_an_approval_cannot_be_set_past_the_action(in_review, gao, fang):
    PolicyVersion.objects.filter(pk=in_review.pk).update(reviewer=gao)

    with pytest.raises(actions.NotNow):
        actions.publish(version=in_review, by=fang)


def test_without_approval_nothing_is_published(draft, in_review, fang):
    with pytest.raises(actions.NotNow):
        actions.publish(version=in_review, by=fang)
    with pytest.raises(actions.NotNow):
        actions.publish(version=in_review, by=fang, on=timezone.localdate() + timedelta(days=3))

    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda content: content["offers"][0]["requires"]["all"].append({"when": "employes >= 3"}), "unknown_fact"),
        (lambda content: content["offers"][0]["requires"]["all"].append({"when": "employees >= 0"}), "always-holds"),
        (lambda content: content.update(sources=[], confidence="low"), "missing-source"),
        (lambda content: content["cases"][0]["expect"].update(team="ineligible"), "case-verdict"),
        (lambda content: content.update(cases=[]), "case-leaf-one-sided"),
    ],
)
def test_with_faults_nothing_is_published(mini, chen, gao, fang, change, code):
    draft = actions.start_draft(policy=mini, by=chen)
    content = copy.deepcopy(draft.content)
    change(content)
    version = actions.save_draft(version=draft, content=content, by=chen, seen=draft.digest)
    version = actions.approve(version=actions.send_to_review(version=version, by=chen), by=gao)

    for day in (None, timezone.localdate() + timedelta(days=3)):
        with pytest.raises(actions.Unpublishable) as refused:
            actions.publish(version=version, by=fang, on=day)

    assert code in {fault.code for fault in refused.value.faults}
    assert Release.objects.count() == 1
    version.refresh_from_db()
    assert (version.state, version.publish_on) == (State.IN_REVIEW, None)


def test_a_planned_version_is_published_on_its_day_and_once(approved, fang):
    day = timezone.localdate() + timedelta(days=3)
    assert actions.publish(version=approved, by=fang, on=day) is None

    assert jobs.publish_due(day - timedelta(days=1)) == []
    (release,) = jobs.publish_due(day)
    assert jobs.publish_due(day) == []

    assert (release.number, release.created_by) == (2, fang)
    approved.refresh_from_db()
    assert (approved.state, approved.publisher) == (State.PUBLISHED, fang)


def test_a_planned_publication_can_be_called_off(approved, fang):
    day = timezone.localdate() + timedelta(days=3)
    actions.publish(version=approved, by=fang, on=day)

    actions.call_off(version=approved, by=fang)

    assert jobs.publish_due(day) == []


def test_a_planned_publication_is_held_when_the_person_has_lost_the_right(approved, fang):
    day = timezone.localdate() + timedelta(days=3)
    actions.publish(version=approved, by=fang, on=day)
    fang.groups.clear()

    assert jobs.publish_due(day) == []
    assert jobs.publish_due(day) == []

    assert approved.policy.history.filter(deed=Deed.HELD).count() == 1


def test_a_planned_publication_is_held_when_the_ground_has_changed(mini, approved, fang):
    day = timezone.localdate() + timedelta(days=3)
    actions.publish(version=approved, by=fang, on=day)
    actions.withdraw(policy=mini, by=fang, why="An error")

    assert jobs.publish_due(day) == []

    assert "withdrawn since" in mini.history.first().why


def test_a_draft_over_a_version_published_meanwhile_must_be_confirmed(mini, approved, gao, chen, fang):
    actions.withdraw(policy=mini, by=fang, why="An error")
    with pytest.raises(actions.Unpublishable) as refused:
        actions.publish(version=approved, by=fang)
    assert [fault.code for fault in refused.value.faults] == ["outdated"]

    version = actions.return_to_author(version=approved, by=gao, why="look again")
    version = actions.confirm_draft(version=version, by=chen)
    version = actions.approve(version=actions.send_to_review(version=version, by=chen), by=gao)

    assert actions.publish(version=version, by=fang).number == 3


def test_withdrawing_says_why_and_makes_a_release_without_the_policy(mini, fang):
    with pytest.raises(actions.NotNow, match="why"):
        actions.withdraw(policy=mini, by=fang, why="")

    release = actions.withdraw(policy=mini, by=fang, why="The text was wrong")

    assert release.changes["removed"] == ["policies/cp-mini"]
    assert rulebook.current().policies == ()
    assert mini.history.first().why == "The text was wrong"
    with pytest.raises(actions.NotNow):
        actions.withdraw(policy=mini, by=fang, why="again")


def test_rolling_back_makes_an_earlier_release_the_newest_again(mini, approved, gao, fang):
    first = Release.objects.get(number=1)
    actions.publish(version=approved, by=fang)

    release = actions.roll_back(to_release=first, by=fang, why="Too early")

    assert (release.number, release.digest) == (3, first.digest)
    states = list(mini.versions.order_by("number").values_list("number", "state"))
    assert states == [(1, State.RETIRED), (2, State.RETIRED), (3, State.PUBLISHED)]
    with pytest.raises(actions.NotNow, match="already"):
        actions.roll_back(to_release=first, by=fang, why="Once more")


def test_rolling_back_withdraws_what_was_not_there_and_restores_what_was(mini, fang):
    actions.withdraw(policy=mini, by=fang, why="An error")

    actions.roll_back(to_release=Release.objects.get(number=1), by=fang, why="It was right")
    release = actions.roll_back(to_release=Release.objects.get(number=2), by=fang, why="It was not")

    assert release.number == 4
    assert not PolicyVersion.objects.published().exists()


def test_rolling_back_to_policies_that_no_longer_fit_the_vocabulary_is_refused(mini, fang):
    actions.withdraw(policy=mini, by=fang, why="An error")
    FactRecord.objects.filter(name="stage").delete()

    with pytest.raises(UnreadableSnapshot):
        actions.roll_back(to_release=Release.objects.get(number=1), by=fang, why="It was right")

    assert not PolicyVersion.objects.published().exists()
    assert Release.objects.count() == 2


def test_an_approval_does_not_publish_content_that_the_publisher_has_not_seen(approved, chen, gao, fang):
    stale = PolicyVersion.objects.get(pk=approved.pk)
    version = actions.return_to_author(version=approved, by=gao, why="one more thing")
    content = renamed(version.content, "Later words")
    version = actions.save_draft(version=version, content=content, by=chen, seen=version.digest)
    actions.approve(version=actions.send_to_review(version=version, by=chen), by=gao)

    with pytest.raises(actions.NotNow):
        actions.publish(version=stale, by=fang)

    assert Release.objects.count() == 1


def test_a_draft_thrown_away_leaves_its_history_and_its_number(mini, draft, chen):
    actions.discard_draft(version=draft, by=chen, why="Not needed")

    assert actions.start_draft(policy=mini, by=chen).number == 3
    assert mini.history.filter(number=2).count() == 3


STEPS = {
    "start": (Right.WRITE, lambda v, p: actions.start_draft(key="cp-other", by=p)),
    "save": (Right.WRITE, lambda v, p: actions.save_draft(version=v, content=v.content, by=p, seen=v.digest)),
    "confirm": (Right.WRITE, lambda v, p: actions.confirm_draft(version=v, by=p)),
    "discard": (Right.WRITE, lambda v, p: actions.discard_draft(version=v, by=p, why="x")),
    "send": (Right.WRITE, lambda v, p: actions.send_to_review(version=v, by=p)),
    "approve": (Right.REVIEW, lambda v, p: actions.approve(version=v, by=p)),
    "return": (Right.REVIEW, lambda v, p: actions.return_to_author(version=v, by=p, why="x")),
    "publish": (Right.PUBLISH, lambda v, p: actions.publish(version=v, by=p)),
    "call off": (Right.PUBLISH, lambda v, p: actions.call_off(version=v, by=p)),
    "withdraw": (Right.PUBLISH, lambda v, p: actions.withdraw(policy=v.policy, by=p, why="x")),
    "roll back": (Right.PUBLISH, lambda v, p: actions.roll_back(to_release=Release.objects.get(), by=p, why="x")),
    "comment": (None, lambda v, p: actions.comment(version=v, by=p, why="x")),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", ["analyst", "support", "member", "former curator"])
def test_nobody_else_takes_a_step(draft, step, role):
    from tests.policies.conftest import staff

    person = staff("other", "curator" if role == "former curator" else role)
    person.is_active = role != "former curator"
    person.is_staff = role != "member"
    person.save()
    before = HistoryLine.objects.count()

    with pytest.raises(PermissionDenied):
        STEPS[step][1](draft, person)

    assert HistoryLine.objects.count() == before


@pytest.mark.parametrize("step", [step for step in STEPS if step not in ("comment", "return")])
def test_each_role_takes_only_its_own_steps(draft, step):
    from tests.policies.conftest import staff

    right, take = STEPS[step]
    for role in ("curator", "reviewer", "publisher"):
        person = staff(role, role)
        if not may(person, right):
            with pytest.raises(PermissionDenied):
                take(draft, person)


def test_the_history_cannot_be_changed_by_any_door(mini, draft):
    line = mini.history.first()

    line.why = "Nothing happened"
    with pytest.raises(Frozen):
        line.save()
    with pytest.raises(Frozen):
        HistoryLine.objects.update(why="")
    with pytest.raises(Frozen), transaction.atomic():
        HistoryLine.objects.bulk_update([line], ["why"])
    with pytest.raises(Frozen):
        line.delete()
    with pytest.raises(Frozen):
        HistoryLine.objects.all().delete()
    for statement in ("UPDATE policies_historyline SET why = 'x'", "DELETE FROM policies_historyline"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_no_action_changes_a_published_version(mini, chen, gao, fang):
    version = mini.versions.get()
    before = PolicyVersion.objects.filter(pk=version.pk).values().get()

    for take in (
        lambda: actions.save_draft(version=version, content=renamed(version.content), by=chen, seen=version.digest),
        lambda: actions.confirm_draft(version=version, by=chen),
        lambda: actions.discard_draft(version=version, by=chen, why="x"),
        lambda: actions.send_to_review(version=version, by=chen),
        lambda: actions.return_to_author(version=version, by=gao, why="x"),
        lambda: actions.approve(version=version, by=gao),
        lambda: actions.publish(version=version, by=fang),
        lambda: actions.publish(version=version, by=fang, on=timezone.localdate() + timedelta(days=1)),
        lambda: actions.call_off(version=version, by=fang),
    ):
        with pytest.raises(actions.NotNow):
            take()

    assert PolicyVersion.objects.filter(pk=version.pk).values().get() == before


def test_neither_an_upsert_nor_a_raw_delete_gets_past_the_database(mini):
    version = mini.versions.get()
    version.content = {}

    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.bulk_create(
            [version], update_conflicts=True, unique_fields=["id"], update_fields=["content"]
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.all()._raw_delete("default")
    with pytest.raises(Frozen), transaction.atomic():
        PolicyVersion.objects.bulk_update([version], ["content"])
    with pytest.raises(Frozen), transaction.atomic():
        PolicyVersion._base_manager.filter(pk=version.pk).update(content={})

    version.refresh_from_db()
    assert version.content["policy"] == "cp-mini"


@pytest.mark.parametrize("column", ["publisher", "based_on", "publish_on"])
def test_the_new_columns_of_a_published_version_are_frozen_too(mini, chen, column):
    version = mini.versions.get()
    value = {"publisher": chen, "based_on": version, "publish_on": date(2026, 1, 1)}[column]
    stored = {"publisher": chen.pk, "based_on": version.pk, "publish_on": "2026-01-01"}[column]
    attname = PolicyVersion._meta.get_field(column).column

    setattr(version, column, value)
    with pytest.raises(Frozen):
        version.save()
    with pytest.raises(Frozen):
        PolicyVersion.objects.update(**{column: value})
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE policies_policyversion SET {attname} = %s, publisher_id = %s", [stored, chen.pk])
