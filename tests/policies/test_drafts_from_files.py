"""A change made in files becomes drafts; nothing is published, and nothing at the desk is lost."""

from __future__ import annotations

import filecmp
import io
import shutil

import pytest
from django.core.management import CommandError, call_command

from policies import actions
from policies.models import Deed, Policy, PolicyVersion, Release, State
from tests.policies.conftest import MINI, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, mini):
    """The files of the small catalogue, with the policy changed and another one beside it."""
    copied = tmp_path / "catalogue"
    shutil.copytree(MINI, copied)
    file = copied / "policies" / "cp-mini.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Mini measures", "Mini measures of 2027"), encoding="utf-8")
    other = text.replace("cp-mini", "cp-other")
    (copied / "policies" / "cp-other.yaml").write_text(other, encoding="utf-8")
    return copied


def load(folder, *options):
    said = io.StringIO()
    call_command("load_catalogue", folder, "--as-drafts", *options, stdout=said)
    return said.getvalue()


def test_changed_and_new_files_become_drafts_and_nothing_is_published(folder, chen):
    said = load(folder, "--by", chen.email)

    assert "2 drafts begun; nothing was published" in said
    assert Release.objects.count() == 1
    drafts = PolicyVersion.objects.filter(state=State.DRAFT)
    assert {draft.policy.key for draft in drafts} == {"cp-mini", "cp-other"}
    assert {draft.author for draft in drafts} == {chen}
    assert drafts.get(policy__key="cp-mini").based_on.number == 1
    assert "2 drafts" not in load(folder)


def test_what_is_worked_on_at_the_desk_is_left_alone(folder, mini, chen):
    draft = actions.start_draft(policy=mini, by=chen)

    said = load(folder)

    assert "policies/cp-mini: being worked on" in said
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


def test_a_later_load_does_not_publish_the_drafts_past_the_review(folder):
    load(folder)

    call_command("load_catalogue", folder, verbosity=0, stdout=io.StringIO())

    assert not PolicyVersion.objects.published().exclude(number=1).exists()
    assert Policy.objects.get(key="cp-other").versions.get().state == State.DRAFT


def test_the_draft_says_where_it_came_from(folder):
    load(folder)

    line = Policy.objects.get(key="cp-other").history.get()
    assert (line.deed, line.by) == (Deed.BEGUN, None)
    assert "files" in line.why


def test_faulty_rules_may_become_drafts_and_faulty_yaml_may_not(folder):
    file = folder / "policies" / "cp-other.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("employees >= 20", "employes >= 20"), encoding="utf-8")
    load(folder)
    assert Policy.objects.get(key="cp-other").versions.get().state == State.DRAFT

    file.write_text("policy: [", encoding="utf-8")
    with pytest.raises(CommandError):
        load(folder)


def test_only_a_curator_loads_drafts_in_their_name(folder):
    reviewer = staff("other", "reviewer")

    for email in (reviewer.email, "nobody@example.com"):
        with pytest.raises(CommandError):
            load(folder, "--by", email)

    assert not PolicyVersion.objects.open().exists()


def test_drafts_do_not_leak_into_the_export_or_the_next_release(folder, tmp_path, mini, chen, gao):
    load(folder)
    draft = mini.versions.open().get()
    actions.approve(version=actions.send_to_review(version=draft, by=chen), by=gao)

    call_command("export_catalogue", tmp_path / "out", stdout=io.StringIO())

    files = sorted(str(path.relative_to(MINI)) for path in MINI.rglob("*.yaml"))
    assert files == sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.yaml"))
    assert filecmp.cmpfiles(MINI, tmp_path / "out", files, shallow=False)[0] == files
    assert not actions.make_release(by=None)[1]
