"""A report as one HTML file that stands alone: the same parts as the page, its style inside, no script."""

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import override

from matching.rendering.outline import outline_of

STYLE = Path(__file__).resolve().parent.parent / "static" / "matching" / "report.css"


def as_html(report: dict[str, Any], language: str) -> str:
    """The whole report as a file to keep or print; it loads nothing from anywhere."""
    # Our own file, not user text; it goes inside because a file sent by mail has no neighbours.
    style = format_html("<style>{}</style>", mark_safe(STYLE.read_text(encoding="utf-8")))
    # The outline says its sums when it is made, so it is made in the reader's language.
    with override(language):
        context = {"outline": outline_of(report), "report": report, "language": language, "style": style}
        return render_to_string("matching/report_file.html", context)
