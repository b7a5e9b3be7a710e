"""A certificate as a company holds it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate held: its kind (a choice key), the days it was issued and ends, and its number, where known."""

    kind: str
    issued: date | None = None
    expires: date | None = None
    number: str | None = None

    def repeats(self, other: "Certificate") -> bool:
        """Whether both can only be the same certificate written down twice.

        A renewed certificate has another day of issue or another number, and is not a repetition.
        """
        return (
            self.kind == other.kind
            and (self.issued is None or other.issued is None or self.issued == other.issued)
            and (self.number is None or other.number is None or self.number == other.number)
        )

    def order(self) -> tuple[str, str, str, str]:
        """The key that puts certificates in their canonical order."""
        return (self.kind, *(str(part or "") for part in (self.issued, self.expires, self.number)))  # type: ignore[return-value]

    def to_plain(self) -> dict[str, str | None]:
        """The certificate as a JSON object with ISO days."""
        return {
            "kind": self.kind,
            "issued": self.issued.isoformat() if self.issued else None,
            "expires": self.expires.isoformat() if self.expires else None,
            "number": self.number,
        }
