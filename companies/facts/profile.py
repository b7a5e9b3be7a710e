"""A profile: what is known about one company at one moment, and where each answer came from."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from companies.facts.days import read_day
from companies.facts.kinds import UNKNOWN, Source, Unknown
from companies.facts.values import Value, read_value, write_value
from companies.facts.vocabulary import Vocabulary
from companies.facts.words import Text, ValueFault, quoted


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with its source and the day it was given or is proved for."""

    value: Value
    source: Source = Source.SELF
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ProfileFault:
    """What is wrong with one answer, by the name it was given under, in both languages."""

    name: str
    message: Text
    code: str
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Answers by fact name. A fact without an answer is unknown."""

    answers: Mapping[str, Answer]

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Profile, (dict(self.answers),))

    def __len__(self) -> int:
        return len(self.answers)

    def value(self, name: str) -> Value | Literal[Unknown.UNKNOWN]:
        """The value of a fact, or UNKNOWN."""
        answer = self.answers.get(name)
        return UNKNOWN if answer is None else answer.value

    def get(self, name: str) -> Answer | None:
        """The answer with its source and day, or None."""
        return self.answers.get(name)

    def without(self, *names: str) -> "Profile":
        """The same profile with these facts unknown again."""
        return Profile({name: answer for name, answer in self.answers.items() if name not in names})

    def with_values(self, **values: Value) -> "Profile":
        """The same profile with these self-declared values on top."""
        return Profile({**self.answers, **{name: Answer(value) for name, value in values.items()}})

    def with_answers(self, answers: Mapping[str, Answer]) -> "Profile":
        """The same profile with these answers on top."""
        return Profile({**self.answers, **answers})

    def to_plain(self, vocabulary: Vocabulary) -> dict[str, dict[str, Any]]:
        """The profile as canonical JSON, sorted by name; `on` only where it is known."""
        plain: dict[str, dict[str, Any]] = {}
        for name in sorted(self.answers):
            fact, answer = vocabulary.get(name), self.answers[name]
            if fact is None:
                continue
            plain[name] = {"value": write_value(fact, answer.value), "source": answer.source.value}
            if answer.on is not None:
                plain[name]["on"] = answer.on.isoformat()
        return plain

    def digest(self, vocabulary: Vocabulary) -> str:
        """SHA-256 over the canonical JSON: the same answers always give the same digest."""
        return digest_of(self.to_plain(vocabulary))


def digest_of(plain: Any) -> str:
    """SHA-256 of a JSON value written with sorted keys and no blanks."""
    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()


# Looking for words that are like one takes milliseconds; nobody reads more of these than so many at once.
_MOST_SUGGESTED = 10


def read_profile(vocabulary: Vocabulary, plain: Any) -> tuple[Profile, list[ProfileFault]]:
    """The answers that can be read, and a fault for each that cannot; good answers are kept.

    Each entry is a fact's name or alias with a raw value, or with `{"value": ..., "source": ..., "on": ...}`.
    """
    if not isinstance(plain, Mapping):
        return Profile({}), [
            ProfileFault(
                "",
                Text("A profile is a list of facts with their values.", "资料应为“事实项: 值”的列表。"),
                "not_a_profile",
            )
        ]
    answers: dict[str, Answer] = {}
    faults: list[ProfileFault] = []
    named: dict[str, str] = {}
    for word, raw in plain.items():
        try:
            name, answer = _read_answer(vocabulary, word, raw, suggest=len(faults) < _MOST_SUGGESTED)
            if name in named:
                raise _said_twice(named[name], str(word))
        except ValueFault as fault:
            faults.append(ProfileFault(str(word)[:200], fault.message, fault.code, fault.path))
            continue
        named[name] = str(word)
        if answer is not None:
            answers[name] = answer
    return Profile(answers), faults


def _read_answer(vocabulary: Vocabulary, word: Any, raw: Any, *, suggest: bool) -> tuple[str, Answer | None]:
    fact = vocabulary.resolve(word) if isinstance(word, str) and len(word) <= 200 else None
    if fact is None:
        raise _unknown_fact(vocabulary, word, suggest=suggest)
    if fact.derived is not None:
        raise ValueFault(
            "derived_fact",
            Text(f"“{fact.label.en}” is computed from other facts and cannot be given. Give those facts instead.",
                 f"“{fact.label.zh}”由其他事实项计算得出，不能直接填写。请填写相关事实项。"),
        )  # fmt: skip
    source, on = Source.SELF, None
    if isinstance(raw, Mapping):
        raw, source, on = _read_origin(raw)
    value = read_value(fact, raw)
    return fact.name, None if value is UNKNOWN else Answer(value, source, on)


def _read_origin(raw: Mapping[Any, Any]) -> tuple[Any, Source, date | None]:
    extra = _first(key for key in raw if key not in ("value", "source", "on"))
    if extra is not None or "value" not in raw:
        raise ValueFault(
            "unknown_part",
            Text(f"An answer has value, source and on; “{quoted(extra or '')}” does not belong here.",
                 f"一项回答只有 value、source、on；“{quoted(extra or '')}”不属于此处。"),
        )  # fmt: skip
    source = raw.get("source", Source.SELF.value)
    if source not in [known.value for known in Source]:
        known = ", ".join(one.value for one in Source)
        raise ValueFault(
            "unknown_source",
            Text(
                f"“{quoted(source)}” is not a source. Use one of: {known}.",
                f"“{quoted(source)}”不是数据来源，可用：{known}。",
            ),
            ("source",),
        )
    on = raw.get("on")
    return raw["value"], Source(source), None if on is None else read_day(on)


def _first(keys: Iterable[Any]) -> Any:
    return next(iter(keys), None)


def _unknown_fact(vocabulary: Vocabulary, word: Any, *, suggest: bool) -> ValueFault:
    close = vocabulary.suggest(str(word)[:200]) if suggest else []
    en, zh = f"Unknown fact “{quoted(word)}”.", f"未知事实项“{quoted(word)}”。"
    if close:
        en, zh = f"{en} Did you mean “{close[0]}”?", f"{zh}您是否想写“{close[0]}”？"
    return ValueFault("unknown_fact", Text(en, zh))


def _said_twice(first: str, second: str) -> ValueFault:
    return ValueFault(
        "said_twice",
        Text(f"“{quoted(first)}” and “{quoted(second)}” name the same fact. Give it once.",
             f"“{quoted(first)}”与“{quoted(second)}”是同一事实项，请只填一次。"),
    )  # fmt: skip
