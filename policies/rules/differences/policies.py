"""How two versions of a policy differ, part by part."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from companies.facts import Text, Vocabulary
from policies.rules.differences.changes import Change, change
from policies.rules.differences.trees import tree_changes
from policies.rules.differences.words import Words, raw, text_of, word_of

_POLICY = Text("Policy", "政策")
_CASES = Text("Example cases", "示例案例")
_OFFER = Text("offer", "支持事项")
_ORDER = Text("the order or the spelling", "顺序或写法")


def differences(
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any],
    vocabulary: Vocabulary,
    lists: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[Change]:
    """Every change from the old content to the new, in the order of the parts; None stands for no version at all.

    Both may be half-written: what cannot be read is shown as it stands. Two contents that differ always give a change.
    """
    before = old if old is not None else {}
    words = Words(vocabulary, lists)
    found = [
        *_header(before, new, words),
        *tree_changes(before.get("requires"), new.get("requires"), Text("Every offer", "全部支持事项"), words),
        *_offers(before, new, words),
        *_cases(before, new),
    ]
    if not found and before != new:
        found.append(Change("changed", _POLICY, _ORDER, _ORDER))
    return found


def _header(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> Iterator[Change]:
    def labelled(name: str) -> Callable[[Any], Text | None]:
        return lambda key: None if key is None else words.label(name, key)

    for name, said, what in (
        ("title", text_of, Text("title", "标题")),
        ("issuer", text_of, Text("issued by", "发布机构")),
        ("level", labelled("levels"), Text("level", "级别")),
        ("number", _plain, Text("number", "文号")),
        ("issued", _plain, Text("issued", "发布日期")),
        ("status", word_of, Text("standing", "效力状态")),
        ("superseded_by", _plain, Text("replaced by", "被替代为")),
        ("superseded_on", _plain, Text("replaced on", "替代日期")),
        ("beneficiary", word_of, Text("for", "支持对象")),
        ("tags_basis", word_of, Text("basis of the tags", "标签依据")),
        ("pillar", labelled("pillars"), Text("pillar", "1+1+N 归类")),
        ("pillar_basis", word_of, Text("basis of the pillar", "归类依据")),
        ("text_seen", text_of, Text("text seen", "所见文本")),
        ("checked", _plain, Text("checked", "核对日期")),
        ("confidence", word_of, Text("how sure we are", "可信度")),
        ("note", text_of, Text("note", "备注")),
    ):
        yield from change(_POLICY, said(old.get(name)), said(new.get(name)), what)
        if name == "issued":
            before, after = _ends(old), _ends(new)
            yield from change(_POLICY, before[0], after[0], Text("in force from", "施行日期"))
            yield from change(_POLICY, before[1], after[1], Text("in force until", "有效期至"))
    for name, what in (("zones", Text("zone", "区域")), ("goals", Text("goal", "发展目标"))):
        yield from _items(words.labels(name, old.get(name)), words.labels(name, new.get(name)), _POLICY, what)
    yield from _items(_links(old), _links(new), _POLICY, Text("source", "来源"))


def _offers(old: Mapping[str, Any], new: Mapping[str, Any], words: Words) -> Iterator[Change]:
    before, after = _by_key(old, "offers", "offer"), _by_key(new, "offers", "offer")
    for key in [*before, *(key for key in after if key not in before)]:
        one, other = before.get(key), after.get(key)
        name = _name(other if other is not None else one, key)
        if one is None or other is None:
            gone, come = (None if offer is None else name for offer in (one, other))
            yield from change(_POLICY, gone, come, _OFFER)
        if other is not None:
            yield from _offer(one or {}, other, name, words, is_new=one is None)


def _offer(
    old: Mapping[str, Any], new: Mapping[str, Any], place: Text, words: Words, *, is_new: bool
) -> Iterator[Change]:
    if not is_new:
        yield from change(place, text_of(old.get("title")), text_of(new.get("title")), Text("title", "标题"))
        for name, said, what in (
            ("kind", lambda key: None if key is None else words.label("benefit_kinds", key), Text("kind", "支持方式")),
            ("clause", _plain, Text("clause", "条款")),
            ("confidence", word_of, Text("how sure we are", "可信度")),
        ):
            yield from change(place, said(old.get(name)), said(new.get(name)), what)
    yield from tree_changes(old.get("requires"), new.get("requires"), place, words)
    yield from change(
        place, words.benefit(old.get("benefit")), words.benefit(new.get("benefit")), Text("gives", "支持内容")
    )
    yield from _stacking(old, new, place, words)
    yield from change(
        place, words.window(old.get("window")), words.window(new.get("window")), Text("to apply", "申报时间")
    )
    before, after = words.labels("papers", old.get("papers")), words.labels("papers", new.get("papers"))
    yield from _items(before, after, place, Text("paper", "材料"))
    yield from change(place, text_of(old.get("note")), text_of(new.get("note")), Text("note", "备注"))


def _stacking(old: Mapping[str, Any], new: Mapping[str, Any], place: Text, words: Words) -> Iterator[Change]:
    before, after = (
        {str(words.stacking(rule)): words.stacking(rule) for rule in _list(offer, "stacking")} for offer in (old, new)
    )
    yield from _items(before, after, place, Text("stacking", "叠加规则"))


def _cases(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _by_key(old, "cases", "case"), _by_key(new, "cases", "case")
    for key in [*before, *(key for key in after if key not in before)]:
        name = raw(key)
        if key not in after:
            yield from change(_CASES, name, None)
        elif key not in before:
            yield from change(_CASES, None, name)
        else:
            yield from _case(before[key], after[key], name)


def _case(old: Mapping[str, Any], new: Mapping[str, Any], name: Text) -> Iterator[Change]:
    place = Text(f"{_CASES.en}, {name.en}", f"{_CASES.zh}，{name.zh}")
    for key in sorted({*old, *new} - {"case"}):
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            for part in sorted({*before, *after}):
                yield from change(place, _plain(before.get(part)), _plain(after.get(part)), raw(f"{key} {part}"))
        else:
            yield from change(place, _plain(before), _plain(after), raw(key))


def _items(before: Mapping[str, Text], after: Mapping[str, Text], place: Text, what: Text) -> Iterator[Change]:
    for key in before:
        if key not in after:
            yield from change(place, before[key], None, what)
    for key in after:
        if key not in before:
            yield from change(place, None, after[key], what)


def _by_key(plain: Mapping[str, Any], listed: str, name: str) -> dict[str, Mapping[str, Any]]:
    rows = (row for row in _list(plain, listed) if isinstance(row, Mapping))
    return {str(row.get(name)): row for row in rows}


def _list(plain: Mapping[str, Any], name: str) -> list[Any]:
    found = plain.get(name)
    return found if isinstance(found, list) else []


def _links(plain: Mapping[str, Any]) -> dict[str, Text]:
    return {str(link): raw(link) for link in _list(plain, "sources")}


def _ends(plain: Mapping[str, Any]) -> tuple[Text | None, Text | None]:
    effective = plain.get("effective")
    days = effective if isinstance(effective, Mapping) else {}
    return _plain(days.get("from")), _plain(days.get("to"))


def _name(offer: Mapping[str, Any] | None, key: str) -> Text:
    return text_of((offer or {}).get("title")) or raw(key)


def _plain(value: Any) -> Text | None:
    return None if value is None else raw(value)
