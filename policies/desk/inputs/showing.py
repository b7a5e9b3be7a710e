"""A part as the page draws it: each input with its field, what stands in it, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from companies.facts import Text
from policies.desk.inputs.kinds import (
    Block,
    Choices,
    Chosen,
    Form,
    Forms,
    Input,
    Keyed,
    Lines,
    Pair,
    Rows,
    Several,
    Typed,
)
from policies.desk.inputs.reading import typed_of
from policies.rules.faults import Fault

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a list, or one level of a table: its place, its key, and its inputs."""

    field: str
    address: str
    number: int
    was: str
    key: str
    inputs: tuple[Shown, ...]
    faults: tuple[Fault, ...]
    is_first: bool
    is_last: bool
    keys: Choices = ()
    """The keys that can be picked, with the one that stands there."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One input: `field` is the name in the form and the id, `typed` what stands in it (for a pair both, by language)."""

    input: Input
    field: str
    address: str
    typed: Any
    faults: tuple[Fault, ...]
    choices: Choices = ()
    """What can be chosen, with what stands there and is no choice, so that it is not lost."""
    inner: tuple[Shown, ...] = ()
    groups: tuple[Group, ...] = ()
    form: Form | None = None
    is_odd: bool = False
    """Something stands there that has not the shape of this input; it is kept as its JSON."""

    @property
    def template(self) -> str:
        """What draws it."""
        return f"desk/write/inputs/{'odd' if self.is_odd else self.input.kind}.html"


def show_part(inputs: tuple[Input, ...], part: Any, faults: Iterable[Fault], prefix: str = "p") -> tuple[Shown, ...]:
    """The inputs with what stands in the part; paths of faults begin at the part."""
    drawing = _Drawing(tuple(faults))
    if len(inputs) == 1 and isinstance(inputs[0], Rows) and not inputs[0].name:
        return (drawing.rows(inputs[0], part, prefix, ()),)
    return drawing.mapping(inputs, part if isinstance(part, Mapping) else {}, prefix, ())


@dataclass(frozen=True, slots=True)
class _Drawing:
    faults: tuple[Fault, ...]

    def at(self, path: Path) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.path == path)

    def below(self, path: Path) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.path[: len(path)] == path)

    def mapping(
        self, inputs: tuple[Input, ...], plain: Mapping[str, Any], prefix: str, path: Path
    ) -> tuple[Shown, ...]:
        return tuple(self.one(one, plain, prefix, path) for one in inputs)

    def one(self, one: Input, plain: Mapping[str, Any], prefix: str, path: Path) -> Shown:
        if isinstance(one, Forms):
            return self.forms(one, plain, prefix, path)
        value, field, here = plain.get(one.name), f"{prefix}-{one.name}", (*path, one.name)
        address = "/".join(map(str, here))
        shown = Shown(one, field, address, typed_of(value), self.below(here))
        match one:
            case Pair():
                if value is not None and not isinstance(value, Mapping):
                    return self.odd(shown)
                words = {language: typed_of((value or {}).get(language)) for language in ("en", "zh")}
                return replace(shown, typed=words)
            case Chosen():
                stranger = () if value is None or shown.typed in dict(one.choices) else (_as_it_is(shown.typed),)
                return replace(shown, choices=(*one.choices, *stranger))
            case Several():
                if value is not None and not isinstance(value, list):
                    return self.odd(shown)
                keys = [typed_of(key) for key in value or []]
                strangers = tuple(_as_it_is(key) for key in keys if key not in dict(one.choices))
                return replace(shown, typed=keys, choices=(*one.choices, *strangers))
            case Lines() if isinstance(value, list):
                return replace(shown, typed="\n".join(typed_of(item) for item in value))
            case Block():
                if value is not None and not isinstance(value, Mapping):
                    return self.odd(shown)
                return replace(shown, inner=self.mapping(one.inputs, value or {}, field, here), faults=self.at(here))
            case Rows():
                return self.rows(one, value, field, here)
            case Keyed():
                return self.keyed(one, plain, field, here)
        return shown

    def odd(self, shown: Shown) -> Shown:
        field = shown.field if isinstance(shown.input, Block | Typed) else f"{shown.field}-odd"
        return replace(shown, field=field, is_odd=True)

    def rows(self, one: Rows, value: Any, field: str, here: Path) -> Shown:
        shown = Shown(one, field, "/".join(map(str, here)), typed_of(value), self.at(here))
        if value is not None and not isinstance(value, list):
            return self.odd(shown)
        rows = value or []
        groups = []
        for at, row in enumerate(rows):
            place, path = f"{field}-{at}", (*here, at)
            inner = self.mapping(one.inputs, row if isinstance(row, Mapping) else {}, place, path)
            address = "/".join(map(str, path))
            groups.append(
                Group(place, address, at + 1, str(at), "", inner, self.at(path), at == 0, at + 1 == len(rows))
            )
        return replace(shown, groups=tuple(groups))

    def keyed(self, one: Keyed, plain: Mapping[str, Any], field: str, here: Path) -> Shown:
        value, known = plain.get(one.name), one.keys(plain)
        shown = Shown(one, field, "/".join(map(str, here)), typed_of(value), self.at(here))
        if value is not None and not isinstance(value, Mapping):
            return self.odd(shown)
        groups, keys = [], list(value or {})
        for at, key in enumerate(keys):
            place, path = f"{field}-{at}", (*here, key)
            row = (value or {})[key]
            inner = self.mapping(one.inputs, row if isinstance(row, Mapping) else {}, place, path)
            address = "/".join([*map(str, here), str(at)])
            stranger = () if not key or not known or key in dict(known) else (_as_it_is(key),)
            ends = (at == 0, at + 1 == len(keys))
            groups.append(
                Group(place, address, at + 1, key, key, inner, self.at(path), *ends, keys=(*known, *stranger))
            )
        return replace(shown, groups=tuple(groups))

    def forms(self, one: Forms, plain: Mapping[str, Any], prefix: str, path: Path) -> Shown:
        form = one.form_of(plain)
        choices = tuple((each.name, each.label) for each in one.forms)
        inner = () if form is None else self.mapping(form.inputs, plain, prefix, path)
        name = "" if form is None else form.name
        faults = self.at(path) if form is None else ()
        return Shown(one, f"{prefix}-{one.name}", "/".join(map(str, path)), name, faults, choices, inner, form=form)


def _as_it_is(key: str) -> tuple[str, Text]:
    return key, Text(key, key)
