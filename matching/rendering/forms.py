"""The forms in which a report is given, everywhere by the same names: as it is stored, or made from that for reading."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matching.engine.canonical import canonical_text
from matching.rendering.calendar import as_calendar
from matching.rendering.document import as_document
from matching.rendering.html import as_html
from matching.rendering.spreadsheet import as_spreadsheet
from matching.rendering.text import as_text


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its short name, which also ends the name of its file, and its media type."""

    name: str
    media_type: str
    make: Callable[[dict[str, Any], str], str | bytes]
    """From a report and the code of a language. May raise `blocks.NotSet`."""
    is_file: bool = False
    """Whether programs of a desk open it, so that a browser keeps it instead of showing it."""

    @property
    def content_type(self) -> str:
        """The media type with the encoding where there is one to say."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


def _as_stored(report: dict[str, Any], language: str) -> str:
    """Canonical JSON, byte for byte what is stored; both languages are in it."""
    return canonical_text(report)


FORMS = {
    form.name: form
    for form in (
        Form("json", "application/json", _as_stored),
        Form("text", "text/plain", as_text),
        Form("html", "text/html", as_html),
        Form("pdf", "application/pdf", as_document, is_file=True),
        Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_spreadsheet, is_file=True),
        Form("ics", "text/calendar", as_calendar, is_file=True),
    )
}
