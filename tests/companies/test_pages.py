"""The pages of companies: who may open them, and the profile form with good and bad input."""

import pytest
from django.urls import reverse

from companies import actions
from companies.facts import Certificate
from companies.models import Company, FactRecord, ProfileDraft, SectionRecord


def section_page(company, section="finance"):
    return reverse("companies:section", args=[company.public_id, section])


def latest(company, vocabulary):
    return company.latest_version.profile(vocabulary)


PAGES = ["companies:detail", "companies:profile", "section"]


def address(page, company):
    return section_page(company) if page == "section" else reverse(page, args=[company.public_id])


@pytest.mark.parametrize("page", PAGES)
def test_members_open_every_page(client, stored, company, lin, wei, ran, page):
    for member in (lin, wei, ran):
        client.force_login(member)
        assert client.get(address(page, company), follow=True).status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "companies:members"])
def test_a_stranger_gets_the_same_answer_as_for_a_company_that_does_not_exist(client, stored, company, zhou, page):
    client.force_login(zhou)
    foreign = client.post if page == "companies:members" else client.get
    seen = foreign(address(page, company))
    missing = Company(name="nobody")
    unseen = foreign(address(page, missing))

    assert seen.status_code == unseen.status_code == 404
    said = [
        answer.content.decode().replace(str(one.public_id), "") for answer, one in ((seen, company), (unseen, missing))
    ]
    assert "Qinghe" not in said[0]


def test_a_stranger_cannot_save(client, stored, company, zhou):
    client.force_login(zhou)

    assert client.post(section_page(company), {"employees": "5"}).status_code == 404
    assert company.latest_version is None


@pytest.mark.parametrize("page", PAGES)
def test_somebody_not_signed_in_is_sent_to_sign_in(client, stored, company, page):
    answer = client.get(address(page, company))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_a_reader_reads_and_cannot_save(client, stored, company, ran):
    client.force_login(ran)

    assert "You may read this profile" in client.get(section_page(company)).content.decode()
    assert client.post(section_page(company), {"employees": "5"}).status_code == 403


def test_the_list_leads_a_newcomer_to_a_new_company(client, zhou):
    client.force_login(zhou)

    assert client.get(reverse("companies:list")).url == reverse("companies:new")


def test_the_list_shows_own_companies_only(client, company, lin, zhou):
    actions.found_company(name="Zhou Robotics", by=zhou)
    client.force_login(lin)

    page = client.get(reverse("companies:list")).content.decode()

    assert "Qinghe Biotech" in page
    assert "Zhou Robotics" not in page


def test_a_new_company_leads_to_its_profile(client, stored, zhou):
    client.force_login(zhou)

    answer = client.post(reverse("companies:new"), {"name": "清河生物", "founded": "no"}, follow=True)

    company = Company.objects.get(name="清河生物")
    assert answer.redirect_chain[-1][0] == section_page(company, "basics")
    assert not company.founded


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "founded": "yes"}, "required"),
        ({"name": "a\x00b", "founded": "yes"}, "control character"),
        ({"name": "a\u202eb", "founded": "yes"}, "reading direction"),
        ({"name": "a" * 201, "founded": "yes"}, "at most 200"),
        ({"name": "a", "founded": "yes", "uscc": "123"}, "not a valid unified social credit code"),
        ({"name": "a", "founded": "no", "uscc": "91110000600037341L"}, "no code yet"),
    ],
)
def test_a_bad_new_company_is_explained_next_to_the_field(client, zhou, typed, said):
    client.force_login(zhou)

    answer = client.post(reverse("companies:new"), typed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Company.objects.exists()


def test_names_may_have_emoji_and_be_written_from_the_right(client, stored, zhou):
    client.force_login(zhou)
    client.post(reverse("companies:new"), {"name": "شركة 🚀", "founded": "yes"})

    assert Company.objects.get().name == "شركة 🚀"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("revenue_y1", "9" * 5_000_000, "characters long"),
        ("employees", "-5", "at least 0"),
        ("revenue_y1", "1e30", "too large"),
        ("employees", "😀", "is not a number"),
        ("employees", "مرحبا", "is not a number"),
        ("employees", "5\x00", "control character"),
        ("employees", "\u202e5", "reading direction"),
        ("market_share", "500%", "at most 100 %"),
    ],
)
def test_bad_input_is_explained_and_good_input_is_kept(client, stored, company, lin, field, typed, said):
    client.force_login(lin)

    answer = client.post(section_page(company), {"score": "60", field: typed}, follow=True)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert f'href="#fact-{field}"' in page
    assert f'id="fact-{field}-error"' in page
    assert 'role="alert"' in page
    assert set(company.latest_version.answers) == {"score"}
    kept = ProfileDraft.objects.get(company=company).typed[field]["typed"]
    assert kept[:20] == typed[:20].replace("\0", "␀")


def test_a_day_in_1800_is_explained_in_chinese(client, stored, company, lin):
    client.force_login(lin)
    client.cookies["django_language"] = "zh-hans"

    page = client.post(section_page(company, "basics"), {"founding_day": "1800-01-01"}, follow=True).content.decode()

    assert "请填写 1900 年至 2200 年之间的日期" in page
    assert 'value="1800-01-01"' in page


def test_what_was_typed_wrong_stays_until_it_is_put_right(client, stored, company, lin):
    client.force_login(lin)
    client.post(section_page(company), {"employees": "many"})

    assert 'value="many"' in client.get(section_page(company)).content.decode()

    client.post(section_page(company), {"employees": "25"})

    page = client.get(section_page(company)).content.decode()
    assert 'value="25"' in page
    assert "error-summary" not in page
    assert not ProfileDraft.objects.exists()


def test_answers_in_chinese_are_read_and_shown_back(client, stored, company, lin):
    client.force_login(lin)

    page = client.post(
        section_page(company), {"revenue_y1": "2000万", "market_share": "５％"}, follow=True
    ).content.decode()

    assert "CNY 20 million" in page
    assert "5 %" in page
    assert 'value="20000000"' in page


def test_every_kind_can_be_answered(client, stored, company, lin):
    client.force_login(lin)
    client.post(
        section_page(company, "basics"),
        {
            "listed": "no",
            "founding_day": "2024年3月12日",
            "legal_form": "enterprise",
            "sectors": ["health", "energy"],
            "certificates-0-kind": "hnte",
            "certificates-0-issued": "2024-01-01",
            "certificates-0-expires": "",
            "certificates-0-number": "GR2024",
            "certificates-1-kind": "",
        },
    )

    profile = latest(company, stored)
    assert len(profile) == 5
    (certificate,) = profile.value("certificates")
    assert isinstance(certificate, Certificate)
    assert certificate.number == "GR2024"
    assert client.get(section_page(company, "basics")).content.decode().count("checked") == 4


def test_none_of_these_is_an_answer_and_nothing_ticked_is_not(client, stored, company, lin):
    client.force_login(lin)
    client.post(
        section_page(company, "basics"),
        {"fields": "sectors certificates", "sectors": "__none__", "certificates-none": "1"},
    )

    assert latest(company, stored).value("sectors") == frozenset()
    assert latest(company, stored).value("certificates") == frozenset()

    client.post(section_page(company, "basics"), {"fields": "sectors certificates"})

    assert len(latest(company, stored)) == 0


@pytest.mark.parametrize(
    "typed",
    [
        {"sectors": ["health", "__none__"]},
        {"certificates-0-kind": "hnte", "certificates-none": "1"},
        {"certificates-0-kind": "hnte", "certificates-1-kind": "hnte"},
        {"certificates-0-kind": "", "certificates-0-number": "GR2024"},
    ],
)
def test_a_choice_that_contradicts_itself_is_kept_and_explained(client, stored, company, lin, typed):
    client.force_login(lin)

    page = client.post(section_page(company, "basics"), {"listed": "yes", **typed}, follow=True).content.decode()

    assert "error-summary" in page
    assert set(company.latest_version.answers) == {"listed"}
    assert ("checked" in page) or ("GR2024" in page) or ("selected" in page)


def test_a_document_makes_an_answer_stronger(client, stored, company, lin):
    client.force_login(lin)
    client.post(section_page(company), {"employees": "25", "employees-document": "1"})

    assert company.latest_version.answers["employees"]["source"] == "document"

    client.post(section_page(company), {"employees": "25", "employees-document-was": "1"})

    assert company.latest_version.answers["employees"]["source"] == "self_declared"


def test_a_colleagues_change_is_merged_and_said(client, stored, company, lin, wei):
    actions.save_answers(company=company, answers={"employees": 25}, by=wei, vocabulary=stored)
    client.force_login(lin)

    page = client.post(
        section_page(company), {"fields": "employees score", "opened_on": "0", "score": "60"}, follow=True
    ).content.decode()

    assert "Somebody else saved other answers" in page
    assert set(company.latest_version.answers) == {"employees", "score"}


def test_a_row_added_by_a_curator_is_in_the_form_at_once(client, stored, company, lin):
    FactRecord.objects.create(
        name="robots", section=SectionRecord.objects.get(key="finance"), position=99, kind="whole",
        label_en="Robots in use", label_zh="机器人数量",
        definition={"question": {"en": "How many robots work here?", "zh": "有多少台机器人？"}, "effort": "quick"},
    )  # fmt: skip
    client.force_login(lin)

    assert "How many robots work here?" in client.get(section_page(company)).content.decode()

    client.post(section_page(company), {"robots": "3"})

    assert company.latest_version.answers["robots"]["value"] == 3


def test_save_and_go_on_leads_to_the_next_section(client, stored, company, lin):
    client.force_login(lin)

    assert client.post(section_page(company, "basics"), {"next": "1"}).url == section_page(company)
    assert client.post(section_page(company), {"next": "1"}).url == company.get_absolute_url()
    assert client.get(section_page(company, "nowhere")).status_code == 404


@pytest.mark.parametrize(("page", "queries"), [("companies:detail", 10), ("section", 7)])
def test_pages_ask_the_database_as_little_as_this(
    client, stored, company, lin, wei, page, queries, django_assert_num_queries
):
    actions.save_answers(company=company, answers={"employees": 25}, by=lin, vocabulary=stored)
    client.force_login(lin)

    with django_assert_num_queries(queries):
        client.get(address(page, company))


def test_the_list_of_companies_takes_as_many_queries_for_many_as_for_one(client, lin, django_assert_num_queries):
    for name in ("One", "Two", "Three"):
        actions.found_company(name=name, by=lin)
    client.force_login(lin)

    with django_assert_num_queries(4):
        assert b"Three" in client.get(reverse("companies:list")).content


def test_a_person_signs_up_by_e_mail_and_starts_a_company(client, db):
    typed = {"email": "new@example.com", "password1": "a long pass phrase", "password2": "a long pass phrase"}

    answer = client.post(reverse("account_signup"), typed)

    assert answer.status_code == 302
    assert client.get(answer.url).url == reverse("companies:new")


def test_the_administration_shows_no_figures(admin_client, stored, company, lin):
    actions.save_answers(company=company, answers={"revenue_y1": "76543210"}, by=lin, vocabulary=stored)

    for model, pk in (("company", company.pk), ("user", lin.pk), ("factrecord", FactRecord.objects.first().pk),
                      ("sectionrecord", SectionRecord.objects.first().pk)):  # fmt: skip
        listed = admin_client.get(reverse(f"admin:companies_{model}_changelist"))
        opened = admin_client.get(reverse(f"admin:companies_{model}_change", args=[pk]))
        assert (listed.status_code, opened.status_code) == (200, 200)
        assert "76543210" not in listed.content.decode() + opened.content.decode()


@pytest.mark.parametrize(("language", "paper"), [("en", "Social insurance list"), ("zh-hans", "社保缴纳名单")])
def test_the_papers_that_show_a_fact_are_named_beside_it(client, stored, company, lin, language, paper):
    client.force_login(lin)

    page = client.get(section_page(company), headers={"accept-language": language}).content.decode()

    assert f"({paper})" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "reason"), [("en", "at least 10 characters"), ("zh-hans", "请至少使用 10 个字符")]
)
def test_a_short_password_is_refused_in_the_language_of_the_page(client, language, reason):
    sent = {"email": "kai@example.com", "password1": "Xq7!pw", "password2": "Xq7!pw"}

    answer = client.post(reverse("account_signup"), sent, headers={"accept-language": language})

    assert reason in answer.content.decode()


def signed_out_post(client, company, **typed):
    """What the browser does when the sign-in has run out: it sends, is asked to sign in, and comes back."""
    return client.post(section_page(company), {"fields": "employees revenue_y1 listed", "opened_on": "0", **typed})


def test_what_is_sent_after_the_sign_in_has_run_out_is_shown_again_and_not_saved_by_itself(
    client, stored, company, lin
):
    sent = signed_out_post(client, company, employees="25", revenue_y1="1e30")
    assert sent.status_code == 302
    assert "next=" in sent["Location"]
    client.post(reverse("account_login"), {"login": lin.email, "password": "a long pass phrase"})
    page = client.get(section_page(company)).content.decode()

    assert 'value="25"' in page
    assert 'value="1e30"' in page
    assert "not saved yet" in page
    assert company.latest_version is None


def test_once_saved_what_was_sent_signed_out_is_forgotten(client, stored, company, lin):
    signed_out_post(client, company, employees="25")
    client.post(reverse("account_login"), {"login": lin.email, "password": "a long pass phrase"})
    client.post(section_page(company), {"fields": "employees", "employees": "26"})
    page = client.get(section_page(company)).content.decode()

    assert "not saved yet" not in page
    assert latest(company, stored).value("employees") == 26


def test_somebody_else_who_signs_in_sees_nothing_of_what_was_sent(client, stored, company, zhou):
    signed_out_post(client, company, employees="25")
    client.post(reverse("account_login"), {"login": zhou.email, "password": "a long pass phrase"})

    assert client.get(section_page(company)).status_code == 404


def test_more_than_a_form_can_hold_is_not_kept_for_strangers(client, stored, company):
    signed_out_post(client, company, employees="2" * 200_000)

    assert "sent_signed_out" not in client.session
