"""Looking for names and expressions in a text: pure functions, offsets in code points, end exclusive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from annotator.model import AnnotatorError
from annotator.text import ACCENTS, IN_WORD, cuts_abbreviation

PATIENCE = 0.5  # seconds that an expression may take in one article

Finder = Callable[[str], Iterator[tuple[int, int]]]
"""Yields the places in a text, in order; they neither overlap nor are empty."""

_ACCENT = re.compile(f"[{ACCENTS}]")
_GAP = r"(?: +\n? *|\n *)"  # between words: a line may end there, but no paragraph
_HYPHENS = frozenset("-\u2010\u2011\u2012\u2013\u2014")
_APOSTROPHES = frozenset("\u2019\u2018\u02bc`")
_POSSESSIVE = re.compile("(?<=.)'s$", re.IGNORECASE)


class SearchError(AnnotatorError):
    """An expression cannot be looked for; says why."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Names to be looked for, any of them.

    ``whole``: as whole words only. ``case``: capitals matter. ``variants``: accents, hyphens, the form of
    apostrophes and a possessive 's do not.
    """

    names: tuple[str, ...]
    whole: bool = True
    case: bool = True
    variants: bool = False

    def folded(self) -> tuple[str, ...]:
        """Return the names as they are compared, the longest first; empty ones are left out."""
        found = []
        for name in self.names:
            folded = " ".join(_fold(name, self.case, self.variants)[0].split())
            found.append(_POSSESSIVE.sub("", folded) if self.variants else folded)
        return tuple(sorted({name for name in found if name}, key=lambda name: (-len(name), name)))

    def finder(self) -> Finder:
        """Return what finds the names in a text."""
        names = self.folded()
        if not names:
            return lambda text: iter(())
        # A part of each name: most texts have none of them, and looking for these takes no time.
        parts = {max(name.split(" "), key=len) for name in names}
        expression = re.compile("|".join(_expression(name, self.whole) for name in names))

        def find(text: str) -> Iterator[tuple[int, int]]:
            folded, places = _fold(text, self.case, self.variants)
            if not any(part in folded for part in parts):
                return
            for match in expression.finditer(folded):
                start, end = match.span()
                if places is not None:
                    start, end = places[start], places[end]
                if not (self.whole and cuts_abbreviation(text, start, end)):
                    yield start, end

        return find


def expression_finder(expression: str, *, case: bool) -> Finder:
    """Return what finds a regular expression; raises ``SearchError`` where it is none.

    So does the finder, where the expression takes longer than ``PATIENCE``.
    """
    import regex  # late: few search so, and all wait for the window

    flags = regex.MULTILINE | (0 if case else regex.IGNORECASE)
    try:
        compiled = regex.compile(expression, flags)
    except regex.error as error:
        where = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise SearchError(f"This is no regular expression: {error.msg}{where}.") from error

    def find(text: str) -> Iterator[tuple[int, int]]:
        try:
            for match in compiled.finditer(text, timeout=PATIENCE):
                if match.end() > match.start():
                    yield match.span()
        except TimeoutError as error:
            raise SearchError("This expression takes too long here. Make it simpler.") from error

    return find


def _expression(name: str, whole: bool) -> str:
    words = _GAP.join(re.escape(word) for word in name.split(" "))
    before = after = ""
    if whole:
        before = f"(?<!{IN_WORD})" if re.match(IN_WORD, name[0]) else ""
        after = f"(?!{IN_WORD})" if re.match(IN_WORD, name[-1]) else ""
    return f"{before}{words}{after}(?!{_ACCENT.pattern})"  # a letter with an accent is another letter


def _fold(text: str, case: bool, variants: bool) -> tuple[str, list[int] | None]:
    """Return ``text`` as it is compared, and where each character and the end were (None: where they are)."""
    if text.isascii():
        return text.translate(_ascii(case, variants)), None
    table = {ord(char): _folded(char, case, variants) for char in set(text)}
    places = None
    if "" in table.values():
        places = [place for place, char in enumerate(text) if table[ord(char)]] + [len(text)]
    return text.translate(table), places


@cache
def _ascii(case: bool, variants: bool) -> dict[int, str]:
    return {number: _folded(chr(number), case, variants) for number in range(128)}


@lru_cache(maxsize=10_000)
def _folded(char: str, case: bool, variants: bool) -> str:
    """Return what one character is compared as: one character, or none for an accent."""
    if char.isspace():
        return char if char == "\n" else " "
    if variants:
        if char in _HYPHENS:
            return " "
        if char in _APOSTROPHES:
            return "'"
        if _ACCENT.match(char):
            return ""
        letters = _ACCENT.sub("", unicodedata.normalize("NFD", char))
        if len(letters) == 1 and char not in "йЙ":  # which is no kind of и
            char = letters
    lower = char if case else char.lower()
    return lower if len(lower) == 1 else char
