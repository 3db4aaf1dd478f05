"""The lines of a PDF as paragraphs: what runs along on every page dropped, words put together again.

A PDF knows no paragraphs, only where letters stand. Lengths are points; y grows upwards, as in PDF.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from annotator.text import IN_WORD


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page (from 0): its box, the size of its letters, the height of the page."""

    text: str
    page: int
    x0: float
    x1: float
    y0: float
    y1: float
    size: float
    height: float


_MARGIN = 0.12  # of the page's height, above and below, where headers and page numbers stand
_SAME = 6.0  # points by which they may move
_NUMBER = re.compile(
    r"[-–—|\[(\s]*(?:p(?:age|\.)?|стр(?:аница|\.)?|с\.|էջ)?\s*\d{1,4}(?:\s*(?:/|of|из|\|)\s*\d{1,4})?[-–—|\])\s]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_END = re.compile(r"[.!?…։:]['\"’”»)\]]*$")
_ITEM = re.compile(r"(?:[•▪◦‣●■–—*]|\(?\d{1,2}[.)])\s")
_WORDS = re.compile(rf"{IN_WORD}+(?:[-\u2010\u2011]{IN_WORD}+)*")
_HYPHENS = "-\u2010\u00ad"
_PREFIXES = frozenset(
    (
        *("pro", "anti", "ex", "non", "self", "vice", "semi", "quasi", "cross", "про", "анти", "экс"),
        *("вице", "пресс", "премьер", "псевдо", "квази"),
    )
)
SOFT_HYPHEN = "\u00ad"  # where a word may be parted; unseen elsewhere
HYPHENS, LIGATURES = "hyphens mended", "ligatures mended"
"""What the counts are called in an article's metadata."""
_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
    "\ufb13": "մն", "\ufb14": "մե", "\ufb15": "մի", "\ufb16": "վն", "\ufb17": "մխ",
}  # fmt: skip
_LIGATURE = re.compile(f"[{''.join(_LIGATURES)}]")


def without_ligatures(text: str) -> tuple[str, int]:
    """Return ``text`` with letters for ligatures, and how many there were."""
    return _LIGATURE.subn(lambda m: _LIGATURES[m[0]], text)


def without_running(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """Return the lines without page headers, footers and page numbers, and how many were dropped.

    They stand in the margin at the same height with the same words, whatever the numbers in them, on at
    least two pages and a third of all.
    """
    edges: dict[int, tuple[float, float]] = {}  # of each page: how far down and up its lines reach
    for line in lines:
        low, high = edges.get(line.page, (line.y0, line.y1))
        edges[line.page] = min(low, line.y0), max(high, line.y1)
    pages = len(edges)
    places: dict[str, list[Line]] = {}
    for line in lines:
        if _in_margin(line):
            places.setdefault(_DIGITS.sub("#", line.text.casefold()), []).append(line)
    running: set[int] = set()
    for same in places.values():
        for line in same:
            on = {other.page for other in same if abs(other.y0 - line.y0) <= _SAME}
            outermost = line.y0 == edges[line.page][0] or line.y1 == edges[line.page][1]
            if len(on) >= max(2, pages / 3) or (outermost and _NUMBER.fullmatch(line.text)):
                running.add(id(line))
    return [line for line in lines if id(line) not in running], len(running)


def _in_margin(line: Line) -> bool:
    return line.y0 < line.height * _MARGIN or line.y1 > line.height * (1 - _MARGIN)


def joined(lines: Sequence[Line]) -> tuple[str, int]:
    """Return the text, a blank line between paragraphs, and how many words were put together again.

    A hyphen at a line's end goes where the word without it, or none of both, occurs in the text; it stays
    before capitals and digits, after "pro-" and the like, and where the word has it elsewhere.
    """
    known: Counter[str] = Counter()
    for line in lines:
        known.update(word.casefold() for word in _WORDS.findall(line.text))
    leading = _leading(lines)
    right = _right_edges(lines)
    made: list[str] = []
    hyphens = 0
    before: Line | None = None
    for line in lines:
        words = line.text
        if before is None:
            made.append(words)
        elif _breaks(before, line, leading, right):
            made += ["\n\n", words]
        else:
            keep, gap = _seam(made[-1], words, known)
            hyphens += len(keep) < len(made[-1])
            made[-1] = keep
            made += [gap, words]
        before = line
    return "".join(made), hyphens


def _leading(lines: Sequence[Line]) -> float:
    """Return the usual distance of a line from the next, in sizes of its letters."""
    found = [
        (a.y0 - b.y0) / a.size
        for a, b in pairwise(lines)
        if a.page == b.page and 0 < a.y0 - b.y0 < 4 * a.size and abs(a.size - b.size) < 0.1 * a.size
    ]
    return median(found) if found else 1.2


def _right_edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """Return how far the lines of a page reach that begin at about the same place."""
    edges: dict[tuple[int, int], float] = {}
    for line in lines:
        for column in (_column(line) - 1, _column(line), _column(line) + 1):
            key = line.page, column
            edges[key] = max(edges.get(key, 0.0), line.x1)
    return edges


def _column(line: Line) -> int:
    return int(line.x0 // 24)


def _breaks(a: Line, b: Line, leading: float, right: dict[tuple[int, int], float]) -> bool:
    """Tell whether a paragraph ends between two lines that follow each other."""
    if abs(a.size - b.size) > 0.15 * max(a.size, b.size) or _ITEM.match(b.text):
        return True
    starts_small = b.text[:1].islower()
    down = a.y0 - b.y0
    parted = a.text[-1:] in _HYPHENS and a.text[-2:-1].isalnum()
    if a.page != b.page or down < 0 or down > 6 * a.size:  # the next page or column, or far below
        if parted and starts_small:
            return False
        return bool(_END.search(a.text)) or (not starts_small and _is_short(a, right))
    if down / a.size > leading * 1.3 + 0.05:
        return True
    if parted:
        return False
    indent = b.x0 - a.x0
    if 0.7 * b.size < indent < 5 * b.size and not starts_small:
        return True
    return _is_short(a, right, 0.4 if not _END.search(a.text) else 0.12) and not starts_small


def _is_short(line: Line, right: dict[tuple[int, int], float], share: float = 0.25) -> bool:
    edge = right[line.page, _column(line)]
    return edge - line.x1 > share * (edge - line.x0)


def _seam(before: str, after: str, known: Counter[str]) -> tuple[str, str]:
    """Return the end of a line, without its hyphen where that goes, and what stands after it."""
    if before[-1:] not in _HYPHENS or not before[-2:-1].isalnum() or not after[:1].isalnum():
        return before, " "
    if before[-1] == SOFT_HYPHEN:
        return before[:-1], ""
    if not after[0].islower():
        return before, ""
    first, second = _last_word(before[:-1]), _WORDS.match(after)
    rest = second[0].casefold() if second else ""
    whole, parted = first + rest, f"{first}-{rest}"
    if known[whole] or not (known[parted] or first in _PREFIXES):
        return before[:-1], ""
    return before, ""


def _last_word(words: str) -> str:
    match = re.search(rf"{IN_WORD}+$", words)
    return match[0].casefold() if match else ""
