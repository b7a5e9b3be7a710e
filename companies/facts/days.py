"""Reading days the way people write them: 2024-03-12, 2024年3月12日, 12 March 2024."""

import re
from datetime import date, datetime
from typing import Any

from companies.facts.words import Text, ValueFault, quoted, typed_text

EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 12, 31)

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<word>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR, _DAY = r"(?P<year>[0-9]{4})", r"(?P<day>[0-9]{1,2})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}\s*([-/.])\s*(?P<month>[0-9]{{1,2}})\s*\2\s*{_DAY}",
        rf"{_YEAR}\s*年\s*(?P<month>[0-9]{{1,2}})\s*月\s*{_DAY}\s*[日号]?",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        rf"{_DAY}(?:st|nd|rd|th)?\s+{_MONTH}\.?,?\s+{_YEAR}",
        rf"{_MONTH}\.?\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}",
    )
)


def read_day(raw: Any) -> date:
    """The day in an ISO text, a date, or one of the usual written forms; from 1900 to 2200."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return _in_time(raw)
    text = typed_text(raw).translate(_NARROW) if isinstance(raw, str) else ""
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            parts = found.groupdict()
            month = _MONTHS.index(parts["word"][:3].lower()) + 1 if parts.get("word") else int(parts["month"])
            return _in_time(_existing(int(parts["year"]), month, int(parts["day"]), raw))
    raise _not_a_day(raw)


def _existing(year: int, month: int, day: int, raw: object) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueFault(
            "no_such_day",
            Text(
                f"The calendar has no day “{quoted(raw)}”. Please check month and day.",
                f"日历中没有“{quoted(raw)}”这一天，请检查月和日。",
            ),
        ) from None


def _in_time(day: date) -> date:
    if EARLIEST <= day <= LATEST:
        return day
    raise ValueFault(
        "day_out_of_bounds",
        Text(
            f"{day.isoformat()} cannot be right here. Please give a day between 1900 and 2200.",
            f"{day.isoformat()} 不合理，请填写 1900 年至 2200 年之间的日期。",
        ),
    )


def _not_a_day(raw: object) -> ValueFault:
    return ValueFault(
        "not_a_day",
        Text(
            f"“{quoted(raw)}” is not a day we can read. Write year, month and day, for example 2024-03-12.",
            f"无法识别日期“{quoted(raw)}”。请写明年月日，例如 2024-03-12 或 2024年3月12日。",
        ),
    )
