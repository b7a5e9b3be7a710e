"""The pages of the desk: who may open them, what they show, and that each button takes one step."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from policies import actions
from policies.models import Deed, HistoryLine, PolicyVersion, Release, State
from tests.policies.conftest import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(mini, chen):
    version = actions.start_draft(policy=mini, by=chen)
    content = copy.deepcopy(version.content)
    content["offers"][0]["requires"]["all"][0]["when"] = "employees >= 30"
    return actions.save_draft(version=version, content=content, by=chen, seen=version.digest)


def page_of(version):
    return reverse("desk:version", args=[version.policy.key, version.number])


def take(client, version, step, **sent):
    version.refresh_from_db()
    path = reverse("desk:step", args=[version.policy.key, version.number, step])
    return client.post(path, {"seen": version.digest, **sent}, follow=True)


def pages(draft):
    return [
        reverse("desk:home"), reverse("desk:policies"), reverse("desk:policy", args=["cp-mini"]), page_of(draft),
        reverse("desk:releases"), reverse("desk:boundaries", args=["cp-mini", 2]),
    ]  # fmt: skip


BUTTONS = [
    ("desk:new", []), ("desk:begin", ["cp-mini"]), ("desk:withdraw", ["cp-mini"]), ("desk:roll_back", [1]),
    *(("desk:step", ["cp-mini", 2, step]) for step in ("send", "comment", "return", "approve", "publish", "call-off", "discard")),
]  # fmt: skip


@pytest.mark.parametrize("role", ["curator", "reviewer", "publisher"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_people_of_the_desk_open_every_page(enter, draft, role, language):
    client = enter(staff(role, role))
    client.cookies["django_language"] = language

    for path in pages(draft):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("role", ["analyst", "support", "nobody"])
def test_for_everybody_else_there_is_no_desk(enter, draft, role):
    client = enter(staff("other", role))

    for path in pages(draft):
        assert client.get(path).status_code == 404
    before = HistoryLine.objects.count()
    for name, args in BUTTONS:
        assert client.post(reverse(name, args=args), {"why": "x", "key": "cp-x"}).status_code == 404
    assert HistoryLine.objects.count() == before


@pytest.mark.parametrize(("role", "is_shown"), [("curator", True), ("publisher", True), ("analyst", False)])
def test_the_menu_shows_the_desk_to_its_people_only(enter, role, is_shown):
    said = enter(staff("other", role)).get(reverse("policies:list")).content.decode()

    assert (f'href="{reverse("desk:home")}"' in said) is is_shown


def test_visitors_sign_in_first_and_staff_without_a_second_factor_set_it_up(client, draft, chen):
    for path in pages(draft):
        assert client.get(path).url.startswith(reverse("account_login"))
    client.force_login(chen)
    for path in pages(draft):
        assert client.get(path).url == reverse("mfa_activate_totp")
    assert client.post(reverse("desk:step", args=["cp-mini", 2, "send"])).url == reverse("mfa_activate_totp")


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        ("curator", ["approve", "publish", "call-off"]),
        ("reviewer", ["send", "discard", "publish", "call-off"]),
        ("publisher", ["send", "discard", "approve"]),
    ],
)
def test_each_role_may_only_take_its_own_steps(enter, draft, role, forbidden):
    client = enter(staff("other", role))

    for step in forbidden:
        assert take(client, draft, step, why="x").status_code == 403, step
    if role != "publisher":
        assert client.post(reverse("desk:withdraw", args=["cp-mini"]), {"why": "x"}).status_code == 403
        assert client.post(reverse("desk:roll_back", args=[1]), {"why": "x"}).status_code == 403
    if role != "curator":
        assert client.post(reverse("desk:begin", args=["cp-mini"])).status_code == 403
        assert client.post(reverse("desk:new"), {"key": "cp-new"}).status_code == 403


def test_what_is_not_there_is_not_found(enter, draft, chen):
    client = enter(chen)

    for path in ("/desk/policies/cp-no/", "/desk/policies/cp-mini/9/", "/desk/policies/cp-no/1/"):
        assert client.get(path).status_code == 404
    for path in (
        "/desk/policies/cp-mini/2/publish-at-once/",
        "/desk/releases/9/roll-back/",
        "/desk/policies/cp-no/draft/",
    ):
        assert client.post(path).status_code == 404
    assert client.get(reverse("desk:step", args=["cp-mini", 2, "send"])).status_code == 405


def test_a_version_goes_the_whole_way_by_its_buttons(enter, mini, chen, gao, fang):
    draft = actions.start_draft(policy=mini, by=chen)
    draft = actions.save_draft(version=draft, content={**draft.content, "number": "2"}, by=chen, seen=draft.digest)
    said = take(enter(chen), draft, "send", why="Ready").content.decode()
    assert "Sent to review." in said
    assert "Approve</button>" not in said
    said = take(enter(gao), draft, "approve").content.decode()
    assert "Approved." in said
    said = take(enter(fang), draft, "publish").content.decode()
    assert "Release 2 is in force." in said

    draft.refresh_from_db()
    assert draft.state == State.PUBLISHED


def test_the_page_says_what_changed_and_what_is_wrong_in_both_languages(enter, draft, chen):
    client = enter(chen)

    said = client.get(page_of(draft)).content.decode()
    assert "Employees: at least 20 became at least 30" in said
    assert "expected “eligible”, came out “not eligible”" in said
    client.cookies["django_language"] = "zh-hans"
    said = client.get(page_of(draft)).content.decode()
    assert "员工人数：“不低于 20”改为“不低于 30”" in said
    assert "预期“符合”，实际“不符合”" in said


def test_a_publication_with_faults_is_refused_and_says_how_many(enter, draft, gao, fang, chen):
    actions.approve(version=actions.send_to_review(version=draft, by=chen), by=gao)

    said = take(enter(fang), draft, "publish").content.decode()

    assert "Nothing was published" in said
    assert Release.objects.count() == 1


def test_who_wrote_is_told_that_another_person_approves(enter, draft, chen, xu):
    content = copy.deepcopy(draft.content) | {"number": "2"}
    version = actions.save_draft(version=draft, content=content, by=xu, seen=draft.digest)
    actions.send_to_review(version=version, by=chen)
    client = enter(xu)

    assert "another person has to approve" in client.get(page_of(draft)).content.decode()
    take(client, draft, "approve")
    draft.refresh_from_db()
    assert draft.reviewer is None


def test_a_step_is_for_the_content_that_was_on_the_page(enter, draft, chen, xu):
    client = enter(chen)
    seen = draft.digest
    actions.save_draft(version=draft, content={**draft.content, "number": "2"}, by=xu, seen=seen)

    path = reverse("desk:step", args=["cp-mini", 2, "send"])
    said = client.post(path, {"seen": seen}, follow=True).content.decode()

    assert "look at it again" in said
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


@pytest.mark.parametrize("step", ["return", "comment", "discard"])
def test_a_step_that_needs_a_reason_is_sent_back_without_one(enter, draft, step):
    person = staff("all", "curator", "reviewer")
    if step == "return":
        actions.send_to_review(version=draft, by=person)

    answer = take(enter(person), draft, step, why=" ")

    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()


def test_returning_commenting_and_throwing_away(enter, mini, draft, chen, gao):
    actions.send_to_review(version=draft, by=chen)
    client = enter(gao)
    take(client, draft, "comment", why="Why 30?")
    take(client, draft, "return", why="The text says 20")
    said = client.get(page_of(draft)).content.decode()
    assert "Why 30?" in said
    assert "The text says 20" in said

    said = take(enter(chen), draft, "discard", why="Begin anew").content.decode()

    assert not mini.versions.open().exists()
    assert "Why 30?" in said


def test_planning_and_calling_off(enter, mini, chen, gao, fang):
    version = actions.start_draft(policy=mini, by=chen)
    actions.approve(version=actions.send_to_review(version=version, by=chen), by=gao)
    client, day = enter(fang), (timezone.localdate() + timedelta(days=9)).isoformat()

    assert f"It will be published on {day}." in take(client, version, "publish", on=day).content.decode()
    assert day in client.get(reverse("desk:home")).content.decode()
    assert "called off" in take(client, version, "call-off").content.decode()
    for day in ("soon", (timezone.localdate() - timedelta(days=1)).isoformat()):
        assert take(client, version, "publish", on=day).status_code == 400
    assert Release.objects.count() == 1


def test_withdrawing_and_rolling_back_by_their_buttons(enter, mini, fang):
    client = enter(fang)

    assert "say why" in client.post(reverse("desk:withdraw", args=["cp-mini"]), follow=True).content.decode()
    client.post(reverse("desk:withdraw", args=["cp-mini"]), {"why": "An error"})
    assert not PolicyVersion.objects.published().exists()
    said = client.post(reverse("desk:roll_back", args=[1]), {"why": "It was right"}, follow=True).content.decode()

    assert "Release 3 is in force." in said
    assert mini.history.first().deed == Deed.RESTORED


def test_beginning_a_new_policy(enter, draft, chen):
    client = enter(chen)

    assert client.post(reverse("desk:new"), {"key": "No Key!"}).status_code == 400
    answer = client.post(reverse("desk:new"), {"key": "cp-new-2026"}, follow=True)

    assert "It cannot be shown yet" in answer.content.decode()
    answer = client.post(reverse("desk:begin", args=["cp-mini"]))
    assert answer.url == page_of(draft)


def test_hostile_words_are_shown_as_text(enter, draft, chen):
    harm = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    content = copy.deepcopy(draft.content)
    content["title"] = {"en": harm, "zh": harm}
    content["offers"][0]["note"] = {"en": harm + " \u202e", "zh": harm}
    content["offers"][0]["requires"]["all"][0]["says"] = {"en": harm, "zh": harm}
    content["sources"] = [f"https://example.org/{harm}", "javascript:alert(1)"]
    content["cases"][0]["case"] = harm
    version = actions.save_draft(version=draft, content=content, by=chen, seen=draft.digest)
    actions.comment(version=version, by=chen, why=harm)
    client = enter(chen)

    for path in pages(draft):
        for language in ("en", "zh-hans"):
            client.cookies["django_language"] = language
            said = client.get(path).content.decode()
            assert "<script>alert" not in said
            assert "<img src=x" not in said
            assert 'href="javascript' not in said


def test_the_pages_take_few_queries_however_much_there_is(enter, draft, chen, django_assert_max_num_queries):
    client = enter(chen)
    for number in range(5):
        actions.start_draft(key=f"cp-other-{number}", by=chen)
        actions.comment(version=draft, by=chen, why=f"{number}")

    for path, most in zip(pages(draft), (11, 8, 9, 30, 7, 20), strict=True):
        client.get(path)
        with django_assert_max_num_queries(most):
            client.get(path)
