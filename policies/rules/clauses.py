"""Clauses as they are cited in English in the catalogue (“Art. 6(2)”, “annex”), said in both languages."""

import re

from companies.facts import Text

# Numbered parts: the number goes where Chinese puts it.
_NUMBERED = (
    (re.compile(r"\bArt\. ?(\d+)", re.IGNORECASE), r"第\1条"),
    (re.compile(r"\bitems? ?(\d+)", re.IGNORECASE), r"第\1项"),
    (re.compile(r"\bmeasures? ?(\d+)", re.IGNORECASE), r"措施\1"),
    (re.compile(r"\bdirections? ?(\d+)", re.IGNORECASE), r"方向\1"),
    (re.compile(r"\bactions? ?(\d+)", re.IGNORECASE), r"行动\1"),
    (re.compile(r"\b(\d{4}) rules ?", re.IGNORECASE), r"\1年细则"),
)
_WORDS = {
    "implementation principle": "实施原则", "promote innovation": "促进创新", "fast conversion": "加快转化",
    "interpretation": "政策解读", "preamble": "引言", "annex": "附件", "scope": "适用范围", "title": "标题", "veto": "否决情形",
}  # fmt: skip
_WORD = re.compile(r"\b(?:" + "|".join(_WORDS) + r")\b", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z]{2,}")
_ROMAN = re.compile(r"[IVX]+")


def say_clause(clause: str | None) -> Text | None:
    """The clause in both languages; numbers and Chinese names stay as they are."""
    if clause is None:
        return None
    zh = clause
    for pattern, said in _NUMBERED:
        zh = pattern.sub(said, zh)
    zh = _WORD.sub(lambda found: _WORDS[found.group().lower()], zh)
    return Text(clause, re.sub(r" and ", "与", zh))


def unsaid_words(clause: str) -> list[str]:
    """The English words of the clause that have no Chinese here."""
    said = say_clause(clause)
    words = _LATIN.findall(said.zh) if said else []
    return [word for word in words if not _ROMAN.fullmatch(word)]
