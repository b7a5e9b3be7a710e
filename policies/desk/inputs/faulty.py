"""Which input a fault belongs to: by what it is called on the page, and its id. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from companies.facts import Text
from policies.desk.inputs.kinds import Pair
from policies.desk.inputs.showing import Shown
from policies.rules.faults import Fault
from policies.rules.numerals import joined


@dataclass(frozen=True, slots=True)
class Faulty:
    """A fault with the input that it belongs to, “Steps, Step 2, from”; without one where no input shows it."""

    fault: Fault
    called: Text | None = None
    field: str = ""


def faulty_inputs(shown: Iterable[Shown], faults: Iterable[Fault]) -> list[Faulty]:
    """The faults in their order, each with its input."""
    known = {faulty.fault: faulty for faulty in _walk(shown, ())}
    return [known.get(fault, Faulty(fault)) for fault in faults]


def _walk(shown: Iterable[Shown], trail: tuple[Text, ...]) -> Iterator[Faulty]:
    for one in shown:
        here = (*trail, one.input.label)
        # A choice of forms has no name of its own on the way to the inputs of the form.
        yield from _walk(one.inner, trail if one.form is not None else here)
        for group in one.groups:
            row = getattr(one.input, "row", None) or getattr(one.input, "key", one.input.label)
            numbered = (*here, Text(f"{row.en} {group.number}", f"{row.zh}{group.number}"))
            yield from _walk(group.inputs, numbered)
            yield from (Faulty(fault, joined(numbered, ", ", "，"), group.field) for fault in group.faults)
        field = f"{one.field}-zh" if isinstance(one.input, Pair) and not one.is_odd else one.field
        yield from (Faulty(fault, joined(here, ", ", "，"), field) for fault in one.faults)
