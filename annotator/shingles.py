"""How much of two texts is the same: five words in a row, compared as sets; pure functions.

MinHash (Broder 1997) finds the few texts worth comparing among many: of 64 hash functions two texts share the
least value as often as they share shingles. Four values make a band; whoever shares one is compared exactly.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

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
_LENGTH = 3 * _FURTHEST  # casefold makes up to three characters of one
_LINE_END = 10
_BASE = 0x5851F42D4C957F2D


def shingles(text: str) -> Shingles:
    """Return a text's shingles as sorted numbers, the same on every machine; none of less than five words.

    Capitals, punctuation and lines of a few words do not count, unless there are no others.
    """
    import numpy as np

    folded = text[:_FURTHEST].casefold().encode("utf-32-le", errors="replace")
    points = np.frombuffer(folded, np.uint32)
    in_word = np.zeros(len(points) + 2, np.bool_)
    in_word[1:-1] = _letters()[points]
    edges = np.flatnonzero(in_word[1:] != in_word[:-1])
    starts, ends = edges[::2], edges[1::2]
    lines = np.cumsum(points == _LINE_END)
    of_line = lines[starts]
    long = np.bincount(of_line)[of_line] >= _SHORT if len(starts) else np.zeros(0, np.bool_)
    if long.any():
        starts, ends = starts[long], ends[long]
    if len(starts) < _WORDS:
        return np.empty(0, np.uint64)
    # A word's number is that of its letters as digits: the sum up to its end, less that up to its beginning.
    powers, inverses = _powers()
    sums = np.zeros(len(points) + 1, np.uint64)
    np.cumsum(points * powers[: len(points)], out=sums[1:])
    words = (sums[ends] - sums[starts]) * inverses[starts]
    mixed = np.zeros(len(words) - _WORDS + 1, np.uint64)
    for place in range(_WORDS):
        mixed = _mixed(mixed ^ words[place : len(mixed) + place])
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
    numbers = found.astype(np.uint32)  # they are mixed well, so a half of each will do
    least = np.empty(len(factors), np.uint32)
    for begin in range(0, len(factors), 8):  # eight at a time: a long text would take much memory
        part = slice(begin, begin + 8)
        values = numbers[np.newaxis, :] * factors[part, np.newaxis] + summands[part, np.newaxis]
        least[part] = values.min(axis=1)
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
def _functions() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return factors (odd) and summands of the hash functions, always the same."""
    import numpy as np

    numbers = _mixed(np.arange(2 * BANDS * _ROWS, dtype=np.uint64)).astype(np.uint32)
    return numbers[::2] | np.uint32(1), numbers[1::2]


@cache
def _letters() -> np.ndarray[Any, Any]:
    """Return of each code point whether it belongs to a word; made once, in a tenth of a second."""
    import numpy as np

    found = np.fromiter((chr(point).isalnum() for point in range(0x110000)), np.bool_, 0x110000)
    found[ord("_")] = True
    return found


@cache
def _powers() -> Shingles:
    """Return the powers of a base and, in a second row, their inverses, modulo 2 to the 64th."""
    import numpy as np

    factors = np.full((2, _LENGTH), _BASE, np.uint64)
    factors[1] = pow(_BASE, -1, 1 << 64)
    factors[:, 0] = 1
    return np.cumprod(factors, axis=1, dtype=np.uint64)
