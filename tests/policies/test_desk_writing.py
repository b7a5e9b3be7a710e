"""Writing a draft part by part in the browser: who may, what the outline shows, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from policies import actions
from policies.desk.places import HEAD
from policies.models import PolicyVersion
from policies.parts import part_at, part_digest
from tests.policies.browser_form import fields_of
from tests.policies.conftest import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(mini, chen):
    return actions.start_draft(policy=mini, by=chen)


def address(name, version, *more):
    return reverse(f"desk:{name}", args=[version.policy.key, version.number, *more])


def pages(version):
    offer = version.content["offers"][0]["offer"]
    of_offer = ("write_offer", "write_benefit", "write_stacking", "write_window")
    return [
        address("write", version),
        address("write_head", version),
        *(address(one, version, offer) for one in of_offer),
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_writes_drafts_opens_every_page(enter, draft, xu, language):
    client = enter(xu)
    client.cookies["django_language"] = language

    for path in pages(draft):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("role", ["reviewer", "publisher", "analyst", "support", "nobody"])
def test_for_everybody_else_there_is_no_such_page(enter, draft, role):
    client = enter(staff("other", role))

    for path in pages(draft):
        assert client.get(path).status_code == 404
        assert client.post(path, {"seen": ""}).status_code == 404


def test_a_version_that_is_no_draft_leads_to_its_page(enter, draft, chen):
    actions.send_to_review(version=draft, by=chen)
    client = enter(chen)

    for path in pages(draft):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0] == address("version", draft)
        assert "not a draft any more" in answer.content.decode()


def test_the_page_of_a_draft_leads_to_its_outline_only_for_who_may_write(enter, draft, chen):
    link = f'href="{address("write", draft)}"'

    assert link in enter(chen).get(address("version", draft)).content.decode()
    assert link not in enter(staff("other", "reviewer")).get(address("version", draft)).content.decode()
    actions.send_to_review(version=draft, by=chen)
    assert link not in enter(chen).get(address("version", draft)).content.decode()


def form_of(client, path):
    """The fields of the page as the browser got them."""
    page = client.get(path).content.decode()
    return fields_of(page[page.index('<form method="post" id="part"') : page.rindex("</form>")])


def send(client, path, fields, act="save", **typed):
    for name, value in typed.items():
        fields[name.replace("_", "-")] = value
    fields["act"] = act
    return client.post(path, fields)


def current(draft):
    return PolicyVersion.objects.get(pk=draft.pk).content


@pytest.mark.parametrize("name", ["write_head", "write_offer", "write_benefit", "write_stacking", "write_window"])
def test_a_page_saved_as_it_was_opened_changes_nothing(enter, draft, chen, name):
    client = enter(chen)
    more = () if name == "write_head" else (draft.content["offers"][0]["offer"],)
    path = address(name, draft, *more)

    assert send(client, path, form_of(client, path)).status_code == 302
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


def test_the_document_is_written_and_the_way_goes_on(enter, draft, chen):
    client, path = enter(chen), address("write_head", draft)

    answer = send(
        client, path, form_of(client, path), act="on", p_number="昌科发〔2026〕7号", p_issued="2026-07", why="文号"
    )

    assert answer.url == address("write_requires", draft)
    assert (current(draft)["number"], current(draft)["issued"]) == ("昌科发〔2026〕7号", "2026-07")
    assert draft.policy.history.first().why == "文号"


def test_what_is_half_written_is_saved_and_its_fault_is_told(enter, draft, chen):
    offer = draft.content["offers"][0]["offer"]
    client, path = enter(chen), address("write_benefit", draft, offer)

    send(client, path, form_of(client, path), act="form", p_form="fixed")
    fields = fields_of(send(client, path, form_of(client, path), act="form", p_form="fixed").content.decode())
    assert send(client, path, fields, p_fixed="half a million").status_code == 302

    assert current(draft)["offers"][0]["benefit"]["fixed"] == "half a million"
    page = client.get(path).content.decode()
    assert 'value="half a million"' in page
    assert "What is missing or wrong here" in page


def test_a_banded_benefit_with_instalments_is_written_without_scripts(enter, draft, chen):
    """The way of somebody who presses one button after another."""
    offer = draft.content["offers"][0]["offer"]
    client, path = enter(chen), address("write_benefit", draft, offer)

    def press(page, act, **typed):
        fields = fields_of(page[page.index('<form method="post" id="part"') : page.rindex("</form>")])
        for name, value in typed.items():
            fields[name.replace("_", "-")] = value
        fields["act"] = act
        return client.post(path, fields)

    page = press(client.get(path).content.decode(), "form", p_form="band").content.decode()
    page = press(page, "add:band/steps", p_band_of="employees").content.decode()
    page = press(page, "add:band/steps", p_band_steps_0_from="1", p_band_steps_0_amount="20万").content.decode()
    page = press(page, "add:instalments", p_band_steps_1_from="20", p_band_steps_1_amount="60万").content.decode()
    page = press(
        page,
        "add:instalments",
        p_instalments_0_share="60%",
        p_instalments_0_when_en="at once",
        p_instalments_0_when_zh="认定当年",
    ).content.decode()
    page = press(
        page,
        "check",
        p_instalments_1_share="40%",
        p_instalments_1_when_en="a year later",
        p_instalments_1_when_zh="次年复核后",
    ).content.decode()
    assert "People will read" in page
    assert press(page, "save").status_code == 302

    benefit = current(draft)["offers"][0]["benefit"]
    assert benefit["band"] == {
        "of": "employees",
        "steps": [{"from": 1, "amount": "20万"}, {"from": 20, "amount": "60万"}],
    }
    assert [one["share"] for one in benefit["instalments"]] == ["60%", "40%"]


def test_the_second_who_saves_the_same_part_is_told_and_keeps_what_was_typed(enter, draft, chen, xu):
    client, path = enter(chen), address("write_head", draft)
    mine = form_of(client, path)
    theirs = form_of(client, path)
    send(enter(xu), path, theirs, p_number="theirs", why="first")

    answer = send(enter(chen), path, mine, p_number="mine")

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "xu@example.com" in page
    assert 'value="mine"' in page
    assert current(draft)["number"] == "theirs"
    again = fields_of(page[page.index('<form method="post" id="part"') : page.rindex("</form>")])
    assert send(client, path, again).status_code == 302
    assert current(draft)["number"] == "mine"


def test_two_who_save_different_parts_are_both_kept(enter, draft, chen, xu):
    offer = draft.content["offers"][0]["offer"]
    client, head, window = enter(chen), address("write_head", draft), address("write_window", draft, offer)
    mine = form_of(client, head)
    send(enter(xu), window, form_of(client, window), p_kind="rolling")

    assert send(enter(chen), head, mine, p_number="7").status_code == 302
    assert (current(draft)["number"], current(draft)["offers"][0]["window"]["kind"]) == ("7", "rolling")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "=cmd()", "\u202eevil", "x" * 30_000, "a\x00b"])
def test_hostile_text_in_every_field_is_stored_or_refused_and_shown_as_text(enter, draft, chen, hostile):
    client = enter(chen)
    for path in pages(draft)[1:]:
        fields = form_of(client, path)
        for name in list(fields):
            if name.startswith("p-") and not name.endswith(("-was", "-shown")):
                fields[name] = hostile
        fields["act"] = "save"
        answer = client.post(path, fields)
        assert answer.status_code in (302, 400)
        page = client.get(path).content.decode() if answer.status_code == 302 else answer.content.decode()
        assert "<script>alert" not in page
        if answer.status_code == 400:
            assert "part-faults" in page


@pytest.mark.parametrize("base", ["{", "[" * 5000, '"' + "x" * 500_000 + '"', "1e999", "NaN"])
def test_a_page_that_was_tampered_with_breaks_nothing(enter, draft, chen, base):
    client, path = enter(chen), address("write_head", draft)
    fields = form_of(client, path)
    fields["base"] = base

    assert send(client, path, fields).status_code in (302, 400)


def test_offers_are_added_moved_copied_and_taken_out(enter, draft, chen):
    client, path = enter(chen), address("write_offers", draft)
    first = draft.content["offers"][0]["offer"]

    def keys():
        return [one["offer"] for one in current(draft)["offers"]]

    before = keys()
    assert (
        client.post(path, {"act": "add", "offer": "new-reward", "title_zh": "新奖励", "title_en": "New"}).status_code
        == 302
    )
    assert keys() == [*before, "new-reward"]
    client.post(path, {"act": "copy", "offer": first, "copy": "second-copy"})
    assert keys()[:2] == [first, "second-copy"]
    client.post(path, {"act": "down", "offer": first})
    assert keys()[:2] == ["second-copy", first]
    client.post(path, {"act": "drop", "offer": "second-copy"})
    assert keys() == [*before, "new-reward"]


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "add", "offer": "Bad Key"},
        {"act": "drop", "offer": "nobody"},
        {"act": "copy", "offer": "x", "copy": "y"},
    ],
)
def test_what_cannot_be_done_with_offers_is_said_and_changes_nothing(enter, draft, chen, sent):
    answer = enter(chen).post(address("write_offers", draft), sent, follow=True)

    assert "alert-danger" in answer.content.decode() or "alert-error" in answer.content.decode()
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


def test_pages_ask_the_database_a_few_questions_only(enter, draft, chen, django_assert_max_num_queries):
    client = enter(chen)
    for path in pages(draft):
        client.get(path)
        with django_assert_max_num_queries(22):
            client.get(path)


LIVE = {"hx-request": "true", "hx-target": "said"}


def live(client, path, **typed):
    fields = form_of(client, path)
    for name, value in typed.items():
        fields[name.replace("_", "-")] = value
    fields["act"] = "check"
    return client.post(path, fields, headers=LIVE)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("write_head", {"p_number": "昌科发〔2026〕7号"}, "昌科发〔2026〕7号"),
        ("write_offer", {"p_title_en": "A new reward"}, "A new reward: "),
        ("write_window", {"p_kind": "rolling", "p_opens": "", "p_closes": ""}, "all year"),
        ("write_stacking", {}, "not together with cp-mini/size"),
        ("write_benefit", {"p_cap": "5万"}, "at most CNY 50,000"),
    ],
)
def test_while_one_types_the_sentence_appears_and_nothing_is_saved(enter, draft, chen, name, typed, said):
    client = enter(chen)
    more = () if name == "write_head" else (draft.content["offers"][0]["offer"],)

    answer = live(client, address(name, draft, *more), **typed)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert "<form" not in page
    assert PolicyVersion.objects.get(pk=draft.pk).digest == draft.digest


def test_while_one_types_a_fault_names_its_input_and_leads_to_it(enter, draft, chen):
    offer = draft.content["offers"][0]["offer"]
    path = address("write_benefit", draft, offer)
    client = enter(chen)
    page = send(client, path, form_of(client, path), act="form", p_form="fixed").content.decode()
    fields = fields_of(page[page.index('<form method="post" id="part"') : page.rindex("</form>")])
    fields["p-fixed"], fields["act"] = "half a million", "check"

    page = client.post(path, fields, headers=LIVE).content.decode()

    assert '<a href="#p-fixed">Sum</a>' in page
    assert "Nothing can be said yet" in page


def test_the_page_of_the_benefit_shows_what_it_would_give(enter, draft, chen):
    offer = draft.content["offers"][0]["offer"]
    path, address_of_part = address("write_benefit", draft, offer), ("offers", offer, "benefit")
    part = {"rate": "30%", "of": "revenue_y1", "cap": 500_000, "years": 2}
    draft = actions.save_part(
        version=draft, path=address_of_part, part=part, by=chen, seen=part_digest(part_at(draft.content, address_of_part))
    )  # fmt: skip
    client = enter(chen)
    page = client.get(path).content.decode()

    assert "the ceiling of CNY 500,000: reached" in page
    assert "CNY 1,666,667" in page
    assert "CNY 500,000 a year" in page
    again = live(client, path, p_cap="60万").content.decode()
    assert 'id="examples"' in again
    assert "the ceiling of CNY 600,000: reached" in again
    client.cookies["django_language"] = "zh-hans"
    assert "50万元上限：刚达到" in client.get(path).content.decode()


def test_a_sentence_while_one_types_asks_the_database_a_few_questions_only(
    enter, draft, chen, django_assert_max_num_queries
):
    client = enter(chen)
    for path in pages(draft)[1:]:
        fields = form_of(client, path)
        fields["act"] = "check"
        with django_assert_max_num_queries(20):
            client.post(path, fields, headers=LIVE)


def sent_signed_out(client, path, fields, **typed):
    """What the browser does when the sign-in has run out meanwhile: it sends, and is asked to sign in."""
    client.logout()
    answer = send(client, path, fields, **typed)
    assert "/accounts/login/" in answer.url


def test_what_is_sent_signed_out_is_there_again_after_the_sign_in_and_not_saved_by_itself(enter, draft, chen):
    client, path = enter(chen), address("write_head", draft)
    sent_signed_out(client, path, form_of(client, path), p_number="昌科发〔2026〕7号", why="文号")
    enter(chen)

    page = client.get(path).content.decode()
    assert 'value="昌科发〔2026〕7号"' in page
    assert "not saved yet" in page
    assert current(draft)["number"] != "昌科发〔2026〕7号"
    assert send(client, path, form_of(client, path)).status_code == 302
    assert current(draft)["number"] == "昌科发〔2026〕7号"
    assert "not saved yet" not in client.get(path).content.decode()


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_by_it(enter, draft, chen, xu):
    client, path = enter(chen), address("write_head", draft)
    mine, theirs = form_of(client, path), form_of(client, path)
    sent_signed_out(client, path, mine, p_number="mine")
    part = {**part_at(draft.content, (HEAD,)), "number": "theirs"}
    actions.save_part(version=draft, path=(HEAD,), part=part, by=xu, seen=theirs["seen"])
    enter(chen)

    answer = send(client, path, form_of(client, path))

    assert answer.status_code == 409
    assert current(draft)["number"] == "theirs"


def test_another_curator_who_signs_in_sees_nothing_of_it(enter, draft, chen, xu):
    client, path = enter(chen), address("write_head", draft)
    sent_signed_out(client, path, form_of(client, path), p_number="secret-7")
    enter(xu)

    page = client.get(path).content.decode()
    assert "secret-7" not in page
    assert "not saved yet" not in page


def test_it_can_be_forgotten(enter, draft, chen):
    client, path = enter(chen), address("write_head", draft)
    sent_signed_out(client, path, form_of(client, path), p_number="nothing-7")
    enter(chen)

    assert client.post(reverse("desk:forget_sent")).url == path
    assert "nothing-7" not in client.get(path).content.decode()


@pytest.mark.parametrize("writer", ["", "1", "forged:mark"])
def test_nothing_is_kept_of_a_page_that_does_not_say_whose_it_was(enter, draft, chen, writer):
    client, path = enter(chen), address("write_head", draft)
    fields = form_of(client, path)
    fields["writer"] = writer

    sent_signed_out(client, path, fields, p_number="7")

    assert "sent_signed_out" not in client.session


def test_no_more_is_kept_than_a_page_can_hold(enter, draft, chen):
    client, path = enter(chen), address("write_head", draft)

    sent_signed_out(client, path, form_of(client, path), p_number="7" * 500_000)

    assert "sent_signed_out" not in client.session


def test_a_case_and_a_score_that_are_sent_signed_out_are_there_again_too(enter, draft, chen):
    client = enter(chen)
    new_case, new_score = address("write_case_new", draft), reverse("desk:score_new")
    for path, name in ((new_case, "case-name"), (new_score, "label_en")):
        fields = fields_of(client.get(path).content.decode())
        fields[name] = "Kept for me"
        client.logout()
        assert "/accounts/login/" in client.post(path, fields).url
        enter(chen)

        page = client.get(path).content.decode()
        assert 'value="Kept for me"' in page, path
        assert "not saved yet" in page, path
