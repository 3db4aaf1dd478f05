"""How much of two texts is the same: five words in a row, compared as sets; pure functions.

MinHash (Broder 1997) finds the few texts worth comparing among many: two texts share the least value of a
hash function as often as they share shingles. One function does for all (Li, Owen and Zhang 2012): it deals
the shingles out to bins, and the least of each bin counts. Three bins make a band; whoever shares one is
compared exactly.
"""

from __future__ import annotations

import re
from array import array
from functools import cache
from zlib import crc32

ALIKE = 80
"""The percent of all their shingles that two near-duplicates share at least."""

BANDS = 12  # of three values: at 80 % the same, one text in 5,000 is missed
_ROWS = 3
_BINS = BANDS * _ROWS
_SHORT = 6  # words: shorter lines are menus, buttons, captions and headlines, which differ between papers
_FURTHEST = 100_000  # characters that are looked at
_WORD = re.compile(r"\w+")
_FACTOR, _LARGEST = 0x5851F42D4C957F2D, (1 << 63) - 1  # of what SQLite can hold


def shingles(text: str) -> array[int]:
    """Return a text's shingles in 32 bits each, the same on every machine; none of less than five words.

    Capitals, punctuation and lines of a few words do not count, unless there are no others.
    """
    lines = [_WORD.findall(line) for line in text[:_FURTHEST].casefold().split("\n")]
    long = [line for line in lines if len(line) >= _SHORT] or lines
    one = " ".join([" ".join(line) for line in long]).encode(errors="replace").split()
    fives = map(b" ".join, zip(one, one[1:], one[2:], one[3:], one[4:], strict=False))
    return array("I", map(crc32, fives))


def share(one: array[int], other: array[int]) -> int:
    """Return how many percent of all shingles of two texts are in both, rounded down."""
    mine, theirs = set(one), set(other)
    both = len(mine & theirs)
    together = len(mine) + len(theirs) - both
    return 100 * both // together if together else 0


def bands(found: array[int]) -> list[int]:
    """Return what near-duplicates have at least one of in common, as numbers that SQLite can hold."""
    if not found:
        return []
    least = {number % _BINS: number for number in sorted(found, reverse=True)}
    if len(least) < _BINS:  # a short text: an empty bin has what another has, for every text the same one
        full = dict(least)
        for place in range(_BINS):
            if place not in full:
                least[place] = next(full[other] for other in _elsewhere(place) if other in full)
    made = []
    for band in range(BANDS):
        number = band
        for place in range(_ROWS * band, _ROWS * (band + 1)):
            number = number * _FACTOR + least[place]
        made.append(number & _LARGEST)
    return made


@cache
def _elsewhere(place: int) -> list[int]:
    """Return all bins in an order of this one's own (Shrivastava 2017)."""
    return sorted(range(_BINS), key=lambda other: crc32(b"%d %d" % (place, other)))
