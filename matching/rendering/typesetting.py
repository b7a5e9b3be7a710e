"""Sets one report as PDF, in a process of its own: JSON comes in, the PDF goes out. Started by `document`, imported by nobody.

A fresh process for each report: the library keeps what it has set, so that its memory would grow with every report, and
a process that has set one and then forks hangs.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import justmytype_intl_cjk
import noto_cjk_sans_otc
import typst

TEMPLATE = Path(__file__).with_name("report.typ")
# The first has real bold; the second has the rare characters of names that the first lacks.
FONTS = (
    Path(justmytype_intl_cjk.__file__).parent / "fonts" / "ofl" / "notosanssc",
    Path(noto_cjk_sans_otc.__file__).parent,
)


def main() -> None:
    """One document from standard input to standard output; says what is missing and ends with 1 where a font is."""
    asked = json.load(sys.stdin)
    for folder in FONTS:
        if not any(folder.glob("*.tt[fc]")):
            sys.exit(f"no font in {folder}")
    made = typst.compile(
        TEMPLATE.read_bytes(),
        root=TEMPLATE.parent,
        font_paths=list(FONTS),
        ignore_system_fonts=True,  # else machines would differ
        format="pdf",
        sys_inputs={"content": json.dumps(asked["content"])},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime.fromisoformat(asked["day"]).replace(tzinfo=UTC),
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
