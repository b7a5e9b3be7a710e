"""The profile form of one section, derived from the vocabulary: what to show, and what was typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from companies.facts import (
    UNKNOWN,
    Certificate,
    Fact,
    Kind,
    Profile,
    Source,
    Text,
    ValueFault,
    Vocabulary,
    read_text,
    read_value,
    show_value,
    typed_value,
    write_value,
)

NONE_OF_THESE = "__none__"
MOST_KEPT = 2_000
"""Characters of one unreadable answer that are kept for correcting it."""
_EMPTY_ROWS = 3
_MOST_ROWS = 100
_PARTS = ("kind", "issued", "expires", "number")
_MOST_RADIOS = 5


@dataclass(slots=True)
class FactField:
    """One fact on the page: its words, what stands in its input, how we read it, and what is wrong with it."""

    fact: Fact
    typed: Any = ""
    shown: Text | None = None
    source: Source | None = None
    message: Text | None = None
    path: tuple[str | int, ...] = ()
    empty_rows: int = _EMPTY_ROWS

    @property
    def template(self) -> str:
        """The template of the input for this kind of fact."""
        if self.fact.kind is Kind.ONE and len(self.fact.choices) > _MOST_RADIOS:
            return "companies/fields/select.html"
        names = {Kind.YES_NO: "yes_no", Kind.ONE: "radios", Kind.MANY: "checkboxes", Kind.CERTIFICATES: "certificates"}
        return f"companies/fields/{names.get(self.fact.kind, 'line')}.html"

    @property
    def name(self) -> str:
        """The name of the input."""
        return self.fact.name

    @property
    def input_id(self) -> str:
        """The id of the input, or of the first one of a group."""
        return f"fact-{self.fact.name}"

    @property
    def described_by(self) -> str:
        """The ids of the texts that explain the input, for screen readers."""
        parts = [("help", self.fact.help or self.fact.unit), ("error", self.message), ("read", self.shown)]
        return " ".join(f"{self.input_id}-{part}" for part, there in parts if there)

    @property
    def input_mode(self) -> str:
        """Which keyboard a phone shows. Text for amounts, so that 2000万 can be typed."""
        return "numeric" if self.fact.kind is Kind.WHOLE else "text"

    @property
    def none_ticked(self) -> bool:
        """Whether “none of these” is ticked."""
        if self.fact.kind is Kind.CERTIFICATES:
            return isinstance(self.typed, dict) and bool(self.typed.get("none"))
        return isinstance(self.typed, list) and NONE_OF_THESE in self.typed

    @property
    def papers(self) -> Text | None:
        """What the papers that show this fact are called; None where none is known."""
        labels = [paper.label for paper in self.fact.named_papers]
        return Text(", ".join(one.en for one in labels), "、".join(one.zh for one in labels)) if labels else None

    @property
    def from_document(self) -> bool:
        """Whether the stored answer is backed by a document."""
        return self.source is Source.DOCUMENT

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of a certificates field: those typed, and a few empty ones."""
        typed = self.typed.get("rows", []) if isinstance(self.typed, dict) else []
        return [*typed, *(dict.fromkeys(_PARTS, "") for _ in range(self.empty_rows))]

    @property
    def wrong_row(self) -> int | None:
        """The number of the row that the message is about, counted from 1."""
        return self.path[0] + 1 if self.path and isinstance(self.path[0], int) else None


def typed_in(fact: Fact, sent: QueryDict) -> Any:
    """What was typed for this fact, as it can be kept and shown again: text, a list, or certificate rows."""
    if fact.kind is Kind.MANY:
        return [_kept(word) for word in sent.getlist(fact.name)[:500]]
    if fact.kind is Kind.CERTIFICATES:
        return {"none": f"{fact.name}-none" in sent, "rows": _typed_rows(fact, sent)}
    return sent.get(fact.name, "")


def _typed_rows(fact: Fact, sent: QueryDict) -> list[dict[str, str]]:
    rows = []
    for at in range(_MOST_ROWS):
        if f"{fact.name}-{at}-kind" not in sent:
            break
        row = {part: _kept(sent.get(f"{fact.name}-{at}-{part}", "")) for part in _PARTS}
        if any(text.strip() for text in row.values()):
            rows.append(row)
    return rows


def raw_answer(fact: Fact, typed: Any) -> Any:
    """The typed answer in the form that `read_value` reads; None is “I don't know yet”."""
    if fact.kind is Kind.MANY:
        ticked = [word for word in typed if word != NONE_OF_THESE]
        if ticked and len(ticked) < len(typed):
            raise _none_and_some()
        return ticked if typed else None
    if fact.kind is Kind.CERTIFICATES:
        if typed["none"] and typed["rows"]:
            raise _none_and_some()
        return typed["rows"] if typed["rows"] or typed["none"] else None
    return typed


def _none_and_some() -> ValueFault:
    return ValueFault(
        "none_and_some",
        Text(
            "You ticked “none of these” and chose something as well. Please take one of them back.",
            "您既勾选了“以上都没有”，又填写了其他内容，请去掉其中之一。",
        ),
    )


def stored_typed(fact: Fact, value: Any) -> Any:
    """A stored value as it stands in its input."""
    if fact.kind is Kind.MANY:
        return [] if value is UNKNOWN else sorted(value) or [NONE_OF_THESE]
    if fact.kind is Kind.CERTIFICATES:
        held = [] if value is UNKNOWN else sorted(value, key=Certificate.order)
        rows = [{part: text or "" for part, text in one.to_plain().items()} for one in held]
        return {"none": value is not UNKNOWN and not held, "rows": rows}
    if fact.kind is Kind.YES_NO:
        return "" if value is UNKNOWN else "yes" if value else "no"
    return "" if value is UNKNOWN else typed_value(fact, value)


def _kept(text: str) -> str:
    """The text as it can be stored: PostgreSQL takes no NUL, and nobody corrects five million characters."""
    return text[:MOST_KEPT].replace("\0", "␀")


@dataclass(slots=True)
class SectionForm:
    """All asked facts of one section: read from the sent form, or from what is stored."""

    vocabulary: Vocabulary
    section: str
    fields: list[FactField] = field(default_factory=list)

    @classmethod
    def stored(
        cls, vocabulary: Vocabulary, section: str, profile: Profile, draft: Mapping[str, Any] | None = None
    ) -> "SectionForm":
        """The form as stored: the answers of the profile, over them what was typed and could not be read."""
        form = cls(vocabulary, section)
        for fact in asked_in(vocabulary, section):
            made = stored_field(fact, profile)
            if draft and fact.name in draft:
                put_unread(made, draft[fact.name])
            form.fields.append(made)
        return form

    def put_sent(self, sent: QueryDict) -> None:
        """Show what was sent and not saved in place of what is stored."""
        on_page = set(sent.get("fields", "").split())
        for one in self.fields:
            if one.name in on_page or _is_sent(one.fact, sent):
                one.typed = typed_in(one.fact, sent)

    @property
    def wrong(self) -> list[FactField]:
        """The fields with a message."""
        return [one for one in self.fields if one.message]


def stored_field(fact: Fact, profile: Profile) -> FactField:
    """The field of one fact with what the profile says of it."""
    answer = profile.get(fact.name)
    if answer is None:
        return FactField(fact, stored_typed(fact, UNKNOWN))
    return FactField(fact, stored_typed(fact, answer.value), show_value(fact, answer.value), answer.source)


def put_unread(made: FactField, kept: Any) -> None:
    """Show again what could not be read, with the reason, unless it can be read by now."""
    try:
        typed, message, path = kept["typed"], read_text(kept["message"]), tuple(kept["path"])
        read_value(made.fact, raw_answer(made.fact, typed))
    except ValueFault:
        made.typed, made.message, made.path = typed, message, path
    except (TypeError, KeyError, AttributeError):
        return  # the fact has changed its kind since this was typed


def asked_in(vocabulary: Vocabulary, section: str) -> list[Fact]:
    """The facts that the form of this section asks."""
    return [fact for fact in vocabulary.in_section(section) if fact.derived is None]


@dataclass(frozen=True, slots=True)
class SentAnswers:
    """What a sent form says: raw answers to save, and per unreadable field what was typed."""

    answers: dict[str, Any]
    unread: dict[str, Any]


def read_sent(vocabulary: Vocabulary, section: str, sent: QueryDict) -> SentAnswers:
    """What the sent form of this section says."""
    return read_typed(asked_in(vocabulary, section), sent)


def read_typed(facts: Iterable[Fact], sent: QueryDict) -> SentAnswers:
    """Sort what was sent for these facts into answers that can be read and typed text that cannot.

    Only facts that stood on the page count (`fields` lists them): a fact added meanwhile was not asked.
    """
    on_page = set(sent.get("fields", "").split())
    answers: dict[str, Any] = {}
    unread: dict[str, Any] = {}
    for fact in facts:
        if fact.name not in on_page and not _is_sent(fact, sent):
            continue
        typed = typed_in(fact, sent)
        try:
            value = read_value(fact, raw_answer(fact, typed))
        except ValueFault as fault:
            unread[fact.name] = {
                "typed": _kept(typed) if isinstance(typed, str) else typed,
                "message": fault.message.to_plain(),
                "path": list(fault.path),
            }
        else:
            answers[fact.name] = None if value is UNKNOWN else _with_source(fact, write_value(fact, value), sent)
    return SentAnswers(answers, unread)


def _is_sent(fact: Fact, sent: QueryDict) -> bool:
    return any(name in sent for name in (fact.name, f"{fact.name}-none", f"{fact.name}-0-kind"))


def _with_source(fact: Fact, raw: Any, sent: QueryDict) -> Any:
    """The answer with its source where the box “a document shows this” says something new about it."""
    if f"{fact.name}-document" in sent:
        return {"value": raw, "source": Source.DOCUMENT.value}
    if f"{fact.name}-document-was" in sent:
        return {"value": raw, "source": Source.SELF.value}
    return raw


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How far a section is: facts answered of facts asked."""

    key: str
    title: Text
    answered: int
    asked: int


def progress(vocabulary: Vocabulary, profile: Profile) -> list[SectionProgress]:
    """How far each section with something to ask is, in order."""
    rows = []
    for section in vocabulary.sections:
        asked = asked_in(vocabulary, section.key)
        if asked:
            answered = sum(fact.name in profile.answers for fact in asked)
            rows.append(SectionProgress(section.key, section.title, answered, len(asked)))
    return rows
