"""Writing expressions back in their one canonical form: reading what is printed gives the same expression."""

from fractions import Fraction

from policies.rules.expressions import (
    SCALES,
    Among,
    Arithmetic,
    Band,
    Both,
    Compare,
    Day,
    Either,
    Expression,
    Extreme,
    FactNamed,
    Growth,
    Has,
    Holds,
    Key,
    Negated,
    Negative,
    Number,
    Otherwise,
    Since,
    YesNo,
)

# How tightly each form holds together; a part is bracketed when it holds less tightly than its place needs.
_OTHERWISE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _ATOM = range(9)


def print_expression(expression: Expression) -> str:
    """The canonical text of the expression."""
    return _print(expression)[0]


def _in(expression: Expression, needed: int) -> str:
    text, tightness = _print(expression)
    return text if tightness >= needed else f"({text})"


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(_quoted(key) for key in keys)


def _quoted(key: str) -> str:
    return f"'{key}'" if '"' in key else f'"{key}"'


def _print(expression: Expression) -> tuple[str, int]:
    match expression:
        case Number():
            return print_number(expression), _ATOM if expression.value >= 0 else _UNARY
        case Key(key):
            return _quoted(key), _ATOM
        case YesNo(value):
            return "true" if value else "false", _ATOM
        case Day(day):
            return f'day("{day.isoformat()}")', _ATOM
        case FactNamed(name):
            return name, _ATOM
        case Both(of):
            return " and ".join(_in(part, _NOT) for part in of), _AND
        case Either(of):
            return " or ".join(_in(part, _AND) for part in of), _OR
        case Negated(operand):
            return f"not {_in(operand, _NOT)}", _NOT
        case Compare(first, rest):
            tail = " ".join(f"{operator} {_in(right, _SUM)}" for operator, right in rest)
            return f"{_in(first, _SUM)} {tail}", _COMPARE
        case Has(key, fact, negated):
            return f"{_quoted(key)} {'not in' if negated else 'in'} {fact.name}", _COMPARE
        case Among(fact, keys, negated):
            return f"{fact.name} {'not in' if negated else 'in'} [{_keys(keys)}]", _COMPARE
        case Arithmetic(operator, left, right):
            level = _SUM if operator in "+-" else _PRODUCT
            return f"{_in(left, level)} {operator} {_in(right, level + 1)}", level
        case Negative(operand):
            return f"-{_in(operand, _ATOM)}", _UNARY
        case Otherwise(cases, last):
            chain = "".join(f"{_in(value, _OR)} if {_in(condition, _OR)} else " for condition, value in cases)
            return chain + _in(last, _OR), _OTHERWISE
    return _print_call(expression), _ATOM


def _print_call(expression: Expression) -> str:
    match expression:
        case Holds(kinds, _):
            return f"holds({_keys(kinds)})"
        case Extreme(which, of):
            return f"{which}({', '.join(_in(part, _OTHERWISE) for part in of)})"
        case Since(unit, day):
            return f"{unit}_since({_in(day, _OTHERWISE)})"
        case Growth(now, before, years):
            return f"yearly_growth({_in(now, _OTHERWISE)}, {_in(before, _OTHERWISE)}, {years})"
        case Band(of, below, steps):
            parts = [_in(of, _OTHERWISE)]
            parts += [] if below is None else [_in(below, _OTHERWISE)]
            parts += [f"[{print_number(start)}, {_in(value, _OTHERWISE)}]" for start, value in steps]
            return f"band({', '.join(parts)})"
    raise TypeError(f"not an expression: {expression!r}")


def print_number(number: Number) -> str:
    """A number as it is written in a rule: 5%, 2000万, 20_000_000, -0.5."""
    return digits(number.value / SCALES[number.scale]) + number.scale


def digits(value: Fraction) -> str:
    """The exact decimal digits of a number, whole thousands set apart by `_` from 10 000 on."""
    whole, rest = divmod(abs(value), 1)
    text = f"{whole:_}" if whole >= 10_000 else str(whole)
    places = ""
    while rest and len(places) < 40:
        digit, rest = divmod(rest * 10, 1)
        places += str(digit)
    return ("-" if value < 0 else "") + text + ("." + places if places else "")
