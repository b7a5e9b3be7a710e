"""What each column of a table is about: the company's number, its name, or a fact by any of its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from companies.facts import Fact, Text, Vocabulary, folded, nearest, quoted
from matching.batches.faults import BatchFault

MOST_COLUMNS = 2_000
"""Columns that a table may have: more than ten times the facts there are."""

IDENTITY = {
    "id": ("id", "company id", "company_id", "编号", "企业编号", "企业id"),
    "uscc": (
        "uscc",
        "social credit code",
        "unified social credit code",
        "统一社会信用代码",
        "社会信用代码",
        "信用代码",
    ),
    "name": ("name", "company", "company name", "company_name", "企业名称", "公司名称", "单位名称", "名称"),
}
"""Words for the columns that say who a company is; everything else is a fact."""
_IDENTITY_OF = {folded(word): part for part, words in IDENTITY.items() for word in words}


@dataclass(frozen=True, slots=True)
class Header:
    """A column as the file calls it: part of the company's identity, a fact, or (both None) left out.

    `learned` is the fact that only today's vocabulary calls so; it is left out unless the release has it by other words.
    """

    word: str
    identity: str | None = None
    fact: Fact | None = None
    learned: str | None = None


def words_learned(release: Vocabulary, today: Vocabulary) -> dict[str, str]:
    """What facts are called today and were not when the release was made: folded words to names of facts.

    A file may use these words. What it says of facts that the release does not have is left out of the evaluation, which
    stays that of the release.
    """
    words = {folded(word): fact.name for fact in reversed(today.asked) for word in reversed(fact.words)}
    return {word: name for word, name in words.items() if word and release.resolve(word) is None}


def identity_of(word: str, vocabulary: Vocabulary) -> str | None:
    """Which part of the identity this word names; a fact of that name goes before."""
    return None if vocabulary.resolve(word) else _IDENTITY_OF.get(folded(word))


def read_headers(
    path: Path,
    words: Sequence[str],
    vocabulary: Vocabulary,
    *,
    skip_unknown: bool = False,
    learned: Mapping[str, str] | None = None,
) -> tuple[Header, ...]:
    """What each column is about; raises BatchFault for a column that names nothing, or names what another one does.

    `learned` are words that are newer than the vocabulary, see `words_learned`.
    """
    if len(words) > MOST_COLUMNS:
        raise BatchFault(
            Text(
                f"{path}: {len(words):,} columns; at most {MOST_COLUMNS:,} fit. Is the delimiter right?",
                f"{path}：共 {len(words):,} 列，最多 {MOST_COLUMNS:,} 列。分隔符是否正确？",
            )
        )
    known = _Words(path, vocabulary, skip_unknown, learned or {})
    headers = [known.header(at, word) for at, word in enumerate(words, start=1)]
    seen: dict[str, str] = {}
    for header in headers:
        meaning = header.identity or (header.fact.name if header.fact else None)
        if meaning is None:
            continue
        if meaning in seen:
            one, two = quoted(seen[meaning]), quoted(header.word)
            raise BatchFault(
                Text(
                    f"{path}: the columns “{one}” and “{two}” mean the same. Keep one of them.",
                    f"{path}：“{one}”与“{two}”两列含义相同，请保留一列。",
                )
            )
        seen[meaning] = header.word
    if all(header.fact is None and header.learned is None for header in headers):
        raise BatchFault(
            Text(
                f"{path}: no column is a fact. The first line must name them; see the template.",
                f"{path}：没有任何一列是事实项。首行应为列名，可参考模板。",
            )
        )
    return tuple(headers)


@dataclass(frozen=True, slots=True)
class _Words:
    path: Path
    vocabulary: Vocabulary
    skip_unknown: bool
    learned: Mapping[str, str]

    def header(self, at: int, word: str) -> Header:
        path, vocabulary = self.path, self.vocabulary
        identity = identity_of(word, vocabulary)
        if identity is not None:
            return Header(word, identity=identity)
        fact = vocabulary.resolve(word) if folded(word) else None
        if fact is None and (name := self.learned.get(folded(word))):
            return Header(word, fact=vocabulary.get(name), learned=name)
        if fact is None and self.skip_unknown:
            return Header(word)
        if fact is None and not folded(word):
            said = Text(f"{path}: column {at} has no name.", f"{path}：第 {at} 列没有列名。")
        elif fact is None:
            said = _unknown(path, at, word, vocabulary)
        elif fact.derived is not None:
            said = Text(
                f"{path}: column {at}, “{fact.label.en}”, is computed from other facts and cannot be given. "
                "Give those facts instead.",
                f"{path}：第 {at} 列“{fact.label.zh}”由其他事实项计算得出，不能直接填写，请填写相关事实项。",
            )
        else:
            return Header(word, fact=fact)
        more = Text(" Or leave out such columns: option skip-unknown.", "也可用选项 skip-unknown 忽略这类列。")
        raise BatchFault(Text(said.en + more.en, said.zh + more.zh))


def _unknown(path: Path, at: int, word: str, vocabulary: Vocabulary) -> Text:
    close = nearest(word[:200], [name for fact in vocabulary.asked for name in fact.words] + list(_IDENTITY_OF), 1)
    en = f"{path}: column {at}, “{quoted(word)}”, names no fact."
    zh = f"{path}：第 {at} 列“{quoted(word)}”不是已知事实项。"
    if close:
        en, zh = f"{en} Did you mean “{close[0]}”?", f"{zh}您是否想写“{close[0]}”？"
    return Text(en, zh)
