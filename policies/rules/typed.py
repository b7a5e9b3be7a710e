"""From what people type to the closed alphabet of the parser: full-width signs, ≥, 5%, 2000万, Chinese names.

Numbers and names are replaced by placeholders, so that Python's own reader sees nothing but `_n0`, `_f1`, signs and a
few keywords; a table leads every position back to the text as typed.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NoReturn

from companies.facts import Text
from policies.rules.expressions import SCALES, Number, Scale
from policies.rules.faults import RuleFault

MOST_WHOLE_DIGITS = 18
MOST_PLACES = 2
MOST_RATIO_PLACES = 4
DEEPEST = 20

# Each sign is replaced by exactly one other, so positions stay those of the text as typed.
_ONE_FOR_ONE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(typed): ord(meant)
    for typed, meant in zip("“”„‟‘’、×÷−–—【】\u3000\xa0\t\r\n", '""""\'\',*/---[]     ', strict=True)
}
_SIGNS = {"≥": ">=", "≧": ">=", "⩾": ">=", "≤": "<=", "≦": "<=", "⩽": "<=", "≠": "!=", "<>": "!="}
_WRONG_SIGNS = {
    "=": "==", "===": "==", "=>": ">=", "=<": "<=", "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "；": ",",
    "**": None, "//": "/", "%": None, "{": "[", "}": "]", ";": ",", ":": None, ":=": "==", "^": None, "~": "not", "@": None,
    ".": None, "?": None, "$": None, "#": None, "\\": None, "`": None, "->": None,
}  # fmt: skip
_KEYWORDS = {"and", "or", "not", "in", "if", "else"}
_NUMBER = r"(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?|\.[0-9]+)"
_TOKEN = re.compile(
    rf"(?P<blank> +)|{_NUMBER}(?P<scale>\s*(?:%|万亿|万|萬|亿|億))?(?P<yuan>元)?"
    r"|(?P<name>[^\W\d]\w*)|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>===|:=|->|<>|=>|=<|&&|\|\||\*\*|//|[<>=!]=|[≥≧⩾≤≦⩽≠<>+\-*/()\[\],])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SCALE_SIGNS: dict[str, Scale] = {"%": "%", "万": "万", "萬": "万", "亿": "亿", "億": "亿"}


@dataclass(slots=True)
class Typed:
    """A typed expression and its translation."""

    text: str
    python: str = ""
    numbers: dict[str, Number] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    strings: dict[str, str] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)
    _offsets: list[int] = field(default_factory=list)

    def offset(self, python_offset: int) -> int:
        """Where in the text as typed this position of the translation comes from."""
        at = bisect_right(self._starts, max(python_offset, 0)) - 1
        return self._offsets[at] if at >= 0 else 0

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset in the text as typed."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def refuse(self, message: Text, offset: int, code: str = "syntax", suggestion: str | None = None) -> NoReturn:
        """Raise the fault at this offset of the text as typed."""
        line, column = self.place(offset)
        raise RuleFault(message, line=line, column=column, suggestion=suggestion, code=code)

    def write(self, python: str, offset: int) -> None:
        """Append one token of the translation."""
        self._starts.append(len(self.python))
        self._offsets.append(offset)
        self.python += python + " "


def read_typed(text: str, longest: int) -> Typed:
    """Translate typed text; raises RuleFault for anything outside the language's alphabet."""
    typed = Typed(text)
    if not text.strip():
        typed.refuse(Text("the expression is empty", "表达式为空"), 0, "empty")
    if len(text) > longest:
        typed.refuse(
            Text(
                f"the expression is {len(text)} characters long, at most {longest} are allowed; split it",
                f"表达式有 {len(text)} 个字符，最多 {longest} 个，请拆分",
            ),
            longest,
            "too_long",
        )
    narrow = text.translate(_ONE_FOR_ONE)
    depth = 0
    for match in _TOKEN.finditer(narrow):
        offset = match.start()
        kind = match.lastgroup
        if kind == "blank":
            continue
        if match["number"]:
            _write_number(typed, match, narrow)
        elif kind == "name":
            _write_name(typed, match[0], offset)
        elif kind == "string":
            name = f"_s{len(typed.strings)}"
            typed.strings[name] = text[offset + 1 : match.end() - 1]
            typed.write(name, offset)
        elif kind == "sign":
            depth += (match[0] in "([") - (match[0] in ")]")
            if depth > DEEPEST:
                typed.refuse(_too_deep(), offset, "too_deep")
            _write_sign(typed, match[0], offset)
        else:
            _refuse_sign(typed, match[0], offset)
    if not typed.python:
        typed.refuse(Text("the expression is empty", "表达式为空"), 0, "empty")
    return typed


def _write_number(typed: Typed, match: re.Match[str], narrow: str) -> None:
    offset, digits = match.start(), match["number"]
    scale_sign = (match["scale"] or "").strip()
    if scale_sign == "万亿":
        typed.refuse(Text("write 10000亿 instead of 1万亿", "请写 10000亿，不写 1万亿"), offset, "number")
    if digits.endswith("_") or "__" in digits or "_." in digits:
        typed.refuse(Text(f"“{digits}” is not a number", f"“{digits}”不是数字"), offset, "number")
    follows = narrow[match.end() : match.end() + 1]
    if follows and (follows.isalnum() or follows in "_."):
        typed.refuse(
            Text(
                f"cannot read “{narrow[offset : match.end() + 1]}” as a number; put a sign or a blank after the number",
                f"无法识别数字“{narrow[offset : match.end() + 1]}”；数字后请加运算符或空格",
            ),
            offset,
            "number",
        )
    whole, _, places = digits.replace("_", "").partition(".")
    scale = _SCALE_SIGNS.get(scale_sign, "")
    # 0.0525 and 5.25% are the same ratio: both may have as many digits as a ratio needs.
    most_places = MOST_PLACES if scale in ("%", "") and len(places) <= MOST_PLACES else MOST_RATIO_PLACES
    if len(whole.lstrip("0")) > MOST_WHOLE_DIGITS or len(places.rstrip("0")) > most_places:
        typed.refuse(
            Text(
                f"“{digits}” has too many digits: at most {MOST_WHOLE_DIGITS} before and {MOST_RATIO_PLACES} after the point",
                f"“{digits}”位数过多：整数最多 {MOST_WHOLE_DIGITS} 位，小数最多 {MOST_RATIO_PLACES} 位",
            ),
            offset,
            "number",
        )
    value = Fraction((whole or "0") + ("." + places if places else "")) * SCALES[scale]
    if value >= 10**MOST_WHOLE_DIGITS:
        typed.refuse(Text(f"“{match[0]}” is too large", f"“{match[0]}”过大"), offset, "number")
    name = f"_n{len(typed.numbers)}"
    typed.numbers[name] = Number(value, scale)
    typed.write(name, offset)


def _write_name(typed: Typed, name: str, offset: int) -> None:
    lower = name.lower()
    if lower in _KEYWORDS and name.isascii():
        typed.write(lower, offset)
        return
    placeholder = f"_f{len(typed.names)}"
    typed.names[placeholder] = name
    typed.write(placeholder, offset)


def _write_sign(typed: Typed, sign: str, offset: int) -> None:
    if sign in _WRONG_SIGNS:
        _refuse_sign(typed, sign, offset)
    typed.write(_SIGNS.get(sign, sign), offset)


def _refuse_sign(typed: Typed, sign: str, offset: int) -> NoReturn:
    shown = sign if sign.isprintable() else f"U+{ord(sign[0]):04X}"
    if sign in "\"'":
        message = Text("a quotation mark is not closed", "引号没有闭合")
    else:
        message = Text(f"“{shown}” is not part of the language", f"规则语言中没有“{shown}”")
    typed.refuse(message, offset, "sign", _WRONG_SIGNS.get(sign))


def _too_deep() -> Text:
    return Text(f"nested more than {DEEPEST} deep; split the expression", f"嵌套超过 {DEEPEST} 层，请拆分表达式")
