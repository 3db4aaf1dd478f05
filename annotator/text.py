"""Pure functions on article text: normalising, UTF-16 conversion, word edges.

Offsets are Unicode code points, end exclusive, unless a name says UTF-16.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

LARGEST_TEXT = 5_000_000
"""Characters that an article may have: more than any article, and what the window still lays out in 3 s."""

_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(
    "[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)  # and those that turn lines round
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
# A word is an abbreviation with inner full stops (U.S., e.g.) or a run of letters, digits and
# the combining marks that \w leaves out (decomposed accents, Indic vowel signs).
ACCENTS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f"
"""Ranges of the marks that stand over, under or in a letter, for a character class."""
IN_WORD = rf"[\w{ACCENTS}\u200c\u200d]"
"""A character of a word, as an expression."""
_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_LONGEST_ABBREVIATION = 24
# What joins or follows something else begins no word, or an emoji of several code points would be cut.
_WORD = re.compile(rf"{_ABBREVIATION.pattern}|(?![{ACCENTS}\u200c\u200d]){IN_WORD}+[\ufe00-\ufe0f\u20e3]*")
# A full stop, in any of several scripts, with the quotes and brackets that close after it.
_SENTENCE_END = re.compile(r"[.!?…։؟۔।。]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[”’」』）]*")
_NO_END = re.compile(  # what a full stop belongs to that ends no sentence: an initial, U.S., Mr., ул.
    r"(?:^|[^\w.])(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]|Mrs?|Ms|Dr|Prof|St|Gen|Col|Lt|Maj|Capt|Sgt|Sen|Rep|Gov|Rev"
    r"|Jr|Sr|vs|cf|им|ул|гг|млн|млрд|тыс|руб)\.$"
)
_WITHIN_NAMES = frozenset((" ", "-", "\u00a0", "’", "'", " & "))
_OPENS_SENTENCE = re.compile(r"[.!?…։:\n“\"«]")
_SHORTEST_NAME = 3
_ONE_SIDE = 16  # characters before a full stop in which _NO_END looks


def normalise(text: str) -> str:
    r"""Return ``text`` as the project file keeps it, for ever.

    Leading byte order marks and NULs are dropped; ``\r\n``, a lone ``\r``, U+2028 and U+2029
    become ``\n``. Nothing else changes (no NFC), so that offsets fit the researcher's source.
    Unpaired surrogates, which no file can hold, become U+FFFD, one for one.

    >>> normalise("\ufeffone\r\ntwo\x00")
    'one\ntwo'
    """
    return normalise_storable(storable(text))


def normalise_storable(text: str) -> str:
    """Return what :func:`normalise` does, of a text that :func:`storable` leaves as it is."""
    # All of the leading marks, and after the NULs: what is normalised must stay as it is when it comes again.
    text = text.lstrip("\ufeff")
    # Looking for each is many times faster than the expression, and most texts have none.
    return _LINE_ENDS.sub("\n", text) if any(end in text for end in "\r\u2028\u2029") else text


def storable(text: str) -> str:
    """Return ``text`` without NULs and with U+FFFD for unpaired surrogates: what SQLite can keep.

    sqlite3 refuses to bind a surrogate, and SQLite's JSON functions cut a string at a NUL.
    """
    if not text.isascii():
        try:
            text.encode()  # many times faster than the expression, and most texts have none
        except UnicodeEncodeError:
            text = _SURROGATES.sub("\ufffd", text)
    return text.replace("\0", "")


def too_long(number: int, unit: str = "characters") -> str:
    """Return why a text of so many characters (or bytes) is not taken."""
    return (
        f"is {number:,} {unit} long, and an article may have {LARGEST_TEXT:,} characters: "
        "is it many articles in one file? Cut it into one file an article"
    )


def printable(text: str, keep: str = "") -> str:
    """Return ``text`` with U+FFFD for control characters other than ``keep``: a terminal would obey them."""
    return text if text.isprintable() else _CONTROLS.sub(lambda m: m[0] if m[0] in keep else "\ufffd", text)


# Spreadsheets of East Asia take the wide signs for the narrow ones, and some pass over blanks and marks that
# nobody sees.
_BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
_SIGNS = "=+-@＝＋－＠"
MAYBE_FORMULA = frozenset(f"'{_SIGNS}{_BLANK}")
"""With which a cell begins that :func:`safe_cell` may change."""
_FORMULA = re.compile(rf"'*(?:[\t\r\n]|[{_BLANK}]*[{re.escape(_SIGNS)}])")


def safe_cell(value: Any) -> Any:
    """Return a cell of a CSV that no spreadsheet takes for a formula: names in it are anybody's words.

    It gets an apostrophe before it. So does one that begins with apostrophes and then like a formula, so that
    :func:`raw_cell` gives back what was meant.
    """
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return "" if value is None else value


def raw_cell(cell: str) -> str:
    """Return what :func:`safe_cell` made the cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def sha256(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of ``text`` in hexadecimal (64 characters)."""
    return hashlib.sha256(text.encode()).hexdigest()


def storable_json(value: Any) -> Any:
    """Return a value of JSON with :func:`storable` applied to all strings in it, keys included."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    if isinstance(value, Mapping):
        return {storable(key): storable_json(item) for key, item in value.items()}
    return value


class Utf16Map:
    """The one place where code points and UTF-16 code units meet.

    Qt counts UTF-16 units: a character above U+FFFF is one code point and two units. Both methods
    take O(log n) in the number of such characters and clamp to the text.

    >>> Utf16Map("a🚀 Kyiv").to_utf16(7)
    8
    """

    def __init__(self, text: str) -> None:
        self._astral = [] if text.isascii() else [m.start() for m in _ASTRAL.finditer(text)]
        # UTF-16 position of each astral character's first unit: one extra unit for each before it.
        self._astral_utf16 = [point + n for n, point in enumerate(self._astral)]
        self._points = len(text)
        self._units = self._points + len(self._astral)

    def to_utf16(self, code_point: int) -> int:
        """Return the UTF-16 offset of a code point offset."""
        code_point = max(0, min(code_point, self._points))
        return code_point + bisect_left(self._astral, code_point)

    def to_code_point(self, utf16: int) -> int:
        """Return the code point offset of a UTF-16 offset; inside a pair, that of its character."""
        utf16 = max(0, min(utf16, self._units))
        before = bisect_left(self._astral_utf16, utf16)
        if before and self._astral_utf16[before - 1] == utf16 - 1:
            return utf16 - before  # between the two units of a pair: its start
        return utf16 - before

    def code_point_at(self, utf16: int) -> int | None:
        """Return the code point offset of a UTF-16 offset; None beyond the text and inside a pair."""
        before = bisect_left(self._astral_utf16, utf16)
        if not 0 <= utf16 <= self._units or (before and self._astral_utf16[before - 1] == utf16 - 1):
            return None
        return utf16 - before


def word_at(text: str, position: int) -> tuple[int, int] | None:
    """Return the word that covers or touches ``position``, or None between words.

    A possessive ``'s`` is no part of the word; ``U.S.`` is one word.
    """
    touching = None
    for match in _WORD.finditer(text, *_line_at(text, position)):
        if match.start() <= position < match.end():
            return match.span()
        if match.end() == position:
            touching = match.span()
        if match.start() > position:
            break
    return touching


def cuts_abbreviation(text: str, start: int, end: int) -> bool:
    """Tell whether an edge of ``[start, end)`` lies within an abbreviation such as ``U.S.``."""
    around = max(0, start - _LONGEST_ABBREVIATION), end + _LONGEST_ABBREVIATION
    for match in _ABBREVIATION.finditer(text, *around):
        if match.start() < start < match.end() or match.start() < end < match.end():
            return True
    return False


def snap_to_words(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Widen ``[start, end)`` to whole words and trim white space; None where nothing is left.

    A word that is only partly covered is taken in whole; punctuation at the edges that was not
    selected stays outside, punctuation that was selected stays inside.
    """
    start, end = trim(text, start, end)
    if start >= end:
        return None
    first = word_at(text, start)
    if first and first[0] < start < first[1]:
        start = first[0]
    last = word_at(text, end - 1)
    if last and last[0] < end < last[1]:
        end = last[1]
    return start, end


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return ``[start, end)`` without white space at its edges (empty at ``start`` if all is)."""
    start, end = max(0, start), min(end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def word_edges(text: str) -> tuple[list[int], list[int]]:
    """Return the sorted starts and the sorted ends of all words of ``text``."""
    spans = [m.span() for m in _WORD.finditer(text)]
    return [s for s, _ in spans], [e for _, e in spans]


def paragraph_at(text: str, position: int) -> tuple[int, int] | None:
    """Return the line around ``position``, without white space at its edges; None where it is blank."""
    start, end = trim(text, *_line_at(text, position))
    return (start, end) if start < end else None


def sentence_at(text: str, position: int) -> tuple[int, int] | None:
    """Return the sentence that covers ``position``, the last of its line behind all; None in a blank line.

    A sentence does not go beyond its line. Initials, ``U.S.`` and common titles end none.
    """
    sentences = _sentences(text, *_line_at(text, position))
    place = bisect_right([start for start, _ in sentences], position)
    return sentences[max(0, place - 1)] if sentences else None


def next_sentence(text: str, position: int, direction: int) -> int:
    """Return the start of the next sentence (``direction`` 1), or of this one or the one before it (-1).

    At the ends of the text: its length, or 0.
    """
    line = _line_at(text, position)
    while True:
        starts = [start for start, _ in _sentences(text, *line)]
        if direction > 0:
            found = next((start for start in starts if start > position), None)
            at_end = line[1] >= len(text)
        else:
            found = next((start for start in reversed(starts) if start < position), None)
            at_end = line[0] <= 0
        if found is not None:
            return found
        if at_end:
            return len(text) if direction > 0 else 0
        line = _line_at(text, line[1] + 1 if direction > 0 else line[0] - 1)


def _line_at(text: str, position: int) -> tuple[int, int]:
    """Return the line around ``position``, without its line feed."""
    end = text.find("\n", position)
    return text.rfind("\n", 0, position) + 1, len(text) if end < 0 else end


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of a line, without white space at their edges."""
    ends = [
        match.end()
        for match in _SENTENCE_END.finditer(text, start, end)
        if not _NO_END.search(text[max(start, match.start() - _ONE_SIDE) : match.start() + 1])
    ]
    edges = [start, *ends, end]
    pieces = (trim(text, a, b) for a, b in pairwise(edges))
    return [(a, b) for a, b in pieces if a < b]


def capitalised(text: str, taken: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Return the stretches that may be names: capitalised words in a row, none of them within ``taken``.

    A word that opens a sentence or line counts only where it is longer than three letters (or all capitals)
    and the text never has it in small letters. Scripts without capitals have no such stretches.
    """
    outside = bytearray(b"\1") * len(text)
    for start, end in taken:
        outside[start:end] = bytes(end - start)
    words = [match.span() for match in _WORD.finditer(text)]
    small = {text[a:b] for a, b in words if text[a].islower()}
    runs: list[tuple[int, int]] = []
    previous, in_run = 0, False  # the end of the last word, and whether it is the end of the last stretch
    for start, end in words:
        word, before = text[start:end], text[previous:start]
        may_be = word[0].isupper() and all(outside[start:end])
        if may_be and in_run and before in _WITHIN_NAMES:
            runs[-1] = runs[-1][0], end
        elif may_be:
            opens = previous == 0 or _OPENS_SENTENCE.search(before) is not None
            weak = word.lower() in small or (len(word) <= _SHORTEST_NAME and not word.isupper())
            may_be = not (opens and weak)
            if may_be:
                runs.append((start, end))
        previous, in_run = end, may_be
    return runs


def first_line(text: str, limit: int = 200) -> str:
    """Return the first line of ``text`` that holds a letter or digit, cut to ``limit``; or ''."""
    for line in text.split("\n"):
        line = " ".join(line.split())
        if any(c.isalnum() for c in line):
            return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
    return ""


def count_words(text: str) -> int:
    """Return the number of words in ``text``."""
    return len(_WORD.findall(text))


def right_to_left(line: str) -> bool | None:
    """Tell whether most letters of ``line`` are Hebrew, Arabic or the like; None where there are none.

    The majority and not the first letter: a Hebrew sentence may begin with the name of an agency.
    """
    foreign = sum(map(str.isalpha, _RIGHT_TO_LEFT.findall(line)))
    return 2 * foreign > sum(map(str.isalpha, line)) if foreign else None


def isolated(line: str) -> str:
    """Return ``line`` so that it runs as most of its letters do and turns round nothing beside it.

    One with right-to-left letters stands between two unseen characters (U+2067 or U+2066, and U+2069), which
    are for what is painted and for nothing that is copied, stored or spoken.
    """
    if line.isascii() or (rtl := right_to_left(line)) is None:
        return line
    return ("\u2067" if rtl else "\u2066") + line + "\u2069"
