"""How two requirement trees differ: criteria added, removed and changed, groups that ask for more or fewer of their parts."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from companies.facts import Text
from policies.rules.clauses import say_clause
from policies.rules.differences.changes import Change, change, within
from policies.rules.differences.words import Words, raw, text_of, word_of
from policies.rules.expressions import Compare, expression_facts
from policies.rules.numerals import joined

Node = Mapping[str, Any]
_GROUPS = ("all", "any", "at_least", "not")
_ALIKE = 0.5
_DEEPEST = 40


def tree_changes(old: Any, new: Any, place: Text, words: Words) -> list[Change]:
    """The changes from one tree to the other; either may be missing."""
    return list(_changes(_as_all(old), _as_all(new), place, words, 0))


def _as_all(tree: Any) -> Node:
    if tree is None:
        return {"all": []}
    return tree if isinstance(tree, Mapping) and "all" in tree else {"all": [tree]}


def _changes(old: Any, new: Any, place: Text, words: Words, depth: int) -> Iterator[Change]:
    if old == new or depth > _DEEPEST:
        return
    form = _form(old)
    if form is None or form != _form(new):
        yield from change(_at(place, new, old), say_node(old, words), say_node(new, words))
        return
    if form in _GROUPS:
        yield from _group_changes(old, new, form, place, words, depth)
    elif form == "when":
        yield from _criterion_changes(old, new, _at(place, new, old), words)
    else:
        yield from change(_at(place, new, old), text_of(old[form]), text_of(new[form]))
    yield from _mark_changes(old, new, _at(place, new, old), words)


def _group_changes(old: Node, new: Node, form: str, place: Text, words: Words, depth: int) -> Iterator[Change]:
    here = _at(place, new, old)
    if form == "at_least":
        yield from change(here, _how_many(old), _how_many(new))
    before, after = _parts(old, form), _parts(new, form)
    pairs, gone, come = _paired(before, after, words)
    for one, other in pairs:
        yield from _changes(one, other, here, words, depth + 1)
    for node in gone:
        yield from change(_at(here, node), _in_group(form, say_node(node, words)), None)
    for node in come:
        yield from change(_at(here, node), None, _in_group(form, say_node(node, words)))


def _criterion_changes(old: Node, new: Node, place: Text, words: Words) -> Iterator[Change]:
    before, after = words.expression(old["when"]), words.expression(new["when"])
    if before is not None and before == after:
        pass
    elif (
        isinstance(before, Compare)
        and isinstance(after, Compare)
        and before.first == after.first
        and len(before.rest) == len(after.rest) == 1
    ):
        yield from change(place, words.demand(before), words.demand(after), _subject(before, words))
    else:
        yield from change(place, words.criterion(old["when"]), words.criterion(new["when"]))
    yield from change(place, text_of(old.get("says")), text_of(new.get("says")), Text("the sentence", "表述"))


def _subject(compare: Compare, words: Words) -> Text:
    from policies.rules.saying import say_expression

    fact = words.vocabulary.get(getattr(compare.first, "name", ""))
    return fact.label if fact is not None else say_expression(compare.first, words.vocabulary)


def _mark_changes(old: Node, new: Node, place: Text, words: Words) -> Iterator[Change]:
    what = say_node(new, words) if _form(new) not in _GROUPS else Text("this group", "该组条件")
    for name, said, label in (
        ("clause", _clause, Text("clause", "条款")),
        ("confidence", word_of, Text("how sure we are", "可信度")),
        ("source", _source, Text("source", "来源")),
        ("note", text_of, Text("note", "备注")),
    ):
        subject = Text(f"{what.en}: {label.en}", f"{what.zh}：{label.zh}")
        yield from change(place, said(old.get(name)), said(new.get(name)), subject)


def _clause(plain: Any) -> Text | None:
    return say_clause(plain) if isinstance(plain, str) else None if plain is None else raw(plain)


def _source(plain: Any) -> Text | None:
    return None if plain is None else raw(plain)


def _paired(before: list[Any], after: list[Any], words: Words) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Nodes that became each other, nodes that went, nodes that came. Equal ones are left out; the order says nothing."""
    come = list(after)
    gone = []
    for node in before:
        if node in come:
            come.remove(node)
        else:
            gone.append(node)
    pairs: list[tuple[Any, Any]] = []
    for close in (0.999, _ALIKE):  # first those about the same fact, then those that look alike
        for node in list(gone):
            scored = [(_likeness(node, other, words), -at) for at, other in enumerate(come)]
            best, at = max(scored, default=(0.0, 0))
            if best >= close:
                gone.remove(node)
                pairs.append((node, come.pop(-at)))
    return pairs, gone, come


def _likeness(old: Any, new: Any, words: Words) -> float:
    form = _form(old)
    if form is None or form != _form(new):
        return 0.0
    if form == "when":
        before, after = words.expression(old["when"]), words.expression(new["when"])
        if before is None or after is None:
            return SequenceMatcher(None, str(old["when"])[:500], str(new["when"])[:500]).ratio() * 0.99
        if isinstance(before, Compare) and isinstance(after, Compare) and before.first == after.first:
            return 1.0
        return 0.9 if expression_facts(before) & expression_facts(after) else 0.0
    if form in _GROUPS:
        before_parts, after_parts = _parts(old, form), _parts(new, form)
        shared = sum(1 for node in before_parts if node in after_parts)
        return 0.5 + 0.4 * shared / max(len(before_parts), len(after_parts), 1)
    a, b = text_of(old[form]) or Text("", ""), text_of(new[form]) or Text("", "")
    return SequenceMatcher(None, a.zh[:500], b.zh[:500]).ratio() * 0.99


def _form(node: Any) -> str | None:
    if not isinstance(node, Mapping):
        return None
    return next((form for form in (*_GROUPS, "when", "judged", "not_modelled") if form in node), None)


def _parts(node: Node, form: str) -> list[Any]:
    parts = node.get("of") if form == "at_least" else node[form]
    return [parts] if form == "not" else parts if isinstance(parts, list) else []


def _how_many(node: Node) -> Text:
    count = raw(node["at_least"])
    return Text(f"at least {count.en} of these", f"至少满足其中{count.zh}项")


def _in_group(form: str, said: Text) -> Text:
    """A part of a group that is not simply asked for says how it counts."""
    match form:
        case "any" | "at_least":
            return Text(f"one of the choices: {said.en}", f"可选条件之一：{said.zh}")
        case "not":
            return Text(f"must not hold: {said.en}", f"不得有：{said.zh}")
    return said


def say_node(node: Any, words: Words, depth: int = 0) -> Text:
    """A node with everything below it, as one sentence."""
    form = _form(node)
    if form is None or depth > _DEEPEST:
        return raw(node)
    if form == "when":
        return text_of(node.get("says")) or words.criterion(node["when"])
    if form in ("judged", "not_modelled"):
        said, mark = text_of(node[form]) or Text("", ""), word_of(form) or Text("", "")
        return Text(f"{said.en} ({mark.en})", f"{said.zh}（{mark.zh}）")
    parts = [say_node(part, words, depth + 1) for part in _parts(node, form)]
    match form:
        case "all":
            return _bracketed(joined(parts, " and ", "，且"), len(parts))
        case "any":
            return _bracketed(joined(parts, " or ", "，或"), len(parts))
        case "not":
            inner = joined(parts, "", "")
            return Text(f"not: {inner.en}", f"不得：{inner.zh}")
    many, listed = _how_many(node), joined(parts, "; ", "；")
    return Text(f"{many.en}: {listed.en}", f"{many.zh}：{listed.zh}")


def _bracketed(text: Text, count: int) -> Text:
    return text if count == 1 else Text(f"({text.en})", f"（{text.zh}）")


def _at(place: Text, *nodes: Any) -> Text:
    """The place with the clause of the first node that has one."""
    for node in nodes:
        clause = _clause(node.get("clause")) if isinstance(node, Mapping) else None
        if clause is not None:
            return within(place, clause)
    return place
