"""How much of two texts is the same: five words in a row, compared as sets; pure functions.

MinHash (Broder 1997) finds the few texts worth comparing among many: of 64 hash functions two texts share the
least value as often as they share shingles. Four values make a band; whoever shares one is compared exactly.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np

    Shingles = np.ndarray[Any, np.dtype[np.uint64]]

ALIKE = 80
"""The percent of all their shingles that two near-duplicates share at least."""

BANDS = 16  # of four values: at 80 % the same, one text in 5,000 is missed
_ROWS = 4
_WORDS = 5
_SHORT = 6  # words: shorter lines are menus, buttons, captions and headlines, which differ between papers
_FURTHEST = 100_000  # characters that are looked at
_WORD = re.compile(r"\w+")


def shingles(text: str) -> Shingles:
    """Return a text's shingles as sorted numbers, the same on every machine; none of less than five words.

    Capitals, punctuation and lines of a few words do not count, unless there are no others.
    """
    import numpy as np

    lines = [_WORD.findall(line) for line in text[:_FURTHEST].casefold().split("\n")]
    words = [word for line in lines if len(line) >= _SHORT for word in line]
    words = words or [word for line in lines for word in line]
    if len(words) < _WORDS:
        return np.empty(0, np.uint64)
    numbers = np.array([crc32(word.encode(errors="replace")) for word in words], np.uint64)
    mixed = np.zeros(len(numbers) - _WORDS + 1, np.uint64)
    for place in range(_WORDS):
        mixed = _mixed(mixed ^ numbers[place : len(mixed) + place])
    return np.unique(mixed)


def share(one: Shingles, other: Shingles) -> int:
    """Return how many percent of all shingles of two texts are in both, rounded down."""
    import numpy as np

    both = len(np.intersect1d(one, other, assume_unique=True))
    together = len(one) + len(other) - both
    return 100 * both // together if together else 0


def bands(found: Shingles) -> list[int]:
    """Return what near-duplicates have at least one of in common, as numbers that SQLite can hold."""
    import numpy as np

    if not len(found):
        return []
    factors, summands = _functions()
    least = np.empty(len(factors), np.uint64)
    for begin in range(0, len(factors), 8):  # eight at a time: a long text would take much memory
        part = slice(begin, begin + 8)
        values = found[np.newaxis, :] * factors[part, np.newaxis] + summands[part, np.newaxis]
        least[part] = (values >> np.uint64(32)).min(axis=1)
    rows = least.reshape(BANDS, _ROWS)
    mixed = np.arange(BANDS, dtype=np.uint64)
    for place in range(_ROWS):
        mixed = _mixed(mixed ^ rows[:, place])
    return [int(value) for value in mixed >> np.uint64(1)]


def _mixed(values: Shingles) -> Shingles:
    """Return numbers in which each bit depends on all of those given (the end of SplitMix64)."""
    import numpy as np

    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@cache
def _functions() -> tuple[Shingles, Shingles]:
    """Return factors (odd) and summands of the hash functions, always the same."""
    import numpy as np

    numbers = _mixed(np.arange(2 * BANDS * _ROWS, dtype=np.uint64))
    return numbers[::2] | np.uint64(1), numbers[1::2]
