"""Search over the catalogue in both languages: what is found, in which order."""

from __future__ import annotations

import pytest

from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.rules.book import read_rulebook
from policies.searching import WordIndex, offer_index, policy_index


@pytest.fixture(scope="module")
def book():
    return read_rulebook(read_catalogue_folder(CATALOGUE_DIR).to_snapshot(), 1)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("研发费用加计扣除政策", "cn-rd-super-deduction"),
        ("super deduction", "cn-rd-super-deduction"),
        ("首台套", "bj-first-set"),
        ("昌平区对机器人企业有什么支持", "cp-robot-park"),
        ("上市", "cp-listing-support"),
        ("synthetic bio", "bj-synbio-2024"),
        ("Ｒ＆Ｄ centre", "bj-foreign-rd-2023"),
        ("cp-synbio-2024", "cp-synbio-2024"),
        ("人才", "cp-talent-1-1-n"),
    ],
)
def test_the_policy_that_is_meant_comes_first(book, words, first):
    assert policy_index(book).find(words)[0] == first


@pytest.mark.parametrize("words", ["贴息", "loan interest"])
def test_offers_are_found_by_what_they_give(book, words):
    assert set(offer_index(book).find(words)[:2]) == {"bj-sme-2026/first-loan-interest", "bj-robot-2023/loan-interest"}


def test_an_offer_is_found_by_what_it_asks(book):
    assert "bj-sme-2026/first-loan-interest" in offer_index(book).find("首次贷款")


@pytest.mark.parametrize("words", ["", "   ", "!?", "💥", "zzzz", "\u200b", "之乎者也"])
def test_what_has_no_words_or_none_that_is_there_finds_nothing(book, words):
    assert policy_index(book).find(words) == []


def index(**documents: str) -> WordIndex:
    return WordIndex({key: [(8.0, words)] for key, words in documents.items()})


def test_a_short_question_needs_all_its_words():
    found = index(both="robot park", one="robot", other="park")

    assert found.find("robot park") == ["both"]


def test_of_a_sentence_half_is_enough_and_more_is_better():
    found = index(half="support for rent in robot parks", most="robot company rent support in changping", none="talent")

    assert found.find("which support for rent has a robot company in changping") == ["most", "half"]


def test_singular_plural_case_width_and_beginnings_do_not_matter():
    found = index(a="Robots", b="policies", c="合成生物")

    assert [found.find(words) for words in ("ROBOT", "ｒｏｂ", "policy", "生物")] == [["a"], ["a"], ["b"], ["c"]]


def test_a_single_chinese_character_is_found_inside_words():
    assert index(a="税收优惠", b="人才").find("税") == ["a"]


def test_the_whole_title_beats_scattered_words():
    assert index(a="生产 合成 生物 成生", b="合成生物").find("合成生物")[0] == "b"


def test_equally_good_ones_keep_their_order():
    assert index(b="rent", a="rent").find("rent") == ["b", "a"]


def test_a_very_long_question_takes_no_longer_than_a_short_one(book):
    assert policy_index(book).find("机器人企业" * 2_000) == policy_index(book).find("机器人企业" * 13)
