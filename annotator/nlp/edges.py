"""Where a name begins and ends: the trimming of what a model marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from annotator.nlp.words import word_list
from annotator.text import trim

_THE = re.compile(r"the\s+(?=\S)", re.IGNORECASE)
_CLEAN = re.compile(r"(?![Tt][Hh][Ee] )[A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*)*")  # most names: nothing to do
# A name starts with a letter or digit, and ends with one, an accent of its own, or one of these (U.S., C++).
_ENDS = ".!?+"
_POSSESSIVE = ("'s", "’s", "'S", "’S")
_PREFIX = re.compile(
    r"(?:pro|anti|ex|non|post|pre|mid|neo|trans|inter|intra|un|co|self|multi|quasi|former)[-–]", re.IGNORECASE
)
_GAP = re.compile(r"\s{2,}|\s+[|•·]\s")
_LED = re.compile(r"[-–](?=[a-z])")
# Lower-case words that begin or join names: Ludwig van, bin Salman, al-Assad.
_PARTICLES = frozenset(
    "von van der den de di da del della du la le bin ibn al el ben abu zu ter dos".split()  # noqa: SIM905
)
_SMALL_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def clean_edges(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return ``[start, end)`` as a name by the codebook, or None where nothing sensible remains.

    Off come white space, everything from the first line break on, quotation marks, bullets, emoji and
    the like at the edges, a leading "the" and a possessive 's. Without a letter or digit, or without
    a capital in a script that has them, it is no name.
    """
    if _CLEAN.fullmatch(text, start, end):
        return start, end
    start, end = trim(text, start, end)
    line_break = text.find("\n", start, end)
    if line_break >= 0:
        end = line_break
    before: tuple[int, int] | None = None
    while (start, end) != before:
        before = start, end
        start, end = trim(text, start, end)
        while start < end and not text[start].isalnum():
            start += 1
        while end > start and not _may_end(text, start, end):
            end -= 1
        article = _THE.match(text, start, end)
        if article:
            start = article.end()
        if end - start > 2 and text[end - 2 : end] in _POSSESSIVE:
            end -= 2
    name = text[start:end]
    if not any(map(str.isalnum, name)) or _without_capital(name) or name.lower() == "the":
        return None
    return start, end


def _may_end(text: str, start: int, end: int) -> bool:
    last = text[end - 1]
    if last == ")":
        return "(" in text[start:end]
    # U+FE0F goes with an emoji, not with a letter.
    return last.isalnum() or last in _ENDS or (unicodedata.category(last)[0] == "M" and last != "\ufe0f")


def _without_capital(name: str) -> bool:
    """Tell whether ``name`` lacks a capital that its script would have given it."""
    # Unicode calls Georgian letters lower case: prose has no capitals
    georgian = any("ა" <= letter <= "ჿ" for letter in name)
    return name.islower() and not georgian


def english_edges(text: str, start: int, end: int, label: str) -> tuple[int, int] | None:
    """Return ``[start, end)`` further trimmed by what is no part of an English name.

    Off come titles (President), words in lower case at both ends (eastern Ukraine, Kursk region), prefixes
    with a hyphen (pro-European) and what follows one (Russia-led). None where nothing remains.
    """
    before: tuple[int, int] | None = None
    while (start, end) != before:
        before = start, end
        span = clean_edges(text, start, end)
        if span is None:
            return None
        start, end = span
        gap = _GAP.search(text, start, end)
        if gap:  # a column of its own: "Anna Melikyan  Nov 7"
            end = gap.start()
            continue
        quote = max(text.rfind(mark, start, end) for mark in '"“')
        if quote >= 0:  # a missing space: part:"The Institute
            start, end = (quote + 1, end) if 2 * quote < start + end else (start, quote)
            continue
        title = titles_pattern().match(text, start, end)
        if title and not (label == "LAW" or text[title.end() : end].startswith("of ")):
            start = title.end()
            continue
        prefix = _PREFIX.match(text, start, end)
        if prefix:
            start = prefix.end()
            continue
        led = _LED.search(text, start, end)
        if (
            led
            and text[start:].startswith(("al-", "Al-", "el-", "El-")) is False
            and not _joined(text, led.end(), end)
        ):
            end = led.start()
            continue
        start, end = _without_small_words(text, start, end, label)
    return (start, end) if start < end else None


def is_prefix(text: str, start: int, end: int) -> bool:
    """Tell whether all of ``[start, end)`` is a prefix before its hyphen, as in Trans-Balkan."""
    return _PREFIX.fullmatch(text, start, end + 1) is not None


def _joined(text: str, start: int, end: int) -> bool:
    """Tell whether a hyphen's lower-case second half belongs to the name: Jong-un, Shaqiq-al, Ban Ki-moon."""
    word = _SMALL_WORD.match(text, start, end)
    return word is None or (
        len(word[0]) <= 4 and word[0] not in ("led", "run", "made", "born", "held", "and", "era")
    )


def _without_small_words(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    words = list(re.finditer(r"\S+", text[start:end]))
    first, last = 0, len(words)
    while first < last and words[first][0].islower() and words[first][0][0].isalpha():
        particle = words[first][0].split("-")[0] in _PARTICLES
        if particle and label == "PERSON":
            break
        first += 1
    while (
        last > first and words[last - 1][0].islower() and words[last - 1][0][0].isalpha() and label != "LAW"
    ):
        last -= 1
    if first == last:
        return start, start
    return start + words[first].start(), start + words[last - 1].end()


@cache
def titles_pattern() -> re.Pattern[str]:
    """Return the pattern of one or more titles, with the spaces after them."""
    titles = sorted(word_list("titles"), key=len, reverse=True)
    return re.compile(rf"(?:(?:{'|'.join(map(re.escape, titles))})(?:\s+|$))+")
