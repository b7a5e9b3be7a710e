"""Requirement trees as plain mappings: reading with faults, writing in canonical order."""

from collections.abc import Mapping
from typing import Any

from policies.rules.printing import print_expression
from policies.rules.reading import Path, Reading, write_text
from policies.rules.requirements import All, AnyOf, AtLeast, Criterion, Judged, Marks, Not, NotModelled, Requirement

DEEPEST_TREE = 20
_FORMS = ("when", "all", "any", "at_least", "not", "judged", "not_modelled")
_MARKS = ("clause", "confidence", "source", "note")


def read_requirement(raw: Any, path: Path, reading: Reading, depth: int = 1) -> Requirement | None:
    """The tree, or None where a part could not be read (its faults are noted)."""
    plain = reading.mapping(raw, path)
    if plain is None:
        return None
    if depth > DEEPEST_TREE:
        reading.fault(path, f"nested more than {DEEPEST_TREE} deep", f"嵌套超过 {DEEPEST_TREE} 层", "too_deep")
        return None
    forms = [form for form in _FORMS if form in plain]
    if len(forms) != 1:
        said = ", ".join(_FORMS)
        reading.fault(path, f"exactly one of: {said}", f"须且只能有其中之一：{said}", "wrong_shape", _close_form(plain))
        return None
    (form,) = forms
    extra = {"when": ("says",), "at_least": ("of",)}.get(form, ())
    reading.only(plain, (form, *extra, *_MARKS), path)
    marks = read_marks(plain, path, reading)
    return _read_form(form, plain, path, reading, depth, marks)


def _close_form(plain: Mapping[str, Any]) -> str | None:
    from policies.rules.words import best_match

    return next((close for key in plain if (close := best_match(key, _FORMS))), None)


def _read_form(
    form: str, plain: Mapping[str, Any], path: Path, reading: Reading, depth: int, marks: Marks
) -> Requirement | None:
    here = (*path, form)
    match form:
        case "when":
            expression = reading.expression(plain[form], here, "truth")
            says = reading.text(plain, "says", path)
            return None if expression is None else Criterion(expression, says, marks)
        case "judged" | "not_modelled":
            text = reading.both(plain[form], here)
            return None if text is None else (Judged if form == "judged" else NotModelled)(text, marks)
        case "not":
            node = read_requirement(plain[form], here, reading, depth + 1)
            return None if node is None else Not(node, marks)
        case "at_least":
            of = _children(plain.get("of"), (*path, "of"), reading, depth)
            count = reading.whole(plain[form], here, 1, max(len(of), 1))
            return None if count is None or not of else AtLeast(count, of, marks)
    of = _children(plain[form], here, reading, depth)
    return None if not of else (All if form == "all" else AnyOf)(of, marks)


def _children(raw: Any, path: Path, reading: Reading, depth: int) -> tuple[Requirement, ...]:
    return reading.each(raw, path, lambda item, at: read_requirement(item, at, reading, depth + 1), empty=False)


def read_marks(plain: Mapping[str, Any], path: Path, reading: Reading) -> Marks:
    """Clause, confidence, source and note of a node."""
    return Marks(
        clause=reading.word(plain, "clause", path),
        confidence=reading.confidence(plain, path),
        source=reading.word(plain, "source", path),
        note=reading.text(plain, "note", path),
    )


def write_marks(marks: Marks) -> dict[str, Any]:
    """The marks that are there."""
    plain: dict[str, Any] = {"clause": marks.clause, "confidence": marks.confidence, "source": marks.source}
    plain["note"] = None if marks.note is None else write_text(marks.note)
    return {key: value for key, value in plain.items() if value is not None}


def write_requirement(requirement: Requirement) -> dict[str, Any]:
    """The tree as a plain mapping in canonical key order."""
    match requirement:
        case Criterion(when, says, marks):
            said = {} if says is None else {"says": write_text(says)}
            return {"when": print_expression(when), **said, **write_marks(marks)}
        case Judged(text, marks):
            return {"judged": write_text(text), **write_marks(marks)}
        case NotModelled(text, marks):
            return {"not_modelled": write_text(text), **write_marks(marks)}
        case All(of, marks):
            return {"all": [write_requirement(node) for node in of], **write_marks(marks)}
        case AnyOf(of, marks):
            return {"any": [write_requirement(node) for node in of], **write_marks(marks)}
        case AtLeast(count, of, marks):
            return {"at_least": count, "of": [write_requirement(node) for node in of], **write_marks(marks)}
        case Not(of, marks):
            return {"not": write_requirement(of), **write_marks(marks)}
    raise TypeError(f"not a requirement: {requirement!r}")
