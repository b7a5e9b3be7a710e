"""The parts of which answers about the catalogue are made."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from companies.api.facts import TextSerializer
from policies.filters import WINDOW_STATES
from policies.rules.documents import BASES
from policies.rules.reading import CONFIDENCES
from policies.rules.windows import KINDS


class LabelledSerializer(serializers.Serializer[Any]):
    """A key of a reference list with its label."""

    key = serializers.CharField()
    label = TextSerializer()  # type: ignore[assignment]  # the word of the catalogue, not of the field


class TitledSerializer(serializers.Serializer[Any]):
    """A policy by its key and title."""

    key = serializers.CharField()
    title = TextSerializer()


class ReleaseMarkSerializer(serializers.Serializer[Any]):
    """The release that an answer was read from."""

    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the snapshot.")


class EffectiveSerializer(serializers.Serializer[Any]):
    """First and last day in force, as far as they are known: a year, a month or a day."""

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python, so the fields have no attributes."""
        return {"from": serializers.CharField(allow_null=True), "to": serializers.CharField(allow_null=True)}


class WindowSerializer(serializers.Serializer[Any]):
    """When one can apply, as of the day."""

    kind = serializers.ChoiceField(KINDS)
    state = serializers.ChoiceField(WINDOW_STATES)
    opens = serializers.DateField(allow_null=True)
    closes = serializers.DateField(allow_null=True)
    said = TextSerializer()
    note = TextSerializer(allow_null=True)


class AmountSerializer(serializers.Serializer[Any]):
    """What it may come to for a company of which nothing is known, in CNY; an end that is not known or not published is null, never 0."""

    status = serializers.ChoiceField(("exact", "range", "up_to", "at_least", "to_confirm", "in_kind"))
    low = serializers.CharField(allow_null=True, help_text="Exact digits, such as 500000.00.")
    high = serializers.CharField(allow_null=True, help_text="Exact digits, such as 500000.00.")
    nature = serializers.ChoiceField(("cash", "tax_saving", "in_kind"))
    said = TextSerializer(help_text="The formula with its limits, in words.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="The facts that the formula needs.")
    per = serializers.CharField(allow_null=True)


def a_basis() -> serializers.ChoiceField:
    """How something is known: stated by a source, inferred by us, or unconfirmed; null where it needs no mark."""
    return serializers.ChoiceField(BASES, allow_null=True)


def a_confidence() -> serializers.ChoiceField:
    """How sure we are: official text seen, press or a summary, background knowledge."""
    return serializers.ChoiceField(CONFIDENCES, allow_null=True)
