"""Profiles, and the vocabulary they are read with."""

import copy
import pickle
import subprocess
import sys

import pytest

from companies.facts import UNKNOWN, Source, read_profile, read_vocabulary
from tests.companies.vocabulary import LISTS, PLAIN, small_vocabulary

VOCABULARY = small_vocabulary()


def test_good_answers_are_kept_beside_bad_ones():
    profile, faults = read_profile(VOCABULARY, {"员工数": 25, "revenue_y1": "1e30", "Emploees": 3, "listed": None})

    assert profile.value("employees") == 25
    assert profile.value("revenue_y1") is UNKNOWN
    assert profile.value("listed") is UNKNOWN
    assert [fault.name for fault in faults] == ["revenue_y1", "Emploees"]
    assert "Did you mean “employees”?" in faults[1].message.en


def test_an_answer_carries_its_source_and_day():
    plain = {"employees": {"value": 25, "source": "document", "on": "2026-01-01"}}
    profile, faults = read_profile(VOCABULARY, plain)

    assert not faults
    assert profile.get("employees").source is Source.DOCUMENT
    assert profile.to_plain(VOCABULARY) == plain


@pytest.mark.parametrize(
    ("plain", "code"),
    [
        ({"employees": {"value": 1, "source": "gossip"}}, "unknown_source"),
        ({"employees": {"value": 1, "sauce": "document"}}, "unknown_part"),
        ({"revenue_per_head": 5}, "derived_fact"),
        ({"employees": 1, "员工数": 2}, "said_twice"),
        ({5: 5}, "unknown_fact"),
        (["employees"], "not_a_profile"),
    ],
)
def test_a_profile_at_fault_says_so(plain, code):
    _profile, faults = read_profile(VOCABULARY, plain)

    assert [fault.code for fault in faults] == [code]


def test_the_digest_depends_on_answers_not_on_their_order():
    one, _ = read_profile(VOCABULARY, {"employees": 25, "revenue_y1": "2000万"})
    two, _ = read_profile(VOCABULARY, {"收入": 20_000_000, "员工数": "25人"})

    assert one.digest(VOCABULARY) == two.digest(VOCABULARY)
    assert one.digest(VOCABULARY) != one.with_values(employees=26).digest(VOCABULARY)
    assert pickle.loads(pickle.dumps(one)).digest(VOCABULARY) == one.digest(VOCABULARY)
    assert one.without("employees").value("employees") is UNKNOWN


def test_writing_a_vocabulary_and_reading_it_gives_the_same():
    again, faults = read_vocabulary(VOCABULARY.to_plain(), LISTS)

    assert not faults
    assert again == VOCABULARY
    assert again.to_plain() == VOCABULARY.to_plain()
    assert list(again.to_plain()) == ["10-basics", "30-finance"]


def test_a_fact_is_found_by_any_of_its_words():
    assert {VOCABULARY.resolve(word).name for word in ("revenue_y1", "REVENUE", "营业收入", " 收入 ")} == {"revenue_y1"}
    assert VOCABULARY.resolve("profit of nobody") is None
    assert [fact.name for fact in VOCABULARY.derived] == ["revenue_per_head"]


def _broken(change):
    plain = copy.deepcopy(PLAIN)
    change(plain["30-finance"]["facts"])
    return plain


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda facts: facts[0].update(kind="hole"), "unknown_kind"),
        (lambda facts: facts[0].update(label={"en": "Employees"}), "missing_language"),
        (lambda facts: facts[0].update(question={"en": "How many?"}), "missing_language"),
        (lambda facts: facts[0].pop("question"), "not_asked"),
        (lambda facts: facts[0].update(minimun=0), "unknown_key"),
        (lambda facts: facts[0].update(effort="hard"), "unknown_effort"),
        (lambda facts: facts[0].update(period="y9"), "unknown_period"),
        (lambda facts: facts[0].update(fact="Employees"), "bad_name"),
        (lambda facts: facts[1].update(fact="employees"), "duplicate_fact"),
        (lambda facts: facts[1].update(aliases=["员工数"]), "word_said_twice"),
        (lambda facts: facts[4].update(minimum=200), "bounds_contradict"),
        (lambda facts: facts[4].update(minimum="much"), "bad_bound"),
        (lambda facts: facts[4].update(choices=[]), "choices_not_asked"),
        (lambda facts: facts[4].update(kind="one_of"), "no_choices"),
        (lambda facts: facts[4].update(kind="one_of", choices={"from": "sektors"}), "unknown_list"),
        (lambda facts: facts[4].update(aliases="points"), "not_a_list"),
        (lambda facts: facts.append("fact"), "not_a_fact"),
    ],
)
def test_a_vocabulary_at_fault_says_where(change, code):
    _vocabulary, faults = read_vocabulary(_broken(change), LISTS)

    assert code in [fault.code for fault in faults]
    assert all(fault.path[0] == "30-finance" and fault.message.zh for fault in faults)


def test_facts_are_pure_python():
    code = "import sys; sys.modules['django'] = None; import companies.facts"

    subprocess.run([sys.executable, "-c", code], check=True)
