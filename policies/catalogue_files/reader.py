"""Strict YAML: plain values only, every one with its line and column.

The grammar is the part of YAML that JSON could also say. Aliases, anchors, tags and repeated keys are refused, because
each lets a file mean something else than it shows. Scalars follow a small closed list (null, true, false, whole
numbers); everything else, days and decimals too, is text, so that `no`, `01` and `0.1` are never silently changed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from companies.facts import Text

MAX_BYTES = 1_000_000
# A tree of 20 levels, the deepest that a rule may have, takes two steps a level in a file, and some around it.
MAX_DEPTH = 50
MAX_SCALAR = 20_000
# Far more than a file of that length holds in earnest: reading a value takes some twenty microseconds.
MAX_VALUES = 50_000

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*(?:_[0-9]+)*)\Z")
_CONSTANTS: Mapping[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing wrong in the catalogue, with its place, a stable code and what to do about it.

    `severity` is "fault" (the check fails), "soon" (a day comes near) or "info" (worth knowing); `path` leads to the
    value, `due` is the day by which somebody should have looked at it.
    """

    file: str
    line: int
    column: int
    code: str
    message: Text
    suggestion: str | None = None
    severity: str = "fault"
    path: tuple[str | int, ...] = ()
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file read: its plain value (None when unreadable), the place of every path in it, and its faults."""

    file: str
    plain: Any
    text: str = ""
    values: Mapping[tuple[str | int, ...], Mark] = field(default_factory=dict)
    keys: Mapping[tuple[str | int, ...], Mark] = field(default_factory=dict)
    faults: tuple[FileFault, ...] = ()

    def where(self, path: Iterable[str | int]) -> Mark:
        """The place to show for a path: a scalar's own, a collection's key; the nearest known parent otherwise."""
        steps = tuple(path)
        while steps:
            if steps in self.values:
                return self.values[steps]
            if steps in self.keys:
                return self.keys[steps]
            steps = steps[:-1]
        return Mark(1, 1)

    def where_key(self, path: Iterable[str | int]) -> Mark:
        """The place of the key that a path ends in."""
        steps = tuple(path)
        return self.keys.get(steps) or self.where(steps)

    def fault(
        self,
        path: Iterable[str | int],
        code: str,
        message: Text,
        suggestion: str | None = None,
        severity: str = "fault",
        *,
        on_key: bool = False,
        due: date | None = None,
    ) -> FileFault:
        """A fault of this file at a path."""
        path = tuple(path)
        mark = self.where_key(path) if on_key else self.where(path)
        return FileFault(self.file, mark.line, mark.column, code, message, suggestion, severity, path, due)


class _Refused(Exception):
    """Reading cannot go on; carries the code, the message and the place."""

    def __init__(self, code: str, message: Text, mark: Mark) -> None:
        self.code, self.message, self.mark = code, message, mark


class _Frame:
    """A mapping or sequence being filled."""

    __slots__ = ("key", "path", "value")

    def __init__(self, value: Any, path: tuple[str | int, ...]) -> None:
        self.value, self.path = value, path
        self.key: str | None = None


def read_sheet(file: str, content: bytes) -> Sheet:
    """Read one YAML file; whatever is wrong becomes faults of the sheet, never an exception."""
    try:
        text = _decode(content)
        builder = _Builder()
        builder.build(text)
    except _Refused as refused:
        fault = FileFault(file, refused.mark.line, refused.mark.column, refused.code, refused.message)
        return Sheet(file, None, faults=(fault,))
    faults = tuple(FileFault(file, mark.line, mark.column, code, said) for code, said, mark in builder.faults)
    return Sheet(file, builder.root, text, builder.values, builder.keys, faults)


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Refused(
            "file-too-big",
            Text(
                f"the file is too long: at most {MAX_BYTES:,} bytes are read",
                f"文件过长：最多读取 {MAX_BYTES:,} 字节",
            ),
            Mark(1, 1),
        )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _Refused("not-utf8", _encoded_as("UTF-16"), Mark(1, 1))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Refused("not-utf8", _said_of_bytes(content), Mark(line, 1)) from None


def _said_of_bytes(content: bytes) -> Text:
    """What kind of file it may be that is not UTF-8, so that its owner knows what to do."""
    if b"\x00" in content:
        return Text("this is not a text file", "这不是文本文件")
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return Text("the file is not UTF-8 text; save it as UTF-8", "文件不是 UTF-8 文本，请另存为 UTF-8")
    return _encoded_as("GBK")


def _encoded_as(name: str) -> Text:
    return Text(
        f"the file is not UTF-8 text, it looks like {name}; in the editor choose “Save as” with the encoding UTF-8",
        f"文件不是 UTF-8 文本，看起来是 {name} 编码；请在编辑器中选择“另存为”，编码选 UTF-8",
    )


class _Builder:
    """Turns parser events into plain values without ever following an alias."""

    def __init__(self) -> None:
        self.root: Any = None
        self.values: dict[tuple[str | int, ...], Mark] = {}
        self.keys: dict[tuple[str | int, ...], Mark] = {}
        self.faults: list[tuple[str, Text, Mark]] = []
        self._stack: list[_Frame] = []
        self._documents = 0
        self._values = 0

    def build(self, text: str) -> None:
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise _Refused("yaml-syntax", _syntax(error.problem or str(error)), _mark(mark)) from None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise _Refused("control-char", _control(error.character), Mark(line, 1)) from None
        except yaml.YAMLError as error:
            raise _Refused("yaml-syntax", _syntax(str(error)), Mark(1, 1)) from None

    def _take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _Refused(
                        "many-documents",
                        Text(
                            "a file holds one document; remove the second “---”",
                            "一个文件只能有一个文档，请删除第二个“---”",
                        ),
                        _mark(event.start_mark),
                    )
            case yaml.AliasEvent():
                self._note("alias", _no_alias(event.anchor), event)
                self._put(None, event)
            case yaml.ScalarEvent():
                self._refuse_extras(event)
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._refuse_extras(event)
                self._open({}, event)
            case yaml.SequenceStartEvent():
                self._refuse_extras(event)
                self._open([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._stack.pop()

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor:
            self._note("alias", _no_alias(event.anchor), event)
        if event.tag and event.tag != "!":
            self._note(
                "tag",
                Text(
                    f"the tag “{event.tag}” is not allowed; write the plain value",
                    f"不允许使用标签“{event.tag}”，请直接写值",
                ),
                event,
            )

    def _scalar(self, event: Any) -> None:
        if len(event.value) > MAX_SCALAR:
            raise _Refused(
                "text-too-long",
                Text(f"a text has more than {MAX_SCALAR:,} characters", f"文字超过 {MAX_SCALAR:,} 个字符"),
                _mark(event.start_mark),
            )
        frame = self._stack[-1] if self._stack else None
        if frame and isinstance(frame.value, dict) and frame.key is None:
            self._key(frame, event)
            return
        self._put(_resolve(event.value) if event.implicit[0] else event.value, event)

    def _key(self, frame: _Frame, event: Any) -> None:
        key = event.value
        if key in frame.value:
            self._note(
                "duplicate-key",
                Text(f"“{key}” is written twice in one mapping; keep one", f"“{key}”在同一处写了两次，请只保留一个"),
                event,
            )
        else:
            self.keys[(*frame.path, key)] = _mark(event.start_mark)
        frame.key = key

    def _open(self, value: Any, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _Refused(
                "too-deep",
                Text(f"more than {MAX_DEPTH} levels inside one another", f"嵌套超过 {MAX_DEPTH} 层"),
                _mark(event.start_mark),
            )
        frame = self._stack[-1] if self._stack else None
        if frame and isinstance(frame.value, dict) and frame.key is None:
            raise _Refused(
                "bad-key",
                Text("a key must be a word, not a list or a mapping", "键必须是一个词，不能是列表或映射"),
                _mark(event.start_mark),
            )
        self._stack.append(_Frame(value, self._put(value, event)))

    def _put(self, value: Any, event: Any) -> tuple[str | int, ...]:
        """Store a value in the open collection and say under which path."""
        self._values += 1
        if self._values > MAX_VALUES:
            raise _Refused(
                "too-many-values",
                Text(f"the file holds more than {MAX_VALUES:,} values", f"文件中的值超过 {MAX_VALUES:,} 个"),
                _mark(event.start_mark),
            )
        if not self._stack:
            self.root = value
            return ()
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            path: tuple[str | int, ...] = (*frame.path, len(frame.value))
            frame.value.append(value)
            self.values[path] = _mark(event.start_mark)
            return path
        if frame.key is None:  # an alias used as a key
            frame.key = ""
            return (*frame.path, "")
        path = (*frame.path, frame.key)
        frame.key = None
        if path[-1] in frame.value:  # the repeated key was reported; the first one stays
            return (*frame.path, f"{path[-1]} (again)")
        frame.value[path[-1]] = value
        if not isinstance(value, (dict, list)):
            self.values[path] = _mark(event.start_mark)
        return path

    def _note(self, code: str, message: Text, event: Any) -> None:
        self.faults.append((code, message, _mark(event.start_mark)))


def _resolve(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) <= 24 and _WHOLE.match(text):
        return int(text.replace("_", ""))
    return text


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


# What the YAML parser says most often, for readers of Chinese; the rest is said without its words.
_PROBLEMS_ZH = {
    "did not find expected ',' or ']'": "缺少“,”或“]”",
    "did not find expected ',' or '}'": "缺少“,”或“}”",
    "did not find expected key": "此处应为“键: 值”",
    "could not find expected ':'": "缺少“:”",
    "mapping values are not allowed in this context": "此处不能出现“:”",
    "found character that cannot start any token": "出现了不能作为开头的字符（例如制表符）",
    "found unexpected end of stream": "引号没有结束",
    "did not find expected '-' indicator": "缺少“-”",
    "did not find expected node content": "缺少内容",
}


def _syntax(problem: str) -> Text:
    zh = _PROBLEMS_ZH.get(problem)
    return Text(
        f"not valid YAML: {problem}; check quotes, colons and indentation here",
        f"YAML 语法错误{f'（{zh}）' if zh else ''}，请检查此处的引号、冒号和缩进",
    )


def _control(character: Any) -> Text:
    code = ord(character) if isinstance(character, str) else int(character)
    return Text(
        f"the control character U+{code:04X} is not allowed; remove it", f"不允许出现控制字符 U+{code:04X}，请删除"
    )


def _no_alias(name: str) -> Text:
    return Text(
        f"anchors and aliases (“{name}”) are not allowed; write the value out",
        f"不允许使用锚点和别名（“{name}”），请把值完整写出",
    )
