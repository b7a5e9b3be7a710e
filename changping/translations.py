"""Every sentence a person reads exists in both languages: finds the ones that do not, with file and line."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.template.base import Lexer, Token, TokenType
from django.utils.translation.template import templatize

SKIPPED_FOLDERS = {"migrations", "static", "__pycache__"}
# What follows each name: the position of the message ids and, where there is one, of the context.
_CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
_CALLS_WITH_CONTEXT = {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2}
_KEYWORDS = dict.fromkeys((*_CALLS, *_CALLS_WITH_CONTEXT))
# Names that are the same in both languages.
SAME_IN_BOTH = {"Changce", "English", "JSON", "PDF", "XLSX", "CSV", "API", "HTML", "YAML", "SHA"}
_WORD = re.compile(r"[A-Za-z]{2,}")
_READ_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description"}


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """One message id at one place."""

    path: Path
    line: int
    text: str
    context: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class TranslationFault:
    """What is wrong at one place, in one line."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def source_files(folders: Iterable[Path]) -> Iterator[Path]:
    """The Python files and templates of the given folders, in order."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in {".py", ".html", ".txt"} or SKIPPED_FOLDERS & set(path.parts):
                continue
            if path.suffix == ".py" or "templates" in path.parts:
                yield path


def sentences_in(path: Path) -> Iterator[Sentence]:
    """Every message id of one Python file or template."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django's own step for this: a template becomes calls of gettext on the same lines.
        # Without the indentation, which Python's tokenizer would read as blocks.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).split("\n"))
    for line, name, found, _ in extract_python(io.BytesIO(text.encode()), _KEYWORDS, [], {"encoding": "utf-8"}):
        arguments: list[Any] = list(found) if isinstance(found, tuple) else [found]
        context = arguments.pop(0) if name in _CALLS_WITH_CONTEXT else None
        for message in arguments[: {**_CALLS, **_CALLS_WITH_CONTEXT}[str(name)]]:
            if message:
                yield Sentence(path, line, message, context)


def faults_in_translations(sentences: Iterable[Sentence], po: Path, known: set[str]) -> list[TranslationFault]:
    """Sentences without a translation, fuzzy ones, and translations nobody needs.

    `known` holds message ids of installed packages, which our file may translate in its own words.
    """
    if not po.is_file():
        return [TranslationFault(po, 1, "there is no such file")]
    with po.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    used: set[tuple[str | None, str]] = set()
    faults: list[TranslationFault] = []
    for sentence in sentences:
        used.add((sentence.context, sentence.text))
        message = catalog.get(sentence.text, sentence.context)
        translated = message is not None and bool(message.string)
        if message is not None and isinstance(message.string, tuple):
            translated = all(message.string)
        if not translated:
            faults.append(TranslationFault(sentence.path, sentence.line, f"not in 中文: {sentence.text!r}"))
    return sorted(set(faults)) + list(_faults_of_the_file(catalog, po, used, known))


def _faults_of_the_file(
    catalog: Catalog, po: Path, used: set[tuple[str | None, str]], known: set[str]
) -> Iterator[TranslationFault]:
    for message in catalog:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        line = message.lineno or 1
        if message.fuzzy:
            yield TranslationFault(po, line, f"fuzzy, so not shown: {ids[0]!r}")
        if not any((message.context, text) in used or text in known for text in ids):
            yield TranslationFault(po, line, f"nobody uses it: {ids[0]!r}")
    for message in catalog.obsolete.values():
        yield TranslationFault(po, message.lineno or 1, f"obsolete: {message.id!r}")


def known_to_packages(folders: Iterable[Path]) -> set[str]:
    """The message ids that installed packages translate themselves."""
    known: set[str] = set()
    for folder in folders:
        compiled = folder / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
        if compiled.is_file():
            with compiled.open("rb") as file:
                catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            known |= {key[0] if isinstance(key, tuple) else key for key in catalog}
    # A context comes before the id, with this mark between them.
    return {key.rpartition("\x04")[2] for key in known}


def untranslated_text(path: Path) -> list[TranslationFault]:
    """English words of a template that stand outside any translation tag."""
    source = path.read_text(encoding="utf-8")
    reader = _TextReader()
    reader.feed("".join(_without_tags(Lexer(source).tokenize())))
    reader.close()
    return [TranslationFault(path, line, f"outside a translation tag: {text!r}") for line, text in reader.found]


def _without_tags(tokens: Iterable[Token]) -> Iterator[str]:
    """The template's own text; tags and what translation tags hold become blanks, lines stay."""
    until = ""
    for token in tokens:
        lines = "\n" * token.contents.count("\n")
        if token.token_type == TokenType.TEXT:
            yield lines if until else token.contents
            continue
        yield "0" + lines if token.token_type == TokenType.VAR else " " + lines
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            if name in {"blocktranslate", "blocktrans", "comment"}:
                until = "end" + name
            elif name == until:
                until = ""


class _TextReader(HTMLParser):
    """Collects text and read-aloud attributes with English words, except in code and in marked languages."""

    _SKIPPED = {"script", "style", "code", "kbd", "pre", "samp"}
    _EMPTY = {"meta", "link", "br", "hr", "img", "input", "wbr", "source", "col"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _READ_ATTRIBUTES:
                self._judge(value or "")
        is_marked = tag != "html" and any(name == "lang" for name, _ in attrs)
        if tag not in self._EMPTY and (self._skipping or tag in self._SKIPPED or is_marked):
            self._skipping.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self._skipping and tag in self._skipping:
            while self._skipping.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._judge(data)

    def _judge(self, text: str) -> None:
        words = [word for word in _WORD.findall(text) if word not in SAME_IN_BOTH]
        if words:
            self.found.append((self.getpos()[0], " ".join(text.split())[:80]))
