"""The page on which requirements are written, without any script."""

from __future__ import annotations

import copy
import html
import json
import re

import pytest
from django.urls import reverse

from policies import actions
from policies.desk.requirements.rows import LEAVES, Row
from policies.desk.requirements.sheet import FIELD, row_to
from policies.models import Deed, HistoryLine, PolicyVersion
from policies.parts import part_digest
from tests.policies.conftest import staff


@pytest.fixture
def draft(mini, chen):
    """A draft whose policy asks nothing of all its offers."""
    begun = actions.start_draft(policy=mini, by=chen)
    content = {key: value for key, value in begun.content.items() if key != "requires"}
    return actions.save_draft(version=begun, content=content, by=chen, seen=begun.digest, why="begin")


@pytest.fixture
def offer(draft):
    return draft.content["offers"][0]["offer"]


@pytest.fixture
def page(offer):
    return reverse("desk:write_offer_requires", args=["cp-mini", 2, offer])


ALL = reverse("desk:write_requires", args=["cp-mini", 2])


def fields_of(said):
    """What a browser without scripts would send of the form of this page."""
    form = re.search(r'<form id="editor".*?</form>', said, re.DOTALL).group()
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_ticked = 'type="checkbox"' not in tag or " checked" in tag
        if name and is_ticked:
            sent.setdefault(name.group(1), []).append(html.unescape(value.group(1)) if value else "")
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        sent[name] = [html.unescape(text)]
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        sent[name] = [html.unescape(chosen.group(1))]
    return sent


class Typist:
    """Somebody at the editor whose browser runs no scripts."""

    def __init__(self, client, path):
        self.client, self.path = client, path
        self.answer = client.get(path)

    @property
    def said(self):
        return html.unescape(self.answer.content.decode())

    def press(self, do, **typed):
        return self.send({"do": do}, typed)

    def save(self, how="checked", **typed):
        return self.send({"save": how}, typed)

    def send(self, button, typed):
        sent = fields_of(self.answer.content.decode())
        sent |= {f"{FIELD}{name}" if name != "why" else name: value for name, value in typed.items()}
        self.answer = self.client.post(self.path, {**sent, **button}, follow=True)
        return self.answer


def tree(draft, offer=None):
    content = PolicyVersion.objects.get(pk=draft.pk).content
    return content.get("requires") if offer is None else content["offers"][0].get("requires")


def test_a_requirement_is_written_row_by_row_without_scripts(enter, chen, draft):
    typist = Typist(enter(chen), ALL)

    typist.press("begin")
    typist.press("check", fact="employees")
    typist.press("check", operator=">=")
    typist.press("below", values="20", clause="Art. 2")
    typist.press("check", form="judged")
    typist.press("wrap", en="Experts agree", zh="专家认可")
    typist.press("inside")
    typist.press("typed")
    answer = typist.save(when="listed or employees > 300", why="First rows")

    assert "The requirements are saved." in answer.content.decode()
    assert tree(draft) == {
        "all": [
            {"when": "employees >= 20", "clause": "Art. 2"},
            {
                "any": [
                    {"judged": {"en": "Experts agree", "zh": "专家认可"}},
                    {"when": "listed or employees > 300"},
                ]
            },
        ]
    }
    assert HistoryLine.objects.filter(deed=Deed.SAVED).latest("pk").why == "First rows"


def test_pressing_buttons_saves_nothing(enter, chen, draft):
    typist = Typist(enter(chen), ALL)

    for verb in ("begin", "below", "wrap", "up", "down", "indent", "outdent", "check", "remove", "back", "close"):
        assert typist.press(verb).status_code == 200

    assert tree(draft) is None
    assert HistoryLine.objects.filter(deed=Deed.SAVED).count() == 1  # the one that made the draft


def test_what_is_stored_is_shown_and_saving_it_again_changes_nothing(enter, chen, draft, offer, page):
    before = tree(draft, offer)
    typist = Typist(enter(chen), page)
    typist.press("open:1")

    typist.save()

    assert tree(draft, offer) == before


def test_faults_are_told_at_their_row_and_a_half_written_draft_can_be_saved_all_the_same(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")

    typist.save(when="employes >= 20")
    assert "Nothing is saved yet." in typist.said
    assert "unknown fact “employes”" in typist.said
    assert "employees" in typist.said
    assert tree(draft) is None
    typist.save("anyway")

    assert tree(draft) == {"all": [{"when": "employes >= 20"}]}


def test_switching_between_picked_and_typed_keeps_what_was_entered(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", fact="employees")
    typist.press("typed", values="20")
    assert "employees >= 20</textarea>" in typist.said
    typist.press("picked", when="employees >= 20 and listed")
    assert "more than one comparison" in typist.said
    typist.press("typed")

    assert "employees >= 20 and listed</textarea>" in typist.said


def test_a_group_with_rows_inside_does_not_become_a_leaf(enter, chen, draft, page, offer):
    typist = Typist(enter(chen), page)
    typist.press("open:0")

    typist.press("check", form="judged")

    assert "first move out or remove the rows inside it" in typist.said
    typist.save()
    assert tree(draft, offer) == draft.content["offers"][0]["requires"]


def test_removed_rows_can_be_put_back(enter, chen, draft, page, offer):
    typist = Typist(enter(chen), page)

    typist.press("open:1")
    typist.press("remove")
    assert "Rows removed: 1." in typist.said
    typist.press("back")
    typist.save()

    assert tree(draft, offer) == draft.content["offers"][0]["requires"]


def test_the_row_acted_upon_has_the_focus(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    assert re.search(r'id="x-fact"[^>]* autofocus', typist.said)
    typist.press("below")
    assert re.search(r'id="x-fact"[^>]* autofocus', typist.said)

    typist.press("up")

    assert re.search(r'value="up"[^>]* autofocus', typist.said)
    assert typist.said.count(" autofocus") == 1


def test_somebody_elses_change_of_the_same_rows_is_told_and_nothing_is_lost(enter, chen, xu, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")
    actions.save_part(
        version=draft, path=("requires",), part={"all": [{"when": "employees >= 7"}]}, by=xu, seen=part_digest(None), why="Mine"
    )  # fmt: skip

    answer = typist.save(when="listed")
    assert answer.status_code == 409
    assert "Somebody else saved these requirements meanwhile" in typist.said
    assert "xu@example.com" in typist.said
    assert "at least 7" in typist.said
    assert tree(draft) == {"all": [{"when": "employees >= 7"}]}
    typist.save()

    assert tree(draft) == {"all": [{"when": "listed"}]}


def test_somebody_elses_change_of_another_part_stays(enter, chen, xu, draft, page, offer):
    typist = Typist(enter(chen), page)
    actions.save_part(version=draft, path=("requires",), part={"when": "employees >= 7"}, by=xu, seen=part_digest(None))
    typist.press("open:1")

    typist.save(clause="Art. 99")

    assert tree(draft) == {"when": "employees >= 7"}
    assert "Art. 99" in json.dumps(tree(draft, offer))


def test_a_version_that_is_no_draft_any_more_keeps_what_was_typed_on_the_page(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")
    actions.send_to_review(version=draft, by=chen)

    answer = typist.save(when="listed")

    assert answer.status_code == 409
    assert "not a draft any more" in typist.said
    assert "listed</textarea>" in typist.said
    assert enter(chen).get(ALL).url == reverse("desk:version", args=["cp-mini", 2])


@pytest.mark.parametrize("role", ["reviewer", "publisher", "analyst", "support", "nobody"])
def test_only_who_may_write_finds_the_editor(enter, draft, page, role):
    client = enter(staff("other", role))
    seen = {"seen": part_digest(None), "row": [row_to(Row(when="listed"))], "save": "checked"}

    for path in (page, ALL):
        assert client.get(path).status_code == 404
        assert client.post(path, seen).status_code == 404
    assert client.post(reverse("desk:requires_said"), {f"{FIELD}was": "{}"}).status_code == 404
    assert client.get(reverse("desk:requires_facts"), {"q": "employees"}).status_code == 404
    assert tree(draft) is None


def test_what_is_not_there_is_not_found(enter, chen, draft):
    client = enter(chen)

    for args in (["cp-no", 2], ["cp-mini", 9]):
        assert client.get(reverse("desk:write_requires", args=args)).status_code == 404
    assert client.get(reverse("desk:write_offer_requires", args=["cp-mini", 2, "no-offer"])).status_code == 404
    assert client.post(ALL, {"row": ["[]"], "save": "checked"}).status_code == 400
    assert client.get(reverse("desk:requires_said")).status_code == 405


HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7 * 7 }}{% debug %}", "=HYPERLINK(\"http://x\")",
    "‮txet desrever", "x" * 3_000, "line\nline", "' or 1=1 --", "🀄" * 50,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_and_shown_as_text_in_every_field(enter, chen, draft, text):
    names = ("clause", "source", "note_en", "note_zh", "en", "zh")
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", form="judged")

    typist.press("check", **dict.fromkeys(names, text))
    typist.save("anyway")

    node = tree(draft)["all"][0]
    assert [node["clause"], node["source"], *node["note"].values(), *node["judged"].values()] == [text] * 6
    typist.press("open:1")
    raw = typist.answer.content.decode()
    assert "<script>alert" not in raw
    assert "<img src=x" not in raw
    assert "7 * 7" in raw or "{{" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_criterion_is_told_and_stays(enter, chen, draft, text):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", fact=text)
    assert "<script>alert" not in typist.answer.content.decode()
    typist.press("typed", fact="")

    typist.save("anyway", when=text)

    assert tree(draft) == {"all": [{"when": text}]}
    assert "<script>alert" not in typist.client.get(ALL).content.decode()


@pytest.mark.parametrize(
    ("text", "said"), [("a\x07b", "U+0007"), ("a\x00b", "U+0000"), ("x" * 100_000, "20,000 characters")]
)
@pytest.mark.parametrize("name", ["clause", "en", "note_zh"])
def test_what_cannot_be_stored_is_refused_at_its_row_and_stays_on_the_page(enter, chen, draft, text, said, name):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("check", form="judged")

    typist.save("anyway", **{name: text})

    assert "Nothing was saved." in typist.said
    assert said in typist.said
    assert tree(draft) is None


def test_a_sentence_appears_while_one_types_and_nothing_is_written(enter, chen, draft, django_assert_max_num_queries):
    client = enter(chen)
    was = row_to(Row(picked=False))

    with django_assert_max_num_queries(7):
        answer = client.post(reverse("desk:requires_said"), {f"{FIELD}was": was, f"{FIELD}when": "employees >= 20"})
    said = html.unescape(answer.content.decode())
    assert "is at least 20" in said
    assert "不低于" in said
    answer = client.post(reverse("desk:requires_said"), {f"{FIELD}was": was, f"{FIELD}when": "employees >= "})
    assert "column" in answer.content.decode()
    assert tree(draft) is None


def test_facts_are_offered_with_both_names_and_their_kind(enter, chen, draft, django_assert_max_num_queries):
    client = enter(chen)

    with django_assert_max_num_queries(7):
        said = client.get(reverse("desk:requires_facts"), {"q": "employees"}).content.decode()

    assert 'data-name="employees"' in said
    assert "whole number" in said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_takes_a_fixed_number_of_queries_however_many_rows(
    enter, chen, draft, language, django_assert_max_num_queries
):
    rows = {"all": [{"when": f"employees >= {n + 1}"} for n in range(40)]}
    actions.save_part(version=draft, path=("requires",), part=rows, by=chen, seen=part_digest(None))
    client = enter(chen)
    client.cookies["django_language"] = language

    with django_assert_max_num_queries(20):
        assert client.get(ALL).status_code == 200


@pytest.mark.parametrize("form", LEAVES)
def test_every_kind_of_leaf_opens_in_both_languages(enter, chen, draft, form):
    client = enter(chen)
    for language in ("en", "zh-hans"):
        client.cookies["django_language"] = language
        typist = Typist(client, ALL)
        typist.press("begin")
        assert typist.press("check", form=form).status_code == 200


def test_rows_that_the_editor_does_not_know_are_kept_as_they_stand(enter, chen, draft):
    odd = {"all": [{"when": "listed", "any": []}, "text", {"judged": {"en": "x", "zh": "y"}, "extra": 1}]}
    actions.save_part(version=draft, path=("requires",), part=copy.deepcopy(odd), by=chen, seen=part_digest(None))
    typist = Typist(enter(chen), ALL)
    typist.press("open:1")
    typist.press("down")

    typist.save("anyway")

    assert tree(draft) == {"all": [odd["all"][1], odd["all"][0], odd["all"][2]]}


def test_rows_that_are_sent_signed_out_are_there_again_after_the_sign_in(enter, chen, draft):
    typist = Typist(enter(chen), ALL)
    typist.press("begin")
    typist.press("typed")
    typist.client.logout()

    answer = typist.press("close", when="employees >= 7777")
    assert "/accounts/login/" in answer.redirect_chain[0][0]
    enter(chen)

    page = typist.client.get(ALL).content.decode()
    assert "employees &gt;= 7777" in page
    assert "not saved yet" in page
    assert "requires" not in PolicyVersion.objects.get(pk=draft.pk).content


def test_the_page_stands_in_the_frame_of_all_parts_with_the_faults_of_each(enter, chen, draft):
    page = enter(chen).get(ALL).content.decode()

    assert f'<a href="{ALL}" aria-current="page">' in page
    assert reverse("desk:write_head", args=[draft.policy.key, draft.number]) in page
