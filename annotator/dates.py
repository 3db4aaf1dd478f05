"""Dates as articles have them: ISO 8601, whole or in part, and what else people write."""

from __future__ import annotations

import re
from datetime import date, datetime

_PARTIAL = re.compile("[0-9]{4}(-(0[1-9]|1[0-2]))?")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_WRITTEN = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})[-/.](?P<number>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?",
        r"(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.\s?(?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s{_MONTH},?\s(?P<year>\d{{4}})",
        rf"{_MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})",
        rf"{_MONTH},?\s(?P<year>\d{{4}})",
    )
)


def is_iso_date(words: str) -> bool:
    """Tell whether ``words`` are an ISO 8601 date: 2024-02-04, also with a time, 2024-02 or 2024."""
    if _PARTIAL.fullmatch(words):
        return words[:4] != "0000"
    if not re.match(
        "[0-9]{4}-[0-9]{2}-[0-9]{2}", words
    ):  # 20240204 and 2024-W05 would not sort among the others
        return False
    try:
        datetime.fromisoformat(words)
    except ValueError:
        return False
    return True


def as_iso_date(words: str) -> str | None:
    """Return the ISO 8601 date that ``words`` can only mean, or None.

    ``4 Feb 2024``, ``February 4, 2024``, ``4.2.2024``, ``2024/2/4`` and ``Feb 2024`` can be told;
    ``04/02/2024`` cannot: it is February here and April there.
    """
    words = " ".join(words.split())
    for pattern in _WRITTEN:
        if match := pattern.fullmatch(words):
            parts = {"month": None, "number": None, "day": None} | match.groupdict()
            number = _month(parts["month"]) if parts["month"] else int(parts["number"] or 0)
            try:
                found = date(int(match["year"]), number, int(parts["day"] or 1))
            except ValueError:  # the 31st of February, or no month
                return None
            return found.isoformat() if parts["day"] else found.isoformat()[:7]
    return None


def _month(name: str) -> int:
    """Return the number of a month by its English name or the first letters of it, 0 for another word."""
    short = "sep" if name.lower() == "sept" else name.lower()
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(short)), 0)


def date_range(value: str) -> tuple[str, str] | None:
    """Return the first text that is in a range of dates, and the first after it; None where it is none.

    ``2024``, ``2024-02``, ``2024-02-04``, ``FROM..TO`` with any of these, or with one of them left out.
    """
    low, dots, high = (part.strip() for part in value.partition(".."))
    if not dots:
        high = low
    ends = [end and _iso(end) for end in (low, high)]
    if None in ends or not any(ends):
        return None
    return ends[0] or "0000", (ends[1] or "9999") + "~"  # a month holds its days: "2024-02-29" < "2024-02~"


def _iso(words: str) -> str | None:
    return words if is_iso_date(words) else as_iso_date(words)
