"""What the parts of a draft say to readers, in sentences of both languages, as far as they can be read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companies.facts import Text, Vocabulary
from policies.rules import say_clause
from policies.rules.differences.words import Words, text_of, word_of
from policies.rules.numerals import joined
from policies.rules.reading import Reading
from policies.rules.stacking import read_stacking


def say_document(part: Any, words: Words) -> list[Text]:
    """The document: its name with issuer, number and day; whether it is in force; for whom and where."""
    plain = part if isinstance(part, Mapping) else {}
    title = _text(plain.get("title"))
    if title is None:
        return []
    level = words.label("levels", plain.get("level")) if plain.get("level") else None
    about = [_text(plain.get("issuer")), level, _word(plain.get("number")), _word(plain.get("issued"))]
    span = plain.get("effective") if isinstance(plain.get("effective"), Mapping) else {}
    begins, ends = (_word(span.get(name)) for name in ("from", "to"))
    force = [
        word_of(plain.get("status")),
        begins and Text(f"from {begins.en}", f"{begins.zh}起"),
        ends and Text(f"until {ends.en}", f"至{ends.zh}"),
    ]
    place = words.label("pillars", plain.get("pillar")) if plain.get("pillar") else None
    reach = [word_of(plain.get("beneficiary")), *_labels(words, "zones", plain), *_labels(words, "goals", plain), place]
    return [
        _sentence(Text(f"{title.en}: ", f"《{title.zh}》："), about) or title,
        *filter(None, (_sentence(Text("Validity: ", "效力："), force), _sentence(Text("For ", "适用于："), reach))),
    ]


def say_offer(part: Any, words: Words) -> list[Text]:
    """The offer: its title, what kind of support it is, by which clause; and the papers to hand in."""
    plain = part if isinstance(part, Mapping) else {}
    title = _text(plain.get("title"))
    if title is None:
        return []
    kind = words.label("benefit_kinds", plain.get("kind")) if plain.get("kind") else None
    clause = say_clause(plain["clause"]) if isinstance(plain.get("clause"), str) else None
    papers = _sentence(Text("Papers: ", "申报材料："), _labels(words, "papers", plain))
    return [_sentence(Text(f"{title.en}: ", f"{title.zh}："), [kind, clause]) or title, *filter(None, [papers])]


def say_stacking(part: Any, words: Words, vocabulary: Vocabulary) -> list[Text]:
    """Each rule in a sentence, also that one cannot be read yet; that there is none is one too."""
    said = [_rule(at, rule, words, vocabulary) for at, rule in enumerate(part if isinstance(part, list) else [], 1)]
    return said or [Text("It goes together with every other offer.", "可与其他任何事项同时享受。")]


def _rule(number: int, plain: Any, words: Words, vocabulary: Vocabulary) -> Text:
    reading = Reading(vocabulary)
    if read_stacking(plain, (), reading) is None or reading.faults:
        return Text(f"Rule {number} is not finished yet.", f"第 {number} 条规则尚未写完。")
    return words.stacking(plain)


def _text(plain: Any) -> Text | None:
    said = text_of(plain)
    if said is None or not (said.en.strip() or said.zh.strip()):
        return None
    return Text(said.en.strip() or said.zh.strip(), said.zh.strip() or said.en.strip())


def _word(plain: Any) -> Text | None:
    return Text(str(plain), str(plain)) if plain not in (None, "") else None


def _labels(words: Words, name: str, plain: Mapping[str, Any]) -> list[Text]:
    # The papers of an offer are a list of the same name, so are zones and goals.
    return list(words.labels(name, plain.get(name)).values())


def _sentence(begin: Text, parts: list[Text | None]) -> Text | None:
    said = [part for part in parts if part is not None]
    if not said:
        return None
    listed = joined(said, ", ", "，")
    return Text(f"{begin.en}{listed.en}.", f"{begin.zh}{listed.zh}。")
