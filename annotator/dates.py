"""Dates as articles have them: ISO 8601, whole or in part, and what else newspapers write.

Names of months and weekdays are known in English, Russian, Ukrainian, Belarusian, Armenian (of both
orthographies), Georgian, Azerbaijani, Turkish, Romanian, French and German.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from unicodedata import normalize

_PARTIAL = re.compile("[0-9]{4}(-(0[1-9]|1[0-2]))?")
# Language by language: each month in the cases that dates have, and as it is cut.
_MONTHS = {
    name: number
    for months in (
        "january|jan february|feb|febr march|mar april|apr may june|jun "
        "july|jul august|aug september|sep|sept october|oct november|nov december|dec",
        "январь|января|янв февраль|февраля|фев|февр март|марта|мар апрель|апреля|апр май|мая июнь|июня|июн "
        "июль|июля|июл август|августа|авг сентябрь|сентября|сен|сент октябрь|октября|окт "
        "ноябрь|ноября|ноя|нояб декабрь|декабря|дек",
        "січень|січня|січ лютий|лютого|лют березень|березня|бер квітень|квітня|квіт травень|травня|трав "
        "червень|червня|черв липень|липня|лип серпень|серпня|серп вересень|вересня|вер жовтень|жовтня|жовт "
        "листопад|листопада|лист грудень|грудня|груд",
        "студзень|студзеня|сту люты|лютага|лют сакавік|сакавіка|сак красавік|красавіка|кра май|мая "
        "чэрвень|чэрвеня|чэр ліпень|ліпеня|ліп жнівень|жніўня|жні верасень|верасня|вер "
        "кастрычнік|кастрычніка|кас лістапад|лістапада|ліс снежань|снежня|сне",
        "հունվար|հունվարի|յունուար|յունուարի|հնվ փետրվար|փետրվարի|փետրուար|փետրուարի|փետ|փտվ "
        "մարտ|մարտի|մար|մրտ ապրիլ|ապրիլի|ապր մայիս|մայիսի|մայ|մյս հունիս|հունիսի|յունիս|յունիսի|հնս "
        "հուլիս|հուլիսի|յուլիս|յուլիսի|հլս օգոստոս|օգոստոսի|օգոս|օգս սեպտեմբեր|սեպտեմբերի|սեպտ|սեպ "
        "հոկտեմբեր|հոկտեմբերի|հոկտ|հոկ նոյեմբեր|նոյեմբերի|նոյ դեկտեմբեր|դեկտեմբերի|դեկտ|դեկ",
        "იანვარი|იანვარს|იან თებერვალი|თებერვალს|თებ მარტი|მარტს|მარ აპრილი|აპრილს|აპრ მაისი|მაისს|მაი "
        "ივნისი|ივნისს|ივნ ივლისი|ივლისს|ივლ აგვისტო|აგვისტოს|აგვ სექტემბერი|სექტემბერს|სექ "
        "ოქტომბერი|ოქტომბერს|ოქტ ნოემბერი|ნოემბერს|ნოე დეკემბერი|დეკემბერს|დეკ",
        "yanvar|yan fevral|fev mart|mar aprel|apr may iyun|iyn "
        "iyul|iyl avqust|avq sentyabr|sen oktyabr|okt noyabr|noy dekabr|dek",
        # What has no dot on its i is written without one in capitals, and in the letters of other keyboards.
        "ocak|oca şubat|şub mart|mar nisan|nis mayıs|mayis|may haziran|haz temmuz|tem ağustos|ağu eylül|eyl "
        "ekim|eki kasım|kasim|kas aralık|aralik|ara",
        "ianuarie|ian februarie|feb martie|mar aprilie|apr mai iunie|iun "
        "iulie|iul august|aug septembrie|sept octombrie|oct noiembrie|noi|nov decembrie|dec",
        "janvier|janv février|fevrier|févr|fév mars avril|avr mai juin "
        "juillet|juil août|aout septembre|sept octobre|oct novembre|nov décembre|decembre|déc",
        "januar|jänner|jan februar|feber|feb märz|maerz|mär|mrz april|apr mai juni|jun "
        "juli|jul august|aug september|sept|sep oktober|okt november|nov dezember|dez",
    )
    for number, names in enumerate(months.split(), 1)
    for name in names.split("|")
}
_WEEKDAY = re.compile(
    r"(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?|понедельник|вторник|сред[ау]|четверг|пятниц[ау]"
    r"|суббот[ау]|воскресенье|пн|вт|ср|чт|пт|сб|вс|понеділок|вівторок|сер[еа]д[ау]|четвер|п['’ʼ]ятниц[яю]"
    r"|субот[ау]|неділ[яю]|нд|панядзелак|аўторак|чацвер|пятніца|нядзел[яю]"
    r"|(երկու|երեք|չորեք|հինգ)շաբթի|ուրբաթ|շաբաթ|կիրակի"
    r"|(ორ|სამ|ოთხ|ხუთ)?შაბათი?|პარასკევი?|კვირა"
    r"|(bazar|çərşənbə|cümə)( ertəs[iı]| axşam[ıi])?|şənbə"
    r"|pazar(tesi)?|sal[ıi]|çarşamba|perşembe|cuma(rtesi)?"
    r"|luni|mar[țţt]i|miercuri|joi|vineri|s[âa]mb[ăa]t[ăa]|duminic[ăa]"
    r"|(lun|mar|mercre|jeu|vendre|same)di|lun|mer|jeu|ven|sam|dim(anche)?"
    r"|(mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|mo|di|mi|do|fr|sa|so"
)
_ENDS = re.compile(rf"^(?:{_WEEKDAY.pattern})[.,]*\s|,?\s(?:{_WEEKDAY.pattern})$")
_YEAR = r"(?P<year>[0-9]{4})(?:\s?(?:года?|г|року|р|թվականի?|թվի|թ|წელი|წლის|წ|-c[iü] il)\b\.?)?"
_MONTH = r"(?:of\s)?(?P<month>[^\W\d_]{3,12})\.?"
_DAY = r"(?:le\s)?(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|-?го|-(?:ին|ի|ը|ն))?"
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
        rf"{_YEAR},?\s{_DAY}\s{_MONTH}",
        r"(?P<day>[0-9]{1,2})-(?P<month>[^\W\d_]{3,12})-(?P<year>[0-9]{4})",
    )
)
_EITHER = re.compile(r"(?P<one>[0-9]{1,2})(?P<mark>[-/])(?P<other>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})")
_TIME = re.compile(
    r"(?P<day>.*?[^\s,])(?:,|\sat|\sв|\sо|\sժամը|\sà|,?\sum|\s[-–—|])?\s"
    r"(?P<hour>[0-9]{1,2})(?::|\s?h\s?|\.(?=[0-9]{2}\suhr))(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?:\suhr)?(?:\s?(?P<half>[ap])\.?m\b\.?)?(?P<zone>\s?.{0,20})"
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

    ``4 Feb 2024``, ``Sunday, February 4, 2024``, ``4 февраля 2024 г.``, ``փետրվարի 4, 2024``,
    ``dimanche 4 février 2024``, ``4. Februar 2024``, ``4 Şubat 2024``, ``4 თებერვალი, 2024``, ``4.2.2024``,
    ``2024/2/4``, ``23/02/2024`` and ``Feb 2024`` can be told; ``04/02/2024`` cannot: it is February here and
    April there. A time comes along, unless its zone is one by name (``EST``): then the day alone.
    """
    words = normalize("NFC", " ".join(words.split())).casefold().replace("i\u0307", "i")  # İ in small letters
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
    words = _ENDS.sub("", words)
    if match := _EITHER.fullmatch(words):
        one, other = int(match["one"]), int(match["other"])
        if one <= 12 and other <= 12 and one != other:
            return None
        return _iso_of(int(match["year"]), min(one, other), max(one, other))
    for pattern in _WRITTEN:
        if match := pattern.fullmatch(words):
            parts = {"month": None, "number": None} | match.groupdict()
            number = _MONTHS.get(parts["month"], 0) if parts["month"] else int(parts["number"] or 0)
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
