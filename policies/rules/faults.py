"""What is wrong with a rule, where, and what to do about it."""

from dataclasses import dataclass

from companies.facts import Text


class RuleFault(Exception):
    """An expression that cannot be read: message, line and column (from 1) in the text as typed, suggestion, code."""

    def __init__(
        self, message: Text, *, line: int = 1, column: int = 1, suggestion: str | None = None, code: str = "syntax"
    ) -> None:
        super().__init__(f"{message.en} (line {line}, column {column})")
        self.message = message
        self.line = line
        self.column = column
        self.suggestion = suggestion
        self.code = code

    def said(self) -> Text:
        """The whole message: what, where, and the suggestion."""
        hint_en = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        hint_zh = f"；是否想写 {self.suggestion}？" if self.suggestion else ""
        return Text(
            f"{self.message.en} (line {self.line}, column {self.column}){hint_en}",
            f"{self.message.zh}（第 {self.line} 行第 {self.column} 列）{hint_zh}",
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a policy file; `path` leads to it from the top of the plain mapping."""

    path: tuple[str | int, ...]
    message: Text
    code: str
    suggestion: str | None = None
