"""Dates as articles have them: ISO 8601, whole or in part, and what else newspapers write.

Names of months are known in English, Russian, Ukrainian and Armenian (of both orthographies).
"""

from __future__ import annotations

import re
from datetime import date, datetime

_PARTIAL = re.compile("[0-9]{4}(-(0[1-9]|1[0-2]))?")
# Each month in the cases that dates have, and as it is cut.
_MONTHS = tuple(
    re.compile(month)
    for month in (
        "jan(uary)?|янв(ар[ья])?|січ(ень|ня)?|հնվ|հունվարի?|յունուարի?",
        "feb(r(uary)?)?|фев(р(ал[ья])?)?|лют(ий|ого)?|փտվ|փետ(րվարի?)?|փետրուարի?",
        "mar(ch)?|мар(та?)?|бер(езень|езня)?|մրտ|մար(տի?)?",
        "apr(il)?|апр(ел[ья])?|квіт(ень|ня)?|ապր(իլի?)?",
        "may|ма[йя]|трав(ень|ня)?|մյս|մայ(իսի?)?",
        "june?|июн[ья]?|черв(ень|ня)?|հնս|հունիսի?|յունիսի?",
        "july?|июл[ья]?|лип(ень|ня)?|հլս|հուլիսի?|յուլիսի?",
        "aug(ust)?|авг(уста?)?|серп(ень|ня)?|օգս|օգոս(տոսի?)?",
        "sept?|september|сен(т(ябр[ья])?)?|вер(есень|есня)?|սեպ(տ(եմբերի?)?)?",
        "oct(ober)?|окт(ябр[ья])?|жовт(ень|ня)?|հոկ(տ(եմբերի?)?)?",
        "nov(ember)?|ноя(б(р[ья])?)?|лист(опада?)?|նոյ(եմբերի?)?",
        "dec(ember)?|дек(абр[ья])?|груд(ень|ня)?|դեկ(տ(եմբերի?)?)?",
    )
)
_WEEKDAY = re.compile(
    r"(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?|понедельник|вторник|сред[ау]|четверг|пятниц[ау]"
    r"|суббот[ау]|воскресенье|пн|вт|ср|чт|пт|сб|вс|понеділок|вівторок|серед[ау]|четвер|п['’]ятниц[яю]"
    r"|субот[ау]|неділ[яю]|(երկու|երեք|չորեք|հինգ)շաբթի|ուրբաթ|շաբաթ|կիրակի"
)
_YEAR = r"(?P<year>[0-9]{4})(?:\s?(?:года?|г|року|р|թվականի?|թվի|թ)\b\.?)?"
_MONTH = r"(?:of\s)?(?P<month>[^\W\d_]{3,10})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|-?го|-(?:ին|ի|ը|ն))?"
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>[0-9]{4})[-/.](?P<number>[0-9]{1,2})(?:[-/.](?P<day>[0-9]{1,2}))?",
        r"(?P<year>(?:19|20)[0-9]{2})(?P<number>[0-9]{2})(?P<day>[0-9]{2})",
        rf"(?P<day>[0-9]{{1,2}})\.\s?(?P<number>[0-9]{{1,2}})\.\s?{_YEAR}",
        rf"{_DAY}\.?\s{_MONTH},?\s{_YEAR}",
        rf"{_MONTH}\s{_DAY},?\s{_YEAR}",
        rf"{_MONTH},?\s{_YEAR}",
        rf"{_YEAR},?\s{_MONTH}(?:\s{_DAY})?",
        r"(?P<day>[0-9]{1,2})-(?P<month>[^\W\d_]{3,10})-(?P<year>[0-9]{4})",
    )
)
_EITHER = re.compile(r"(?P<one>[0-9]{1,2})(?P<mark>[-/])(?P<other>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})")
_TIME = re.compile(
    r"(?P<day>.*?[^\s,])(?:,|\sat|\sв|\sо|\sժամը|\s[-–—|])?\s(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2}))?(?:\s?(?P<half>[ap])\.?m\b\.?)?(?P<zone>\s?.{0,20})"
)
_ZONE = re.compile(
    r"\s?(?:(?P<universal>z|gmt|utc)|(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2}))"
)
_LONGEST = 80  # characters


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

    ``4 Feb 2024``, ``Sunday, February 4, 2024``, ``4 февраля 2024 г.``, ``փետրվարի 4, 2024``, ``4.2.2024``,
    ``2024/2/4``, ``23/02/2024`` and ``Feb 2024`` can be told; ``04/02/2024`` cannot: it is February here and
    April there. A time comes along, unless its zone is one by name (``EST``): then the day alone.
    """
    words = " ".join(words.split()).casefold()
    if len(words) > _LONGEST:
        return None
    if match := _TIME.fullmatch(words):
        day, time = _day(match["day"]), _time(match)
        return f"{day}{time}" if day and len(day) == 10 and time is not None else None
    return _day(words)


def either_date(words: str) -> tuple[str, str] | None:
    """Return the two ISO 8601 dates that ``04/02/2024`` may mean, the day first and the month first."""
    if (match := _EITHER.fullmatch(words.strip())) is None or as_iso_date(words) is not None:
        return None
    year, one, other = (int(match[part]) for part in ("year", "one", "other"))
    day_first, month_first = _iso_of(year, other, one), _iso_of(year, one, other)
    return (day_first, month_first) if day_first and month_first else None


DAY_FIRST, MONTH_FIRST = "day first", "month first"
"""In which order a person says that dates such as 04/02/2024 are."""


def from_words(words: str, order: str = "") -> tuple[str, bool]:
    """Return the ISO 8601 date of ``words``, or what they are; and whether it says all that they do.

    Without an ``order`` those that may be two dates stay as they are.
    """
    if is_iso_date(words):
        return words, True
    if order and (two := either_date(words)):
        return two[order == MONTH_FIRST], True
    found = as_iso_date(words)
    return (words, True) if found is None else (found, ":" not in words or ":" in found)


def _day(words: str) -> str | None:
    first, _, rest = words.partition(" ")
    if _WEEKDAY.fullmatch(first.rstrip(".,")):
        words = rest
    if match := _EITHER.fullmatch(words):
        one, other = int(match["one"]), int(match["other"])
        if one <= 12 and other <= 12 and one != other:
            return None
        return _iso_of(int(match["year"]), min(one, other), max(one, other))
    for pattern in _WRITTEN:
        if match := pattern.fullmatch(words):
            parts = {"month": None, "number": None} | match.groupdict()
            number = _month(parts["month"]) if parts["month"] else int(parts["number"] or 0)
            return _iso_of(int(match["year"]), number, int(match["day"]) if parts.get("day") else None)
    return None


def _iso_of(year: int, month: int, day: int | None) -> str | None:
    try:
        found = date(year, month, day or 1)
    except ValueError:  # the 31st of February, or no month
        return None
    return found.isoformat() if day is not None else found.isoformat()[:7]


def _time(match: re.Match[str]) -> str | None:
    """Return the time of day as ISO 8601 ends with it, "" where its zone is none that we know."""
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (match["half"] == "p")
    zone = _ZONE.fullmatch(match["zone"])
    if match["zone"] and zone is None:
        return "" if re.fullmatch(r"\s?\(?[^\W\d_]{1,5}\)?", match["zone"]) else None
    time = f"T{hour:02}:{match['minute']}" + (f":{match['second']}" if match["second"] else "")
    if zone is not None:
        time += "+00:00" if zone["universal"] else f"{zone['sign']}{zone['hours']}:{zone['minutes']}"
    return time if is_iso_date(f"2000-01-01{time}") else None


def _month(name: str) -> int:
    """Return the number of a month by its name or its first letters, 0 for another word."""
    return next((number for number, month in enumerate(_MONTHS, 1) if month.fullmatch(name)), 0)


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
