"""The catalogue as files at the desk: what is downloaded, sent back, shown before, and begun as drafts."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies import actions
from policies.actions import FileTaken
from policies.catalogue_files import read_sheet
from policies.desk.files.sending import version_file
from policies.models import Deed, LoadedFile, PolicyVersion, Release, State
from tests.policies.browser_form import fields_of
from tests.policies.conftest import MINI, staff

pytestmark = pytest.mark.django_db

PAGE = "/desk/files/"
LOOK, LOAD = f"{PAGE}look/", f"{PAGE}load/"
ON_DISK = {str(path.relative_to(MINI)): path.read_bytes() for path in MINI.rglob("*.yaml")}
TEXT = (MINI / "policies" / "cp-mini.yaml").read_text(encoding="utf-8")
RENAMED = TEXT.replace("Mini measures", "Mini measures of 2027")
CHANGED = TEXT.replace("employees >= 20", "employees >= 25")


def packed(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def unpacked(answer):
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def send(client, content, name="cp-mini.yaml"):
    content = content.encode() if isinstance(content, str) else content
    return client.post(LOOK, {"file": SimpleUploadedFile(name, content)})


def fates(answer):
    return {one.key: str(one.fate) for one in answer.context["plan"].policies}


def load(client, answer, *keys, why="Corrected by the text", **sent):
    form = fields_of(said(answer))
    form.setlist("take", keys)
    for name, value in {"why": why, **sent}.items():
        form[name] = value
    return client.post(LOAD, form.urlencode(), content_type="application/x-www-form-urlencoded", follow=True)


def said(answer):
    return answer.content.decode()


@pytest.fixture
def other(mini):
    """A second policy in force, as the first with another key."""
    content = read_sheet("x.yaml", TEXT.replace("cp-mini", "cp-other").encode()).plain
    writer, reviewer, publisher = staff("w", "curator"), staff("r", "reviewer"), staff("p", "publisher")
    (draft,) = actions.take_files(files=[FileTaken(content)], by=writer, why="")
    draft = actions.send_to_review(version=draft, by=writer)
    actions.publish(version=actions.approve(version=draft, by=reviewer), by=publisher, on=None)
    return draft.policy


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_people_of_the_desk_download(enter, mini, role, language):
    client = enter(staff(role, role))
    client.cookies["django_language"] = language

    for path in (PAGE, reverse("desk:files_catalogue"), reverse("desk:files_with_drafts")):
        assert client.get(path).status_code == 200
    assert client.get(reverse("desk:version_file", args=["cp-mini", 1])).content.decode() == TEXT


@pytest.mark.parametrize("role", ["analyst", "support", "nobody"])
def test_for_everybody_else_there_are_no_files(enter, mini, role):
    client = enter(staff("other", role))

    for name, args in (
        ("files", []), ("files_catalogue", []), ("files_with_drafts", []), ("version_file", ["cp-mini", 1]),
    ):  # fmt: skip
        assert client.get(reverse(f"desk:{name}", args=args)).status_code == 404
    assert send(client, CHANGED).status_code == 404
    assert client.post(LOAD, {}).status_code == 404


@pytest.mark.parametrize("role", ["reviewer", "publisher"])
def test_only_who_writes_drafts_sends_files(enter, mini, role):
    person = staff("other", role)
    client = enter(person)

    assert 'type="file"' not in said(client.get(PAGE))
    assert send(client, CHANGED).status_code == 404
    assert client.post(LOAD, {}).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.take_files(files=[], by=person, why="")


def test_the_zip_holds_the_files_that_the_command_writes(enter, mini, chen):
    answer = enter(chen).get(reverse("desk:files_catalogue"))

    assert unpacked(answer) == ON_DISK
    assert answer.headers["Content-Type"] == "application/zip"
    assert 'filename="changce-catalogue-release-1.zip"' in answer.headers["Content-Disposition"]
    assert enter(chen).get(reverse("desk:files_catalogue")).content == answer.content


def test_drafts_are_in_the_other_zip_only(enter, mini, chen):
    client = enter(chen)
    load(client, send(client, CHANGED), "cp-mini")

    with_drafts = unpacked(client.get(reverse("desk:files_with_drafts")))

    assert with_drafts["policies/cp-mini.yaml"].decode() == CHANGED
    assert unpacked(client.get(reverse("desk:files_catalogue"))) == ON_DISK


def test_the_page_and_the_zips_cost_the_same_few_queries_for_any_number_of_policies(enter, mini, chen):
    client = enter(chen)
    paths = [PAGE, reverse("desk:files_catalogue"), reverse("desk:files_with_drafts")]

    def queries(path):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = [queries(path) for path in paths]
    for number in range(5):
        actions.start_draft(key=f"cp-a{number}", by=chen)

    assert [queries(path) for path in paths] == few == [7, 19, 20]


def test_an_empty_service_gives_an_empty_zip(enter, chen):
    assert unpacked(enter(chen).get(reverse("desk:files_with_drafts"))) == {}


@pytest.mark.parametrize("name", ["files_catalogue", "files_with_drafts"])
def test_what_was_downloaded_and_is_sent_back_changes_nothing(enter, other, chen, name):
    client = enter(chen)
    actions.start_draft(policy=other, by=chen)

    answer = send(client, client.get(reverse(f"desk:{name}")).content, "catalogue.zip")

    assert fates(answer) == {"cp-mini": "unchanged", "cp-other": "unchanged"}
    assert answer.context["plan"].left_alone == ()
    assert "Nothing changed" in said(answer)


def test_one_changed_line_becomes_one_draft_with_this_difference(enter, other, chen):
    client = enter(chen)
    files = unpacked(client.get(reverse("desk:files_catalogue")))
    files["policies/cp-mini.yaml"] = CHANGED.encode()

    answer = send(client, packed(files), "catalogue.zip")
    (planned,) = answer.context["plan"].offered
    done = load(client, answer, "cp-mini")

    assert fates(answer) == {"cp-mini": "changed", "cp-other": "unchanged"}
    assert [one.said.en for one in planned.changes] == [
        "Team reward, Art. 3: Employees: at least 20 became at least 25"
    ]
    (draft,) = PolicyVersion.objects.open()
    assert (draft.policy.key, draft.state, draft.author, draft.based_on.number) == ("cp-mini", "draft", chen, 1)
    assert version_file(draft) == CHANGED
    assert done.redirect_chain == [(reverse("desk:version", args=["cp-mini", 2]), 302)]
    assert "Drafts loaded: 1. Nothing was published." in said(done)


def test_the_history_says_why_and_that_it_came_from_a_file(enter, mini, chen):
    client = enter(chen)

    load(client, send(client, CHANGED), "cp-mini", why="Art. 5 as amended")

    line = mini.history.get(number=2)
    assert (line.deed, line.by) == (Deed.BEGUN, chen)
    assert line.why.startswith("Art. 5 as amended\n")
    assert "files" in line.why


def test_nothing_is_stored_before_it_is_confirmed_and_nothing_published_after(enter, mini, chen):
    client = enter(chen)
    answer = send(client, CHANGED)

    assert not PolicyVersion.objects.open().exists()
    load(client, answer, "cp-mini")
    assert Release.objects.count() == 1
    assert mini.versions.published().get().number == 1


def test_a_later_load_of_the_folder_neither_publishes_nor_withdraws_what_was_sent(enter, other, chen):
    client = enter(chen)
    known = list(LoadedFile.objects.values_list("name", "digest"))

    load(client, send(client, CHANGED), "cp-mini")

    assert list(LoadedFile.objects.values_list("name", "digest")) == known
    assert "policies/cp-other" not in dict(known)


@pytest.mark.parametrize("name", ["cp-mini.yaml", "cp-mini (1).yml", "政策.YAML", "x" * 300])
def test_a_single_file_may_have_any_name(enter, mini, chen, name):
    assert fates(send(enter(chen), CHANGED, name)) == {"cp-mini": "changed"}


@pytest.mark.parametrize("folder", ["policies/", "catalogue/policies/", "我的文件/", ""])
def test_a_zip_may_have_a_folder_around_everything(enter, mini, chen, folder):
    leftovers = {"__MACOSX/policies/._cp-mini.yaml": b"\x00\x05", ".DS_Store": b"\x00", f"{folder}.hidden.yaml": b"["}

    answer = send(enter(chen), packed({f"{folder}cp-mini.yaml": CHANGED, **leftovers}), "x.zip")

    assert fates(answer) == {"cp-mini": "changed"}
    assert answer.context["passed_over"] == ()


def test_other_files_and_lists_that_differ_are_named_and_left_alone(enter, mini, chen):
    zones = ON_DISK["reference/zones.yaml"].decode().replace("en: ", "en: New ", 1)
    files = {"reference/zones.yaml": zones, "README.txt": b"x", "more/inner.zip": packed({"a": b"b"})}

    answer = send(enter(chen), packed({**ON_DISK, **files}), "x.zip")

    assert answer.context["plan"].left_alone == ("reference/zones.yaml",)
    assert [name for name, _why in answer.context["passed_over"]] == ["README.txt", "more/inner.zip"]
    assert "reference/zones.yaml" in said(answer)


def test_a_new_policy_is_told_apart_and_its_faults_are_shown_with_their_lines(enter, mini, chen):
    text = TEXT.replace("policy: cp-mini", "policy: cp-new").replace("employees >= 20", "employes >= 20")
    line = text.split("\n").index(next(one for one in text.split("\n") if "employes" in one)) + 1

    answer = send(enter(chen), text, "new.yaml")

    (planned,) = answer.context["plan"].offered
    assert planned.fate == "new"
    assert (planned.faults[0].file, planned.faults[0].line) == ("new.yaml", line)
    assert f"new.yaml:{line}" in said(answer)


def test_several_are_chosen_one_by_one(enter, mini, chen):
    texts = {f"{key}.yaml": TEXT.replace("cp-mini", key) for key in ("cp-a", "cp-b", "cp-c")}
    client = enter(chen)

    done = load(client, send(client, packed(texts), "x.zip"), "cp-a", "cp-c", "cp-none")

    assert sorted(PolicyVersion.objects.open().values_list("policy__key", flat=True)) == ["cp-a", "cp-c"]
    assert done.redirect_chain == [(reverse("desk:home"), 302)]


def test_a_text_of_an_earlier_version_is_not_chosen_by_itself(enter, mini, chen, gao, fang):
    client = enter(chen)
    load(client, send(client, RENAMED), "cp-mini")
    draft = actions.send_to_review(version=mini.versions.open().get(), by=chen)
    actions.publish(version=actions.approve(version=draft, by=gao), by=fang, on=None)

    answer = send(client, TEXT)

    (planned,) = answer.context["plan"].offered
    assert (planned.fate, planned.compared_with.number, planned.is_ticked) == ("older", 1, False)
    assert [one.said.en for one in planned.changes] == ["Policy: title: Mini measures of 2027 became Mini measures"]
    load(client, answer, "cp-mini")
    assert mini.versions.open().get().based_on.number == 2


def test_a_draft_of_somebody_else_is_told_and_never_overwritten(enter, mini, chen, xu):
    draft = actions.start_draft(policy=mini, by=xu)
    client = enter(chen)

    answer = send(client, CHANGED)
    done = load(client, answer, "cp-mini", kept=_kept(CHANGED))

    assert fates(answer) == {"cp-mini": "in_the_way"}
    assert "xu@example.com" in said(answer)
    assert reverse("desk:version_file", args=["cp-mini", draft.number]) in said(answer)
    assert done.status_code == 409
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


def _kept(text):
    return base64.b64encode(packed({"policies/cp-mini.yaml": text})).decode()


def test_ones_own_draft_takes_the_file_only_when_that_is_chosen(enter, mini, chen):
    draft = actions.start_draft(policy=mini, by=chen)
    client = enter(chen)
    answer = send(client, CHANGED)
    (planned,) = answer.context["plan"].offered
    assert (planned.fate, planned.is_ticked) == ("own_draft", False)

    load(client, answer, "cp-mini")

    (saved,) = PolicyVersion.objects.open()
    assert (saved.pk, version_file(saved)) == (draft.pk, CHANGED)
    assert mini.history.filter(number=2, deed=Deed.SAVED).get().before == draft.digest


def test_ones_own_draft_that_somebody_else_wrote_at_or_that_is_in_review_is_left_alone(enter, mini, chen, xu):
    draft = actions.start_draft(policy=mini, by=chen)
    client = enter(chen)
    content = {**draft.content, "number": "7"}
    draft = actions.save_draft(version=draft, content=content, by=xu, seen=draft.digest)
    assert fates(send(client, CHANGED)) == {"cp-mini": "in_the_way"}

    with pytest.raises(actions.NotNow):
        actions.take_files(
            files=[FileTaken({**content, "number": "8"}, draft.based_on.digest, draft.digest)], by=chen, why=""
        )
    PolicyVersion.objects.filter(pk=draft.pk).update(state=State.IN_REVIEW)
    assert fates(send(client, CHANGED)) == {"cp-mini": "in_the_way"}


def test_a_draft_begun_meanwhile_stops_everything_and_the_files_are_still_there(enter, mini, chen, xu):
    client = enter(chen)
    new = TEXT.replace("cp-mini", "cp-a")
    answer = send(client, packed({"cp-mini.yaml": CHANGED, "cp-a.yaml": new}), "x.zip")
    draft = actions.start_draft(policy=mini, by=xu)

    done = load(client, answer, "cp-mini", "cp-a", why="My reason")

    assert done.status_code == 409
    assert "The desk changed meanwhile" in said(done)
    assert list(PolicyVersion.objects.open()) == [draft]
    assert fates(done) == {"cp-a": "new", "cp-mini": "in_the_way"}
    assert "My reason" in said(done)
    load(client, done, "cp-a")
    assert PolicyVersion.objects.open().filter(policy__key="cp-a").exists()


def test_what_happens_between_the_last_look_and_the_storing_stops_everything_too(enter, mini, chen, xu, monkeypatch):
    client = enter(chen)
    answer = send(client, packed({"cp-mini.yaml": CHANGED, "cp-a.yaml": TEXT.replace("cp-mini", "cp-a")}), "x.zip")
    at_once = actions.take_files

    def just_before(**options):
        actions.start_draft(policy=mini, by=xu)
        return at_once(**options)

    monkeypatch.setattr(actions, "take_files", just_before)
    done = load(client, answer, "cp-a", "cp-mini")

    assert done.status_code == 409
    assert [one.author for one in PolicyVersion.objects.open()] == [xu]


def test_a_publication_meanwhile_is_seen_by_the_action(mini, chen):
    content = {**mini.versions.get().content, "number": "9"}

    with pytest.raises(actions.NotNow):
        actions.take_files(files=[FileTaken(content, published="0" * 64)], by=chen, why="")

    assert not PolicyVersion.objects.open().exists()


def test_a_reason_is_needed_and_something_chosen(enter, mini, chen):
    client = enter(chen)
    answer = send(client, CHANGED)

    silent, empty = load(client, answer, "cp-mini", why=" "), load(client, answer)
    nul = load(client, answer, "cp-mini", why="a\x00b")

    assert [one.status_code for one in (silent, empty, nul)] == [400, 400, 400]
    assert "choose at least one policy" in said(empty)
    assert not PolicyVersion.objects.open().exists()
    load(client, silent, "cp-mini")
    assert PolicyVersion.objects.open().exists()


def test_forms_from_elsewhere_are_refused(mini, chen, enter):
    enter(chen)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = enter(chen).cookies

    assert send(strict, CHANGED).status_code == 403
    assert strict.post(LOAD, {}).status_code == 403


def test_a_body_beyond_the_limit_is_not_read(enter, mini, chen, monkeypatch):
    monkeypatch.setattr("django.http.request.HttpRequest.read", None)

    answer = enter(chen).post(LOOK, {"file": SimpleUploadedFile("x.yaml", b"a" * 10_020_000)})

    assert answer.status_code == 413
    assert "at most 10,000,000 bytes" in said(answer)


def test_nothing_chosen_is_said_at_the_field(enter, mini, chen):
    answer = enter(chen).post(LOOK, {})

    assert answer.status_code == 400
    assert "required" in said(answer)


def test_the_preview_costs_the_same_few_queries_for_any_number_of_policies_and_drafts(enter, mini, chen):
    client = enter(chen)

    def queries(keys):
        files = packed({f"{key}.yaml": TEXT.replace("cp-mini", key) for key in keys})
        with CaptureQueriesContext(connection) as asked:
            assert len(fates(send(client, files, "x.zip"))) == len(keys)
        return len(asked)

    actions.start_draft(key="cp-a0", by=chen)
    few = queries(["cp-a0", "cp-b0"])
    for number in range(1, 6):
        actions.start_draft(key=f"cp-a{number}", by=chen)

    assert queries([f"cp-{kind}{number}" for kind in "ab" for number in range(6)]) == few
    assert few == 24
