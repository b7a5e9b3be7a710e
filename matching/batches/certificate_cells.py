"""Certificates in one cell: `hnte@2023-11-25..2026-11-24#GR2023; srdi_sme`, days and number only where known."""

import re
from typing import Any

from companies.facts import Certificate, Fact, read_value

_BETWEEN = re.compile(r"[、,，;；|\n]")
_PARTS = re.compile(r"(?P<kind>[^@＠#＃]*)(?:[@＠](?P<days>[^#＃]*))?(?:[#＃](?P<number>.*))?", re.DOTALL)
_RANGE = re.compile(r"\s*(?:\.\.+|…|~|～|至)\s*")
MOST_REMEMBERED = 200_000


class CertificateReader:
    """Reads the cells of one fact; remembers each certificate it has read."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self._memory: dict[str, Certificate] = {}

    def read(self, text: str) -> Any:
        """What `read_value` gives for the list that the cell stands for; raises ValueFault."""
        if not any(sign in text for sign in "@＠#＃"):
            return read_value(self.fact, text)
        words = [word.strip() for word in _BETWEEN.split(text)]
        held = [self._memory.get(word) or self._certificate(word) for word in words if word]
        if len({one.kind for one in held}) == len(held):
            return frozenset(held)
        return read_value(self.fact, held)  # two of one kind may be the same one, said twice

    def _certificate(self, word: str) -> Certificate:
        held = read_value(self.fact, [_plain(word)])
        assert isinstance(held, frozenset), word
        certificate = next(iter(held))
        assert isinstance(certificate, Certificate), word
        if len(self._memory) >= MOST_REMEMBERED:
            self._memory.clear()
        self._memory[word] = certificate
        return certificate


def _plain(word: str) -> dict[str, str]:
    """The JSON form of one certificate: kind@issued..expires#number."""
    found = _PARTS.fullmatch(word)
    assert found is not None, word  # every part may be empty, so it always matches
    issued, expires = "", ""
    if found["days"]:
        days = _RANGE.split(found["days"].strip(), maxsplit=1)
        issued, expires = days[0], days[1] if len(days) > 1 else ""
    return {"kind": found["kind"], "issued": issued, "expires": expires, "number": found["number"] or ""}


def write_certificates(certificates: Any) -> str:
    """The certificates as one cell; reads back as the same set."""
    words = []
    for one in sorted(certificates, key=Certificate.order):
        days = f"{one.issued or ''}..{one.expires}" if one.expires else str(one.issued or "")
        words.append(one.kind + (f"@{days}" if days else "") + (f"#{one.number}" if one.number else ""))
    return "; ".join(words) or "none"
