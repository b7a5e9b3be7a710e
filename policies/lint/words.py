"""Words and links: both languages, real characters, whole addresses, known confidence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from companies.facts import CONFIDENCES, Text
from policies.catalogue_files import Sheet
from policies.lint.reading import Path, Reading, walk
from policies.rules import unsaid_words

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_TEXT_KEYS = {"title", "label", "question", "help", "unit", "note", "says", "judged", "not_modelled", "in_kind",
              "to_confirm", "assumption", "stated", "text_seen", "issuer"}  # fmt: skip
_BASES = {"stated", "inferred", "unconfirmed"}
_LEVELS = set(CONFIDENCES)


def check_words(reading: Reading) -> None:
    """Texts, links and confidence marks in every file."""
    for sheet in reading.checked:
        for path, value in walk(sheet.plain):
            name = path[-1] if path else None
            if isinstance(value, str):
                _check_characters(reading, sheet, path, value)
            if isinstance(value, dict) and ("en" in value or "zh" in value):
                _check_pair(reading, sheet, path, value)
            elif name in _TEXT_KEYS and isinstance(value, str) and value:
                reading.add(
                    sheet,
                    path,
                    "missing-language",
                    f"“{name}” needs {{en: ..., zh: ...}}",
                    f"“{name}”需要 {{en: ..., zh: ...}}",
                )
            if name == "confidence" and value is not None:
                reading.need_key(sheet, path, value, _LEVELS, Text("confidence", "可信度"), "confidence-word")
            if name == "clause" and isinstance(value, str):
                _check_clause(reading, sheet, path, value)
            if name in ("basis", "tags_basis", "pillar_basis") and value is not None:
                reading.need_key(sheet, path, value, _BASES, Text("basis", "依据"), "basis-word")
            if name == "source" or (len(path) > 1 and path[-2] == "sources"):
                _check_link(reading, sheet, path, value)
            if name == "sources" and isinstance(value, list) and len(value) != len({str(one) for one in value}):
                reading.add(sheet, path, "source-twice", "the same source twice", "来源重复")


def _check_clause(reading: Reading, sheet: Sheet, path: Path, clause: str) -> None:
    words = unsaid_words(clause)
    if words:
        reading.add(
            sheet,
            path,
            "clause-one-language",
            f"no Chinese is known for “{words[0]}”; cite the part by number (Art. 2, item 3, annex) or in Chinese",
            f"“{words[0]}”没有对应的中文；请按编号引用（Art. 2、item 3、annex）或用中文书写",
        )


def _check_pair(reading: Reading, sheet: Sheet, path: Path, pair: Mapping[str, Any]) -> None:
    en, zh = pair.get("en"), pair.get("zh")
    for language, said in (("en", en), ("zh", zh)):
        if not isinstance(said, str) or not said.strip():
            where = (*path, language) if language in pair else path
            reading.add(
                sheet, where, "missing-language", f"no text in “{language}”", f"缺少“{language}”文本", on_key=True
            )
    for language in set(pair) - {"en", "zh"}:
        reading.add(
            sheet,
            (*path, language),
            "unknown-key",
            f"“{language}” is not en or zh",
            f"“{language}”不是 en 或 zh",
            on_key=True,
        )
    if not (isinstance(en, str) and isinstance(zh, str) and en.strip() and zh.strip()):
        return
    # Symbols, numbers and names in Latin letters (“m²”, “AI”) may stand alike in both languages.
    if en == zh and len(en) > 12:
        reading.add(sheet, (*path, "zh"), "same-text", "both languages have the same text", "两种语言的文本相同")
    elif len(zh) > 12 and not _CJK.search(zh):
        reading.add(
            sheet, (*path, "zh"), "zh-not-chinese", "no Chinese character in the Chinese text", "中文文本中没有汉字"
        )
    if _CJK.search(re.sub(r"[(（“\"《][^)）”\"》]*[)）”\"》]", "", en)):
        reading.add(
            sheet,
            (*path, "en"),
            "en-has-chinese",
            "Chinese characters in the English text, outside brackets and quotes",
            "英文文本中夹有汉字（括号与引号内除外）",
        )


def _check_characters(reading: Reading, sheet: Sheet, path: Path, value: str) -> None:
    bad = next(
        (sign for sign in value if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs"}), None
    )
    if bad is not None:
        reading.add(
            sheet, path, "control-char", f"invisible character U+{ord(bad):04X}", f"不可见字符 U+{ord(bad):04X}"
        )


def _check_link(reading: Reading, sheet: Sheet, path: Path, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not _is_link(value):
        reading.add(
            sheet, path, "dead-link", f"“{value}” is not a whole web address", f"“{value}”不是完整的网址", "https://..."
        )


def _is_link(value: str) -> bool:
    if any(sign.isspace() for sign in value):
        return False
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host and not host.startswith(".") and "@" not in parts.netloc
