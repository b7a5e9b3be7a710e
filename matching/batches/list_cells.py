"""Several answers in one cell: `health; cell_gene_therapy`."""

import re
from typing import Any

from companies.facts import Choice, Fact, ValueFault, folded, read_value

_BETWEEN = re.compile(r" *[;；] *")
_LONGEST = 200


class ListReader:
    """Reads the cells of one fact; lists of the fact's own keys, which are most, from what each key means."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self._meant: dict[str, Any] = {}
        if any(_BETWEEN.search(folded(word)) for choice in fact.choices for word in _words(choice)):
            return  # a sign that separates answers also stands in one: no list can be taken apart here
        for choice in fact.choices:
            try:
                self._meant[choice.key] = read_value(fact, [choice.key])
            except ValueFault:
                continue

    def read(self, text: str) -> Any:
        """What `read_value` gives for the cell; raises ValueFault."""
        if len(text) <= _LONGEST:
            words = _BETWEEN.split(text)
            if len(words) > 1 and all(word in self._meant for word in words):
                return frozenset().union(*(self._meant[word] for word in words))
        return read_value(self.fact, text)


def _words(choice: Choice) -> tuple[str, ...]:
    return (choice.key, choice.label.en, choice.label.zh, *choice.aliases)
