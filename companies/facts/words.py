"""Words in both languages, and how words that people type are compared and checked."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

LONGEST_TYPED = 500
"""Characters that one typed answer may have."""

_BLANKS = re.compile(r"\s+")
# Signs that copying from chat programs leaves behind: they cannot be seen and mean nothing in an answer.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
# Characters that make text read in another order than it is stored (embeddings, overrides, isolates).
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said in English and in simplified Chinese."""

    en: str
    zh: str

    def said(self, language: str | None) -> str:
        """The words in the language asked for: Chinese for any `zh` tag, English for anything else."""
        return self.zh if (language or "").lower().startswith("zh") else self.en

    def to_plain(self) -> dict[str, str]:
        """The pair as a JSON object `{"en": ..., "zh": ...}`."""
        return {"en": self.en, "zh": self.zh}


class ValueFault(Exception):
    """An answer that cannot be read: a code, what to do about it in both languages, and where in the answer."""

    def __init__(self, code: str, message: Text, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (ValueFault, (self.code, self.message, self.path))


def folded(word: str) -> str:
    """The word in the form in which words are compared: full width, case, blanks and quotes do not matter."""
    # Plain ASCII has no full-width or invisible signs: looking for them takes most of the time of reading a batch.
    plain = (word if word.isascii() else unicodedata.normalize("NFKC", word.translate(_INVISIBLE))).casefold()
    return _BLANKS.sub(" ", plain).strip().strip("“”\"'「」").strip()


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` known words that look most like the given one, best first."""
    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(folded(candidate), candidate)
    close = get_close_matches(folded(word[:100]), list(by_fold), n=count, cutoff=0.5)
    return [by_fold[match] for match in close]


def quoted(raw: object) -> str:
    """A short, harmless picture of what was typed, for use inside a message."""
    if isinstance(raw, str):
        text = raw
    elif isinstance(raw, bool | float | Decimal | date) or raw is None:
        text = str(raw)
    elif isinstance(raw, int):
        text = str(raw) if raw.bit_length() < 256 else "…"  # Python refuses to write out thousands of digits
    else:
        text = "{…}" if isinstance(raw, Mapping) else "[…]"
    seen = "".join("·" if _is_unprintable(sign) else sign for sign in text[:41])
    return seen if len(seen) <= 40 else seen[:40] + "…"


def _is_unprintable(sign: str) -> bool:
    return sign in _TURNING or unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn", "Cf", "Zl", "Zp"}


def typed_text(raw: str, longest: int = LONGEST_TYPED) -> str:
    """Typed text without blanks around it; refuses NUL, control and text-turning characters, and over-long text."""
    if len(raw) > longest:
        raise ValueFault(
            "too_long",
            Text(
                f"This is {len(raw):,} characters long; at most {longest:,} fit here. Please shorten it.",
                f"内容有 {len(raw):,} 个字符，此处最多 {longest:,} 个，请缩短。",
            ),
        )
    text = raw if raw.isascii() else raw.translate(_INVISIBLE)
    for sign in () if text.isprintable() else text:
        if sign in "\t\r\n":
            continue
        if sign in _TURNING:
            raise ValueFault(
                "turning_character",
                Text(
                    "This contains an invisible character that changes the reading direction. "
                    "Delete the text and type it again instead of pasting it.",
                    "内容含有改变文字方向的不可见字符，请删除后手工重新输入，不要粘贴。",
                ),
            )
        if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}:
            raise ValueFault(
                "control_character",
                Text(
                    "This contains an invisible control character. Delete the text and type it again "
                    "instead of pasting it.",
                    "内容含有不可见的控制字符，请删除后手工重新输入，不要粘贴。",
                ),
            )
    return _BLANKS.sub(" ", text).strip()


def read_text(plain: Any) -> Text | None:
    """The text of a plain `{"en": ..., "zh": ...}` pair, or None where either language is missing or empty."""
    if not isinstance(plain, Mapping) or set(plain) != {"en", "zh"}:
        return None
    en, zh = plain["en"], plain["zh"]
    if not (isinstance(en, str) and isinstance(zh, str) and en.strip() and zh.strip()):
        return None
    return Text(en, zh)
