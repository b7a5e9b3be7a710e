"""Strict YAML in, canonical YAML out."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.catalogue_files import Mark, in_canonical_order, read_sheet, write_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_what_is_written_reads_back_the_same(plain):
    text = write_yaml(plain)
    sheet = read_sheet("x.yaml", text.encode())

    assert sheet.faults == ()
    assert sheet.plain == plain
    assert write_yaml(sheet.plain) == text


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text("abcdefgh_", min_size=1, max_size=8), TEXT, max_size=4))
def test_other_yaml_readers_understand_the_same(plain):
    assert yaml.safe_load(write_yaml(plain)) == plain


@pytest.mark.parametrize(
    "text",
    ["yes", "No", "on", "null", "2024-01-01", "01", "0.5", "12:30", "1e3", "<<", "=", "a: b", "a #b", "- a", "'q'", ""],
)
def test_words_that_some_reader_mistakes_are_quoted(text):
    assert yaml.safe_load(write_yaml({"word": text})) == {"word": text}


@pytest.mark.parametrize("content", [b"a: [1, 2\nb: 3\n", b"\ta: 1\n", b"a: 'x\n", b"a: {b: 1\nc: 2\n", b"a: %\n"])
def test_a_syntax_fault_is_said_in_chinese_to_readers_of_chinese(content):
    (fault,) = read_sheet("x.yaml", content).faults

    assert fault.code == "yaml-syntax"
    assert not re.search(r"[a-z]{3}", fault.message.zh), fault.message.zh


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"a: 1\na: 2\n", "duplicate-key", 2),
        (b"a: &x 1\n", "alias", 1),
        (b"a: 1\nb: *x\n", "alias", 2),
        (b"a: !!python/object:os.system x\n", "tag", 1),
        (b"a: 1\nb: {c\n", "yaml-syntax", 3),
        (b"a: 1\nb: \x00\n", "control-char", 2),
        (b"a: 1\nb: \xff\n", "not-utf8", 2),
        (b"? [1]\n: 2\n", "bad-key", 1),
        (b"[" * 60, "too-deep", 1),
        (b"a: 1\n---\nb: 1\n", "many-documents", 2),
        (b"a: " + b"x" * 1_000_001, "file-too-big", 1),
        (b"a: " + b"x" * 30_000, "text-too-long", 1),
    ],
)
def test_what_could_mean_something_else_is_refused_at_its_line(content, code, line):
    assert (code, line) in [(fault.code, fault.line) for fault in read_sheet("x.yaml", content).faults]


def test_every_value_knows_its_place():
    sheet = read_sheet("x.yaml", "a: [1, {b: 'no'}]\n标题:\n  en: x\n".encode())

    assert sheet.where(("a", 1, "b")) == Mark(1, 12)
    assert sheet.where(("标题", "en")) == Mark(3, 7)
    assert sheet.where(("标题",)) == Mark(2, 1)
    assert sheet.where(("标题", "missing")) == Mark(2, 1)


def test_names_that_people_choose_are_in_alphabetical_order():
    ordered = in_canonical_order({"facts": {"status": 1, "kind": 2}, "case": "x"})

    assert list(ordered) == ["case", "facts"]
    assert list(ordered["facts"]) == ["kind", "status"]
