"""What is different between two states of an entry of the vocabulary or of a reference list, in sentences."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from companies.facts.words import Text, read_text

_NAMES = {
    "label": Text("the name", "名称"), "title": Text("the title", "标题"), "kind": Text("the kind", "类型"),
    "question": Text("the question", "问题"), "help": Text("the help", "填写说明"), "unit": Text("the unit", "单位"),
    "minimum": Text("the least value", "最小值"), "maximum": Text("the greatest value", "最大值"),
    "choices": Text("the choices", "选项"), "period": Text("the period", "期间"), "papers": Text("the papers", "证明材料"),
    "effort": Text("how fast it can change", "改变的难易"), "aliases": Text("other names", "别名"),
    "derived": Text("how it is computed", "计算方法"), "confidence": Text("how sure we are", "可信程度"),
    "sources": Text("the sources", "来源"), "note": Text("the note", "备注"), "basis": Text("the basis", "依据"),
    "section": Text("the section", "分组"), "type": Text("the type", "类别"), "role": Text("the role", "作用"),
    "validity_years": Text("years of validity", "有效年数"), "needs": Text("what is needed first", "前提资质"),
    "granted_by": Text("what grants it", "由何事项授予"), "granted_until": Text("the last day it is granted", "最后授予日"),
    "members": Text("the members", "成员"), "code_hints": Text("industry codes", "行业代码"), "facts": Text("the facts", "事实项"),
}  # fmt: skip
ORDER = "order"
"""Under this name stands the order of a list, or of what an entry holds."""
_NOTHING = Text("nothing", "无")
_LONGEST = 400


def say_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Text]:
    """A sentence for each part that is different; for an entry that is new or gone, what it was called."""
    if before is None or after is None:
        called = _called(after if before is None else before)
        return [Text(f"added: {called.en}", f"新增：{called.zh}") if before is None else
                Text(f"removed: {called.en}", f"删除：{called.zh}")]  # fmt: skip
    said: list[Text] = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name == ORDER and isinstance(old, list) and isinstance(new, list):
            said += _moves(old, new)
        elif name == "choices" and isinstance(old, list) and isinstance(new, list):
            said += _choices(old, new)
        else:
            said.append(_became(_NAMES.get(name, Text(name, name)), _shown(old), _shown(new)))
    return said


def _moves(old: Sequence[Any], new: Sequence[Any]) -> list[Text]:
    """A sentence for each that stands elsewhere now; those that kept their order among themselves are not told."""
    same: set[int] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        same.update(range(block.b, block.b + block.size))
    said = []
    for at, one in enumerate(new):
        if at in same:
            continue
        if at:
            said.append(Text(f"“{one}” stands after “{new[at - 1]}” now", f"“{one}”移到“{new[at - 1]}”之后"))
        else:
            said.append(Text(f"“{one}” stands first now", f"“{one}”移到最前"))
    return said


def _choices(old: list[Any], new: list[Any]) -> list[Text]:
    """Each choice that was added, removed or changed; else that their order is another."""
    was, now = _by_key(old), _by_key(new)
    said = [
        Text(f"choice added: {_called(one).en}", f"新增选项：{_called(one).zh}")
        for key, one in now.items()
        if key not in was
    ]
    said += [Text(f"choice removed: {_called(one).en}", f"删除选项：{_called(one).zh}") for key, one in was.items() if key not in now]  # fmt: skip
    for key in was.keys() & now.keys():
        if was[key] != now[key]:
            for part in say_changes(was[key], now[key]):
                said.append(Text(f"choice “{key}”: {part.en}", f"选项“{key}”：{part.zh}"))
    return said or [Text("the order of the choices", "选项的顺序")]


def _by_key(rows: list[Any]) -> dict[str, Mapping[str, Any]]:
    return {str(row.get("key")): row for row in rows if isinstance(row, Mapping)}


def _became(name: Text, old: Text, new: Text) -> Text:
    return Text(f"{name.en}: “{old.en}” became “{new.en}”", f"{name.zh}：“{old.zh}”改为“{new.zh}”")


def _called(entry: Mapping[str, Any] | None) -> Text:
    entry = entry or {}
    key = str(entry.get("fact") or entry.get("key") or "")
    label = read_text(entry.get("label") or entry.get("title"))
    return Text(f"{label.en} ({key})", f"{label.zh}（{key}）") if label else Text(key, key)


def _shown(value: Any) -> Text:
    """A part of an entry as it is put between quotation marks."""
    if value is None or value in ("", [], {}):
        return _NOTHING
    text = read_text(value)
    if text is not None:
        return Text(_short(text.en), _short(text.zh))
    if isinstance(value, Mapping):
        return _joined([Text(f"{key}: {_shown(part).en}", f"{key}：{_shown(part).zh}") for key, part in value.items()])
    if isinstance(value, list):
        return _joined([_called(one) if isinstance(one, Mapping) and "key" in one else _shown(one) for one in value])
    return Text(_short(str(value)), _short(str(value)))


def _joined(parts: list[Text]) -> Text:
    return Text(_short(", ".join(part.en for part in parts)), _short("、".join(part.zh for part in parts)))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
