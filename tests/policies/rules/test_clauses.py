"""Clauses are cited once and said in both languages."""

import pytest

from policies.rules import say_clause, unsaid_words


@pytest.mark.parametrize(
    ("clause", "zh"),
    [
        ("Art. 6(2)", "第6条(2)"),
        ("2013 rules Art. 3", "2013年细则第3条"),
        ("title and scope", "标题与适用范围"),
        ("measure 1", "措施1"),
        ("Directions 1-2", "方向1-2"),
        ("I.3", "I.3"),
        ("财税〔2015〕119号", "财税〔2015〕119号"),
    ],
)
def test_a_clause_is_said_in_chinese(clause, zh):
    assert say_clause(clause).zh == zh
    assert unsaid_words(clause) == []


def test_words_without_chinese_are_named():
    assert unsaid_words("third article") == ["third", "article"]
    assert say_clause(None) is None
