"""The fields of a request's body, read one by one, so that everything that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import override
from rest_framework.request import Request

from companies.api.problems import FieldFault, Problem, pointer_to
from companies.facts import ProfileFault, Text, ValueFault, typed_text
from companies.facts.days import read_day


class Body:
    """An object with these fields and no others; what is wrong is collected until `check`."""

    def __init__(self, request: Request, fields: Sequence[str]) -> None:
        if not isinstance(request.data, Mapping):
            listed = ", ".join(fields)
            said = Text(f"Send an object with {listed}.", f"请发送一个对象，其字段为 {listed}。")
            raise Problem("invalid", errors=[FieldFault("", "wrong_shape", said)])
        self.sent: Mapping[str, Any] = request.data
        self.faults: list[FieldFault] = [_strange(name, fields) for name in self.sent if name not in fields]

    def __contains__(self, name: str) -> bool:
        return name in self.sent

    def text(self, name: str, *, longest: int, needed: bool = False) -> str:
        """A text without blanks around it; "" where it is not sent or null."""
        sent = self.sent.get(name)
        if (sent is None or sent == "") and needed:
            self.refuse(name, "missing", Text("This is needed.", "此项必填。"))
        elif sent is not None and not (isinstance(sent, str) and len(sent) <= longest):
            said = Text(f"Text of at most {longest} characters.", f"应为文本，最多 {longest} 字。")
            self.refuse(name, f"bad_{name}", said)
        elif sent is not None:
            try:
                written = typed_text(str(sent), longest)
            except ValueFault as fault:
                self.refuse(name, fault.code, fault.message)
                return ""
            if not written and needed:
                self.refuse(name, "missing", Text("This is needed.", "此项必填。"))
            return written
        return ""

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        sent = self.sent.get(name, default)
        if isinstance(sent, bool):
            return sent
        self.refuse(name, "not_yes_or_no", Text("Send true or false.", "请发送 true 或 false。"))
        return default

    def day(self, name: str) -> date:
        """A day; today where it is not sent or null."""
        if self.sent.get(name) is not None:
            try:
                return read_day(self.sent[name])
            except ValueFault as fault:
                self.refuse(name, fault.code, fault.message)
        return timezone.localdate()

    def facts(self, name: str = "facts") -> Mapping[str, Any]:
        """An object of facts, whose values are not read yet; {} where it is not sent."""
        sent = self.sent.get(name, {})
        if isinstance(sent, Mapping):
            return sent
        said = Text("A profile is a list of facts with their values.", "资料应为“事实项: 值”的列表。")
        self.refuse(name, "not_a_profile", said)
        return {}

    def refuse(self, name: str, code: str, said: Text) -> None:
        """Note what is wrong with a field."""
        self.faults.append(FieldFault(pointer_to(name), code, said))

    def refuse_facts(self, faults: Sequence[ProfileFault], name: str = "facts") -> None:
        """Note what is wrong with some of the facts."""
        self.faults += fact_faults(faults, name)

    def check(self) -> None:
        """Raises Problem (invalid) with all that was wrong."""
        if self.faults:
            raise Problem("invalid", errors=self.faults)


def fact_faults(faults: Sequence[ProfileFault], *where: str) -> list[FieldFault]:
    """Faults of a profile, each by the pointer that leads to it from the facts at `where`."""
    return [
        FieldFault(pointer_to(*where, *([one.name] if one.name else []), *one.path), one.code, one.message)
        for one in faults
    ]


def faults_of_row(fault: ValidationError) -> list[FieldFault]:
    """What a row's own check refuses, field by field, in the words of its model."""
    found = fault.error_dict if hasattr(fault, "error_dict") else {"": fault.error_list}
    return [
        FieldFault(pointer_to(*[name] if name and name != "__all__" else []), str(one.code or "invalid"), _both(one))
        for name, errors in found.items()
        for one in errors
    ]


def _both(one: ValidationError) -> Text:
    """A message of a model in both languages."""
    said = {}
    for language in ("en", "zh-hans"):
        with override(language):
            said[language] = " ".join(one.messages)
    return Text(said["en"], said["zh-hans"])


def _strange(name: Any, fields: Sequence[str]) -> FieldFault:
    said = Text(
        f"This does not belong here; known are {', '.join(fields)}.",
        f"此处不应有该字段；可用字段：{'、'.join(fields)}。",
    )
    return FieldFault(pointer_to(str(name)[:80]), "unknown_field", said)
