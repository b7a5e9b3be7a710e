"""All facts of one release: sections, facts, choices, and finding a fact by any of its names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from companies.facts.kinds import Effort, Kind
from companies.facts.words import Text, folded, nearest

_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer; for certificates also after how many years it ends (None = it does not expire)."""

    key: str
    label: Text
    aliases: tuple[str, ...] = ()
    validity_years: int | None = None
    note: Text | None = None

    def to_plain(self) -> dict[str, object]:
        """The choice as it stands in a catalogue file."""
        plain: dict[str, object] = {"key": self.key, "label": self.label.to_plain()}
        if self.aliases:
            plain["aliases"] = list(self.aliases)
        if self.validity_years is not None:
            plain["validity_years"] = self.validity_years
        if self.note:
            plain["note"] = self.note.to_plain()
        return plain


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the profile form; `stem` is the name of its catalogue file and gives the order of sections."""

    key: str
    title: Text
    help: Text | None = None
    stem: str = ""

    def to_plain(self) -> dict[str, object]:
        """The section as it stands in its catalogue file."""
        plain: dict[str, object] = {"key": self.key, "title": self.title.to_plain()}
        if self.help:
            plain["help"] = self.help.to_plain()
        return plain


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be known about a company: its kind, bounds, choices and words in both languages.

    `named_papers` are the papers with what they are called, as far as the reference list knows them.
    """

    name: str
    kind: Kind
    section: str
    label: Text
    question: Text | None = None
    help: Text | None = None
    unit: Text | None = None
    minimum: Decimal | date | None = None
    maximum: Decimal | date | None = None
    choices: tuple[Choice, ...] = ()
    period: str | None = None
    papers: tuple[str, ...] = ()
    effort: Effort = Effort.SLOW
    aliases: tuple[str, ...] = ()
    derived: str | None = None
    choices_from: str | None = None
    confidence: str = "high"
    sources: tuple[str, ...] = ()
    note: Text | None = None
    named_papers: tuple[Choice, ...] = ()
    _by_word: dict[str, Choice] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_word", _index_choices(self.choices))

    def choice(self, key: str) -> Choice | None:
        """The choice with this key."""
        return next((choice for choice in self.choices if choice.key == key), None)

    def choice_called(self, word: str) -> Choice | None:
        """The choice that this word names: its key, a label in either language, or an alias; case does not matter."""
        return self._by_word.get(folded(word))

    @property
    def words(self) -> tuple[str, ...]:
        """Every word the fact can be called by: name, labels, aliases."""
        return (self.name, self.label.zh, self.label.en, *self.aliases)

    def is_called(self, part: str) -> bool:
        """Whether a name, label or alias of the fact has this in it; case and width do not matter."""
        looked_for = folded(part[:_LONGEST_SEARCH])
        return any(looked_for in folded(word) for word in self.words)

    def to_plain(self) -> dict[str, object]:
        """The fact as it stands in a catalogue file: canonical key order, nothing that says only the usual."""
        plain: dict[str, object] = {
            "fact": self.name,
            "kind": self.kind.value,
            "label": self.label.to_plain(),
        }
        for key, text in (("question", self.question), ("help", self.help), ("unit", self.unit)):
            if text:
                plain[key] = text.to_plain()
        usual = usual_bounds(self.kind, derived=self.derived is not None)
        for key, bound, usually in (("minimum", self.minimum, usual[0]), ("maximum", self.maximum, usual[1])):
            if bound != usually and bound is not None:
                plain[key] = plain_bound(bound)
        if self.choices_from:
            plain["choices"] = {"from": self.choices_from}
        elif self.choices:
            plain["choices"] = [choice.to_plain() for choice in self.choices]
        plain |= {"period": self.period} if self.period else {}
        plain |= {"papers": list(self.papers)} if self.papers else {}
        plain["effort"] = self.effort.value
        plain |= {"aliases": list(self.aliases)} if self.aliases else {}
        plain |= {"derived": self.derived} if self.derived else {}
        plain |= {"confidence": self.confidence} if self.confidence != "high" else {}
        plain |= {"sources": list(self.sources)} if self.sources else {}
        plain |= {"note": self.note.to_plain()} if self.note else {}
        return plain


def _index_choices(choices: tuple[Choice, ...]) -> dict[str, Choice]:
    """Words to choices; a key is stronger than a label, a label stronger than an alias."""
    index: dict[str, Choice] = {}
    for choice in choices:
        index.setdefault(folded(choice.key), choice)
    for choice in choices:
        for label in (choice.label.zh, choice.label.en):
            index.setdefault(folded(label), choice)
    for choice in choices:
        for alias in choice.aliases:
            index.setdefault(folded(alias), choice)
    return index


def usual_bounds(kind: Kind, *, derived: bool) -> tuple[Decimal | None, Decimal | None]:
    """The bounds of an asked fact that states none: money 0 to a trillion CNY, counts from 0."""
    if derived:
        return None, None
    if kind is Kind.MONEY:
        return Decimal(0), Decimal(1_000_000_000_000)
    if kind is Kind.WHOLE:
        return Decimal(0), None
    return None, None


def plain_bound(bound: Decimal | date) -> int | str:
    """A bound for a file: an ISO day, a whole number, or the digits as text."""
    if isinstance(bound, date):
        return bound.isoformat()
    return int(bound) if bound == bound.to_integral_value() else format(bound.normalize(), "f")


def _index_words(facts: tuple[Fact, ...]) -> dict[str, Fact]:
    """Words to facts; a name is stronger than a label, a label stronger than an alias."""
    index: dict[str, Fact] = {}
    for fact in facts:
        index.setdefault(folded(fact.name), fact)
    for fact in facts:
        for label in (fact.label.zh, fact.label.en):
            index.setdefault(folded(label), fact)
    for fact in facts:
        for alias in fact.aliases:
            index.setdefault(folded(alias), fact)
    return index


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Sections and facts in their order; iterating gives the facts."""

    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]
    _by_name: dict[str, Fact] = field(init=False, repr=False, compare=False)
    _by_word: dict[str, Fact] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {fact.name: fact for fact in self.facts})
        object.__setattr__(self, "_by_word", _index_words(self.facts))

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __hash__(self) -> int:
        return hash((self.sections, tuple(self._by_name)))

    def get(self, name: str) -> Fact | None:
        """The fact with exactly this name."""
        return self._by_name.get(name)

    def resolve(self, word: str) -> Fact | None:
        """The fact that this word names: its name, a label in either language, or an alias; case does not matter."""
        return self._by_name.get(word) or self._by_word.get(folded(word))

    def suggest(self, word: str) -> list[str]:
        """Up to three fact names or words that look most like an unknown word, best first."""
        return nearest(word, (known for fact in self.facts for known in fact.words))

    @property
    def asked(self) -> tuple[Fact, ...]:
        """The facts a company answers itself."""
        return tuple(fact for fact in self.facts if fact.derived is None)

    @property
    def derived(self) -> tuple[Fact, ...]:
        """The facts computed from others."""
        return tuple(fact for fact in self.facts if fact.derived is not None)

    def section(self, key: str) -> Section | None:
        """The section with this key."""
        return next((section for section in self.sections if section.key == key), None)

    def in_section(self, key: str) -> tuple[Fact, ...]:
        """All facts of a section in their order, derived ones included."""
        return tuple(fact for fact in self.facts if fact.section == key)

    def to_plain(self) -> dict[str, dict[str, object]]:
        """The vocabulary as catalogue files: file stem → `{"section": ..., "facts": [...]}`, in canonical form."""
        return {
            section.stem: {
                "section": section.to_plain(),
                "facts": [fact.to_plain() for fact in self.in_section(section.key)],
            }
            for section in self.sections
        }
