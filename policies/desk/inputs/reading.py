"""From what the browser sent to the part: typed words as they were typed, untouched values as they stood."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from policies.desk.inputs.kinds import (
    LONGEST_LINE,
    Block,
    Chosen,
    Form,
    Forms,
    Input,
    Keyed,
    Lines,
    Pair,
    Rows,
    Several,
    Ticked,
    Typed,
)

_WHOLE = re.compile(r"-?\d{1,15}")
_DEEPEST = 8


class Sent(Protocol):
    """What a form sent: the last value of a name, or all of them."""

    def get(self, name: str, default: str = ...) -> Any: ...

    def getlist(self, name: str) -> list[str]: ...

    def __contains__(self, name: object) -> bool: ...


def typed_of(value: Any) -> str:
    """What stands in the field of a value; for one that no field can hold, its JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def sent_part(inputs: tuple[Input, ...], stored: Any, sent: Sent, prefix: str = "p") -> Any:
    """The part that was sent; `stored` is the part that the page showed: from it come all values that nobody touched.

    Where the one input is a list of rows without a name, the part is a list, else a mapping.
    """
    if len(inputs) == 1 and isinstance(inputs[0], Rows) and not inputs[0].name:
        return _rows(inputs[0], stored, sent, prefix, 0)
    return _mapping(inputs, stored, sent, prefix, 0)


def _mapping(inputs: tuple[Input, ...], stored: Any, sent: Sent, prefix: str, depth: int) -> Any:
    known = dict(stored) if isinstance(stored, Mapping) else {}
    found: dict[str, Any] = {}
    # Names that no input speaks for stay as they stand.
    spoken_for: set[str] = set()
    for one in inputs:
        if isinstance(one, Forms):
            spoken_for |= _read_forms(one, known, found, sent, prefix, depth)
        else:
            spoken_for.add(one.name)
            _read_into(one, known, found, sent, prefix, depth)
    return {name: value for name, value in known.items() if name not in spoken_for} | found


def _read_into(
    one: Input, known: Mapping[str, Any], found: dict[str, Any], sent: Sent, prefix: str, depth: int
) -> None:
    here = f"{prefix}-{one.name}"
    was = known.get(one.name)
    value = _value(one, was, sent, here, depth)
    if one.name in known and value is was:
        found[one.name] = was
        return
    if value is None or value in ("", [], {}):
        # Emptied, or never there: null and nothing are not the same in a file, so what was empty stays as it was.
        if one.name in known and (_is_empty(was) or one.keeps_null):
            found[one.name] = was if _is_empty(was) else None
        return
    found[one.name] = value


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(inner) for inner in value.values())
    return value is None or value in ("", [])


def _value(one: Input, was: Any, sent: Sent, here: str, depth: int) -> Any:
    match one:
        case Typed():
            return _typed(one, was, sent, here)
        case Pair():
            return _pair(was, sent, here)
        case Chosen():
            return _same_or(was, sent.get(here, ""))
        case Several():
            return _several(one, was, sent, here)
        case Lines():
            lines = [line.strip() for line in sent.get(here, "")[:LONGEST_LINE].splitlines() if line.strip()]
            return was if isinstance(was, list) and [typed_of(item) for item in was] == lines else lines
        case Ticked():
            return True if here in sent else (was if was not in (True, None) else None)
        case Block() if depth < _DEEPEST:
            return _mapping(one.inputs, was, sent, here, depth + 1)
        case Rows() if depth < _DEEPEST:
            return _rows(one, was, sent, here, depth + 1)
        case Keyed() if depth < _DEEPEST:
            return _keyed(one, was, sent, here, depth + 1)
    return was


def _same_or(was: Any, typed: str) -> Any:
    # A browser sends each line's end as two signs.
    typed = typed.replace("\r\n", "\n")
    return was if typed == typed_of(was).replace("\r\n", "\n") else typed


def _typed(one: Typed, was: Any, sent: Sent, here: str) -> Any:
    value = _same_or(was, sent.get(here, ""))
    if value is was or not isinstance(value, str):
        return value
    value = value.strip()
    return int(value) if one.as_number and _WHOLE.fullmatch(value) else value


def _pair(was: Any, sent: Sent, here: str) -> Any:
    if was is not None and not isinstance(was, Mapping):
        return _same_or(was, sent.get(f"{here}-odd", ""))
    known = dict(was or {})
    words = {language: _same_or(known.get(language), sent.get(f"{here}-{language}", "")) for language in ("en", "zh")}
    if all(words[language] is known.get(language) for language in words):
        return was
    if all(_is_empty(one) for one in words.values()):
        return None
    return known | {language: said for language, said in words.items() if language in known or not _is_empty(said)}


def _several(one: Several, was: Any, sent: Sent, here: str) -> Any:
    if was is not None and not isinstance(was, list):
        return _same_or(was, sent.get(f"{here}-odd", ""))
    ticked = set(sent.getlist(here))
    had = [typed_of(key) for key in was or []]
    if ticked == set(had):
        return was
    order = [key for key, _label in one.choices]
    return [key for key in had if key in ticked and key not in order] + [key for key in order if key in ticked]


def _rows(one: Rows, was: Any, sent: Sent, here: str, depth: int) -> Any:
    if was is not None and not isinstance(was, list):
        return _same_or(was, sent.get(f"{here}-odd", ""))
    rows = []
    for at in range(one.most + 1):
        place = f"{here}-{at}"
        if f"{place}-was" not in sent:
            break
        rows.append(_mapping(one.inputs, _at(was, sent.get(f"{place}-was", "")), sent, place, depth))
    return rows


def _at(was: Any, index: str) -> Any:
    """The row that this one was on the page before."""
    held: Sequence[Any] = was if isinstance(was, list) else []
    return held[int(index)] if index.isdigit() and int(index) < len(held) else None


def _keyed(one: Keyed, was: Any, sent: Sent, here: str, depth: int) -> Any:
    if was is not None and not isinstance(was, Mapping):
        return _same_or(was, sent.get(f"{here}-odd", ""))
    known = dict(was or {})
    found: dict[str, Any] = {}
    for at in range(one.most + 1):
        place = f"{here}-{at}"
        if f"{place}-was" not in sent:
            break
        key = sent.get(f"{place}-key", "").strip()
        while key in found:
            key += "?"  # said twice: both stay, and the reader says that the second is no level
        found[key] = _mapping(one.inputs, known.get(sent.get(f"{place}-was", "")), sent, place, depth)
    return found


def _read_forms(
    one: Forms, known: Mapping[str, Any], found: dict[str, Any], sent: Sent, prefix: str, depth: int
) -> set[str]:
    """Read the inputs of the form that was shown, turn it into the one that is wanted; gives the names this speaks for."""
    here = f"{prefix}-{one.name}"
    shown = next((form for form in one.forms if form.name == sent.get(f"{here}-shown", "")), None)
    wanted = next((form for form in one.forms if form.name == sent.get(here, "")), None)
    if shown is not None:
        for inner in shown.inputs:
            _read_into(inner, known, found, sent, prefix, depth)
        # The name says which form it is, also while nothing is written under it.
        if shown.name not in found:
            found[shown.name] = known.get(shown.name, shown.begins())
    names = set() if shown is None else {shown.name, *(inner.name for inner in shown.inputs)}
    if wanted is None or wanted is shown:
        return names
    kept = {inner.name for inner in wanted.inputs}
    before = found.pop(shown.name, None) if shown is not None else None
    for name in [name for name in found if shown is not None and name in {i.name for i in shown.inputs} - kept]:
        del found[name]
    begun = wanted.begins()
    # From a sum to another sum, from words to other words, from steps to steps: what was typed is worth keeping.
    is_alike = type(before) is type(begun) or (_is_plain(before) and _is_plain(begun))
    found[wanted.name] = _fitting(wanted, before) if is_alike else begun
    return names | set(one.names)


def _fitting(form: Form, before: Any) -> Any:
    """What of another form's value this form has inputs for: the rest could be neither seen nor taken out again."""
    main = next((inner for inner in form.inputs if inner.name == form.name), None)
    return before if main is None else _seen_by(main, before)


def _seen_by(one: Input, value: Any) -> Any:
    match one:
        case Pair() if isinstance(value, Mapping):
            return {language: value[language] for language in ("en", "zh") if language in value}
        case Block() if isinstance(value, Mapping):
            return _named(one.inputs, value)
        case Rows() if isinstance(value, list):
            return [_named(one.inputs, row) for row in value if isinstance(row, Mapping)]
    return value


def _named(inputs: Sequence[Input], value: Mapping[str, Any]) -> dict[str, Any]:
    return {inner.name: _seen_by(inner, value[inner.name]) for inner in inputs if inner.name in value}


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def tidied(inputs: tuple[Input, ...], part: Any) -> Any:
    """The part without the rows in which nothing is written: they were room to write, not part of it."""
    if len(inputs) == 1 and isinstance(inputs[0], Rows) and not inputs[0].name:
        return _tidied_rows(inputs[0].inputs, part)
    return _tidied(inputs, part)


def _tidied(inputs: tuple[Input, ...], plain: Any) -> Any:
    if not isinstance(plain, Mapping):
        return plain
    made = dict(plain)
    for one in inputs:
        if isinstance(one, Forms):
            form = one.form_of(made)
            made = _tidied(form.inputs, made) if form is not None else made
        elif one.name not in made:
            continue
        elif isinstance(one, Rows):
            made[one.name] = _tidied_rows(one.inputs, made[one.name])
        elif isinstance(one, Block):
            made[one.name] = _tidied(one.inputs, made[one.name])
        elif isinstance(one, Keyed) and isinstance(made[one.name], Mapping):
            rows = {key: _tidied(one.inputs, row) for key, row in made[one.name].items()}
            made[one.name] = {key: row for key, row in rows.items() if key or not _is_empty(row)}
    return made


def _tidied_rows(inputs: tuple[Input, ...], rows: Any) -> Any:
    if not isinstance(rows, list):
        return rows
    return [made for row in rows if (made := _tidied(inputs, row)) != {}]
