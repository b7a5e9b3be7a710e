"""The page of a part that is written by inputs: typed, checked, saved; the same for all such parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, QueryDict

from companies.facts import Text
from policies.desk.inputs.faulty import faulty_inputs
from policies.desk.inputs.kinds import Input, Rows
from policies.desk.inputs.moving import moved
from policies.desk.inputs.reading import sent_part, tidied
from policies.desk.inputs.showing import show_part
from policies.desk.part_pages import PartPage

_LONGEST = 400_000


def answer_inputs(
    page: PartPage,
    inputs: tuple[Input, ...],
    *,
    says: Callable[[Any], list[Text]],
    shows: Callable[[Any], Mapping[str, Any]] = lambda part: {},
    template: str = "desk/write/inputs.html",
    live: str = "desk/write/_live.html",
    **context: Any,
) -> HttpResponse:
    """Show, check or save the part; `says` gives sentences of what the part means, as far as it can be read.

    `shows` gives what else the page shows of a part, saved or not; `context` what it shows whatever the part is.
    Where only those are asked for, while the person types, the answer is they and the faults, each with its input.
    """
    part = page.part
    if page.sent is not None:
        part = sent_part(inputs, shown_before(page.sent), page.sent)
        if page.wants_saving:
            part = tidied(inputs, part)
        elif ":" in page.act:
            part = moved(part, page.act)
        answer = page.save(_empty_is_nothing(inputs, part))
        if answer is not None:
            return answer
    shown = show_part(inputs, part, page.faults)
    said: dict[str, Any] = {"says": says(part), **shows(part), **context}
    if page.is_live:
        return page.render(live, {**said, "faulty": faulty_inputs(shown, page.faults)})
    return page.render(template, {"inputs": shown, "base": json.dumps(part, ensure_ascii=False), **said})


def shown_before(sent: QueryDict) -> Any:
    """The part as the page showed it, saved or not; it came from us, and is checked again before it is stored."""
    base = sent.get("base", "null")
    if len(base) > _LONGEST:
        raise SuspiciousOperation("the part that was sent back is longer than any part can be")
    try:
        part = json.loads(base)
        # Half a surrogate pair can be written in JSON, and in no page.
        json.dumps(part, ensure_ascii=False).encode()
        return part
    except (ValueError, RecursionError) as fault:
        raise SuspiciousOperation("the part that was sent back is no JSON") from fault


def _empty_is_nothing(inputs: tuple[Input, ...], part: Any) -> Any:
    """A part in which nothing is written yet is not there; an empty list of rows is."""
    return part if part or isinstance(inputs[0], Rows) else None
