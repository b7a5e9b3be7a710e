"""The kinds of inputs, each standing for one name of a mapping (or, for rows, for an item of a list)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from companies.facts import Text

Choices = tuple[tuple[str, Text], ...]

MOST_ROWS = 40
LONGEST_LINE = 20_000
_NOT_SAID, _ADD_ROW, _ROW = Text("not said", "未说明"), Text("Add a row", "添加一行"), Text("Row", "行")
_LEVEL, _ADD_LEVEL = Text("Level", "档次"), Text("Add a level", "添加一档")


def _none_listed(_plain: Mapping[str, Any]) -> Choices:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What every input has: the name of its value, what it is called, and a hint.

    `keeps_null`: an emptied value stays in the part as null, because its name belongs there.
    """

    name: str
    label: Text
    hint: Text | None = None
    keeps_null: bool = False

    @property
    def kind(self) -> str:
        """What draws it: the template `desk/write/inputs/<kind>.html`."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(Input):
    """Something typed: words, an amount, a rate, a day, an expression.

    `as_number`: digits alone are kept as a number. `listed`: the id of a list of suggestions. `is_long`: several lines.
    """

    as_number: bool = False
    listed: str = ""
    is_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Input):
    """The same words in English and in Chinese."""

    is_long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Input):
    """One of several choices, or none."""

    choices: Choices = ()
    blank: Text = _NOT_SAID
    shows: Text | None = None
    """What the button says that shows the inputs that fit the choice, where others depend on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(Input):
    """Any number of choices, kept in the order of the choices."""

    choices: Choices = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Input):
    """A list of words, one a line."""

    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked(Input):
    """True, or not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Input):
    """A mapping of its own with inputs."""

    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Input):
    """A list of mappings, each with the same inputs; with an empty name the part itself is the list."""

    inputs: tuple[Input, ...] = ()
    add: Text = _ADD_ROW
    row: Text = _ROW
    most: int = MOST_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed(Input):
    """A mapping from a key to a mapping with inputs: a table by level.

    `keys`: the keys that can be picked, given the mapping in which the table stands; without any the key is typed.
    """

    inputs: tuple[Input, ...] = ()
    key: Text = _LEVEL
    keys: Callable[[Mapping[str, Any]], Choices] = _none_listed
    add: Text = _ADD_LEVEL
    most: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class Form:
    """One form that a mapping can have: the name that shows it, what it is called, what it does, its inputs."""

    name: str
    label: Text
    says: Text
    inputs: tuple[Input, ...]
    begins: Callable[[], Any] = dict
    """What stands under the name when the form is chosen and nothing is written yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms(Input):
    """Inputs that depend on which of several forms the mapping has; `name` only tells its fields apart.

    The first form whose name is in the mapping is the one it has.
    """

    forms: tuple[Form, ...] = ()

    def form_of(self, plain: Mapping[str, Any]) -> Form | None:
        """The form of this mapping, or None while none is chosen."""
        return next((form for form in self.forms if form.name in plain), None)

    @property
    def names(self) -> frozenset[str]:
        """The names of all forms and of all their inputs."""
        return frozenset(
            name for form in self.forms for name in (form.name, *(one.name for one in form.inputs if one.name))
        )
