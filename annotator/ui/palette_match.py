"""How well what is typed into the palette fits a command: words, their beginnings, initials, slips."""

from __future__ import annotations

import re
from functools import cache

ALIKE = 75  # of 100; below that two words are not a slip of the finger apart


def fit(typed: str, name: str, also: str = "") -> float:
    """Return how well ``typed`` fits ``name`` (0: not at all, about 100: its very words).

    Every word of it has to fit some word. ``also`` is where else may be looked: the menu, the key.
    """
    marks = _words(typed)
    wanted = tuple(filter(_is_word, marks)) or marks  # who types "pro-west" looks for "pro west" as well
    if not wanted:
        return 1.0
    words, others = _words(name), _words(also)
    initials = "".join(word[0] for word in filter(_is_word, words))
    total = 0.0
    for word in wanted:
        found = _fit_word(word, words, initials, others)
        if not found:
            return 0.0
        total += found
    whole = 10 if name.casefold().startswith(typed.casefold().strip()) else 0
    return total / len(wanted) + whole - min(len(name), 100) / 100


def _fit_word(word: str, words: tuple[str, ...], initials: str, others: tuple[str, ...]) -> float:
    if word in words:
        return 100
    if any(each.startswith(word) for each in words):
        return 95
    if len(word) > 1 and initials.startswith(word):
        return 90
    if any(word in each for each in words):
        return 80
    if any(each.startswith(word) for each in others):
        return 70
    if len(word) < 3:
        return 0
    from rapidfuzz import fuzz  # late: the window does not wait for it

    alike = max((fuzz.ratio(word, each[: len(word) + 1]) for each in words), default=0.0)
    return alike * 0.6 if alike >= ALIKE else 0


def _is_word(part: str) -> bool:
    return part[0].isalnum()


@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w+]+|[^\w\s]", text.casefold()))
