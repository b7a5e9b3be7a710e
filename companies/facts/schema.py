"""What a value of a fact looks like in JSON, as a JSON Schema: the form in which answers are stored and sent back."""

from datetime import date
from typing import Any

from companies.facts.choosing import LONGEST_NUMBER, MOST_CHOSEN
from companies.facts.kinds import Kind
from companies.facts.vocabulary import Fact, plain_bound
from companies.facts.words import Text

_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_DIGITS = {Kind.MONEY: r"^-?[0-9]+\.[0-9]{2}$", Kind.NUMBER: r"^-?[0-9]+(\.[0-9]{1,6})?$"}
_DIGITS[Kind.RATIO] = _DIGITS[Kind.NUMBER]


def value_schema(fact: Fact) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the fact's values as written; exact decimals are text, so their bounds are in words."""
    keys = [choice.key for choice in fact.choices]
    match fact.kind:
        case Kind.YES_NO:
            return {"type": "boolean"}
        case Kind.WHOLE:
            bounds = {"minimum": fact.minimum, "maximum": fact.maximum}
            return {"type": "integer"} | {
                name: plain_bound(bound) for name, bound in bounds.items() if bound is not None
            }
        case Kind.MONEY | Kind.NUMBER | Kind.RATIO:
            return {"type": "string", "pattern": _DIGITS[fact.kind]} | _said_bounds(fact)
        case Kind.DAY:
            return _DAY | _said_bounds(fact)
        case Kind.ONE:
            return {"type": "string", "enum": keys}
        case Kind.MANY:
            return {
                "type": "array",
                "items": {"type": "string", "enum": keys},
                "uniqueItems": True,
                "maxItems": MOST_CHOSEN,
            }
        case Kind.CERTIFICATES:
            day = {"type": ["string", "null"], "format": "date"}
            parts = {
                "kind": {"type": "string", "enum": keys},
                "issued": day,
                "expires": day,
                "number": {"type": ["string", "null"], "maxLength": LONGEST_NUMBER},
            }
            held = {"type": "object", "properties": parts, "required": ["kind"], "additionalProperties": False}
            return {"type": "array", "items": held, "maxItems": MOST_CHOSEN}


def _said_bounds(fact: Fact) -> dict[str, str]:
    """The bounds of what JSON Schema cannot compare."""
    parts = [
        Text(f"at least {bound}", f"不小于 {bound}")
        if name == "minimum"
        else Text(f"at most {bound}", f"不大于 {bound}")
        for name, bound in written_bounds(fact).items()
    ]
    if not parts:
        return {}
    return {"description": f"{', '.join(one.en for one in parts)}; {'，'.join(one.zh for one in parts)}"}


def written_bounds(fact: Fact) -> dict[str, str]:
    """The bounds there are, `minimum` and `maximum`, as exact digits or ISO days."""
    bounds = {"minimum": fact.minimum, "maximum": fact.maximum}
    return {
        name: bound.isoformat() if isinstance(bound, date) else format(bound, "f")
        for name, bound in bounds.items()
        if bound is not None
    }
