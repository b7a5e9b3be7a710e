"""Founding companies, saving answers, and keeping the vocabulary as rows."""

import pytest
from django.core.exceptions import ValidationError

from companies import actions
from companies.facts import UNKNOWN, Source
from companies.models import AppendOnly, Company, FactRecord, Membership, ProfileVersion, Role, SectionRecord

VALID_USCC = "91110000600037341L"


def save(company, by, vocabulary, answers, **more):
    return actions.save_answers(company=company, answers=answers, by=by, vocabulary=vocabulary, **more)


def test_the_founder_owns_the_company(company, lin):
    assert Membership.objects.get(company=company, user=lin).role == Role.OWNER
    assert company.latest_version is None


@pytest.mark.parametrize("uscc", [VALID_USCC, None, ""])
def test_a_company_may_have_a_valid_code_or_none(lin, uscc):
    assert actions.found_company(name="Qinghe", by=lin, uscc=uscc).uscc == (uscc or None)


@pytest.mark.parametrize("uscc", ["91110000600037341M", "123", "9111000060003734IL"])
def test_a_wrong_code_is_refused(lin, uscc):
    with pytest.raises(ValidationError, match="social credit code"):
        actions.found_company(name="Qinghe", by=lin, uscc=uscc)


def test_a_company_to_be_founded_has_no_code(lin):
    with pytest.raises(ValidationError):
        actions.found_company(name="Qinghe", by=lin, founded=False, uscc=VALID_USCC)

    assert actions.found_company(name="Qinghe", by=lin, founded=False).uscc is None


def test_the_public_id_is_not_for_clients_to_choose():
    assert Company._meta.get_field("public_id").editable is False


def test_good_answers_make_a_version_and_bad_ones_are_reported(company, lin, vocabulary):
    saved = save(company, lin, vocabulary, {"employees": "25", "revenue_y1": "1e30"})

    assert saved.version.number == 1
    assert saved.version.answers == {"employees": {"value": 25, "source": "self_declared"}}
    assert [fault.name for fault in saved.faults] == ["revenue_y1"]


def test_saving_the_same_again_makes_no_version(company, lin, vocabulary):
    save(company, lin, vocabulary, {"employees": "25"})
    saved = save(company, lin, vocabulary, {"employees": "25人", "revenue_y1": ""})

    assert saved.version.number == 1


def test_blank_makes_a_fact_unknown_again_under_any_of_its_names(company, lin, vocabulary):
    save(company, lin, vocabulary, {"员工数": "25", "listed": "no"})
    saved = save(company, lin, vocabulary, {"员工数": ""})

    profile = saved.version.profile(vocabulary)
    assert profile.value("employees") is UNKNOWN
    assert profile.value("listed") is False


def test_zero_no_and_none_are_answers(company, lin, vocabulary):
    saved = save(company, lin, vocabulary, {"employees": "0", "listed": "no", "sectors": []})

    profile = saved.version.profile(vocabulary)
    assert (profile.value("employees"), profile.value("listed"), profile.value("sectors")) == (0, False, frozenset())


def test_two_people_editing_keep_each_others_answers(company, lin, wei, vocabulary):
    save(company, lin, vocabulary, {"employees": "25", "listed": "no"})
    save(company, wei, vocabulary, {"employees": "30", "listed": "no"}, opened_on=1)

    saved = save(company, lin, vocabulary, {"employees": "25", "listed": "yes"}, opened_on=1)

    profile = saved.version.profile(vocabulary)
    assert (profile.value("employees"), profile.value("listed")) == (30, True)
    assert saved.merged
    assert saved.changed_meanwhile == ()


def test_the_later_answer_to_the_same_question_is_kept_and_said(company, lin, wei, vocabulary):
    save(company, lin, vocabulary, {"employees": "25"})
    save(company, wei, vocabulary, {"employees": "30"}, opened_on=1)

    saved = save(company, lin, vocabulary, {"employees": "28"}, opened_on=1)

    assert saved.version.profile(vocabulary).value("employees") == 28
    assert saved.changed_meanwhile == ("employees",)


def test_both_starting_from_nothing_are_merged_too(company, lin, wei, vocabulary):
    save(company, wei, vocabulary, {"employees": "30"}, opened_on=0)

    saved = save(company, lin, vocabulary, {"employees": "", "listed": "yes"}, opened_on=0)

    assert saved.version.profile(vocabulary).value("employees") == 30


def test_repeating_a_value_keeps_its_better_source(company, lin, vocabulary):
    save(company, lin, vocabulary, {"employees": {"value": 25, "source": "document"}})
    save(company, lin, vocabulary, {"employees": "25"})

    assert company.latest_version.profile(vocabulary).get("employees").source is Source.DOCUMENT

    save(company, lin, vocabulary, {"employees": {"value": 25, "source": "self_declared"}})

    assert company.latest_version.profile(vocabulary).get("employees").source is Source.SELF


def test_a_profile_version_never_changes(company, lin, vocabulary):
    version = save(company, lin, vocabulary, {"employees": "25"}).version

    version.answers = {}
    with pytest.raises(AppendOnly):
        version.save()
    with pytest.raises(AppendOnly):
        version.delete()
    with pytest.raises(AppendOnly):
        ProfileVersion.objects.update(answers={})
    with pytest.raises(AppendOnly):
        ProfileVersion.objects.all().delete()


def test_answers_to_a_fact_that_left_the_vocabulary_are_kept(company, lin, vocabulary):
    save(company, lin, vocabulary, {"employees": "25"})
    company.profile_versions.model(
        company=company, number=2, answers={"old_fact": {"value": 1, "source": "self_declared"}}, digest="x"
    ).save()

    saved = save(company, lin, vocabulary, {"listed": "yes"})

    assert set(saved.version.answers) == {"old_fact", "listed"}


@pytest.mark.django_db
def test_the_vocabulary_as_rows_is_the_same_vocabulary(vocabulary):
    first = actions.store_vocabulary(vocabulary=vocabulary, by=None)
    again = actions.store_vocabulary(vocabulary=vocabulary, by=None)

    assert len(first["added"]) == len(vocabulary)
    assert again == {"added": [], "changed": [], "removed": []}
    assert FactRecord.objects.vocabulary() == vocabulary
    assert FactRecord.objects.vocabulary().to_plain() == vocabulary.to_plain()


def test_reading_the_vocabulary_takes_two_queries(stored, django_assert_num_queries):
    with django_assert_num_queries(2):
        FactRecord.objects.vocabulary()


def test_the_vocabulary_is_the_same_object_until_a_row_says_something_else(stored):
    before = FactRecord.objects.vocabulary()
    assert FactRecord.objects.vocabulary() is before

    FactRecord.objects.filter(name="listed").update(label_en="On an exchange")

    after = FactRecord.objects.vocabulary()
    assert after.get("listed").label.en == "On an exchange"


def test_a_bad_row_is_refused_in_the_administration(stored):
    section = SectionRecord.objects.get(key="basics")
    row = FactRecord(name="pets", section=section, kind="whole", label_en="Pets", label_zh="宠物", definition={})

    with pytest.raises(ValidationError, match="question"):
        row.full_clean()

    row.definition = {"question": {"en": "How many?", "zh": "几只？"}, "effort": "quick", "aliases": ["员工数"]}
    with pytest.raises(ValidationError, match="already names the fact employees"):
        row.full_clean()


def test_a_bad_row_does_not_take_the_others_away(stored):
    FactRecord.objects.filter(name="listed").update(kind="hole")

    vocabulary = FactRecord.objects.vocabulary()

    assert "listed" not in vocabulary
    assert "employees" in vocabulary


def _section(company, by, vocabulary, *, answers, unread, seen):
    actions.save_section(
        company=company, section="basics", answers=answers, unread=unread, by=by, vocabulary=vocabulary, draft_seen=seen
    )
    draft = company.drafts.filter(section="basics").first()
    return draft.typed if draft else {}


def test_two_people_s_unreadable_answers_are_both_kept(company, lin, wei, vocabulary):
    of_lin = {"employees": {"typed": "many"}}
    of_wei = {"revenue_y1": {"typed": "lots"}}
    _section(company, lin, vocabulary, answers={}, unread=of_lin, seen="")

    kept = _section(company, wei, vocabulary, answers={"employees": None}, unread=of_wei, seen="")

    assert kept == {**of_lin, **of_wei}


def test_a_draft_that_the_form_showed_goes_when_its_field_is_mended_or_emptied(company, lin, vocabulary):
    _section(company, lin, vocabulary, answers={}, unread={"employees": {"typed": "many"}}, seen="")
    seen = company.drafts.get().mark

    assert _section(company, lin, vocabulary, answers={"employees": None}, unread={}, seen=seen) == {}
