"""Sentences without a translation are found, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from changping.translations import (
    Sentence,
    faults_in_translations,
    sentences_in,
    source_files,
    untranslated_text,
)

TEMPLATE = """{% load i18n %}
<h1>{% translate "Hello" %}</h1>
{% if a %}
{% blocktranslate trimmed with name=x %}
  Good
  day, {{ name }}
{% endblocktranslate %}{% else %}{% translate "May" context "month" %}{% endif %}
    {% include "x.html" with title=_("Title") %}
  {% if odd %}{% translate "It's" %}{% endif %}
"""
PYTHON = """
from django.utils.translation import gettext_lazy as _, pgettext

HELLO = _("Hello")
MAY = pgettext("month", "May")
LONG = _(
    "two "
    "parts"
)
"""


@pytest.fixture
def po(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "django.po"
        path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + text, "utf-8")
        return path

    return write


def test_finds_every_sentence_of_a_template_with_its_line(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(TEMPLATE)

    found = {(s.line, s.text, s.context) for s in sentences_in(path)}

    assert found == {
        (2, "Hello", None),
        (4, "Good day, %(name)s", None),
        (7, "May", "month"),
        (8, "Title", None),
        (9, "It's", None),
    }


def test_finds_every_sentence_of_python_with_its_line(tmp_path: Path):
    path = tmp_path / "forms.py"
    path.write_text(PYTHON)

    found = {(s.line, s.text, s.context) for s in sentences_in(path)}

    assert found == {(4, "Hello", None), (5, "May", "month"), (7, "two parts", None)}


def test_a_translated_sentence_is_no_fault(po):
    path = po('msgid "Hello"\nmsgstr "你好"\n')

    assert faults_in_translations([Sentence(Path("a.py"), 3, "Hello")], path, set()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.py:3: not in 中文: 'Hello'"),
        ('msgid "Hello"\nmsgstr ""\n', "a.py:3: not in 中文: 'Hello'"),
        ('#, fuzzy\nmsgid "Hello"\nmsgstr "你好"\n', "fuzzy, so not shown: 'Hello'"),
        ('msgid "Hello"\nmsgstr "你好"\n\nmsgid "Bye"\nmsgstr "再见"\n', "nobody uses it: 'Bye'"),
        ('msgid "Hello"\nmsgstr "你好"\n\n#~ msgid "Old"\n#~ msgstr "旧"\n', "obsolete: 'Old'"),
        ('msgctxt "greeting"\nmsgid "Hello"\nmsgstr "你好"\n', "not in 中文: 'Hello'"),
    ],
)
def test_each_kind_of_fault_is_said_with_its_place(po, text: str, said: str):
    faults = faults_in_translations([Sentence(Path("a.py"), 3, "Hello")], po(text), set())

    assert any(said in str(fault) for fault in faults), faults


def test_a_package_s_sentence_may_be_said_in_our_words(po):
    path = po('msgid "Hello"\nmsgstr "你好"\n\nmsgid "Password"\nmsgstr "密码"\n')

    assert faults_in_translations([Sentence(Path("a.py"), 3, "Hello")], path, {"Password"}) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Plain English</p>", ["Plain English"]),
        ('<img alt="A picture">', ["A picture"]),
        ("<p>{% translate 'Hello' %} 中文 12 %</p>", []),
        ("{% blocktranslate %}Hello {{ x }} you{% endblocktranslate %}", []),
        ("{% comment %}not shown{% endcomment %}{# nor this #}<!-- nor this -->", []),
        ('<span lang="en">English text</span><code>x_y == 1</code>', []),
        ('<a class="{% if a %}active{% endif %}" href="/x/">{{ name }}</a>', []),
        ("<p>{{ a }}</p>\n<p>left\nover</p>", ["left over"]),
    ],
)
def test_english_outside_a_translation_tag_is_found(tmp_path: Path, html: str, found: list[str]):
    path = tmp_path / "page.html"
    path.write_text(html)

    assert [fault.message.split(": ", 1)[1].strip("'") for fault in untranslated_text(path)] == found


def test_looks_at_python_and_templates_and_not_at_migrations(tmp_path: Path):
    for name in ("a.py", "migrations/0001.py", "templates/x/a.html", "static/a.html", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    found = [str(path.relative_to(tmp_path)) for path in source_files([tmp_path])]

    assert found == ["a.py", "templates/x/a.html"]
